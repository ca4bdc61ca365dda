"""Changes in the schema: the audit log."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from api.context import Ask
from api.schema.connections import After, Connection, First, ListEdge, Strict, part
from api.schema.nodes import Node
from graph import changes
from graph.change_filter import ChangeKind
from graph.edits import Edit as RecordedEdit
from graph.paging import DEFAULT_FIRST, PageRequest
from queries.changes import ChangeRow
from queries.states import State, to_properties

_NEVER_SHOWN = ("secrets", "secret_hash")


# Registers the values with the schema; the class stays what it is.
strawberry.enum(ChangeKind, description="What was done: the mutation, or the operator's command.")


@strawberry.type(description="One thing before and after a write; null where it did not exist.")
class Edit:
    """One thing before and after a write."""

    before: JSON | None = strawberry.field(description="Its whole state before.")
    after: JSON | None = strawberry.field(description="Its whole state after.")


@strawberry.type(description="The record of one write.")
class Change(Node):
    """The record of one write."""

    kind: ChangeKind = strawberry.field(description="What was done.")
    number: int = strawberry.field(description="Counts the organization's writes.")
    actor: strawberry.ID = strawberry.field(
        description="The user who wrote; `operator` for who works on the host."
    )
    at: datetime = strawberry.field(description="When.")
    address: str | None = strawberry.field(
        description="The network address it was sent from; `host` for who works on the host."
    )
    token_id: str | None = strawberry.field(
        description=(
            "Which token came with it: its `jti`, or `sha256:` and the start of its hash for one"
            " without. Nobody can sign in with either."
        )
    )
    organization_id: strawberry.ID = strawberry.field(description="The organization written to.")
    subjects: list[strawberry.ID] = strawberry.field(description="The ids of what was written.")
    row: strawberry.Private[ChangeRow]

    @classmethod
    def of(cls, row: ChangeRow) -> "Change":
        """Convert a change."""
        return cls(
            id=strawberry.ID(row.id),
            kind=ChangeKind(row.kind),
            number=row.revision,
            actor=strawberry.ID(row.actor),
            at=row.at,
            address=row.address,
            token_id=row.token_id,
            organization_id=strawberry.ID(row.org),
            subjects=[strawberry.ID(subject) for subject in row.subjects],
            row=row,
        )

    @strawberry.field(description="What was written, in order; key material is left out.")
    async def edits(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Edit]]:
        """Answer a page of edits."""
        page = PageRequest.of("Change.edits", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(changes.changes_edits, "rows", self.row)
        return part(
            info.context,
            page,
            list(enumerate(found)),
            key=lambda numbered: (numbered[0],),
            edge=_edit_edge,
            org=self.organization_id,
        )


def _edit_edge(numbered: tuple[int, RecordedEdit], cursor: str) -> ListEdge[Edit]:
    _, edit = numbered
    return ListEdge(node=Edit(before=_shown(edit.before), after=_shown(edit.after)), cursor=cursor)


def _shown(state: State | None) -> JSON | None:
    if state is None:
        return None
    properties: dict[str, Any] = to_properties(state)
    return JSON({name: properties[name] for name in properties if name not in _NEVER_SHOWN})


def change_edge(row: ChangeRow, cursor: str) -> ListEdge[Change]:
    """Build an entry of a list of changes."""
    return ListEdge(node=Change.of(row), cursor=cursor)
