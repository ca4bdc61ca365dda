"""The questions about what was written."""

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
from api.schema.scalars import RefArgument
from graph import (
    changes,
)
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
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Change]] | None:
        """Answer a page of changes."""
        page = PageRequest.of("changes", organization, first=first, after=after, strict=strict)
        found = await changes.list_changes(info.context.at, organization=organization, page=page)
        return connection(
            info.context, page, found, key=lambda row: (row.revision,), edge=change_edge
        )
