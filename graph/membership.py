"""Who is a member of a group, with which rights, and from where. Pure: roles rolling down, once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from graph import rights
from graph.forest import Path
from graph.rights import Capability, Role, Roles
from queries.bindings import BoundUser
from queries.groups import GroupName
from queries.states import BindingState
from queries.users import UserRow


@dataclass(frozen=True, slots=True)
class Member:
    """A user at a group by one binding: as what, through which group, by which way."""

    user: UserRow
    binding: BindingState
    role: Role
    path: Path
    """From the group that the user is bound to down to the one they are a member of."""

    @property
    def via(self) -> GroupName:
        """The group that the user is bound to."""
        return self.path[0]

    @property
    def key(self) -> tuple[int, str, str]:
        """What lists of members are sorted by: from the root down, by user, then by binding."""
        return 1 - len(self.path), self.user.id, self.binding.id

    @property
    def inherited(self) -> bool:
        """Whether the binding is at a group above."""
        return len(self.path) > 1


class Members(Sequence[Member]):
    """The members at the end of a path: from the root down, then by user, then by binding.

    One for each binding that grants something, made when it is looked at: there may be very many.
    """

    def __init__(self, path: Path, live: Mapping[str, Sequence[BoundUser]], roles: Roles) -> None:
        self._roles = roles
        self._parts = [
            (path[index:], live[group.id]) for index, group in enumerate(path) if group.id in live
        ]

    def __len__(self) -> int:
        return sum(len(rows) for _, rows in self._parts)

    @overload
    def __getitem__(self, index: int) -> Member: ...
    @overload
    def __getitem__(self, index: slice) -> list[Member]: ...

    def __getitem__(self, index: int | slice) -> Member | list[Member]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        left = index
        for way, rows in self._parts:
            if 0 <= left < len(rows):
                bound = rows[left]
                return Member(bound.user, bound.binding, self._roles[bound.binding.role], way)
            left -= len(rows)
        raise IndexError(index)


def live_by_group(bound: Iterable[BoundUser], now: datetime) -> dict[str, list[BoundUser]]:
    """Return the bindings that grant something, by group, each group's by user, then by binding."""
    found: dict[str, list[BoundUser]] = {}
    for row in bound:
        if rights.is_live(row.binding, now):
            found.setdefault(row.binding.group_id, []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.user.id, row.binding.id))
    return found


@dataclass(frozen=True, slots=True)
class Decision:
    """May a user do a thing at a group: because of which bindings, or what it would take."""

    user: UserRow
    capability: Capability
    path: Path
    because: tuple[Member, ...]
    roles: Sequence[Role]
    """The roles that there are to grant there."""

    @property
    def allowed(self) -> bool:
        """Whether they may."""
        return bool(self.because)

    @property
    def roles_that_would(self) -> list[Role]:
        """The roles that grant the capability, at the group or at any above it."""
        return [role for role in self.roles if self.capability in role.capabilities]


def decide(
    user: UserRow,
    capability: Capability,
    path: Path,
    bindings: Iterable[BindingState],
    now: datetime,
    *,
    roles: Roles,
    grantable: Sequence[Role],
) -> Decision:
    """Decide whether these bindings of a user allow a capability at the end of a path.

    `grantable` are the roles that could be granted there to who lacks it.
    """
    bound = (BoundUser(each, user) for each in bindings)
    found = Members(path, live_by_group(bound, now), roles)
    return Decision(
        user,
        capability,
        path,
        tuple(member for member in found if capability in member.role.capabilities),
        grantable,
    )
