"""Capabilities, the built-in roles, and what bindings add up to. Pure: values in, values out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from graph.errors import InvalidInputError
from queries.states import RoleState


class Capability(StrEnum):
    """One thing that a role may allow, at a group and everywhere below it."""

    GROUPS_CREATE = "groups.create"
    GROUPS_UPDATE = "groups.update"
    GROUPS_LIST = "groups.list"
    GROUPS_DELETE = "groups.delete"
    GROUP_INVITES_CREATE = "group_invites.create"
    GROUP_INVITES_LIST = "group_invites.list"
    GROUP_INVITES_DELETE = "group_invites.delete"
    ROLES_CREATE = "roles.create"
    ROLES_UPDATE = "roles.update"
    ROLES_LIST = "roles.list"
    ROLES_DELETE = "roles.delete"
    ROLE_BINDINGS_CREATE = "role_bindings.create"
    ROLE_BINDINGS_UPDATE = "role_bindings.update"
    ROLE_BINDINGS_LIST = "role_bindings.list"
    ROLE_BINDINGS_DELETE = "role_bindings.delete"
    CLUSTERS_CREATE = "clusters.create"
    CLUSTERS_UPDATE = "clusters.update"
    CLUSTERS_LIST = "clusters.list"
    CLUSTERS_DELETE = "clusters.delete"
    CLUSTERS_ENFORCE = "clusters.enforce"
    POLICY_CREATE = "policy.create"
    POLICY_UPDATE = "policy.update"
    POLICY_LIST = "policy.list"
    POLICY_DELETE = "policy.delete"
    IDENTITY_CREATE = "identity.create"
    IDENTITY_UPDATE = "identity.update"
    IDENTITY_LIST = "identity.list"
    IDENTITY_DELETE = "identity.delete"
    CHANGES_LIST = "changes.list"

    @property
    def description(self) -> str:
        """What it allows, at a group and everywhere below it."""
        return _DESCRIPTIONS[self]


_DESCRIPTIONS: Mapping[Capability, str] = MappingProxyType(
    {
        Capability.GROUPS_CREATE: "Create groups in a group, and move groups into it.",
        Capability.GROUPS_UPDATE: "Rename, describe and move groups.",
        Capability.GROUPS_LIST: "See groups.",
        Capability.GROUPS_DELETE: "Delete groups.",
        Capability.GROUP_INVITES_CREATE: "Invite with a role; takes role_bindings.create too.",
        Capability.GROUP_INVITES_LIST: "See invites, without their codes.",
        Capability.GROUP_INVITES_DELETE: "Revoke invites.",
        Capability.ROLES_CREATE: "Make custom roles.",
        Capability.ROLES_UPDATE: "Change custom roles, and widen them by what one holds.",
        Capability.ROLES_LIST: "See custom roles.",
        Capability.ROLES_DELETE: "Delete custom roles that nobody has.",
        Capability.ROLE_BINDINGS_CREATE: "Grant a role that one holds.",
        Capability.ROLE_BINDINGS_UPDATE: "Change role and expiry of role bindings.",
        Capability.ROLE_BINDINGS_LIST: "See who is bound as what.",
        Capability.ROLE_BINDINGS_DELETE: "Take roles away.",
        Capability.CLUSTERS_CREATE: "Make clusters known, and move clusters into a group.",
        Capability.CLUSTERS_UPDATE: "Change and move clusters.",
        Capability.CLUSTERS_LIST: "See clusters.",
        Capability.CLUSTERS_DELETE: "Forget clusters.",
        Capability.CLUSTERS_ENFORCE: "Act as a cluster's agent: report, and ask for decisions.",
        Capability.POLICY_CREATE: "Bind new policies to a group, and move policies into it.",
        Capability.POLICY_UPDATE: "Change and move policies, and take clusters out of their reach.",
        Capability.POLICY_LIST: "See policies.",
        Capability.POLICY_DELETE: "Delete policies.",
        Capability.IDENTITY_CREATE: "Make workload identities.",
        Capability.IDENTITY_UPDATE: "Change who may act as a workload identity.",
        Capability.IDENTITY_LIST: "See workload identities.",
        Capability.IDENTITY_DELETE: "Delete workload identities.",
        Capability.CHANGES_LIST: "Read the audit log.",
    }
)


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of capabilities; a custom one is usable at its group and below."""

    id: str
    name: str
    description: str
    capabilities: frozenset[Capability]
    group_id: str | None = None


Roles = Mapping[str, Role]
"""Roles by id."""


_VIEWER = frozenset(
    {
        Capability.GROUPS_LIST,
        Capability.GROUP_INVITES_LIST,
        Capability.ROLES_LIST,
        Capability.ROLE_BINDINGS_LIST,
        Capability.CLUSTERS_LIST,
        Capability.POLICY_LIST,
        Capability.IDENTITY_LIST,
        Capability.CHANGES_LIST,
    }
)
_EDITOR = _VIEWER | {
    Capability.CLUSTERS_CREATE,
    Capability.CLUSTERS_UPDATE,
    Capability.CLUSTERS_DELETE,
}

OWNER_ID = "rol_owner"

BUILT_IN_ROLES: Roles = MappingProxyType(
    {
        role.id: role
        for role in (
            Role(OWNER_ID, "owner", "Every right", frozenset(Capability)),
            Role("rol_editor", "editor", "Sees all and changes clusters", _EDITOR),
            Role("rol_viewer", "viewer", "Sees all and changes nothing", _VIEWER),
            Role(
                "rol_cluster-agent",
                "cluster-agent",
                "What a cluster's own agent needs",
                frozenset({Capability.CLUSTERS_ENFORCE}),
            ),
        )
    }
)
"""The built-in roles by id. They belong to no group; nobody changes or deletes them."""

_CAPABILITIES = frozenset(Capability)
_BY_NAME = {role.name: role for role in BUILT_IN_ROLES.values()}


def built_in_role(ref: str) -> Role | None:
    """Return the built-in role of this id or name, if there is one."""
    return BUILT_IN_ROLES.get(ref) or _BY_NAME.get(ref)


def find_built_in_role(ref: str) -> Role:
    """Return the built-in role of this id or name; `InvalidInputError` lists them."""
    role = built_in_role(ref)
    if role is None:
        raise InvalidInputError(
            f"There is no built-in role {ref[:80]!r}. They are {', '.join(sorted(_BY_NAME))}."
        )
    return role


def custom_role(state: RoleState) -> Role:
    """Return the role that a state describes; what it names that we do not know grants nothing."""
    known = frozenset(Capability(name) for name in state.capabilities if name in _CAPABILITIES)
    return Role(state.id, state.name, state.description, known, state.group_id)


class Grant(Protocol):
    """The part of a binding that decides rights."""

    @property
    def group_id(self) -> str:
        """Where it is: it rolls down from here."""
        ...

    @property
    def role(self) -> str:
        """The id of its role."""
        ...

    @property
    def expires_at(self) -> datetime | None:
        """From when on it grants nothing."""
        ...


def is_live(grant: Grant, now: datetime) -> bool:
    """Tell whether a binding still grants anything: from its expiry on it grants nothing."""
    return grant.expires_at is None or now < grant.expires_at


def capabilities_at(
    grants: Iterable[Grant], path: Collection[str], now: datetime, roles: Roles
) -> frozenset[Capability]:
    """Add up what these bindings allow at the end of a path of group ids: they roll down."""
    return frozenset[Capability]().union(
        *(
            roles[grant.role].capabilities
            for grant in grants
            if grant.group_id in path and is_live(grant, now)
        )
    )


def granting(
    grants: Iterable[Grant], capability: Capability, now: datetime, roles: Roles
) -> list[str]:
    """Return the ids of the groups at which these bindings grant a capability, each once."""
    return list(
        dict.fromkeys(
            grant.group_id
            for grant in grants
            if capability in roles[grant.role].capabilities and is_live(grant, now)
        )
    )
