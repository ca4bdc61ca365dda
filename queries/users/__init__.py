"""Users: identities that an issuer vouches for. They belong to no organization."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from queries.loader import read, write
from queries.states import Page

UserKind = Literal["human", "workload", "cluster"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """A user; `email` and `display_name` are for people's eyes and decide nothing."""

    id: str
    issuer: str
    subject: str
    kind: UserKind
    email: str | None = None
    display_name: str | None = None


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One of a user's own bindings, with where its organization is."""

    binding: str
    org: str
    group_id: str
    role: str
    expires_at: datetime | None
    org_name: str
    epoch: str
    revision: int


@write("users/register_users", int)
def register_users(*, rows: list[dict[str, Any]]) -> None: ...


@read("users/read_users", list[UserRow])
def read_users(*, ids: list[str]) -> None: ...


@read("users/read_grants", list[GrantRow])
def read_grants(*, user: str) -> None: ...


@read("users/list_users", Page[UserRow])
def list_users(
    *,
    scopes: list[str],
    above: list[str],
    name: str | None,
    after_id: str | None,
    first: int,
) -> None: ...
