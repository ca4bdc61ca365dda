"""The pages of the documentation: their text, links, and examples with the answers they get."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md")]
)

_BLOCK = re.compile(r"^```(\S*)([^\n]*)\n(.*?)^```[ ]*$", re.MULTILINE | re.DOTALL)
_ID = re.compile(r"(grp|pol|ver|clu|usr|bnd|inv|chg)_[0-9a-v]{26,52}|(pgi)_[0-9a-v_]{85}")
_OPAQUE = {
    *("revision", "cursor", "startCursor", "endCursor"),
    *("requestId", "keyId", "createdAt", "created_at", "at"),
}
_CUT = "…"
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page: its language, the words behind it, its text and where it is."""

    language: str
    words: Mapping[str, str]
    text: str
    line: int
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Example:
    """A query, and the answer that a page says it gets."""

    page: Path
    query: Block
    answer: Block

    @property
    def name(self) -> str:
        """Where it stands."""
        return f"{self.page.name}:{self.query.line}"


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page; words such as `as=gus` follow the language."""
    return [
        Block(
            language=match[1],
            words=dict(word.split("=", 1) for word in match[2].split()),
            text=match[3],
            line=text.count("\n", 0, match.start()) + 1,
            span=match.span(3),
        )
        for match in _BLOCK.finditer(text)
    ]


def prose(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _BLOCK.sub("", text)


def examples(page: Path) -> Iterator[Example]:
    """Yield the queries of a page that an answer follows."""
    found = blocks(page.read_text())
    for query, answer in itertools.pairwise(found):
        if query.language == "graphql" and answer.language == "json":
            yield Example(page, query, answer)


class Known:
    """What a reader who follows a page knows: the ids and cursors of the answers so far."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}

    def learn(self, answer: object) -> None:
        """Note the ids and cursors of an answer, the later of a kind instead of the earlier."""
        match answer:
            case dict():
                for key, value in cast("dict[str, object]", answer).items():
                    if key == "endCursor" and isinstance(value, str):
                        self._last["after"] = value
                    self.learn(value)
            case list():
                for value in cast("list[object]", answer):
                    self.learn(value)
            case str() if match := _ID.fullmatch(answer):
                self._last[match[1] or match[2]] = answer
            case _:
                pass

    def variables(self, query: str) -> dict[str, str]:
        """Return the variables that a query declares: `$change` is the last change seen."""
        kinds = {
            "group": "grp",
            "policy": "pol",
            "version": "ver",
            "cluster": "clu",
            "user": "usr",
            "identity": "usr",
            "binding": "bnd",
            "invite": "inv",
            "code": "pgi",
            "change": "chg",
            "after": "after",
        }
        return {
            name: self._last[kinds[name]]
            for name in re.findall(r"\$(\w+)\s*:", query)
            if name in kinds
        }


def agrees(written: object, given: object, *, in_order: bool = True) -> bool:
    """Tell whether an answer is what a page says.

    A text that ends in … stands for all that start so, a last entry … for more entries.
    """
    match written, given:
        case dict(), dict():
            said, got = cast("dict[str, object]", written), cast("dict[str, object]", given)
            return said.keys() == got.keys() and all(
                agrees(said[key], got[key], in_order=in_order) for key in said
            )
        case list(), list():
            entries, found = cast("list[object]", written), cast("list[object]", given)
            return _lists_agree(entries, found, in_order=in_order)
        case str(), str() if written.endswith(_CUT):
            return given.startswith(written.removesuffix(_CUT))
        case _:
            return written == given and type(written) is type(given)


def _lists_agree(entries: list[object], found: list[object], *, in_order: bool) -> bool:
    cut = entries[-1:] == [_CUT]
    if cut:
        entries = entries[:-1]
    if (len(found) <= len(entries)) if cut else (len(found) != len(entries)):
        return False
    if in_order:
        return all(map(agrees, entries, found))
    left = list(found)
    for entry in entries:
        same = [index for index, one in enumerate(left) if agrees(entry, one, in_order=False)]
        if not same:
            return False
        del left[same[0]]
    return True


def shortened(answer: object, most: int, key: str = "") -> object:
    """Write an answer as a page does: ids, cursors and times cut, lists of at most `most`."""
    match answer:
        case dict():
            found = cast("dict[str, object]", answer)
            return {name: shortened(value, most, name) for name, value in found.items()}
        case list():
            entries = cast("list[object]", answer)
            cut = [shortened(value, most, key) for value in entries[:most]]
            return [*cut, _CUT] if len(entries) > most else cut
        case str() if key in _OPAQUE:
            return _CUT
        case str() if _ID.fullmatch(answer):
            return answer[:4] + _CUT
        case str() if key == "document":
            return answer.partition("\n")[0][:40] + _CUT
        case _:
            return answer


def pretty(value: object, indent: int = 0) -> str:
    """Write JSON with all that fits into a line on one line."""
    short = json.dumps(value, ensure_ascii=False)
    if len(short) + indent <= _WIDTH or not isinstance(value, dict | list) or not value:
        return short
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        inner = [f"{pad}{json.dumps(k)}: {_beside(v, indent + 2, len(k) + 4)}" for k, v in pairs]
        return "{\n" + ",\n".join(inner) + f"\n{' ' * indent}}}"
    entries: Sequence[Any] = cast("Sequence[Any]", value)
    return "[\n" + ",\n".join(pad + pretty(v, indent + 2) for v in entries) + f"\n{' ' * indent}]"


def _beside(value: object, indent: int, used: int) -> str:
    fits = len(json.dumps(value, ensure_ascii=False)) + indent + used <= _WIDTH
    return json.dumps(value, ensure_ascii=False) if fits else pretty(value, max(indent, 0))
