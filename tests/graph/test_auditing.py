"""The filters of the audit log: what they find is what reading the whole of it would find."""

from datetime import timedelta
from itertools import product

import pytest

from graph import bindings, changes, clusters, groups
from graph.change_filter import ANY_CHANGE, ChangeFilter, ChangeKind, about
from graph.engine import Graph, Intent
from graph.errors import InvalidInputError
from graph.paging import PageRequest
from graph.snapshot import Caller, Snapshot
from queries.changes import ChangeRow
from queries.states import BindingState, ClusterState
from tests.given import Clock, a_person, an_organization, written
from tests.model.replay import all_changes


async def _history(graph: Graph, clock: Clock) -> tuple[Caller, Caller, str, list[str]]:
    """Write for some hours, as two people; return them, the organization, and what was written."""
    owner, friend = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "a")
    bound = await bindings.create_role_binding(
        graph, caller=owner, group=org, role="owner", user=friend.user_id
    )
    made = await clusters.create_cluster(graph, caller=friend, group=org, name="c")
    cluster = written(made, ClusterState).id
    for hour in range(3):
        clock.forward(hours=1)
        for caller in (owner, friend):
            await clusters.update_cluster(
                graph, caller=caller, cluster=cluster, description=f"{hour} {caller.user_id}"
            )
        await groups.update_group(graph, caller=friend, group=org, description=f"{hour}")
    await clusters.delete_cluster(graph, caller=owner, cluster=cluster)
    return owner, friend, org, [org, cluster, written(bound, BindingState).id, friend.user_id]


def _meets(row: ChangeRow, wrote: list[str], only: ChangeFilter) -> bool:
    return (
        only.actor in (None, row.actor)
        and only.kind in (None, row.kind)
        and only.subject in (None, *wrote)
        and (only.since is None or row.at >= only.since)
        and (only.until is None or row.at < only.until)
    )


async def _paged(at: Snapshot, org: str, only: ChangeFilter, first: int) -> list[ChangeRow]:
    found: list[ChangeRow] = []
    page = PageRequest("list", first)
    while True:
        part = await changes.list_changes(at, organization=org, page=page, only=only)
        found += part.items
        if not part.more:
            assert part.total == len(found)
            return found
        page = PageRequest("list", first, (part.items[-1].revision,))


async def test_a_filtered_log_is_exactly_what_meets_the_filter_by_pages_of_any_size(
    graph: Graph, clock: Clock
) -> None:
    owner, friend, org, subjects = await _history(graph, clock)
    await _history(graph, clock)  # somebody else's, at the same time
    rows = (await all_changes(graph, org))[::-1]
    edits = await changes.changes_edits(graph.session, rows=rows)
    wrote = {row.id: about(each) for row, each in zip(rows, edits, strict=True)}
    at = await graph.snapshot(owner)
    instants = [None, rows[4].at, rows[4].at - timedelta(microseconds=1), rows[-1].at]
    filters = [
        ChangeFilter(actor=actor, kind=kind, subject=subject, since=since, until=until)
        for actor, kind, subject, (since, until) in product(
            (None, owner.user_id, friend.user_id, "operator"),
            (None, ChangeKind.UPDATE_CLUSTER, ChangeKind.LOAD),
            (None, *subjects),
            ((None, None), (instants[1], None), (None, instants[1]), (instants[3], instants[2])),
        )
    ]

    assert len(rows) == 14
    for number, only in enumerate(filters):
        expected = [row for row in rows if _meets(row, wrote[row.id], only)]
        assert await _paged(at, org, only, number % 4 + 1) == expected, only
    assert await _paged(at, org, ANY_CHANGE, 5) == rows


@pytest.mark.parametrize("asked", [{"subject": "acme/prod"}, {"actor": "grp_" + "0" * 26}])
def test_a_filter_that_nothing_can_meet_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        ChangeFilter(**asked)  # pyright: ignore[reportArgumentType]  # texts alone here


def test_a_write_of_a_kind_that_changes_cannot_be_filtered_by_is_a_defect() -> None:
    with pytest.raises(ValueError, match="not a valid ChangeKind"):
        Intent(caller=Caller("usr_x"), kind="invent", input={})
