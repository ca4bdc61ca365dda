"""What the invariant checker reads: what nodes say of themselves beside what their edges say."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from queries.loader import read


@dataclass(frozen=True, slots=True)
class End:
    """The group at the other end of an edge."""

    id: str | None
    org: str | None


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group by its properties and by its edges."""

    id: str
    parent_id: str | None
    name: str
    name_scope: str
    created_by: str
    is_root: bool
    parents: list[End]


@dataclass(frozen=True, slots=True)
class PlacedFacts:
    """A cluster, policy, identity, invite or role by its properties and by its edges."""

    kind: Literal["cluster", "policy", "identity", "invite", "role"]
    id: str
    group_id: str
    name: str
    """What tells it from its like in the group; of an invite, its public key id."""
    version_id: str | None
    places: list[End]


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """A version by its properties and by its edges."""

    id: str
    policy_id: str
    number: int
    policies: list[str | None]


@dataclass(frozen=True, slots=True)
class BindingFacts:
    """A binding by its properties and by its ends."""

    id: str
    org: str
    group_id: str
    user_id: str
    role: str
    expires_at: datetime | None
    from_user: str
    from_kind: str
    to_group: str


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """A change as far as the sequence of revisions is concerned."""

    id: str
    revision: int
    parts: int


@dataclass(frozen=True, slots=True)
class OrganizationFacts:
    """An organization's counter beside its changes; a deleted one has no name."""

    org: str
    name: str | None
    revision: int
    changes: list[ChangeFacts]


@read("invariants/group_facts", list[GroupFacts])
def group_facts(*, org: str) -> None: ...


@read("invariants/placed_facts", list[PlacedFacts])
def placed_facts(*, org: str) -> None: ...


@read("invariants/version_facts", list[VersionFacts])
def version_facts(*, org: str) -> None: ...


@read("invariants/binding_facts", list[BindingFacts])
def binding_facts(*, org: str) -> None: ...


@read("invariants/organization_facts", list[OrganizationFacts])
def organization_facts(*, org: str) -> None: ...
