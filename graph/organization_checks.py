"""What every check of an organization file is made of: a value's shape, or a problem with it."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.errors import InvalidInputError
from graph.names import check_description, check_name
from graph.organization_yaml import ListValue, MapValue, Scalar, Value

_MOST_COMPARED = 1_000
_MOST_LISTED = 6


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the file, and where."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        return where + (f"{self.path}: {self.message}" if self.path else self.message)


class Checks:
    """The checks of one file's values, and every problem that they have found so far."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def report(self, value: Value, message: str) -> None:
        """Add a problem with a value, at its place."""
        self.problems.append(
            Problem(str(self.file), value.line, value.column, value.path(), message)
        )

    def fields(self, value: Value, known: Sequence[str] | None) -> dict[str, Value]:
        """Return the members of a mapping that count; report unknown and repeated ones."""
        if not isinstance(value, MapValue):
            self.report(value, f"must be a mapping, not {_what(value)}")
            return {}
        found: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, member in value.entries:
            if key.text in lines:
                self.report(key, f"`{key.text}` stands here twice, first on line {lines[key.text]}")
            elif known is not None and key.text not in known:
                self.report(key, f"unknown key `{key.text}`{near(key.text, known)}")
            elif not (isinstance(member, Scalar) and member.kind == "null"):
                found[key.text] = member
            lines.setdefault(key.text, key.line)
        return found

    def items(self, value: Value | None) -> list[Value]:
        """Return the members of a list; none when it is not given."""
        if value is None:
            return []
        if not isinstance(value, ListValue):
            self.report(value, f"must be a list, not {_what(value)}")
            return []
        return value.items

    def text(self, value: Value | None) -> str | None:
        """Return the text of a value; report a number, a boolean or a null for what it is."""
        if value is None:
            return None
        if not isinstance(value, Scalar):
            self.report(value, f"must be text, not {_what(value)}")
            return None
        if value.kind != "text":
            said = f"must be text, not {_what(value)}: put quotes around `{value.text}`"
            self.report(value, said if value.text else "must be text, not null")
            return None
        return value.text

    def required(self, value: Value, members: Mapping[str, Value], key: str) -> Value | None:
        """Return the member that a mapping cannot do without."""
        member = members.get(key)
        # A value that is no mapping is reported already.
        if member is None and isinstance(value, MapValue):
            self.report(value, f"needs `{key}`")
        return member

    def matching(
        self, value: Value | None, fits: Callable[[str], object], expected: str
    ) -> str | None:
        """Return a text that fits; of any other, report what was expected."""
        text = self.text(value)
        if value is not None and text is not None and not fits(text):
            self.report(value, f"{text!r} is not {expected}")
            return None
        return text

    def name(self, value: Value | None, what: str) -> str:
        """Return a name, flawed or not, and report what the rule for names says against it."""
        text = self.text(value)
        if value is not None and text is not None:
            self.check(value, lambda: check_name(text, what=what))
        return text or ""

    def description(self, value: Value | None) -> str:
        """Return a description, and report what the rule for descriptions says against it."""
        text = self.text(value)
        if value is not None and text is not None:
            self.check(value, lambda: check_description(text))
        return text or ""

    def check(self, value: Value, check: Callable[[], object]) -> None:
        """Report what a rule of the graph says against a value, in the rule's own words."""
        try:
            check()
        except InvalidInputError as error:
            self.report(value, error.message)

    def unique(self, seen: dict[str, Value], text: str | None, value: Value, what: str) -> None:
        """Report a text that was seen before, with the line of the first."""
        if not text:
            return
        first = seen.setdefault(text, value)
        if first is not value:
            self.report(value, f"{what} {text!r} is already on line {first.line}")


def read_text(path: Path) -> str:
    """Read a file whose text is kept byte for byte."""
    # As bytes: text mode would turn CR LF into LF.
    return path.read_bytes().decode("utf-8")


def why_unread(error: OSError | ValueError) -> str:
    """Say why a file has no text, as the end of a sentence."""
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 at byte {error.start}"
    return f"cannot be read: {error}"


def near(word: str, known: Sequence[str]) -> str:
    """Say which known word was perhaps meant, as the end of a sentence."""
    # Comparing with each of 50,000 users takes seconds, for every name that is wrong.
    close = difflib.get_close_matches(word.lower(), known[:_MOST_COMPARED], n=1)
    if close:
        return f": did you mean `{close[0]}`?"
    return f": {one_of(known)}" if 0 < len(known) <= _MOST_LISTED else ""


def one_of(known: Sequence[str]) -> str:
    """Name every word that can stand in a place."""
    return f"one of {', '.join(known)}"


def _what(value: Value) -> str:
    match value:
        case MapValue():
            return "a mapping"
        case ListValue():
            return "a list"
        case Scalar():
            return "text" if value.kind == "text" else value.kind
        case _:
            return "nothing"
