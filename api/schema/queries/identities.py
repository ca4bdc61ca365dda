"""The questions about identities of workloads."""

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    NameFilter,
    Strict,
    Within,
    connection,
)
from api.schema.identities import Identity, identity_edge
from api.schema.scalars import RefArgument
from graph import workloads
from graph.paging import DEFAULT_FIRST, PageRequest, by_name
from graph.rights import Capability


@strawberry.type
class IdentityQueries:
    """The questions about identities of workloads."""

    @strawberry.field(
        description="One identity of a workload, by its id.",
        extensions=[needs(Capability.IDENTITY_LIST, scope="ref")],
    )
    async def identity(self, info: Ask, ref: RefArgument) -> Identity | None:
        """Answer one identity."""
        return Identity.of(await workloads.get_identity(info.context.at, identity=ref))

    @strawberry.field(
        description="The identities of workloads that the caller may list, by name.",
        extensions=[needs(Capability.IDENTITY_LIST)],
    )
    async def identities(
        self,
        info: Ask,
        within: Within = None,
        name: NameFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Identity]] | None:
        """Answer a page of identities."""
        page = PageRequest.of("identities", within, name, first=first, after=after, strict=strict)
        found = await workloads.list_identities(
            info.context.at, within=within, name=name, page=page
        )
        return connection(info.context, page, found, key=by_name, edge=identity_edge)
