"""The store's layout: its constraints and indexes, its version."""

from dataclasses import dataclass

from queries.loader import load_text, read, write


@dataclass(frozen=True, slots=True)
class StoreRow:
    """The one node that says what this store is."""

    schema_version: int
    user_key: str


CONSTRAINTS = "schema/constraints"
"""The file of constraints and indexes."""

MIGRATIONS: tuple[str, ...] = ()
"""Files of steps from one layout to the next: the first leads from layout 1 to layout 2."""


def statements(name: str) -> list[str]:
    """Return the statements of such a file; each stands alone and may be repeated."""
    lines = (line for line in load_text(name).splitlines() if not line.startswith("//"))
    return [text for part in "\n".join(lines).split(";") if (text := part.strip())]


@read("schema/read_store", list[StoreRow])
def read_store() -> None: ...


@write("schema/create_labels", int)
def create_labels() -> None: ...


@write("schema/create_store", int)
def create_store(*, schema_version: int, user_key: str) -> None: ...


@write("schema/set_schema_version", int)
def set_schema_version(*, schema_version: int) -> None: ...
