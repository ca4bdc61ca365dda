"""Users, roles and what binds them, in the schema."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.context import Ask
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    Strict,
    connection,
    part,
)
from api.schema.nodes import Node, PathGroup
from api.schema.roles import Role
from graph import groups, roles, users
from graph.membership import Decision, Member
from graph.paging import DEFAULT_FIRST, PageRequest, by_name
from graph.rights import Capability
from queries.bindings import BoundUser
from queries.states import BindingState
from queries.users import UserRow

if TYPE_CHECKING:
    from api.schema.groups import Group


@strawberry.enum(description="What a user is.")
class UserKind(Enum):
    """What a user is."""

    HUMAN = "human"
    WORKLOAD = "workload"
    CLUSTER = "cluster"


@strawberry.type(description="An identity that an issuer vouches for.")
class User(Node):
    """A user."""

    issuer: str = strawberry.field(description="Who vouches for them.")
    subject: str = strawberry.field(description="Their name with the issuer.")
    kind: UserKind = strawberry.field(description="What they are.")
    email: str | None = strawberry.field(description="For people's eyes; it decides nothing.")
    display_name: str | None = strawberry.field(description="For people's eyes.")

    @classmethod
    def of(cls, row: UserRow) -> "User":
        """Convert a user."""
        return cls(
            id=strawberry.ID(row.id),
            issuer=row.issuer,
            subject=row.subject,
            kind=UserKind(row.kind),
            email=row.email,
            display_name=row.display_name,
        )

    @strawberry.field(
        description="Where they may do what: each live binding that the caller may know of."
    )
    async def access(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> "Connection[AccessEdge]":
        """Answer a page of what they hold."""
        page = PageRequest.of("User.access", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(users.user_access, "users", self.id)
        return part(
            info.context, page, found, key=lambda held: (held.binding.id,), edge=AccessEdge.of
        )

    @strawberry.field(
        description="The groups they are a member of, inherited ones included, by name."
    )
    async def groups(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Annotated["Group", strawberry.lazy("api.schema.groups")]]]:
        """Answer a page of what they reach."""
        from api.schema.groups import group_edge  # noqa: PLC0415 - groups show users too

        page = PageRequest.of("User.groups", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(users.user_groups, "users", self.id, page=page)
        return connection(info.context, page, found, key=by_name, edge=group_edge)


@strawberry.type(description="A user bound to a group with a role.")
class RoleBinding(Node):
    """A role binding."""

    group_id: strawberry.ID = strawberry.field(description="Where: here and in every group below.")
    user_id: strawberry.ID = strawberry.field(description="Whom it binds.")
    expires_at: datetime | None = strawberry.field(
        description="From this instant on it grants nothing."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    created_by: strawberry.ID = strawberry.field(description="The user who made it.")
    place: strawberry.Private[PathGroup | None]
    role_id: strawberry.Private[str]

    @classmethod
    def of(cls, state: BindingState, place: PathGroup | None = None) -> "RoleBinding":
        """Convert a binding, perhaps one of the past, whose group is gone by now."""
        return cls(
            id=strawberry.ID(state.id),
            role_id=state.role,
            group_id=strawberry.ID(state.group_id),
            user_id=strawberry.ID(state.user_id),
            expires_at=state.expires_at,
            created_at=state.created_at,
            created_by=strawberry.ID(state.created_by),
            place=place,
        )

    @strawberry.field(description="What it grants.")
    async def role(self, info: Ask) -> Role:
        """Answer the role."""
        return Role.of(await info.context.batch(roles.get_roles, "roles", self.role_id))

    @strawberry.field(description="Whether it has expired.")
    async def expired(self, info: Ask) -> bool:
        """Compare its expiry with the answer's instant."""
        return self.expires_at is not None and self.expires_at <= info.context.at.now

    @strawberry.field(description="Whom it binds.")
    async def user(self, info: Ask) -> User:
        """Answer the user."""
        row = await info.context.batch(users.get_users, "users", self.user_id)
        if row is None:
            raise LookupError(f"{self.id} binds nobody")
        return User.of(row)

    @strawberry.field(description="The group it is at.")
    async def group(self, info: Ask) -> PathGroup:
        """Answer the last group of its path."""
        if self.place is not None:
            return self.place
        path = await info.context.batch(groups.group_paths, "groups", self.group_id)
        return PathGroup.of(path[-1])


@strawberry.type(description="A user at a group, by one binding.")
class MemberEdge:
    """A user at a group, by one binding."""

    node: User = strawberry.field(description="The user.")
    cursor: str = strawberry.field(description="Their place in the list.")
    role: Role = strawberry.field(description="What they are a member as.")
    capabilities: list[Capability] = strawberry.field(description="What that allows them here.")
    binding: RoleBinding = strawberry.field(description="The binding.")
    expires_at: datetime | None = strawberry.field(description="Until when.")
    via: PathGroup = strawberry.field(description="The group that they are bound to.")
    path: list[PathGroup] = strawberry.field(
        description="From `via` down to the group in question."
    )
    inherited: bool = strawberry.field(description="Whether `via` is a group above.")

    @classmethod
    def of(cls, member: Member, cursor: str) -> "MemberEdge":
        """Convert a member."""
        role, via = Role.of(member.role), PathGroup.of(member.via)
        return cls(
            node=User.of(member.user),
            cursor=cursor,
            role=role,
            capabilities=role.capabilities,
            binding=RoleBinding.of(member.binding, via),
            expires_at=member.binding.expires_at,
            via=via,
            path=PathGroup.path(member.path),
            inherited=member.inherited,
        )


@strawberry.type(description="A place where a user may do things.")
class AccessEdge:
    """A place where a user may do things."""

    node: PathGroup = strawberry.field(description="The group; it rolls down from here.")
    cursor: str = strawberry.field(description="Its place in the list.")
    role: Role = strawberry.field(description="As what.")
    capabilities: list[Capability] = strawberry.field(description="What that allows.")
    binding: RoleBinding = strawberry.field(description="The binding.")
    expires_at: datetime | None = strawberry.field(description="Until when.")

    @classmethod
    def of(cls, member: Member, cursor: str) -> "AccessEdge":
        """Convert what a user holds."""
        role = Role.of(member.role)
        return cls(
            node=PathGroup.of(member.via),
            cursor=cursor,
            role=role,
            capabilities=role.capabilities,
            binding=RoleBinding.of(member.binding),
            expires_at=member.binding.expires_at,
        )


@strawberry.type(description="A binding by which a user may do something.")
class Because:
    """A binding by which a user may do something."""

    binding: RoleBinding = strawberry.field(description="The binding.")
    role: Role = strawberry.field(description="Its role.")
    via: PathGroup = strawberry.field(description="The group that it is at.")
    path: list[PathGroup] = strawberry.field(
        description="From `via` down to the group in question."
    )


@strawberry.type(description="Whether a user may do something at a group, and why.")
class AccessDecision:
    """Whether a user may do something at a group, and why."""

    user: User = strawberry.field(description="The user in question.")
    capability: Capability = strawberry.field(description="The thing in question.")
    allowed: bool = strawberry.field(description="Whether they may.")
    because: list[Because] = strawberry.field(description="The bindings that allow it.")
    needed_roles: list[Role] = strawberry.field(
        description="If they may not: the roles any of which would allow it."
    )
    needed_at: list[PathGroup] = strawberry.field(
        description="If they may not: the groups at any of which such a role would do."
    )

    @classmethod
    def of(cls, decision: Decision) -> "AccessDecision":
        """Convert a decision."""
        denied = not decision.allowed
        return cls(
            user=User.of(decision.user),
            capability=decision.capability,
            allowed=decision.allowed,
            because=[
                Because(
                    binding=RoleBinding.of(member.binding, PathGroup.of(member.via)),
                    role=Role.of(member.role),
                    via=PathGroup.of(member.via),
                    path=PathGroup.path(member.path),
                )
                for member in decision.because
            ],
            needed_roles=[Role.of(role) for role in decision.roles_that_would] if denied else [],
            needed_at=PathGroup.path(decision.path) if denied else [],
        )


def binding_key(row: BoundUser) -> tuple[str]:
    """Return the keyset that lists of bindings are sorted by."""
    return (row.binding.id,)


def binding_edge(row: BoundUser, cursor: str) -> ListEdge[RoleBinding]:
    """Build an entry of a list of bindings."""
    return ListEdge(node=RoleBinding.of(row.binding), cursor=cursor)


def user_edge(row: UserRow, cursor: str) -> ListEdge[User]:
    """Build an entry of a list of users."""
    return ListEdge(node=User.of(row), cursor=cursor)
