"""The only place that reads lengths of time: `5d`, `168h0m0s`, as Go writes them, and days."""

import re
from datetime import timedelta

from graph.errors import InvalidInputError

_PART = re.compile(r"([0-9]{1,9})(d|h|m|s)")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")
_MAX_CHARACTERS = 40
_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}


def parse_duration(text: str, *, what: str, most: timedelta) -> timedelta:
    """Return a length of time. Raises `InvalidInputError` unless it is more than nothing."""
    if len(text) > _MAX_CHARACTERS or not _WHOLE.fullmatch(text):
        raise InvalidInputError(
            f"{what} is whole days, hours, minutes and seconds, as in 5d or 168h0m0s;"
            f" {text[:80]!r} is not."
        )
    seconds = sum(
        int(number) * _UNITS[unit].total_seconds() for number, unit in _PART.findall(text)
    )
    if not 0 < seconds <= most.total_seconds():
        raise InvalidInputError(
            f"{what} is more than nothing and at most {most.days}d; {text!r} is not."
        )
    return timedelta(seconds=seconds)
