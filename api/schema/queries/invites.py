"""The questions about invites."""

from typing import Annotated

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema.connections import After, Connection, First, ListEdge, Strict, Within, connection
from api.schema.invites import Invite, invite_edge, invite_key
from graph import invites
from graph.paging import DEFAULT_FIRST, PageRequest
from graph.rights import Capability


@strawberry.type
class InviteQueries:
    """The questions about invites."""

    @strawberry.field(
        description="One invite.",
        extensions=[needs(Capability.GROUP_INVITES_LIST, scope="id")],
    )
    async def invite(
        self,
        info: Ask,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id: inv_….")],
    ) -> Invite | None:
        """Answer one invite."""
        return Invite.of(await invites.get_invite(info.context.at, invite=id))

    @strawberry.field(
        description="The invites that the caller may list, by id, inactive ones included.",
        extensions=[needs(Capability.GROUP_INVITES_LIST)],
    )
    async def invites(
        self,
        info: Ask,
        within: Within = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Invite]] | None:
        """Answer a page of invites."""
        page = PageRequest.of("invites", within, first=first, after=after, strict=strict)
        found = await invites.list_invites(info.context.at, within=within, page=page)
        return connection(info.context, page, found, key=invite_key, edge=invite_edge)
