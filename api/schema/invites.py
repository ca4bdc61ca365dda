"""Invites in the schema."""

from datetime import datetime
from enum import Enum

import strawberry

from api.context import Ask
from api.schema.connections import ListEdge
from api.schema.nodes import Node, PathGroup
from api.schema.roles import Role
from graph import groups, invites, roles
from queries.states import InviteState


@strawberry.enum(
    description="Whom an invite is for: people, whom it binds with its role, or clusters that join."
)
class InviteKind(Enum):
    """Whom an invite is for."""

    ROLE = "role"
    CLUSTER = "cluster"


@strawberry.enum(
    description=(
        "Why the code of an invite is not accepted: its time is over, it has no uses left, or who"
        " made it lacks by now a right that making it takes."
    )
)
class InviteInactive(Enum):
    """Why the code of an invite is not accepted."""

    EXPIRED = "expired"
    USED_UP = "used_up"
    CREATOR_LOST_RIGHTS = "creator_lost_rights"


@strawberry.type(
    description="A promise of a role at a group, to whoever shows its code. The code is not in it."
)
class Invite(Node):
    """An invite."""

    kind: InviteKind = strawberry.field(description="Whom it is for.")
    group_id: strawberry.ID = strawberry.field(description="Where: there and in every group below.")
    key_id: str = strawberry.field(description="The public part of its code, a UUID.")
    email: str | None = strawberry.field(
        description="The one verified address that it is for, if it is for one."
    )
    max_uses: int | None = strawberry.field(description="How often it may be used; none: often.")
    uses_left: int | None = strawberry.field(description="How often it may still be used.")
    expires_at: datetime = strawberry.field(description="From this instant on it is of no use.")
    created_at: datetime = strawberry.field(description="When it was made.")
    created_by: strawberry.ID = strawberry.field(description="The user who made it.")
    state: strawberry.Private[InviteState]

    @classmethod
    def of(cls, state: InviteState) -> "Invite":
        """Convert an invite."""
        return cls(
            id=strawberry.ID(state.id),
            kind=InviteKind(state.invite_kind),
            group_id=strawberry.ID(state.group_id),
            key_id=state.key_id,
            email=state.email,
            max_uses=state.max_uses,
            uses_left=state.uses_left,
            expires_at=state.expires_at,
            created_at=state.created_at,
            created_by=strawberry.ID(state.created_by),
            state=state,
        )

    @strawberry.field(description="What it grants.")
    async def role(self, info: Ask) -> Role:
        """Answer the role."""
        return Role.of(await info.context.batch(roles.get_roles, "roles", self.state.role))

    @strawberry.field(description="The group it is at.")
    async def group(self, info: Ask) -> PathGroup:
        """Answer the last group of its path."""
        path = await info.context.batch(groups.group_paths, "groups", self.group_id)
        return PathGroup.of(path[-1])

    @strawberry.field(description="Whether its code would be accepted.")
    async def active(self, info: Ask) -> bool:
        """Answer whether nothing speaks against it."""
        return not await info.context.batch(invites.why_inactive, "invites", self.state)

    @strawberry.field(description="If its code would not be accepted: why.")
    async def inactive_because(self, info: Ask) -> list[InviteInactive]:
        """Answer what speaks against it."""
        reasons = await info.context.batch(invites.why_inactive, "invites", self.state)
        return [InviteInactive(reason.value) for reason in reasons]


def invite_key(state: InviteState) -> tuple[str]:
    """Return the keyset that lists of invites are sorted by."""
    return (state.id,)


def invite_edge(state: InviteState, cursor: str) -> ListEdge[Invite]:
    """Build an entry of a list of invites."""
    return ListEdge(node=Invite.of(state), cursor=cursor)
