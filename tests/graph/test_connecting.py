from graph import bindings, clusters, comparing, connecting, policies
from graph.engine import Graph
from tests.given import a_person, a_policy, an_organization, snapshot


async def test_ways_lead_from_a_policy_or_a_user_down_to_a_cluster(graph: Graph) -> None:
    owner, viewer = await a_person(graph, "owner"), await a_person(graph, "viewer")
    org = await an_organization(graph, owner, "prod", "prod/eu", "dev")
    await policies.apply_policy(graph, caller=owner, group=f"{org}/prod", document=a_policy("p"))
    await clusters.create_cluster(graph, caller=owner, group=f"{org}/prod/eu", name="eu-1")
    for place, role in (("prod", "viewer"), ("prod/eu", "editor"), ("dev", "viewer")):
        await bindings.create_role_binding(
            graph, caller=owner, group=f"{org}/{place}", role=role, user=viewer.user_id
        )
    at = await snapshot(graph, owner)
    cluster = f"cluster:{org}/prod/eu/eu-1"

    (way,) = await connecting.paths(at, source=f"policy:{org}/prod/p", target=cluster)
    ways = await connecting.paths(at, source=f"user:{viewer.user_id}", target=cluster)

    assert [(step.kind.value, step.name) for step in way] == [
        ("policy", "p"),
        ("group", "prod"),
        ("group", "eu"),
        ("cluster", "eu-1"),
    ]
    assert sorted([step.name for step in way][1:] for way in ways) == [
        ["eu", "eu-1"],
        ["prod", "eu", "eu-1"],
    ]


async def test_there_is_no_way_between_siblings_and_an_upward_one_from_below(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "prod", "prod/eu", "dev")
    at = await snapshot(graph, owner)

    assert await connecting.paths(at, source=f"group:{org}/dev", target=f"group:{org}/prod") == []
    (way,) = await connecting.paths(at, source=f"group:{org}/prod/eu", target=f"group:{org}/prod")
    assert [step.name for step in way] == ["eu", "prod"]


async def test_nothing_rolls_up(graph: Graph) -> None:
    owner, editor = await a_person(graph, "owner"), await a_person(graph, "editor")
    org = await an_organization(graph, owner, "prod", "prod/eu")
    await policies.apply_policy(graph, caller=owner, group=f"{org}/prod", document=a_policy("p"))
    await clusters.create_cluster(graph, caller=owner, group=org, name="top")
    await bindings.create_role_binding(
        graph, caller=owner, group=f"{org}/prod", role="editor", user=editor.user_id
    )
    at = await snapshot(graph, owner)
    policy, user = f"policy:{org}/prod/p", f"user:{editor.user_id}"

    for source in (policy, user):
        for target in (f"group:{org}", f"cluster:{org}/top"):
            assert await connecting.paths(at, source=source, target=target) == []
            assert await connecting.paths(at, source=target, target=source) == []
    (up,) = await connecting.paths(at, source=f"group:{org}/prod/eu", target=policy)
    assert [step.name for step in up] == ["eu", "prod", "p"]
    (down,) = await connecting.paths(at, source=user, target=policy)
    assert [step.name for step in down][1:] == ["prod", "p"]


async def test_a_difference_has_each_policy_on_its_side(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "prod", "dev")
    for place, name in (("", "base"), ("/prod", "strict"), ("/dev", "lax")):
        await policies.apply_policy(
            graph, caller=owner, group=f"{org}{place}", document=a_policy(name)
        )

    found = await comparing.diff(
        await snapshot(graph, owner), left=f"group:{org}/prod", right=f"group:{org}/dev"
    )

    assert [each.policy.name for each in found.left_only] == ["strict"]
    assert [each.policy.name for each in found.right_only] == ["lax"]
    assert [each.policy.name for each in found.both] == ["base"]
