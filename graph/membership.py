"""Who is a member of a group, with which rights, and from where. Pure: roles rolling down, once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from graph import rights
from graph.forest import Path
from graph.rights import BUILT_IN_ROLES, Capability, Role
from queries.bindings import BoundUser
from queries.groups import GroupName
from queries.states import BindingState
from queries.users import UserRow


@dataclass(frozen=True, slots=True)
class Member:
    """A user at a group by one binding: as what, through which group, by which way."""

    user: UserRow
    binding: BindingState
    path: Path
    """From the group that the user is bound to down to the one they are a member of."""

    @property
    def role(self) -> Role:
        """The role of the binding."""
        return BUILT_IN_ROLES[self.binding.role]

    @property
    def via(self) -> GroupName:
        """The group that the user is bound to."""
        return self.path[0]

    @property
    def inherited(self) -> bool:
        """Whether the binding is at a group above."""
        return len(self.path) > 1


def members(path: Path, bound: Iterable[BoundUser], now: datetime) -> list[Member]:
    """Return who is a member at the end of a path, one for each binding that grants something.

    From the root down, then by user, then by binding.
    """
    place = {group.id: index for index, group in enumerate(path)}
    live = [
        row for row in bound if row.binding.group_id in place and rights.is_live(row.binding, now)
    ]
    live.sort(key=lambda row: (place[row.binding.group_id], row.user.id, row.binding.id))
    return [Member(row.user, row.binding, path[place[row.binding.group_id] :]) for row in live]


@dataclass(frozen=True, slots=True)
class Decision:
    """May a user do a thing at a group: because of which bindings, or what it would take."""

    user: UserRow
    capability: Capability
    path: Path
    because: tuple[Member, ...]

    @property
    def allowed(self) -> bool:
        """Whether they may."""
        return bool(self.because)

    @property
    def roles_that_would(self) -> list[Role]:
        """The roles that grant the capability, at the group or at any above it."""
        return [role for role in BUILT_IN_ROLES.values() if self.capability in role.capabilities]


def decide(
    user: UserRow,
    capability: Capability,
    path: Path,
    bindings: Iterable[BindingState],
    now: datetime,
) -> Decision:
    """Decide whether these bindings of a user allow a capability at the end of a path."""
    found = members(path, [BoundUser(binding, user) for binding in bindings], now)
    return Decision(
        user,
        capability,
        path,
        tuple(member for member in found if capability in member.role.capabilities),
    )
