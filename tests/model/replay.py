"""What an organization's changes add up to, against what the store holds."""

from graph import changes, subtrees
from graph.engine import Graph
from graph.invariants import find_violations
from graph.snapshot import OPERATOR
from queries.changes import ChangeRow, list_changes
from queries.states import State


async def all_changes(graph: Graph, org: str) -> list[ChangeRow]:
    """Return an organization's changes, the oldest first."""
    page = await graph.session.run(list_changes(org=org, before=None, first=100_000))
    return page.items[::-1]


async def replayed(graph: Graph, org: str) -> dict[str, State]:
    """Replay all changes from nothing; each must start from what the ones before it left."""
    states: dict[str, State] = {}
    rows = await all_changes(graph, org)
    assert [row.revision for row in rows] == list(range(1, len(rows) + 1))
    for edits in await changes.changes_edits(graph.session, rows=rows):
        for edit in edits:
            assert states.get(edit.subject.id) == edit.before
        for edit in edits:
            if edit.after is None:
                del states[edit.subject.id]
            else:
                states[edit.subject.id] = edit.after
    return states


async def assert_whole(graph: Graph, org: str) -> None:
    """Check that the changes give the graph, and that no invariant is hurt."""
    contents = await subtrees.read_contents(await graph.snapshot(OPERATOR), org)
    assert await replayed(graph, org) == {state.id: state for state in contents.states}
    assert await find_violations(graph.session, org) == []
