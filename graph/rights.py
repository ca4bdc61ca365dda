"""Capabilities, the built-in roles, and what bindings add up to. Pure: values in, values out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from graph.errors import InvalidInputError


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


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of capabilities."""

    id: str
    name: str
    description: str
    capabilities: frozenset[Capability]


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

BUILT_IN_ROLES: Mapping[str, Role] = MappingProxyType(
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

_BY_NAME = {role.name: role for role in BUILT_IN_ROLES.values()}


def find_role(ref: str) -> Role:
    """Return the role of this id or name; `InvalidInputError` names those that there are."""
    role = BUILT_IN_ROLES.get(ref) or _BY_NAME.get(ref)
    if role is None:
        raise InvalidInputError(
            f"There is no role {ref[:80]!r}. The roles are {', '.join(sorted(_BY_NAME))}."
        )
    return role


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
    grants: Iterable[Grant], path: Collection[str], now: datetime
) -> frozenset[Capability]:
    """Add up what these bindings allow at the end of a path of group ids: they roll down."""
    return frozenset[Capability]().union(
        *(
            BUILT_IN_ROLES[grant.role].capabilities
            for grant in grants
            if grant.group_id in path and is_live(grant, now)
        )
    )


def granting(grants: Iterable[Grant], capability: Capability, now: datetime) -> list[str]:
    """Return the ids of the groups at which these bindings grant a capability, each once."""
    return list(
        dict.fromkeys(
            grant.group_id
            for grant in grants
            if capability in BUILT_IN_ROLES[grant.role].capabilities and is_live(grant, now)
        )
    )
