"""What a plain YAML word means to Kubernetes: text, a number, a boolean or nothing.

Kubernetes reads YAML 1.1 as Go's yaml library does: `yes` and `on` are booleans and `017` is
fifteen, while dates and `1:30` stay text. PyYAML's own rules differ, so they are not used.
"""

import base64
import binascii
import math
import re
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | None

_WORDS: dict[str, Value] = {
    **{
        word: value
        for value, names in ((True, "y yes true on"), (False, "n no false off"))
        for name in names.split()
        for word in (name, name.capitalize(), name.upper())
    },
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}

_INTEGER = re.compile(r"([+-]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LOOSE_UNDERSCORE = re.compile(r"(?<![0-9])_|_(?![0-9])")
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1

_PREFIX = "tag:yaml.org,2002:"
_NUMBER_DIGITS = 4096  # beyond any number there is; keeps int() from refusing or taking long


class ScalarError(ValueError):
    """The word is not what its tag says; `str()` says so."""


def resolve(text: str, tag: str | None, *, plain: bool) -> Value:
    """Find the value of a scalar; `plain` means written without quotes.

    Raises `ScalarError` when an explicit tag such as `!!int` does not fit the text.
    """
    if tag is None:
        return _plain(text) if plain else text
    kind = tag.removeprefix(_PREFIX)
    if kind == "binary":
        return _binary(text)
    if kind not in ("bool", "int", "float", "null"):
        return text  # !!str, a date, or a tag of somebody's own: the text stands
    value = _plain(text)
    if kind == "float" and type(value) is int:
        return float(value)
    if kind != _kind(value):
        raise ScalarError(f"`{text[:40]}` is not a !!{kind}")
    return value


def _plain(text: str) -> Value:
    if text in _WORDS:
        return _WORDS[text]
    # Underscores may group digits; after a leading point they must stand between two of them.
    if text.startswith("_") or (text.startswith(".") and _LOOSE_UNDERSCORE.search(text)):
        return text
    number = text.replace("_", "")
    if len(number) > _NUMBER_DIGITS:
        return text
    if found := _INTEGER.fullmatch(number):
        value = _integer(found[1], found[2])
        if value is not None:
            return value
    if _FLOAT.fullmatch(number):
        value = float(number)
        if math.isfinite(value):
            return value
    return text


def _integer(sign: str, digits: str) -> int | None:
    octal = len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()
    value = int(digits, 8) if octal else int(digits, 0)
    if sign == "-":
        value = -value
    largest = 2**63 - 1 if sign else _LARGEST
    return value if _SMALLEST <= value <= largest else None


def _binary(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ScalarError("it is not base64 of UTF-8 text, as !!binary says") from None


def _kind(value: Value) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
        case _:
            return "str"
