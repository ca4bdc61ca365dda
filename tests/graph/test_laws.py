"""Laws of the graph: of rights and policies rolling down, over any tree; of answers being whole."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import bindings, clusters, effective, groups, nodes, policies, rights, users
from graph.engine import Graph
from graph.errors import ConflictError, NotFoundError, PermissionDeniedError
from graph.forest import Forest
from graph.paging import PageRequest
from graph.rights import BUILT_IN_ROLES
from graph.snapshot import Snapshot
from queries.groups import GroupName
from queries.policies import PolicyRow, VersionRow
from queries.states import BindingState, ClusterState, PolicyState
from tests.given import Clock, a_person, a_policy, an_organization, written

_NOW = datetime(2030, 1, 1, tzinfo=UTC)
_ALL = PageRequest("all", 1000)


@st.composite
def trees(draw: st.DrawFn) -> Forest:
    """Draw a tree of up to nine groups, g0 its root."""
    above = [draw(st.integers(0, n)) for n in range(draw(st.integers(0, 8)))]
    names = [GroupName("g0", "g0", "g0")]
    names += [GroupName(f"g{n + 1}", "g0", f"g{n + 1}", f"g{up}") for n, up in enumerate(above)]
    return Forest(names)


def _ids(tree: Forest) -> list[str]:
    return [f"g{n}" for n in range(9) if f"g{n}" in tree]


def _policy(number: int, group: str) -> PolicyRow:
    version = VersionRow(
        id=f"v{number}",
        org="g0",
        policy_id=f"p{number}",
        number=1,
        mode="warn",
        images=["**"],
        created_at=_NOW,
        created_by="someone",
    )
    return PolicyRow(
        id=version.policy_id,
        org="g0",
        group_id=group,
        name=f"p{number % 3}",
        description="",
        version_id=version.id,
        created_at=_NOW,
        created_by="someone",
        version=version,
    )


@dataclass(frozen=True)
class Bound:
    """A binding, as far as rights are concerned."""

    group_id: str
    role: str
    expires_at: datetime | None = None


_PLACES = st.lists(st.integers(0, 8), max_size=8)


@given(trees(), _PLACES, st.randoms(use_true_random=False))
def test_a_child_has_the_policies_of_its_parent_whatever_the_order(
    tree: Forest, places: list[int], random: Random
) -> None:
    found = [_policy(n, f"g{place}") for n, place in enumerate(places)]
    bound: dict[str, list[PolicyRow]] = {}
    for policy in found:
        bound.setdefault(policy.group_id, []).append(policy)
    shuffled = {group: random.sample(each, len(each)) for group, each in bound.items()}
    for group in _ids(tree):
        path = tree.path(group)
        here = effective.effective_policies(path, bound)
        assert here == effective.effective_policies(path, shuffled)
        assert {e.policy.id for e in here} == {p.id for p in found if p.group_id in tree.ids(group)}
        if len(path) > 1:
            above = effective.effective_policies(path[:-1], bound)
            assert [e.policy for e in here][: len(above)] == [e.policy for e in above]


@given(trees(), st.lists(st.tuples(st.integers(0, 8), st.sampled_from(list(BUILT_IN_ROLES)))))
def test_rights_roll_down_and_none_is_without_a_binding_on_the_path(
    tree: Forest, bound: list[tuple[int, str]]
) -> None:
    grants = [Bound(f"g{n}", role) for n, role in bound]
    for group in _ids(tree):
        held = rights.capabilities_at(grants, tree.ids(group), _NOW, BUILT_IN_ROLES)
        assert held == rights.capabilities_at(
            [*grants[::-1], *grants], tree.ids(group), _NOW, BUILT_IN_ROLES
        )
        on_path = [grant for grant in grants if grant.group_id in tree.ids(group)]
        assert all(any(c in BUILT_IN_ROLES[g.role].capabilities for g in on_path) for c in held)
        for step in tree.ids(group):
            assert rights.capabilities_at(grants, tree.ids(step), _NOW, BUILT_IN_ROLES) <= held


async def test_nothing_is_visible_without_a_right(graph: Graph, clock: Clock) -> None:
    owner, former = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team")
    cluster = await clusters.create_cluster(graph, caller=owner, group=f"{org}/team", name="c")
    policy = await policies.apply_policy(graph, caller=owner, group=org, document=a_policy("p"))
    await bindings.create_role_binding(
        graph,
        caller=owner,
        group=org,
        role="owner",
        user=former.user_id,
        expires_at=clock().replace(microsecond=0).replace(year=clock().year + 1),
    )
    ids = [org, written(cluster, ClusterState).id, written(policy, PolicyState).id]
    assert [(await nodes.get_node(await graph.snapshot(former), id_=id_)).id for id_ in ids] == ids
    clock.forward(days=366)

    for who in (former, await a_person(graph)):
        at = await graph.snapshot(who)
        for id_ in [*ids, owner.user_id, policy.change or ""]:
            with pytest.raises(NotFoundError):
                await nodes.get_node(at, id_=id_)
        with pytest.raises(NotFoundError):
            await groups.get_group(at, ref="acme")
        for listing in (groups.list_groups, clusters.list_clusters, policies.list_policies):
            assert (await listing(at, within=None, name=None, page=_ALL)).total == 0
        assert (await users.list_users(at, within=None, name=None, page=_ALL)).total == 0


async def test_a_cluster_escapes_no_policy_by_a_move(graph: Graph) -> None:
    owner, mover = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "prod", "prod/eu", "dev", "prod/eu/team")
    await policies.apply_policy(
        graph, caller=owner, group=f"{org}/prod", document=a_policy("signed")
    )
    place = f"{org}/prod/eu/team"
    cluster = written(
        await clusters.create_cluster(graph, caller=owner, group=place, name="c"), ClusterState
    )
    for group in ("prod/eu", "dev"):
        await bindings.create_role_binding(
            graph, caller=owner, group=f"{org}/{group}", role="owner", user=mover.user_id
        )

    with pytest.raises(PermissionDeniedError, match="acme/prod/signed"):
        await clusters.move_cluster(graph, caller=mover, cluster=cluster.id, to=f"{org}/dev")
    with pytest.raises(PermissionDeniedError, match="acme/prod/signed"):
        await groups.move_group(graph, caller=mover, group=place, to=f"{org}/dev")

    await clusters.move_cluster(graph, caller=mover, cluster=cluster.id, to=f"{org}/prod/eu")
    await groups.move_group(graph, caller=mover, group=place, to=f"{org}/dev")


async def test_the_last_owner_stays_one_without_an_expiry(graph: Graph, clock: Clock) -> None:
    owner = await a_person(graph)
    made = await groups.create_group(graph, caller=owner, name="acme")
    binding = written(made, BindingState).id
    later = clock().replace(year=clock().year + 1)

    with pytest.raises(ConflictError, match="without an owner"):
        await bindings.delete_role_binding(graph, caller=owner, binding=binding)
    with pytest.raises(ConflictError, match="without an owner"):
        await bindings.update_role_binding(graph, caller=owner, binding=binding, role="viewer")
    with pytest.raises(ConflictError, match="without an owner"):
        await bindings.update_role_binding(graph, caller=owner, binding=binding, expires_at=later)


async def test_a_reader_beside_a_mover_sees_one_of_the_two_states(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "a", "b", "a/team")
    for name in "ab":
        for number in range(4):
            document = a_policy(f"{name}{number}")
            await policies.apply_policy(
                graph, caller=owner, group=f"{org}/{name}", document=document
            )
    at = await graph.snapshot(owner)
    team = (await groups.get_group(at, ref=f"{org}/a/team")).id
    done = asyncio.Event()
    seen: list[tuple[tuple[str, ...], tuple[str, ...]]] = []

    async def answer(at: Snapshot) -> tuple[tuple[str, ...], tuple[str, ...]]:
        (path,) = await groups.group_paths(at, groups=[team])
        (found,) = await policies.effective_policies(at, groups=[team])
        return tuple(step.name for step in path), tuple(each.policy.name for each in found)

    async def read() -> None:
        while not done.is_set():
            seen.append((await graph.read(owner, answer))[0])

    readers = [asyncio.create_task(read()) for _ in range(4)]
    try:
        for turn in range(20):
            place = f"{org}/{'ba'[turn % 2]}"
            await groups.move_group(graph, caller=owner, group=team, to=place)
    finally:
        done.set()
        await asyncio.gather(*readers)

    exact = {
        (("acme", name, "team"), tuple(f"{name}{number}" for number in range(4))) for name in "ab"
    }
    assert set(seen) == exact
    assert len(seen) > 20


async def test_a_refusal_that_a_write_met_is_asked_again_and_another_is_not(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    attempts: list[bool] = []

    async def answer(at: Snapshot, *, write: bool) -> str:
        attempts.append(write)
        if write and attempts.count(True) == 1:
            await groups.update_group(graph, caller=owner, group=org, description="moved")
        if not write or attempts.count(True) == 1:
            raise NotFoundError("seen on its way")
        return at.viewer.user_id

    found, _ = await graph.read(owner, lambda at: answer(at, write=True))
    with pytest.raises(NotFoundError):
        await graph.read(owner, lambda at: answer(at, write=False))

    assert found == owner.user_id
    assert attempts == [True, True, False]
