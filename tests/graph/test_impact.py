"""What `impact` foretells is held against what happens when the write is made."""

from collections.abc import Awaitable, Callable

import pytest

from graph import bindings, clusters, groups, impact, policies
from graph.engine import Graph
from graph.errors import InvalidInputError, NotFoundError
from graph.snapshot import Caller
from queries.states import ClusterState
from tests.given import a_person, a_policy, an_organization, snapshot, written

Effective = dict[str, set[str]]


async def _effective(graph: Graph, caller: Caller, paths: dict[str, str]) -> Effective:
    at = await snapshot(graph, caller)
    found: Effective = {}
    for name, cluster_id in paths.items():
        try:
            cluster = await clusters.get_cluster(at, ref=cluster_id)
        except NotFoundError:
            continue
        (effective,) = await policies.effective_policies(at, groups=[cluster.group_id])
        found[name] = {each.policy.id for each in effective}
    return found


async def _an_estate(graph: Graph) -> tuple[Caller, str, dict[str, str]]:
    owner = await a_person(graph, "owner")
    org = await an_organization(graph, owner, "prod", "prod/eu", "prod/eu/pay", "dev")
    for place in ("", "/prod", "/prod/eu", "/dev"):
        name = f"at-{place.rpartition('/')[2] or 'root'}"
        await policies.apply_policy(
            graph, caller=owner, group=f"{org}{place}", document=a_policy(name)
        )
    ids: dict[str, str] = {}
    for place in ("prod", "prod/eu", "prod/eu/pay", "dev"):
        name = place.replace("/", "-")
        outcome = await clusters.create_cluster(
            graph, caller=owner, group=f"{org}/{place}", name=name
        )
        ids[name] = written(outcome, ClusterState).id
    return owner, org, ids


async def _make(graph: Graph, owner: Caller, org: str, what: str, to: str | None) -> None:
    kind, _, place = what.partition(" ")
    ref, target = f"{org}/{place}", f"{org}/{to}"
    deletes: dict[str, Callable[[], Awaitable[object]]] = {
        "group": lambda: groups.delete_group(graph, caller=owner, group=ref, cascade=True),
        "policy": lambda: policies.delete_policy(graph, caller=owner, policy=ref),
        "cluster": lambda: clusters.delete_cluster(graph, caller=owner, cluster=ref),
    }
    moves: dict[str, Callable[[], Awaitable[object]]] = {
        "group": lambda: groups.move_group(graph, caller=owner, group=ref, to=target),
        "policy": lambda: policies.move_policy(graph, caller=owner, policy=ref, to=target),
        "cluster": lambda: clusters.move_cluster(graph, caller=owner, cluster=ref, to=target),
    }
    await (deletes if to is None else moves)[kind]()


@pytest.mark.parametrize(
    ("what", "to"),
    [
        ("group prod/eu", None),
        ("group prod/eu", "dev"),
        ("group prod/eu/pay", "prod"),
        ("policy prod/at-prod", None),
        ("policy prod/at-prod", "prod/eu"),
        ("policy prod/at-prod", "dev"),
        ("policy at-root", "prod"),
        ("cluster prod/eu/prod-eu", None),
        ("cluster prod/eu/prod-eu", "dev"),
        ("cluster prod/eu/prod-eu", "prod/eu/pay"),
    ],
)
async def test_clusters_lose_and_gain_just_what_was_foretold(
    graph: Graph, what: str, to: str | None
) -> None:
    owner, org, ids = await _an_estate(graph)
    kind, _, place = what.partition(" ")
    at = await snapshot(graph, owner)
    foretold = await impact.impact(
        at, ref=f"{kind}:{org}/{place}", to=f"{org}/{to}" if to else None
    )
    before = await _effective(graph, owner, ids)

    await _make(graph, owner, org, what, to)

    after = await _effective(graph, owner, ids)
    happened = {
        name: (before[name] - after.get(name, set()), after.get(name, set()) - before[name])
        for name in before
        if before[name] != after.get(name)
    }
    assert {
        each.cluster.name: ({p.id for p in each.lost}, {p.id for p in each.gained})
        for each in foretold.clusters
    } == happened
    assert {each.cluster.name for each in foretold.clusters if each.deleted} == (
        before.keys() - after.keys()
    )


async def test_users_lose_and_gain_just_what_was_foretold(graph: Graph) -> None:
    owner, org, _ = await _an_estate(graph)
    loser, gainer, both = [await a_person(graph, name) for name in ("loser", "gainer", "both")]
    for user, place, role in (
        (loser, "prod", "editor"),
        (gainer, "dev", "viewer"),
        (both, "prod", "viewer"),
        (both, "dev", "editor"),
    ):
        await bindings.create_role_binding(
            graph, caller=owner, group=f"{org}/{place}", role=role, user=user.user_id
        )
    eu = (await groups.get_group(await snapshot(graph, owner), ref=f"{org}/prod/eu")).id
    people = (owner, loser, gainer, both)

    async def held() -> dict[str, frozenset[str]]:
        return {
            person.user_id: await (await snapshot(graph, person)).capabilities(eu)
            for person in people
        }

    foretold = await impact.impact(await snapshot(graph, owner), ref=f"group:{eu}", to=f"{org}/dev")
    before = await held()
    await groups.move_group(graph, caller=owner, group=eu, to=f"{org}/dev")
    after = await held()

    assert {each.user.id: (each.lost, each.gained) for each in foretold.users} == {
        user: (before[user] - after[user], after[user] - before[user])
        for user in before
        if before[user] != after[user]
    }


async def test_a_move_that_cannot_be_has_no_impact_to_tell(graph: Graph) -> None:
    owner, org, _ = await _an_estate(graph)
    at = await snapshot(graph, owner)

    with pytest.raises(InvalidInputError, match="eu cannot move below itself"):
        await impact.impact(at, ref=f"group:{org}/prod/eu", to=f"{org}/prod/eu/pay")
    with pytest.raises(InvalidInputError, match="a root does not move"):
        await impact.impact(at, ref=f"group:{org}", to=f"{org}/dev")
