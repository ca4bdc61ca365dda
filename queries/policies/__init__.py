"""Policies, each bound to one group, and their versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from queries.loader import read, write
from queries.states import Page, PolicyState, VersionState


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version without its document, which may be large and is seldom asked for."""

    id: str
    org: str
    policy_id: str
    number: int
    mode: Literal["enforce", "warn"]
    images: list[str]
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow(PolicyState):
    """A policy with its active version."""

    version: VersionRow

    @property
    def state(self) -> PolicyState:
        """The policy alone, as it is written and recorded."""
        return PolicyState(
            id=self.id,
            org=self.org,
            group_id=self.group_id,
            name=self.name,
            description=self.description,
            version_id=self.version_id,
            created_at=self.created_at,
            created_by=self.created_by,
        )


@write("policies/create_policies", int)
def create_policies(*, rows: list[dict[str, Any]]) -> None: ...


@write("policies/update_policies", int)
def update_policies(*, rows: list[dict[str, Any]]) -> None: ...


@write("policies/rebind_policies", int)
def rebind_policies(*, rows: list[dict[str, Any]]) -> None: ...


@write("policies/delete_policies", int)
def delete_policies(*, ids: list[str]) -> None: ...


@write("policies/create_versions", int)
def create_versions(*, rows: list[dict[str, Any]]) -> None: ...


@write("policies/delete_versions", int)
def delete_versions(*, ids: list[str]) -> None: ...


@read("policies/read_policies", list[PolicyRow])
def read_policies(*, ids: list[str]) -> None: ...


@read("policies/find_policy", list[PolicyRow])
def find_policy(*, group_id: str, name: str) -> None: ...


@read("policies/bound_policies", list[PolicyRow])
def bound_policies(*, groups: list[str]) -> None: ...


@read("policies/list_policies", list[Page[PolicyRow]])
def list_policies(
    *,
    scopes: list[list[str]],
    name: str | None,
    after_name: str | None,
    after_id: str | None,
    first: int,
) -> None: ...


@read("policies/list_group_policies", list[Page[PolicyRow]])
def list_group_policies(
    *, ids: list[str], after_name: str | None, after_id: str | None, first: int
) -> None: ...


@read("policies/read_versions", list[VersionState])
def read_versions(*, ids: list[str]) -> None: ...


@read("policies/versions_of", list[VersionState])
def versions_of(*, policies: list[str]) -> None: ...


@read("policies/list_versions", list[VersionRow])
def list_versions(*, policies: list[str]) -> None: ...
