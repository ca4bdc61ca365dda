"""Clusters, each bound to one group."""

from typing import Any

from queries.loader import read, write
from queries.states import ClusterState, Page


@write("clusters/create_clusters", int)
def create_clusters(*, rows: list[dict[str, Any]]) -> None: ...


@write("clusters/update_clusters", int)
def update_clusters(*, rows: list[dict[str, Any]]) -> None: ...


@write("clusters/rebind_clusters", int)
def rebind_clusters(*, rows: list[dict[str, Any]]) -> None: ...


@write("clusters/delete_clusters", int)
def delete_clusters(*, ids: list[str]) -> None: ...


@read("clusters/read_clusters", list[ClusterState])
def read_clusters(*, ids: list[str]) -> None: ...


@read("clusters/find_cluster", list[ClusterState])
def find_cluster(*, group_id: str, name: str) -> None: ...


@read("clusters/list_clusters", list[Page[ClusterState]])
def list_clusters(
    *,
    scopes: list[list[str]],
    name: str | None,
    after_name: str | None,
    after_id: str | None,
    first: int,
) -> None: ...


@read("clusters/list_group_clusters", list[Page[ClusterState]])
def list_group_clusters(
    *, ids: list[str], after_name: str | None, after_id: str | None, first: int
) -> None: ...


@read("clusters/bound_clusters", list[ClusterState])
def bound_clusters(*, groups: list[str]) -> None: ...
