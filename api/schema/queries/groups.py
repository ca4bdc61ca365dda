"""The questions about groups."""

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
from api.schema.groups import Group, group_edge
from api.schema.scalars import RefArgument
from graph import (
    groups,
)
from graph.paging import DEFAULT_FIRST, PageRequest, by_name
from graph.rights import Capability


@strawberry.type
class GroupQueries:
    """The questions about groups."""

    @strawberry.field(
        description="One group.", extensions=[needs(Capability.GROUPS_LIST, scope="ref")]
    )
    async def group(self, info: Ask, ref: RefArgument) -> Group | None:
        """Answer one group."""
        return Group.of(await groups.get_group(info.context.at, ref=ref))

    @strawberry.field(
        description="The groups that the caller may list, by name.",
        extensions=[needs(Capability.GROUPS_LIST)],
    )
    async def groups(
        self,
        info: Ask,
        within: Within = None,
        name: NameFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Group]] | None:
        """Answer a page of groups."""
        page = PageRequest.of("groups", within, name, first=first, after=after, strict=strict)
        found = await groups.list_groups(info.context.at, within=within, name=name, page=page)
        return connection(info.context, page, found, key=by_name, edge=group_edge)
