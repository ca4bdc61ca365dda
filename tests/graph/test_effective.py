from graph import clusters, groups, policies
from graph.engine import Graph
from graph.forest import path_text
from queries.states import ClusterState
from tests.given import a_person, a_policy, an_organization, snapshot, written


async def test_policies_roll_down_to_a_cluster_and_nowhere_else(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "prod", "prod/eu", "dev")
    for place, name in (("", "base"), ("/prod", "signed"), ("/prod/eu", "local"), ("/dev", "lax")):
        await policies.apply_policy(
            graph, caller=owner, group=f"{org}{place}", document=a_policy(name)
        )
    cluster = written(
        await clusters.create_cluster(graph, caller=owner, group=f"{org}/prod/eu", name="eu-1"),
        ClusterState,
    )

    at = await snapshot(graph, owner)
    (found,) = await policies.effective_policies(at, groups=[cluster.group_id])

    assert [(each.policy.name, each.depth, path_text(each.path)) for each in found] == [
        ("base", 2, "acme/prod/eu"),
        ("signed", 1, "prod/eu"),
        ("local", 0, "eu"),
    ]


async def test_a_moved_group_takes_other_policies(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "prod", "dev", "dev/team")
    await policies.apply_policy(graph, caller=owner, group=f"{org}/prod", document=a_policy("p"))
    await policies.apply_policy(graph, caller=owner, group=f"{org}/dev", document=a_policy("d"))

    await groups.move_group(graph, caller=owner, group=f"{org}/dev/team", to=f"{org}/prod")

    at = await snapshot(graph, owner)
    team = await groups.get_group(at, ref=f"{org}/prod/team")
    (found,) = await policies.effective_policies(at, groups=[team.id])
    assert [each.policy.name for each in found] == ["p"]
