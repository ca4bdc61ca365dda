"""What is observed and not decided: when a cluster was last seen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.loader import read, write


@dataclass(frozen=True, slots=True)
class SeenRow:
    """When a cluster was last seen."""

    id: str
    last_seen: datetime


@write("telemetry/record_seen", int)
def record_seen(*, rows: list[dict[str, Any]]) -> None: ...


@read("telemetry/read_seen", list[SeenRow])
def read_seen(*, ids: list[str]) -> None: ...
