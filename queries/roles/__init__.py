"""Custom roles, each bound to one group."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.loader import read, write
from queries.states import Page, RoleState


@dataclass(frozen=True, slots=True)
class HeldAt:
    """A group at which a role is granted, by bindings that expire at one instant, or never."""

    group_id: str
    role: str
    expires_at: datetime | None


@write("roles/create_roles", int)
def create_roles(*, rows: list[dict[str, Any]]) -> None: ...


@write("roles/update_roles", int)
def update_roles(*, rows: list[dict[str, Any]]) -> None: ...


@write("roles/delete_roles", int)
def delete_roles(*, ids: list[str]) -> None: ...


@read("roles/read_roles", list[RoleState])
def read_roles(*, ids: list[str]) -> None: ...


@read("roles/find_role", list[RoleState])
def find_role(*, group_id: str, name: str) -> None: ...


@read("roles/bound_roles", list[RoleState])
def bound_roles(*, groups: list[str]) -> None: ...


@read("roles/list_roles", Page[RoleState])
def list_roles(
    *,
    scopes: list[str],
    name: str | None,
    after_name: str | None,
    after_id: str | None,
    first: int,
) -> None: ...


@read("roles/held_at", list[HeldAt])
def held_at(*, role: str, group: str) -> None: ...
