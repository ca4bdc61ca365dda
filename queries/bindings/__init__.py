"""Role bindings: the edges from users to groups."""

from dataclasses import dataclass
from typing import Any

from queries.loader import read, write
from queries.states import BindingState, Page
from queries.users import UserRow


@dataclass(frozen=True, slots=True)
class BoundUser:
    """A binding with the user it binds."""

    binding: BindingState
    user: UserRow


@write("bindings/create_bindings", int)
def create_bindings(*, rows: list[dict[str, Any]]) -> None: ...


@write("bindings/update_bindings", int)
def update_bindings(*, rows: list[dict[str, Any]]) -> None: ...


@write("bindings/delete_bindings", int)
def delete_bindings(*, rows: list[dict[str, Any]]) -> None: ...


@read("bindings/read_bindings", list[BindingState])
def read_bindings(*, rows: list[dict[str, Any]]) -> None: ...


@read("bindings/user_bindings", list[BindingState])
def user_bindings(*, users: list[str]) -> None: ...


@read("bindings/group_bindings", list[BoundUser])
def group_bindings(*, groups: list[str]) -> None: ...


@read("bindings/list_bindings", list[Page[BoundUser]])
def list_bindings(
    *,
    scopes: list[list[str]],
    role: str | None,
    user: str | None,
    after_id: str | None,
    first: int,
) -> None: ...
