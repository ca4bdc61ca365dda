"""The YAML of an organization file as a tree of values, each of which knows its place.

The file is read as a stream of YAML events and walked with explicit stacks. PyYAML's own tree
builder recurses, in Python (it stops near 300 groups deep) or in C (it ends the process), and a
chain of 1,000 groups is a legitimate organization.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from policy.scalars import resolve


@dataclass(slots=True, eq=False)
class Value:
    """A value and its place, so that a problem needs nothing but the value it is about."""

    line: int
    column: int
    parent: "Value | None" = None
    step: str = ""

    def path(self) -> str:
        """Return the way to it from the top, as in `organization.groups[0].name`."""
        steps: list[str] = []
        here: Value | None = self
        while here is not None:
            steps.append(here.step)
            here = here.parent
        return "".join(reversed(steps)).removeprefix(".")


@dataclass(slots=True, eq=False)
class Scalar(Value):
    """Anything written as text; `kind` is what YAML takes it for."""

    text: str = ""
    kind: str = "text"


@dataclass(slots=True, eq=False)
class ListValue(Value):
    """A list."""

    items: list[Value] = field(default_factory=list["Value"])

    def add(self, value: Value) -> None:
        """Take the next member."""
        value.parent, value.step = self, f"[{len(self.items)}]"
        self.items.append(value)


@dataclass(slots=True, eq=False)
class MapValue(Value):
    """A mapping in the file's order, a repeated key included."""

    entries: list[tuple[Scalar, Value]] = field(default_factory=list[tuple["Scalar", "Value"]])
    key: Scalar | None = None

    def add(self, value: Value) -> None:
        """Take the next key or, after a key, its member."""
        value.parent = self
        if self.key is not None:
            value.step = f".{self.key.text}"
            self.entries.append((self.key, value))
            self.key = None
        elif isinstance(value, Scalar):
            value.step = f".{value.text}"
            self.key = value
        else:
            raise UnreadableError(value.line, value.column, "a key must be text")


class UnreadableError(Exception):
    """A text is no YAML, or YAML that no organization file needs."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column, self.message = line, column, message


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.lru_cache(maxsize=4096)
def _kind_of_plain(text: str) -> str:
    match resolve(text, None, plain=True):
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"


def compose(text: str) -> Value | None:
    """Build the tree of the only document in a text, or raise `UnreadableError`."""
    try:
        return _compose_events(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position].splitlines() or [""]
        said = f"not YAML: {error.reason}"
        raise UnreadableError(len(before), len(before[-1]) + 1, said) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise UnreadableError(line, column, f"not YAML: {error.problem}") from error


def _compose_events(text: str) -> Value | None:
    root: Value | None = None
    stack: list[ListValue | MapValue] = []
    events = cast("Iterator[yaml.Event]", yaml.parse(text, Loader=_LOADER))  # pyright: ignore[reportUnknownMemberType]
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            continue
        value = _value_of(event)
        if value is None:
            continue
        if stack:
            stack[-1].add(value)
        elif root is None:
            root = value
        else:
            said = "a second document: one file holds one"
            raise UnreadableError(value.line, value.column, said)
        if isinstance(value, ListValue | MapValue):
            stack.append(value)
    return root


def _value_of(event: yaml.Event) -> Value | None:
    """Return the value that an event begins, if it begins one."""
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    match event:
        case yaml.AliasEvent():
            # Without aliases a file is as large as it looks, and every value has one place.
            raise UnreadableError(line, column, "an alias cannot stand here: write it out")
        case yaml.ScalarEvent(tag=str(tag)) | yaml.CollectionStartEvent(tag=str(tag)):
            raise UnreadableError(line, column, f"a tag cannot stand here: {tag}")
        case yaml.ScalarEvent():
            kind = _kind_of_plain(event.value) if event.implicit[0] else "text"
            return Scalar(line, column, text=event.value, kind=kind)
        case yaml.MappingStartEvent():
            return MapValue(line, column)
        case yaml.SequenceStartEvent():
            return ListValue(line, column)
        case _:
            return None
