"""Changes: the record of every write, with the whole state of its subjects before and after."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from graph import edits as editing
from graph import lookup
from graph.change_filter import ANY_CHANGE, ChangeFilter, about, filed
from graph.edits import Edit
from graph.errors import InvalidInputError
from graph.ids import Kind, kind_of
from graph.paging import PageRequest, Slice, trim
from graph.rights import Capability
from graph.session import Reader, Transaction
from graph.snapshot import Snapshot, not_found
from queries import changes
from queries.changes import ChangeRow
from queries.states import State

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Change:
    """A change with the edits it recorded."""

    row: ChangeRow
    edits: Sequence[Edit]


async def append(
    transaction: Transaction, row: ChangeRow, *, actor_key: str | None, edits: Sequence[Edit]
) -> None:
    """Record a write in its own transaction."""
    parts = editing.to_parts(edits)
    properties = asdict(replace(row, parts=len(parts)))
    properties["at"] = row.at.isoformat()
    # Unique in the store: a second writer of the same revision, or of the same key, fails.
    properties |= filed(row)
    properties["org_revision"] = f"{row.org} {row.epoch} {row.revision}"
    if actor_key is not None:
        properties["actor_key"] = actor_key
    await transaction.run(changes.create_change(row=properties))
    subjects = [f"{row.org} {subject}" for subject in about(edits)]
    for start in range(0, len(subjects), _BATCH):
        await transaction.run(
            changes.create_change_subjects(
                org_subjects=subjects[start : start + _BATCH],
                revision=row.revision,
                at=properties["at"],
                change_id=row.id,
            )
        )
    for number, part in enumerate(parts):
        await transaction.run(
            changes.create_change_part(
                id=f"{row.id} {number}", change_id=row.id, number=number, edits=part
            )
        )


async def find(reader: Reader, change_id: str) -> ChangeRow | None:
    """Return the change with this id."""
    rows = await reader.run(changes.read_change(id=change_id))
    return rows[0] if rows else None


async def find_by_key(reader: Reader, actor_key: str) -> ChangeRow | None:
    """Return the change that an actor made under this idempotency key."""
    rows = await reader.run(changes.find_change_by_key(actor_key=actor_key))
    return rows[0] if rows else None


async def read_edits(reader: Reader, row: ChangeRow) -> list[Edit]:
    """Return what a change recorded. Raises `RuntimeError` should a part of it be missing."""
    return (await changes_edits(reader, rows=[row]))[0]


async def changes_edits(reader: Reader, *, rows: Sequence[ChangeRow]) -> list[list[Edit]]:
    """Return for each change what it recorded, in order."""
    found = await reader.run(changes.read_change_parts(change_ids=sorted({r.id for r in rows})))
    found.sort(key=lambda part: part.number)
    answers: list[list[Edit]] = []
    for row in rows:
        parts = [part.edits for part in found if part.change_id == row.id]
        if len(parts) != row.parts:
            raise RuntimeError(f"{row.id} has {len(parts)} of its {row.parts} parts")
        answers.append(editing.from_parts(parts))
    return answers


async def last_state(reader: Reader, org: str, subject: str) -> State | None:
    """Return what a thing was last, from the log: also one that is gone."""
    wanted = ChangeFilter(subject=subject).statement(org, before=None, first=1)
    found = await reader.run(wanted)
    if not found.items:
        return None
    edits = [
        edit for edit in await read_edits(reader, found.items[0]) if edit.subject.id == subject
    ]
    return edits[-1].subject if edits else None


async def list_changes(
    at: Snapshot, *, organization: str, page: PageRequest, only: ChangeFilter = ANY_CHANGE
) -> Slice[ChangeRow]:
    """Return an organization's changes, the newest first. Needs `changes.list` at its root."""
    place = (await lookup.group(at, organization)).id
    await at.require(
        Capability.CHANGES_LIST,
        place,
        shown_by=Capability.GROUPS_LIST,
        what=f"organization {organization[:200]!r}",
    )
    if (await at.forest([place])).path(place)[0].id != place:
        raise InvalidInputError(f"{organization[:200]!r} is not an organization; name its root.")
    statement = only.statement(place, before=page.number_key(), first=page.fetch)
    return trim(await at.run(statement), page, org=place)


async def get_change(at: Snapshot, *, change_id: str) -> ChangeRow:
    """Return one change. Needs `changes.list` at its organization's root."""
    if kind_of(change_id) is not Kind.CHANGE:
        raise InvalidInputError(f"{change_id[:80]!r} is not the id of a change (chg_…).")
    row = await find(at, change_id)
    if row is None or not await at.may(Capability.CHANGES_LIST, row.org):
        raise not_found(f"change {change_id}")
    return row
