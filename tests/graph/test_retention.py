"""Retention: old changes go, the oldest first, without a gap; what leaned on them says so."""

import asyncio
from datetime import timedelta

import pytest

from graph import bindings, changes, clusters, groups, restoring, retention
from graph.change_filter import ChangeFilter
from graph.engine import Graph
from graph.errors import InvalidInputError, NotFoundError
from graph.paging import PageRequest
from graph.snapshot import Caller
from queries import changes as queries
from queries.organizations import read_pruned
from queries.states import GroupState
from tests.given import Clock, a_person, an_organization, written
from tests.model.replay import all_changes

_KEEP = timedelta(days=31)


async def _old_and_new(graph: Graph, clock: Clock) -> tuple[Caller, str, str]:
    """Write on two days, of which the first is long past; return owner, root and a delete then.

    All of it was before the other tests of this store began, whose changes are to stay.
    """
    clock.forward(days=-92)
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "a", "b")
    gone = await groups.delete_group(graph, caller=owner, group=f"{org}/b")
    clock.forward(days=30)
    await groups.create_group(graph, caller=owner, parent=org, name="c")
    await clusters.create_cluster(graph, caller=owner, group=f"{org}/a", name="c", key="k")
    clock.forward(days=2)
    return owner, org, gone.change or ""


async def test_old_changes_go_without_a_gap_and_with_all_that_was_noted_of_them(
    graph: Graph, clock: Clock
) -> None:
    owner, org, _ = await _old_and_new(graph, clock)
    before = await all_changes(graph, org)

    assert await retention.prune(graph, keep=_KEEP) >= 4

    left = await all_changes(graph, org)
    (pruned,) = await graph.session.run(read_pruned(org=org))
    gone = [row.id for row in before[:4]]
    assert left == before[4:]
    assert (pruned.revision, pruned.at) == (4, before[3].at)
    assert await graph.session.run(queries.read_change_parts(change_ids=gone)) == []
    about = ChangeFilter(subject=org).statement(org, before=None, first=9)
    assert (await graph.session.run(about)).items == []
    at = await graph.snapshot(owner)
    page = await changes.list_changes(at, organization=org, page=PageRequest("list", 9))
    assert page.total == 2


async def test_the_newest_change_of_an_organization_stays_however_old(
    graph: Graph, clock: Clock
) -> None:
    clock.forward(days=-1000)
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "a")
    clock.forward(days=1000)

    await retention.prune(graph, keep=_KEEP)

    assert [row.revision for row in await all_changes(graph, org)] == [2]
    await groups.create_group(graph, caller=owner, parent=org, name="b")
    assert [row.revision for row in await all_changes(graph, org)] == [2, 3]


async def test_a_long_log_goes_in_many_transactions(graph: Graph, clock: Clock) -> None:
    clock.forward(days=-100)
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    for number in range(retention.CHANGES + 5):
        await groups.update_group(graph, caller=owner, group=org, description=f"{number}")
    clock.forward(days=100)

    await retention.prune(graph, keep=_KEEP)

    assert len(await all_changes(graph, org)) == 1


async def test_an_instant_beyond_retention_is_refused_with_the_oldest_that_is_told(
    graph: Graph, clock: Clock
) -> None:
    owner, org, _ = await _old_and_new(graph, clock)
    oldest = (await all_changes(graph, org))[3].at
    await retention.prune(graph, keep=_KEEP)
    at = await graph.snapshot(owner)

    (members,) = await bindings.group_members(at, groups=[org], as_of=oldest)
    with pytest.raises(InvalidInputError, match=oldest.isoformat().replace("+", r"\+")):
        await bindings.group_members(at, groups=[org], as_of=oldest - timedelta(microseconds=1))

    assert [member.user.id for member in members] == [owner.user_id]


async def test_a_restore_of_a_change_that_went_says_since_when_they_are_kept(
    graph: Graph, clock: Clock
) -> None:
    owner, org, gone = await _old_and_new(graph, clock)
    oldest = (await all_changes(graph, org))[3].at.isoformat()
    stranger = await a_person(graph)
    await retention.prune(graph, keep=_KEEP)

    with pytest.raises(NotFoundError) as told:
        await restoring.restore(graph, caller=owner, change=gone)
    with pytest.raises(NotFoundError) as untold:
        await restoring.restore(graph, caller=stranger, change=gone)

    assert f"kept of {org} since {oldest}" in str(told.value)
    assert "kept" not in str(untold.value)


async def test_an_idempotency_key_goes_with_its_change(graph: Graph, clock: Clock) -> None:
    owner, org, _ = await _old_and_new(graph, clock)
    clock.forward(days=60)
    await groups.create_group(graph, caller=owner, parent=org, name="d")
    await retention.prune(graph, keep=_KEEP)

    made = await groups.create_group(graph, caller=owner, parent=org, name="e", key="k")

    assert written(made, GroupState).name == "e"


async def test_old_changes_go_while_the_service_runs_and_writers_write(
    graph: Graph, clock: Clock
) -> None:
    owner, org, _ = await _old_and_new(graph, clock)

    async with retention.pruning(graph, keep=_KEEP, every_seconds=0.05):
        for number in range(3):
            await groups.create_group(graph, caller=owner, parent=org, name=f"n{number}")
        async with asyncio.timeout(60):
            while len(await all_changes(graph, org)) > 5:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.05)

    assert [row.revision for row in await all_changes(graph, org)] == [5, 6, 7, 8, 9]
