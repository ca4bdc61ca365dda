"""Groups and the tree they form."""

from dataclasses import dataclass
from typing import Any

from queries.loader import read, write
from queries.states import GroupState, Page


@dataclass(frozen=True, slots=True)
class GroupName:
    """A group on a path: what anyone who sees below it may know of it."""

    id: str
    org: str
    name: str
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class SubtreeCounts:
    """How many things a subtree holds."""

    groups: int
    clusters: int
    policies: int
    users: int


@write("groups/create_groups", int)
def create_groups(*, rows: list[dict[str, Any]]) -> None: ...


@write("groups/link_groups", int)
def link_groups(*, rows: list[dict[str, Any]]) -> None: ...


@write("groups/unlink_groups", int)
def unlink_groups(*, ids: list[str]) -> None: ...


@write("groups/update_groups", int)
def update_groups(*, rows: list[dict[str, Any]]) -> None: ...


@write("groups/delete_groups", int)
def delete_groups(*, ids: list[str]) -> None: ...


@read("groups/read_groups", list[GroupState])
def read_groups(*, ids: list[str]) -> None: ...


@read("groups/ancestry", list[GroupName])
def ancestry(*, ids: list[str]) -> None: ...


@read("groups/walk_names", list[str])
def walk_names(*, start: str, names: list[str]) -> None: ...


@read("groups/list_groups", list[Page[GroupState]])
def list_groups(
    *,
    scopes: list[list[str]],
    omit: list[str] | None,
    name: str | None,
    after_name: str | None,
    after_id: str | None,
    first: int,
) -> None: ...


@read("groups/list_children", list[Page[GroupState]])
def list_children(
    *, ids: list[str], after_name: str | None, after_id: str | None, first: int
) -> None: ...


@read("groups/subtree", list[GroupState])
def subtree(*, ids: list[str]) -> None: ...


@read("groups/count_below", list[SubtreeCounts])
def count_below(*, ids: list[str]) -> None: ...
