"""Changes: the record of every write."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.loader import read, write
from queries.states import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A change without the states, which may be many: `parts` says over how many nodes.

    `needs` are the rights that the write took, as `capability group_id` texts; `digest` tells a
    repeat of the same input from another use of its idempotency key; `address` and `token_id` are
    where the request came from, as far as that is known.
    """

    id: str
    org: str
    epoch: str
    revision: int
    actor: str
    at: datetime
    kind: str
    subjects: list[str]
    needs: list[str]
    parts: int
    digest: str
    address: str | None = None
    token_id: str | None = None


@dataclass(frozen=True, slots=True)
class ChangePart:
    """A stretch of a change's states, as JSON."""

    change_id: str
    number: int
    edits: str


@write("changes/create_change", int)
def create_change(*, row: dict[str, Any]) -> None: ...


@write("changes/create_change_part", int)
def create_change_part(*, id: str, change_id: str, number: int, edits: str) -> None: ...  # noqa: A002 - a property's name


@write("changes/create_change_subjects", int)
def create_change_subjects(
    *, org_subjects: list[str], revision: int, at: str, change_id: str
) -> None: ...


@read("changes/read_change", list[ChangeRow])
def read_change(*, id: str) -> None: ...  # noqa: A002 - a property's name


@read("changes/find_change_by_key", list[ChangeRow])
def find_change_by_key(*, actor_key: str) -> None: ...


@read("changes/read_change_parts", list[ChangePart])
def read_change_parts(*, change_ids: list[str]) -> None: ...


@read("changes/list_changes", Page[ChangeRow])
def list_changes(*, org: str, before: int | None, first: int) -> None: ...


@read("changes/list_changes_by_actor", Page[ChangeRow])
def list_changes_by_actor(
    *, org_actor: str, kind: str | None, since: str, until: str, before: int | None, first: int
) -> None: ...


@read("changes/list_changes_by_kind", Page[ChangeRow])
def list_changes_by_kind(
    *, org_kind: str, since: str, until: str, before: int | None, first: int
) -> None: ...


@read("changes/list_changes_about", Page[ChangeRow])
def list_changes_about(
    *,
    org_subject: str,
    actor: str | None,
    kind: str | None,
    since: str,
    until: str,
    before: int | None,
    first: int,
) -> None: ...


@read("changes/list_changes_between", Page[ChangeRow])
def list_changes_between(*, since: str, until: str, before: int | None, first: int) -> None: ...


@read("changes/changes_since", list[ChangeRow])
def changes_since(*, org_subjects: list[str], after: str) -> None: ...


@read("changes/oldest_changes", list[ChangeRow])
def oldest_changes(*, since: str, until: str, first: int) -> None: ...


@write("changes/delete_change_subjects", int)
def delete_change_subjects(*, change_ids: list[str], most: int) -> None: ...


@write("changes/delete_change_parts", int)
def delete_change_parts(*, change_ids: list[str]) -> None: ...


@write("changes/delete_changes", int)
def delete_changes(*, ids: list[str]) -> None: ...
