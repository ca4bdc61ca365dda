"""Invites, each bound to one group."""

from typing import Any

from queries.loader import read, write
from queries.states import InviteState, Page


@write("invites/create_invites", int)
def create_invites(*, rows: list[dict[str, Any]]) -> None: ...


@write("invites/update_invites", int)
def update_invites(*, rows: list[dict[str, Any]]) -> None: ...


@write("invites/delete_invites", int)
def delete_invites(*, ids: list[str]) -> None: ...


@read("invites/read_invites", list[InviteState])
def read_invites(*, ids: list[str]) -> None: ...


@read("invites/find_invite", list[InviteState])
def find_invite(*, key_id: str) -> None: ...


@read("invites/bound_invites", list[InviteState])
def bound_invites(*, groups: list[str]) -> None: ...


@read("invites/invites_with_role", list[InviteState])
def invites_with_role(*, role: str, group: str) -> None: ...


@read("invites/list_invites", Page[InviteState])
def list_invites(*, scopes: list[str], after_id: str | None, first: int) -> None: ...


@read("invites/list_group_invites", list[Page[InviteState]])
def list_group_invites(*, ids: list[str], after_id: str | None, first: int) -> None: ...
