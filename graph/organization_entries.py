"""What an organization file says, as plain frozen values, and the walk over its groups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from queries.users import UserKind


@dataclass(frozen=True, slots=True)
class UserEntry:
    """A user under the short name that the file's bindings use.

    Without an `issuer` the user is one of the service's development issuer.
    """

    key: str
    subject: str
    issuer: str | None = None
    email: str | None = None
    name: str | None = None
    kind: UserKind = "human"


@dataclass(frozen=True, slots=True)
class BindingEntry:
    """A user (by short name) with a role, perhaps until an instant."""

    role: str
    user: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """A policy document, byte for byte; `name` is the document's own `metadata.name`."""

    name: str
    document: str
    description: str = ""
    file: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterEntry:
    """A cluster and what is known of it before its agent reports."""

    name: str
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    remote_id: str | None = None
    kubernetes_version: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GroupEntry:
    """A group with everything bound to it, and the groups below.

    Compared by identity: a generated comparison would recurse as deep as the tree.
    """

    name: str
    description: str = ""
    bindings: tuple[BindingEntry, ...] = ()
    policies: tuple[PolicyEntry, ...] = ()
    clusters: tuple[ClusterEntry, ...] = ()
    groups: "tuple[GroupEntry, ...]" = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class OrganizationFile:
    """The users that a file names, and the root group."""

    users: Mapping[str, UserEntry]
    root: GroupEntry


@dataclass(frozen=True, slots=True)
class WalkedGroup:
    """A group on a walk: its number, its parent's number and its level (the root is 1)."""

    number: int
    parent: int | None
    level: int
    group: GroupEntry


def walk(root: GroupEntry) -> Iterator[WalkedGroup]:
    """Yield every group, each parent before its children, siblings in the file's order."""
    number = 0
    todo: list[tuple[int | None, int, GroupEntry]] = [(None, 1, root)]
    while todo:
        parent, level, group = todo.pop()
        yield WalkedGroup(number, parent, level, group)
        todo += [(number, level + 1, child) for child in reversed(group.groups)]
        number += 1
