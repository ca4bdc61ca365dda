from graph import bindings, clusters, search
from graph.engine import Graph
from graph.ids import Kind
from tests.given import a_person, an_organization, snapshot


async def test_a_name_that_is_the_word_for_a_kind_is_found_like_any_other(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "policy")
    for name in ("cluster", "cluster-1"):
        await clusters.create_cluster(graph, caller=owner, group=org, name=name)
    at = await snapshot(graph, owner)

    async def found(text: str) -> list[str]:
        return [match.path for match in await search.resolve(at, text=text, kinds=(), first=9)]

    assert await found("cluster") == ["acme/cluster", "acme/cluster-1"]
    assert await found("policy") == ["acme/policy"]
    assert await found("group:acme") == ["acme"]


async def test_things_of_one_name_and_path_are_answered_in_one_order(graph: Graph) -> None:
    owner, other = await a_person(graph, "owner"), await a_person(graph, "other")
    made = [await an_organization(graph, each) for each in (other, owner)]
    await bindings.create_role_binding(
        graph, caller=other, group=made[0], role="viewer", user=owner.user_id
    )

    matches = await search.resolve(
        await snapshot(graph, owner), text="acme", kinds=(Kind.GROUP,), first=9
    )

    assert [match.id for match in matches] == sorted(made)
