"""One page of a list: how a place in it is written down, and how a computed list is cut."""

import base64
import binascii
import bisect
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, cast

import orjson

from graph.errors import ConflictError, InvalidInputError
from queries.states import Page

Item = TypeVar("Item")

DEFAULT_FIRST = 50
MAX_FIRST = 1000


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: `first` items after the keyset `after`.

    Requests for the same page of two lists are equal, so that both can be answered at once.
    """

    list: str = field(compare=False)
    """Which list: what it is called, and what tells it from others of that name."""
    first: int
    after: tuple[Any, ...] | None = None
    unless_moved: str | None = field(default=None, compare=False)
    """The mark of the only revision at which the page may be answered."""

    @classmethod
    def of(
        cls,
        list_: str,
        *arguments: str | None,
        first: int | None,
        after: str | None,
        strict: bool = False,
    ) -> "PageRequest":
        """Check the arguments of a connection; raise `InvalidInputError` for what is off.

        `arguments` are whose list it is, and what it is filtered by.
        """
        count = DEFAULT_FIRST if first is None else first
        if not 0 <= count <= MAX_FIRST:
            raise InvalidInputError(
                f"first is {count}; it must be between 0 and {MAX_FIRST}. Ask for more by pages."
            )
        name = f"{list_} {_mark(orjson.dumps(arguments))}"
        if after is None:
            return cls(name, count)
        seen, key = _open(name, after)
        return cls(name, count, key, seen if strict else None)

    @property
    def fetch(self) -> int:
        """How many items to read: one more than wanted tells whether there are more."""
        return self.first + 1

    def text_key(self, length: int) -> tuple[str | None, ...]:
        """Return the keyset as so many texts, or so many None for the first page."""
        if self.after is None:
            return (None,) * length
        if len(self.after) != length or not all(isinstance(part, str) for part in self.after):
            raise _foreign()
        return self.after

    def number_key(self) -> int | None:
        """Return the keyset as one number, or None for the first page."""
        if self.after is None:
            return None
        (number,) = self.after if len(self.after) == 1 else (None,)
        # A bool is an int to Python, and the stores' integers have 64 bits.
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**53:
            raise _foreign()
        return number

    def require_unmoved(self, revision: str) -> None:
        """Raise `ConflictError` if the list must stand still and is at another revision now."""
        if self.unless_moved not in (None, _mark(revision.encode())):
            raise ConflictError(
                "The organization was written to since the page before this one. Start again"
                " without `after`."
            )


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """A page as it is answered: its items with their keysets, and what lies around it."""

    items: Sequence[Item]
    total: int
    more: bool
    org: str | None = None
    """The one organization that the list is of, if it is of one."""


class Named(Protocol):
    """What lists by name hold."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def name(self) -> str:
        """What people call it."""
        ...


def by_name(row: Named) -> tuple[str, str]:
    """Return the keyset of lists that are sorted by name."""
    return row.name, row.id


def cursor(list_: str, key: Sequence[Any], revision: str) -> str:
    """Write down a place in a list: opaque, for this list alone."""
    text = orjson.dumps([list_, _mark(revision.encode()), *key])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def trim(answered: Page[Item], page: PageRequest, *, org: str | None = None) -> Slice[Item]:
    """Turn what a query answered for `page.fetch` items into the page."""
    more = len(answered.items) > page.first
    return Slice(answered.items[: page.first], answered.total, more, org)


def cut(
    items: Sequence[Item], page: PageRequest, *, key: Callable[[Item], tuple[Any, ...]]
) -> Slice[Item]:
    """Cut the page out of a list that was computed whole and is sorted by `key`."""
    start = 0
    if page.after is not None and items:
        if [type(part) for part in page.after] != [type(part) for part in key(items[0])]:
            raise _foreign()
        start = bisect.bisect_right(items, page.after, key=key)
    end = start + page.first
    return Slice(items[start:end], len(items), end < len(items))


def _mark(text: bytes) -> str:
    """Shorten a text to what tells it from another."""
    return hashlib.blake2s(text, digest_size=8).hexdigest()


def _open(list_: str, text: str) -> tuple[str, tuple[Any, ...]]:
    try:
        padded = text + "=" * (-len(text) % 4)
        values: Any = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(values, list) or values[0] != list_ or not isinstance(values[1], str):
            raise _foreign()
    except (binascii.Error, ValueError, IndexError) as error:
        raise _foreign() from error
    parts = cast("list[Any]", values)
    return parts[1], tuple(parts[2:])


def _foreign() -> InvalidInputError:
    return InvalidInputError(
        "`after` is not a cursor of this list. Take `endCursor` of this list's page before."
    )
