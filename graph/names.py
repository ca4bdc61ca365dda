"""The only place that knows what a name may be. One rule for groups, clusters and roles."""

import re

from graph.errors import InvalidInputError
from graph.ids import looks_like_id

_NAME = re.compile(r"[a-z0-9 ._-]{1,63}")
_MAX_DESCRIPTION = 4096
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\ud800-\udfff]")


def check_name(name: str, *, what: str) -> str:
    """Return the name, or raise `InvalidInputError` saying which rule it breaks."""
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"The name of a {what} must be 1 to 63 of the characters a-z 0-9 . _ - and blank;"
            f" {name[:80]!r} is not."
        )
    if name != name.strip(" ") or name in {".", ".."}:
        raise InvalidInputError(
            f"The name of a {what} must not start or end with a blank, nor be . or .. ;"
            f" {name!r} does."
        )
    if looks_like_id(name):
        raise InvalidInputError(
            f"The name of a {what} must not look like an id; {name!r} does. Choose another prefix."
        )
    return name


def check_description(description: str) -> str:
    """Return the description, or raise `InvalidInputError`: at most 4,096 printable characters."""
    return check_text(description, what="A description", most=_MAX_DESCRIPTION)


def check_text(text: str, *, what: str, most: int) -> str:
    """Return the text, or raise `InvalidInputError` when it is too long or has controls in it."""
    if len(text) > most:
        raise InvalidInputError(f"{what} has at most {most} characters; this one has {len(text)}.")
    if _CONTROL.search(text):
        raise InvalidInputError(f"{what} must not contain control characters; {text[:80]!r} does.")
    return text
