"""The questions about what was written."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema.changes import Change, change_edge
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    Strict,
    connection,
)
from api.schema.scalars import RefArgument, instant
from graph import (
    changes,
)
from graph.change_filter import ChangeFilter, ChangeKind
from graph.paging import DEFAULT_FIRST, PageRequest
from graph.rights import Capability


@strawberry.type
class ChangeQueries:
    """The questions about what was written."""

    @strawberry.field(
        description="What was written to an organization, the newest first.",
        extensions=[needs(Capability.CHANGES_LIST, scope="organization")],
    )
    async def changes(
        self,
        info: Ask,
        organization: RefArgument,
        actor: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only of this user, by id, or of `operator`."),
        ] = None,
        kind: Annotated[
            ChangeKind | None, strawberry.argument(description="Only of this kind.")
        ] = None,
        subject: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description=(
                    "Only what wrote the thing of this id, also one that is gone; for a user or a"
                    " group also what wrote role bindings of them or there."
                )
            ),
        ] = None,
        since: Annotated[
            datetime | None, strawberry.argument(description="Only from this instant on.")
        ] = None,
        until: Annotated[
            datetime | None, strawberry.argument(description="Only before this instant.")
        ] = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Change]] | None:
        """Answer a page of changes."""
        only = ChangeFilter(
            actor=actor, kind=kind, subject=subject, since=instant(since), until=instant(until)
        )
        page = PageRequest.of(
            "changes", organization, *only.texts, first=first, after=after, strict=strict
        )
        found = await changes.list_changes(
            info.context.at, organization=organization, page=page, only=only
        )
        return connection(
            info.context, page, found, key=lambda row: (row.revision,), edge=change_edge
        )
