"""Roles and capabilities in the schema."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.context import Ask
from api.schema.connections import After, Connection, First, ListEdge, Strict, connection
from api.schema.nodes import Node
from graph import bindings, rights
from graph.paging import DEFAULT_FIRST, PageRequest
from graph.rights import Capability

if TYPE_CHECKING:
    from api.schema.users import RoleBinding

# Registers the values with the schema; the class stays what it is.
strawberry.enum(Capability, description="One thing that a role may allow, at a group and below.")


@strawberry.type(description="A capability, described.")
class CapabilityInfo:
    """A capability, described."""

    capability: Capability = strawberry.field(description="The value to ask with.")
    name: str = strawberry.field(description="Its name, such as policy.create.")
    description: str = strawberry.field(description="What it allows, at a group and below.")

    @classmethod
    def of(cls, capability: Capability) -> "CapabilityInfo":
        """Convert a capability."""
        return cls(capability=capability, name=capability.value, description=capability.description)


@strawberry.type(description="A named set of capabilities.")
class Role(Node):
    """A named set of capabilities."""

    name: str = strawberry.field(description="What it is called.")
    description: str = strawberry.field(description="What it is for.")
    built_in: bool = strawberry.field(description="Whether it comes with the service.")
    group_id: strawberry.ID | None = strawberry.field(
        description="The group of a custom role: it can be granted there and below."
    )
    capabilities: list[Capability] = strawberry.field(description="What it allows.")

    @classmethod
    def of(cls, role: rights.Role) -> "Role":
        """Convert a role."""
        return cls(
            id=strawberry.ID(role.id),
            name=role.name,
            description=role.description,
            built_in=role.group_id is None,
            group_id=None if role.group_id is None else strawberry.ID(role.group_id),
            capabilities=sorted(role.capabilities),
        )

    @strawberry.field(description="The bindings with this role that the caller may list, by id.")
    async def bindings(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Annotated["RoleBinding", strawberry.lazy("api.schema.users")]]]:
        """Answer a page of bindings."""
        from api.schema.users import (  # noqa: PLC0415 - bindings show roles too
            binding_edge,
            binding_key,
        )

        page = PageRequest.of("Role.bindings", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(bindings.role_bindings, "roles", self.id, page=page)
        return connection(info.context, page, found, key=binding_key, edge=binding_edge)


def role_edge(role: rights.Role, cursor: str) -> ListEdge[Role]:
    """Build an entry of a list of roles."""
    return ListEdge(node=Role.of(role), cursor=cursor)
