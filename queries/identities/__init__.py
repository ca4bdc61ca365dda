"""Identities: what workloads and clusters are recognized by. Each is of a group and has a user."""

from typing import Any

from queries.loader import read, write
from queries.states import IdentityState, Page


@write("identities/create_identities", int)
def create_identities(*, rows: list[dict[str, Any]]) -> None: ...


@write("identities/update_identities", int)
def update_identities(*, rows: list[dict[str, Any]]) -> None: ...


@write("identities/rebind_identities", int)
def rebind_identities(*, rows: list[dict[str, Any]]) -> None: ...


@write("identities/delete_identities", int)
def delete_identities(*, ids: list[str]) -> None: ...


@read("identities/read_identities", list[IdentityState])
def read_identities(*, ids: list[str]) -> None: ...


@read("identities/find_identity", list[IdentityState])
def find_identity(*, group_id: str, name: str) -> None: ...


@read("identities/list_identities", list[Page[IdentityState]])
def list_identities(
    *,
    scopes: list[list[str]],
    name: str | None,
    after_name: str | None,
    after_id: str | None,
    first: int,
) -> None: ...


@read("identities/list_group_identities", list[Page[IdentityState]])
def list_group_identities(
    *, ids: list[str], after_name: str | None, after_id: str | None, first: int
) -> None: ...


@read("identities/bound_identities", list[IdentityState])
def bound_identities(*, groups: list[str]) -> None: ...
