"""Loads a `.cypher` file and holds it to the typed signature beside it, when it is imported."""

import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from importlib import resources
from typing import Any, Generic, LiteralString, ParamSpec, TypeVar, cast

from pydantic import TypeAdapter

Answer = TypeVar("Answer")
Parameters = ParamSpec("Parameters")

_COMMENT = re.compile(r"//[^\n]*")
_STRING = re.compile(r"'[^']*'")
_PARAMETER = re.compile(r"\$([A-Za-z_]\w*)")
_WRITES = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|FOREACH)\b")
_LAST_COLUMN = re.compile(r"\bAS\s+answer\s*$")


class Mode(Enum):
    """Whether a query changes the graph. ArcadeDB does not enforce it, so the loader does."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Statement(Generic[Answer]):
    """A query with its parameters: what `graph.session` runs."""

    name: str
    text: LiteralString
    parameters: dict[str, Any]
    mode: Mode
    decode: Callable[[Any], Answer]
    """Turns the value of the column `answer` into the declared type; raises on drift."""


class QueryError(TypeError):
    """A query file and its signature disagree; raised at import, never during a request."""


def read(
    name: str, answer: type[Answer]
) -> Callable[[Callable[Parameters, None]], Callable[Parameters, Statement[Answer]]]:
    """Declare the signature of a query that only reads."""
    return _declare(name, answer, Mode.READ)


def write(
    name: str, answer: type[Answer]
) -> Callable[[Callable[Parameters, None]], Callable[Parameters, Statement[Answer]]]:
    """Declare the signature of a query that changes the graph."""
    return _declare(name, answer, Mode.WRITE)


def _declare(
    name: str, answer: type[Answer], mode: Mode
) -> Callable[[Callable[Parameters, None]], Callable[Parameters, Statement[Answer]]]:
    text = load_text(name)
    decode = TypeAdapter(answer).validate_python

    def declare(
        signature: Callable[Parameters, None],
    ) -> Callable[Parameters, Statement[Answer]]:
        _check(name, text, set(inspect.signature(signature).parameters), mode)

        @functools.wraps(signature)
        def statement(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Statement[Answer]:
            if args:
                raise TypeError(f"{name} takes keyword arguments only")
            return Statement(name, text, dict(kwargs), mode, decode)

        statement.__doc__ = text
        return statement

    return declare


@functools.cache
def load_text(name: str) -> LiteralString:
    """Return the text of `queries/<name>.cypher`, from the checkout or the installed wheel."""
    text = resources.files("queries").joinpath(f"{name}.cypher").read_text(encoding="utf-8")
    # The only cast: the text comes from a file of this package and nothing is ever added to it.
    return cast("LiteralString", text)


def _check(name: str, text: str, declared: set[str], mode: Mode) -> None:
    """Raise `QueryError` where the file and its signature disagree."""
    if not text.startswith("// "):
        raise QueryError(f"{name}.cypher must start with a comment: which question it answers")
    code = _STRING.sub("''", _COMMENT.sub("", text)).strip()
    used = set(_PARAMETER.findall(code))
    if used != declared:
        raise QueryError(f"{name}.cypher uses ${sorted(used)}, its signature {sorted(declared)}")
    if bool(_WRITES.search(code)) != (mode is Mode.WRITE):
        raise QueryError(f"{name}.cypher is declared as {mode.value} and does the other")
    if not _LAST_COLUMN.search(code):
        raise QueryError(f"{name}.cypher must end with one column: AS answer")
