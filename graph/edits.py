"""The only place that turns states into the graph's nodes and edges.

Every write of the graph, whatever its kind, is a list of edits: what was, and what is instead.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from graph.session import Transaction
from queries import (
    Statement,
    bindings,
    clusters,
    groups,
    identities,
    invites,
    organizations,
    policies,
    roles,
)
from queries.states import GroupState, State, from_properties, to_properties

# ArcadeDB stalls on texts of many megabytes; a part of a change stays far below.
_PART_CHARACTERS = 200_000

_KINDS = ("group", "role", "policy", "version", "cluster", "identity", "binding", "invite")
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Edit:
    """One thing before and after a write; None where it did not exist."""

    before: State | None
    after: State | None

    @property
    def subject(self) -> State:
        """The thing as it last was."""
        state = self.after or self.before
        if state is None:
            raise ValueError("an edit has a state before or after")
        return state

    @property
    def changes(self) -> bool:
        """Whether anything differs; a repeat of what is there records an edit that does not."""
        return self.before != self.after


Rows = list[dict[str, Any]]


async def apply(transaction: Transaction, edits: Sequence[Edit]) -> None:
    """Make the graph what the edits say. Deletes come first, so that names become free."""
    changed = [edit for edit in edits if edit.changes]
    for kind in reversed(_KINDS):
        await _delete(transaction, kind, [e for e in changed if e.after is None])
    for kind in _KINDS:
        await _update(transaction, kind, [e for e in changed if e.before and e.after])
    for kind in _KINDS:
        await _create(transaction, kind, [e for e in changed if e.before is None])


async def _create(transaction: Transaction, kind: str, edits: Sequence[Edit]) -> None:
    rows = _rows(kind, (edit.after for edit in edits))
    if kind == "group":
        roots = [row for row in rows if row["parent_id"] is None]
        below = [row for row in rows if row["parent_id"] is not None]
        await _each(transaction, roots, lambda part: organizations.put_root(rows=part))
        await _each(transaction, below, lambda part: groups.create_groups(rows=part))
        await _each(transaction, below, lambda part: groups.link_groups(rows=part))
        return
    create = {
        "role": roles.create_roles,
        "policy": policies.create_policies,
        "version": policies.create_versions,
        "cluster": clusters.create_clusters,
        "identity": identities.create_identities,
        "binding": bindings.create_bindings,
        "invite": invites.create_invites,
    }[kind]
    await _each(transaction, rows, lambda part: create(rows=part))


async def _update(transaction: Transaction, kind: str, edits: Sequence[Edit]) -> None:
    rows = _rows(kind, (edit.after for edit in edits))
    moved_ids = {edit.subject.id for edit in edits if _place(edit.before) != _place(edit.after)}
    moved = [row for row in rows if row["id"] in moved_ids]
    match kind:
        case "group":
            await _each(transaction, rows, lambda part: groups.update_groups(rows=part))
            await _each(transaction, moved, lambda part: groups.unlink_groups(ids=_ids(part)))
            await _each(transaction, moved, lambda part: groups.link_groups(rows=part))
        case "role":
            await _each(transaction, rows, lambda part: roles.update_roles(rows=part))
        case "policy":
            await _each(transaction, rows, lambda part: policies.update_policies(rows=part))
            await _each(transaction, moved, lambda part: policies.rebind_policies(rows=part))
        case "cluster":
            await _each(transaction, rows, lambda part: clusters.update_clusters(rows=part))
            await _each(transaction, moved, lambda part: clusters.rebind_clusters(rows=part))
        case "identity":
            await _each(transaction, rows, lambda part: identities.update_identities(rows=part))
            await _each(transaction, moved, lambda part: identities.rebind_identities(rows=part))
        case "binding":
            await _each(transaction, rows, lambda part: bindings.update_bindings(rows=part))
        case "invite":
            await _each(transaction, rows, lambda part: invites.update_invites(rows=part))
        case _ if rows:
            raise ValueError(f"a {kind} never changes")
        case _:
            pass


async def _delete(transaction: Transaction, kind: str, edits: Sequence[Edit]) -> None:
    rows = _rows(kind, (edit.before for edit in edits))
    if kind == "group":
        roots = [row for row in rows if row["parent_id"] is None]
        below = [row for row in rows if row["parent_id"] is not None]
        await _each(transaction, below, lambda part: groups.delete_groups(ids=_ids(part)))
        await _each(transaction, roots, lambda part: organizations.bury_root(rows=part))
    elif kind == "binding":
        await _each(transaction, rows, lambda part: bindings.delete_bindings(rows=part))
    else:
        delete = {
            "role": roles.delete_roles,
            "policy": policies.delete_policies,
            "version": policies.delete_versions,
            "cluster": clusters.delete_clusters,
            "invite": invites.delete_invites,
            "identity": identities.delete_identities,
        }[kind]
        await _each(transaction, rows, lambda part: delete(ids=_ids(part)))


async def _each(
    transaction: Transaction, rows: Rows, statement: Callable[[Rows], Statement[int]]
) -> None:
    """Run a statement over the rows in batches; every row must have met its node."""
    for start in range(0, len(rows), _BATCH):
        part = rows[start : start + _BATCH]
        met = await transaction.run(statement(part))
        if met != len(part):
            raise RuntimeError(f"{statement(part).name} met {met} of {len(part)} rows")


def _rows(kind: str, states: Iterable[State | None]) -> Rows:
    """Return the properties of the states of one kind, as the store holds them."""
    return [_properties(state) for state in states if state is not None and state.kind == kind]


def _properties(state: State) -> dict[str, Any]:
    properties = to_properties(state)
    if isinstance(state, GroupState):
        # Siblings have unique names; a root's siblings are the other roots of its creator.
        properties["name_scope"] = state.parent_id or state.created_by
    return properties


def _ids(rows: Rows) -> list[str]:
    return [row["id"] for row in rows]


def _place(state: State | None) -> str | None:
    """Return the id of the group in which a thing stands."""
    if isinstance(state, GroupState):
        return state.parent_id
    return getattr(state, "group_id", None)


def to_parts(edits: Sequence[Edit]) -> list[str]:
    """Write edits as JSON texts, each a list of [before, after], none of them very long."""
    parts: list[str] = []
    part: list[str] = []
    size = 0
    for edit in edits:
        text = orjson.dumps(
            [to_properties(state) if state else None for state in (edit.before, edit.after)]
        ).decode()
        if part and size + len(text) > _PART_CHARACTERS:
            parts.append(f"[{','.join(part)}]")
            part, size = [], 0
        part.append(text)
        size += len(text)
    return [*parts, f"[{','.join(part)}]"]


def from_parts(parts: Iterable[str]) -> list[Edit]:
    """Return the edits that `to_parts` wrote."""
    return [
        Edit(*(from_properties(state) if state else None for state in pair))
        for part in parts
        for pair in orjson.loads(part)
    ]
