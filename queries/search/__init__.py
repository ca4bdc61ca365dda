"""Finding things by the start of their name."""

from dataclasses import dataclass

from queries.loader import read


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing whose name starts with a text, and the group by whose path it is known."""

    kind: str
    id: str
    name: str
    group_id: str


@read("search/find_groups", list[Candidate])
def find_groups(*, scopes: list[str], text: str) -> None: ...


@read("search/find_clusters", list[Candidate])
def find_clusters(*, scopes: list[str], text: str) -> None: ...


@read("search/find_policies", list[Candidate])
def find_policies(*, scopes: list[str], text: str) -> None: ...
