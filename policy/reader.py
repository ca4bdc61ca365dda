"""Reading a mapping member by member, each with its type: the form of a section, not its rules.

A reader never stops: what is wrong goes to the report and reads as absent. An explicit null counts
as absent, as Kubernetes has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from policy.nodes import Mapping, Node, Place, Scalar, Sequence
from policy.problems import Report, join


class Reader:
    """The members of one mapping. `path` is its field path.

    Members that are not `known` are errors; None knows every member.
    """

    def __init__(
        self, node: Node, path: str, report: Report, known: tuple[str, ...] | None
    ) -> None:
        self.path = path
        self.place = node.place
        self.report = report
        self._members = node.members if isinstance(node, Mapping) else {}
        # Of what is no mapping at all, nothing more is worth telling.
        self._broken = not isinstance(node, Mapping) and not _absent(node)
        if self._broken:
            report.error(f"must be a mapping, not {_described(node)}", path, node.place)
        for name, member in self._members.items():
            if known is not None and name not in known:
                message = f"unknown field `{name[:80]}`{_near(name, known)}"
                report.error(message, join(path, name), member.place)

    def has(self, name: str) -> bool:
        """Whether the member is there and not null."""
        return self.node(name) is not None

    def filled(self, name: str) -> bool:
        """Whether the member is there and neither null, the empty text nor an empty list."""
        match self.node(name):
            case None | Scalar(value="") | Sequence(items=[]):
                return False
            case _:
                return True

    def node(self, name: str) -> Node | None:
        """Answer the member's value as it stands, or None when it is absent or null."""
        member = self._members.get(name)
        return None if member is None or _absent(member.value) else member.value

    def text(self, name: str) -> str:
        """Read the member's text, or "" when it is absent, null or of another type."""
        node = self.node(name)
        return "" if node is None else self._text(node, join(self.path, name))

    def boolean(self, name: str) -> bool | None:
        """Read the member's boolean, or None when it is absent, null or of another type."""
        node = self.node(name)
        if node is None:
            return None
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        self._wrong(node, join(self.path, name), "true or false")
        return None

    def integer(self, name: str) -> None:
        """Check that the member, when it is there, is a whole number."""
        node = self.node(name)
        if node is None:
            return
        value = node.value if isinstance(node, Scalar) else None
        whole = type(value) is int or (isinstance(value, float) and value.is_integer())
        if not whole:
            self._wrong(node, join(self.path, name), "a whole number")

    def section(self, name: str, known: tuple[str, ...]) -> Reader | None:
        """Open the mapping under `name`, or None when it is absent or null."""
        node = self.node(name)
        return None if node is None else Reader(node, join(self.path, name), self.report, known)

    def sections(self, name: str, known: tuple[str, ...]) -> list[Reader]:
        """Open each mapping of the list under `name`; a null in it reads as empty."""
        return [Reader(node, path, self.report, known) for path, node in self._items(name)]

    def texts(self, name: str) -> tuple[str, ...]:
        """Read the texts of the list under `name`."""
        return tuple(
            "" if _absent(node) else self._text(node, path) for path, node in self._items(name)
        )

    def pairs(self, name: str) -> dict[str, str]:
        """Read the mapping under `name`, such as labels, from any name to text."""
        node = self.node(name)
        if node is None:
            return {}
        path = join(self.path, name)
        if not isinstance(node, Mapping):
            self._wrong(node, path, "a mapping")
            return {}
        return {
            key: "" if _absent(member.value) else self._text(member.value, join(path, key))
            for key, member in node.members.items()
        }

    def at(self, name: str) -> Place:
        """Answer the place of the member's value, or of the whole mapping when it is absent."""
        node = self.node(name)
        return self.place if node is None else node.place

    def error(self, name: str, message: str) -> None:
        """Report an error about the member, at its place."""
        if not self._broken:
            self.report.error(message, join(self.path, name), self.at(name))

    def warn(self, name: str, message: str) -> None:
        """Report a warning about the member, at its place."""
        self.report.warning(message, join(self.path, name), self.at(name))

    def missing(self, name: str, what: str) -> None:
        """Report that the member is needed, unless it is there with a wrong type."""
        if not self.filled(name):
            self.error(name, f"`{name}` is missing: {what}")

    def choose(self, names: tuple[str, ...], given: list[str]) -> None:
        """Report an error unless exactly one of the members `names` is `given`."""
        if self._broken:
            return
        if not given:
            message = f"needs one of {listed(names)}, and none is given"
            self.report.error(message, self.path, self.place, names)
        elif len(given) > 1:
            self.conflict(names, given)

    def conflict(self, names: tuple[str, ...], given: list[str], why: str = "") -> None:
        """Report that of the members `names` only one may be given, at the second that is."""
        place = sorted(self.at(name) for name in given)[1]
        message = why or f"takes only one of {listed(names)}"
        self.report.error(message, self.path, place, names)

    def _items(self, name: str) -> Iterator[tuple[str, Node]]:
        node = self.node(name)
        path = join(self.path, name)
        if isinstance(node, Sequence):
            yield from ((f"{path}[{index}]", item) for index, item in enumerate(node.items))
        elif node is not None:
            self._wrong(node, path, "a list")

    def _text(self, node: Node, path: str) -> str:
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        self._wrong(node, path, "text")
        return ""

    def _wrong(self, node: Node, path: str, wanted: str) -> None:
        message = f"must be {wanted}, not {_described(node)}"
        if wanted == "text" and isinstance(node, Scalar):
            message += "; put it in quotes if it is meant as text"
        self.report.error(message, path, node.place)


def _absent(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _described(node: Node) -> str:
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(value=bool()):
            return f"a boolean (`{node.source}` is one in YAML 1.1)"
        case Scalar(value=int() | float()):
            return f"a number (`{node.source[:40]}`)"
        case _:
            return "text"


def _near(name: str, known: tuple[str, ...]) -> str:
    """Say which known name was probably meant, if one is near."""
    folded = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(name.casefold()[:100], folded, n=1, cutoff=0.7)
    return f"; did you mean `{folded[close[0]]}`?" if close else ""


def listed(names: Iterable[str]) -> str:
    """Write names as an enumeration: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
