"""YAML trees that know where in the text each value stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from policy.scalars import Value

Place: TypeAlias = tuple[int, int]
Node: TypeAlias = "Scalar | Sequence | Mapping"


@dataclass(slots=True)
class Scalar:
    """One word or text: its value, and `source`, the text before it was given a type.

    `place` is its line and column, which count from 1. A long text counts as several values, so
    that aliases cannot multiply it for free.
    """

    place: Place
    value: Value
    source: str
    height: int = 1

    @property
    def size(self) -> int:
        """How many values it counts as."""
        return 1 + len(self.source) // 100


@dataclass(slots=True)
class Sequence:
    """A list. `size` counts the values in it, aliases followed; `height` the levels."""

    place: Place
    items: list[Node] = field(default_factory=list["Node"])
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Member:
    """One `name: value` of a mapping; `place` is the name's."""

    place: Place
    value: Node


@dataclass(slots=True)
class Mapping:
    """A mapping by member name. Of a name given twice, which is an error, the first stays."""

    place: Place
    members: dict[str, Member] = field(default_factory=dict[str, Member])
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Document:
    """One document of a stream. `start` and `end` are offsets into the text, in characters.

    Each ends where the next one starts. `root` is None for a document that holds nothing.
    """

    root: Node | None
    start: int
    end: int
