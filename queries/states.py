"""What the graph remembers, as values: one class for each kind of thing, whole.

A query answers these, a write is a list of them before and after, a change records them. In the
store and in a change a state is a map of texts, numbers and lists of texts: Neo4j's and ArcadeDB's
properties can be nothing else.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BeforeValidator, Discriminator, PlainSerializer, TypeAdapter

Item = TypeVar("Item")


def _texts(value: Any) -> Any:
    """Read texts by name from the list of `name=text` that a property can hold."""
    if isinstance(value, list):
        return dict(str(text).partition("=")[::2] for text in value)  # type: ignore[reportUnknownVariableType]
    return value


Texts = Annotated[
    dict[str, str],
    BeforeValidator(_texts),
    PlainSerializer(lambda texts: [f"{name}={texts[name]}" for name in sorted(texts)]),
]
"""Texts by name; a name never holds `=`."""

Labels = Texts
"""Kubernetes labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """A group. A root has no `parent_id` and is the organization `org` itself."""

    kind: Literal["group"] = "group"
    id: str
    org: str
    parent_id: str | None = None
    name: str
    description: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterState:
    """A cluster, bound to the group `group_id`."""

    kind: Literal["cluster"] = "cluster"
    id: str
    org: str
    group_id: str
    name: str
    description: str
    labels: Labels
    remote_id: str | None = None
    kubernetes_version: str | None = None
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyState:
    """A policy, bound to the group `group_id`; `version_id` is its active version."""

    kind: Literal["policy"] = "policy"
    id: str
    org: str
    group_id: str
    name: str
    description: str
    version_id: str
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionState:
    """One document of a policy; `mode` and `images` (its globs) are read from the document."""

    kind: Literal["version"] = "version"
    id: str
    org: str
    policy_id: str
    number: int
    mode: Literal["enforce", "warn"]
    images: list[str]
    document: str
    secrets: list[str]
    """Public keys that came with the document, as JSON texts of name and keys."""
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingState:
    """A user bound to a group with a role, perhaps until an instant."""

    kind: Literal["binding"] = "binding"
    id: str
    org: str
    group_id: str
    user_id: str
    role: str
    expires_at: datetime | None = None
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteState:
    """A promise of a role at the group `group_id`, to whoever shows the code.

    Of the code there is its public part, `key_id`, and a hash of the rest: nothing can show it.
    """

    kind: Literal["invite"] = "invite"
    id: str
    org: str
    group_id: str
    invite_kind: Literal["role", "cluster"]
    role: str
    key_id: str
    secret_hash: str = field(repr=False)
    email: str | None = None
    """Whose it is alone, by the address that their issuer verified."""
    max_uses: int | None = None
    uses_left: int | None = None
    """None where any number may use it."""
    expires_at: datetime
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityState:
    """What a workload or a cluster is recognized by. Its id is that of the user it stands for."""

    kind: Literal["identity"] = "identity"
    id: str
    org: str
    group_id: str
    name: str
    description: str
    issuer: str
    subject: str | None = None
    subject_pattern: str | None = None
    audience: str
    claims: Texts
    """Claims that a token must have, each with this text."""
    claim_patterns: Texts
    keys: list[str]
    """Public keys that came with it, as JSON texts (RFC 7517); none: the issuer's own count."""
    keys_expire_at: datetime | None = None
    cluster_id: str | None = None
    """The cluster whose credential it is, and nobody else's."""
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleState:
    """A custom role of the group `group_id`; `capabilities` are their names, sorted."""

    kind: Literal["role"] = "role"
    id: str
    org: str
    group_id: str
    name: str
    description: str
    capabilities: list[str]
    created_at: datetime
    created_by: str


State = Annotated[
    GroupState
    | RoleState
    | ClusterState
    | PolicyState
    | VersionState
    | BindingState
    | InviteState
    | IdentityState,
    Discriminator("kind"),
]

_STATE: TypeAdapter[State] = TypeAdapter(State)


def to_properties(state: State) -> dict[str, Any]:
    """Return a state as the store and a change hold it; instants as RFC 3339 text."""
    return _STATE.dump_python(state, mode="json")


def from_properties(properties: dict[str, Any]) -> State:
    """Return the state that `to_properties` made these of."""
    return _STATE.validate_python(properties)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a list, and how long the whole list is."""

    total: int
    items: list[Item]
