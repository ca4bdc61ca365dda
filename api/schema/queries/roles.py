"""The questions about roles."""

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
from api.schema.roles import CapabilityInfo, Role, role_edge
from api.schema.scalars import RefArgument
from graph import roles
from graph.paging import DEFAULT_FIRST, PageRequest, by_name
from graph.rights import Capability


@strawberry.type
class RoleQueries:
    """The questions about roles."""

    @strawberry.field(description="Every capability that a role may have.", extensions=[needs()])
    async def capabilities(self) -> list[CapabilityInfo]:
        """Answer the capabilities."""
        return [CapabilityInfo.of(capability) for capability in Capability]

    @strawberry.field(
        description=(
            "One role: a built-in one by name or id, a custom one by id or path, for who may list"
            " roles where it is usable and for who holds it."
        ),
        extensions=[needs()],
    )
    async def role(self, info: Ask, ref: RefArgument) -> Role | None:
        """Answer one role."""
        return Role.of(await roles.get_role(info.context.at, ref=ref))

    @strawberry.field(
        description=(
            "The built-in roles, and the custom ones that the caller may list, by name; `within` a"
            " group only the custom ones of its subtree."
        ),
        extensions=[needs(Capability.ROLES_LIST)],
    )
    async def roles(
        self,
        info: Ask,
        within: Within = None,
        name: NameFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Role]] | None:
        """Answer a page of roles."""
        page = PageRequest.of("roles", within, name, first=first, after=after, strict=strict)
        found = await roles.list_roles(info.context.at, within=within, name=name, page=page)
        return connection(info.context, page, found, key=by_name, edge=role_edge)
