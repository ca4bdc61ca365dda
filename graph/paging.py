"""One page of a list: how a place in it is written down, and how a computed list is cut."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import orjson

from graph.errors import ConflictError, InvalidInputError
from queries.states import Page

Item = TypeVar("Item")

DEFAULT_FIRST = 50
MAX_FIRST = 1000


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: `first` items after the keyset `after`, of the list called `list`."""

    list: str
    first: int
    after: tuple[Any, ...] | None = None

    @classmethod
    def of(
        cls,
        list_: str,
        *,
        first: int | None,
        after: str | None,
        strict: bool = False,
        revision: str = "",
    ) -> "PageRequest":
        """Check the arguments of a connection; raise `InvalidInputError` for what is off.

        With `strict`, a cursor of another revision raises `ConflictError`.
        """
        count = DEFAULT_FIRST if first is None else first
        if not 0 <= count <= MAX_FIRST:
            raise InvalidInputError(
                f"first is {count}; it must be between 0 and {MAX_FIRST}. Ask for more by pages."
            )
        if after is None:
            return cls(list_, count)
        seen, key = _open(list_, after)
        if strict and seen != _mark(revision):
            raise ConflictError(
                "The list was changed since the page before this one. Start again without `after`."
            )
        return cls(list_, count, key)

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


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """A page as it is answered: its items with their keysets, and what lies around it."""

    items: Sequence[Item]
    total: int
    more: bool


def cursor(list_: str, key: Sequence[Any], revision: str) -> str:
    """Write down a place in a list: opaque, for this list alone."""
    text = orjson.dumps([list_, _mark(revision), *key])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def trim(answered: Page[Item], page: PageRequest) -> Slice[Item]:
    """Turn what a query answered for `page.fetch` items into the page."""
    return Slice(answered.items[: page.first], answered.total, len(answered.items) > page.first)


def _mark(revision: str) -> str:
    """Shorten a revision to what tells it from another."""
    return hashlib.blake2s(revision.encode(), digest_size=8).hexdigest()


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
