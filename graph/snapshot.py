"""What one caller sees at one moment: who they are, what they hold, and where they read.

A read use case takes a snapshot and answers from it alone, so the same function serves a request,
a write's checks under the lock, and a test.
"""

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from graph import rights
from graph.errors import NotFoundError, PermissionDeniedError
from graph.forest import Forest
from graph.rights import BUILT_IN_ROLES, Capability, Role, Roles
from graph.session import Reader
from queries import Statement, groups, roles, users
from queries.organizations import OrganizationRevision
from queries.states import RoleState
from queries.users import GrantRow

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from, as changes record it: it decides nothing."""

    address: str | None = None
    """The network address of who sent it, or `host`."""
    token_id: str | None = None
    """Which token came with it: an id, by which nobody can sign in."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a user, and the organization that the request is pinned to, if any."""

    user_id: str
    organization: str | None = None
    origin: Origin = field(default=Origin(), compare=False)
    """From where. Somebody is the same caller by whichever token, from whichever address."""
    email: str | None = field(default=None, compare=False)
    """Their address, where the issuer of their token verified it and may speak for its domain."""


OPERATOR = Caller("operator", origin=Origin("host"))
"""Whoever may start commands on the host. No token stands for them, and no right limits them."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A caller with their own bindings, as they stood when the snapshot began."""

    caller: Caller
    grants: tuple[GrantRow, ...]
    custom_roles: tuple[RoleState, ...] = ()
    """The custom roles among what they hold."""

    @property
    def user_id(self) -> str:
        """The caller's user id."""
        return self.caller.user_id

    @property
    def bound_in(self) -> frozenset[str]:
        """The organizations that an answer can be about: those in which the caller is bound."""
        return frozenset(grant.org for grant in self.grants)

    @property
    def organizations(self) -> list[str]:
        """The organizations that names and lists lead into: the pinned one, or all of them."""
        pinned = self.caller.organization
        return sorted(self.bound_in & {pinned} if pinned else self.bound_in)

    def roots_named(self, name: str, now: datetime) -> list[str]:
        """Return the ids of those organizations that have this name; none by an expired binding."""
        live = [grant for grant in self.grants if rights.is_live(grant, now)]
        named = {grant.org for grant in live if grant.org_name == name}
        return sorted(named.intersection(self.organizations))

    @property
    def seen(self) -> set[OrganizationRevision]:
        """Where the organizations were in which the caller is bound."""
        return {OrganizationRevision(each.org, each.epoch, each.revision) for each in self.grants}

    @property
    def revisions(self) -> list[OrganizationRevision]:
        """Where those organizations were when the snapshot began that names and lists lead into."""
        return sorted(each for each in self.seen if each.org in self.organizations)


async def load_viewer(reader: Reader, caller: Caller, now: datetime) -> Viewer:
    """Read what a caller holds now; nothing for someone who has never been bound.

    A caller who pinned an organization holds nothing outside of it; raises `NotFoundError` for one
    that they are not bound in, which would otherwise look empty.
    """
    rows = await reader.run(users.read_grants(user=caller.user_id))
    held = [
        row for row in rows if rights.is_live(row, now) and caller.organization in (None, row.org)
    ]
    if caller.organization is not None and not held:
        raise not_found(f"organization {caller.organization}")
    custom = sorted({row.role for row in held}.difference(BUILT_IN_ROLES))
    found = await reader.run(roles.read_roles(ids=custom)) if custom else []
    return Viewer(
        caller,
        tuple(sorted(held, key=lambda row: row.binding)),
        tuple(sorted(found, key=lambda role: role.id)),
    )


_asked_here: ContextVar[set[Capability] | None] = ContextVar("asked_here", default=None)


@contextmanager
def noting_asked() -> Generator[set[Capability]]:
    """Collect the rights that are asked for in the block, by whichever snapshot, held or not."""
    asked: set[Capability] = set()
    before = _asked_here.set(asked)
    try:
        yield asked
    finally:
        _asked_here.reset(before)


@dataclass(slots=True)
class Snapshot:
    """One caller's view. Ancestors are read once and kept for as long as it lasts."""

    reader: Reader
    viewer: Viewer
    now: datetime
    needs: list[tuple[Capability, str]] = field(default_factory=list[tuple[Capability, str]])
    """The rights that a write took, and where: what its change records."""
    asked: set[Capability] = field(default_factory=set[Capability])
    """The rights that were asked for, held or not."""
    _forest: Forest = field(default_factory=Forest)
    _roles: dict[str, Role] = field(default_factory=lambda: dict(BUILT_IN_ROLES))

    def __post_init__(self) -> None:
        """Know the roles that the caller holds."""
        self._roles |= {role.id: rights.custom_role(role) for role in self.viewer.custom_roles}

    def ask(self, *capabilities: Capability) -> None:
        """Note that rights were asked for."""
        self.asked.update(capabilities)
        if (here := _asked_here.get()) is not None:
            here.update(capabilities)

    async def run(self, statement: Statement[Answer]) -> Answer:
        """Answer one statement."""
        return await self.reader.run(statement)

    async def forest(self, group_ids: Iterable[str]) -> Forest:
        """Return a forest that holds those of these groups that exist, with their ancestors."""
        missing = sorted({group_id for group_id in group_ids if group_id not in self._forest})
        if missing:
            self._forest.add(await self.run(groups.ancestry(ids=missing)))
        return self._forest

    async def roles(self, ids: Iterable[str]) -> Roles:
        """Return a mapping that holds those of these roles that exist."""
        missing = sorted(set(ids).difference(self._roles))
        if missing:
            found = await self.run(roles.read_roles(ids=missing))
            self._roles |= {role.id: rights.custom_role(role) for role in found}
        return self._roles

    async def capabilities(self, group_id: str) -> frozenset[Capability]:
        """Return what the caller may do at a group; nothing where there is no such group."""
        forest = await self.forest([group_id])
        if group_id not in forest:
            return frozenset()
        return rights.capabilities_at(
            self.viewer.grants, forest.ids(group_id), self.now, self._roles
        )

    async def may(self, capability: Capability, group_id: str) -> bool:
        """Tell whether the caller may do one thing at a group."""
        self.ask(capability)
        return capability in await self.capabilities(group_id)

    async def require(
        self, capability: Capability, group_id: str, *, shown_by: Capability, what: str
    ) -> None:
        """Let pass who may do this at a group.

        Who sees the thing (`shown_by`) is told that they may not; to anyone else it does not exist.
        """
        self.ask(capability)
        held = await self.capabilities(group_id)
        if capability in held:
            self.needs.append((capability, group_id))
        elif shown_by in held:
            raise denied(capability, what)
        else:
            raise not_found(what)

    async def scopes(self, capability: Capability, within: str | None = None) -> list[str]:
        """Return the groups whose subtrees hold all that the caller may list, none twice.

        With `within`, only what lies in that group's subtree.
        """
        self.ask(capability)
        grants = [grant for grant in self.viewer.grants if grant.org in self.viewer.organizations]
        granted = rights.granting(grants, capability, self.now, self._roles)
        forest = await self.forest([*granted, within] if within else granted)
        if within is None:
            return forest.tops(granted)
        if within not in forest:
            return []
        if forest.ids(within).intersection(granted):
            return [within]
        return forest.tops(group_id for group_id in granted if within in forest.ids(group_id))


def not_found(what: str) -> NotFoundError:
    """Build the one error for what is not there and for what the caller may not know of."""
    return NotFoundError(
        f"There is no {what} that you can see. Check the id or path, or ask an owner for access."
    )


def denied(capability: Capability, what: str) -> PermissionDeniedError:
    """Build the error for what the caller sees but may not do."""
    return PermissionDeniedError(
        f"You need {capability} at {what}. An owner of it, or of a group above, can grant a role"
        f" that has it."
    )
