"""Organizations: the lock, the revision, the root."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.loader import read, write


@dataclass(frozen=True, slots=True, order=True)
class OrganizationRevision:
    """Where one organization is: the counter counts its writes within the epoch."""

    org: str
    epoch: str
    revision: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """Up to where an organization's changes are kept no more: revision 0 while all of them are."""

    revision: int
    at: datetime | None = None


@read("organizations/read_pruned", list[Pruned])
def read_pruned(*, org: str) -> None: ...


@write("organizations/lock_organization", list[OrganizationRevision])
def lock_organization(*, org: str) -> None: ...


@write("organizations/create_organization", list[OrganizationRevision])
def create_organization(*, org: str, epoch: str) -> None: ...


@write("organizations/put_root", int)
def put_root(*, rows: list[dict[str, Any]]) -> None: ...


@write("organizations/bury_root", int)
def bury_root(*, rows: list[dict[str, Any]]) -> None: ...


@read("organizations/read_revisions", list[OrganizationRevision])
def read_revisions(*, orgs: list[str]) -> None: ...


@read("organizations/count_organizations", int)
def count_organizations() -> None: ...


@read("organizations/list_organizations", list[str])
def list_organizations(*, after: str, first: int) -> None: ...


@write("organizations/set_pruned", int)
def set_pruned(*, org: str, revision: int, at: str) -> None: ...
