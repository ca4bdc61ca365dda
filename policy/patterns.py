r"""Regular expressions in the syntax of RE2: the only module that imports re2.

RE2 runs in time linear in the text, so nobody's pattern can stall the service, and it refuses
what policy-controller refuses: look-around, back-references, `\Z`. Python's `re` does neither.
"""

import importlib
from typing import Any, Protocol, cast

# The wheel has no types: importing by name keeps that in this one untyped variable.
_re2: Any = importlib.import_module("re2")

MAX_LENGTH = 10_000


def _options(encoding: Any, memory: int) -> Any:
    options = _re2.Options()
    options.log_errors = False  # a bad pattern is the caller's to report, not a line on stderr
    options.encoding = encoding
    options.max_mem = memory
    return options


# What a pattern may take in memory, in bytes, its states while matching included, and with it in
# time: at 512 KiB none takes over some 10 ms to compile. Globs are kept compiled by the thousand,
# so they get less; most take a few hundred bytes.
_TEXT = _options(_re2.Options.Encoding.UTF8, 512 << 10)
_BYTES = _options(_re2.Options.Encoding.LATIN1, 256 << 10)


class PatternError(ValueError):
    """The text is not a regular expression in RE2's syntax; `str()` says why."""


class Pattern(Protocol):
    """A compiled regular expression; both methods answer a match object or None."""

    def fullmatch(self, text: str) -> object | None:
        """Match the whole text, from its very start to its very end."""
        ...

    def search(self, text: str) -> object | None:
        """Match anywhere in the text, as an identity's `subjectRegExp` does."""
        ...


class BytesPattern(Protocol):
    """A compiled regular expression over the bytes of UTF-8."""

    def fullmatch(self, text: bytes) -> object | None:
        """Match the whole text, from its very start to its very end."""
        ...


def compile_pattern(text: str) -> Pattern:
    """Compile a regular expression in RE2's syntax, or raise `PatternError`."""
    if _any_byte(text):
        # The C++ library knows \C (one byte, even half a character); Go's, which the controller
        # uses, does not.
        raise PatternError(r"invalid escape sequence: \C")
    return cast("Pattern", _compile(text, _TEXT))


def compile_bytes(pattern: str) -> BytesPattern:
    """Compile a pattern of ASCII for matching bytes, or raise `PatternError` if it is too large."""
    return cast("BytesPattern", _compile(pattern.encode("ascii"), _BYTES))


def _compile(pattern: str | bytes, options: Any) -> Any:
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"it is longer than {MAX_LENGTH:,} characters")
    try:
        return _re2.compile(pattern, options)
    except _re2.error as error:
        reason: bytes = error.args[0]
        raise PatternError(reason.decode(errors="replace")) from None


def _any_byte(text: str) -> bool:
    r"""Whether `\C` stands in the pattern as an escape, rather than behind an escaped backslash."""
    at = text.find("\\")
    while at >= 0:
        if text[at + 1 : at + 2] == "C":
            return True
        if text[at + 1 : at + 2] == "Q":  # a literal run, up to \E
            end = text.find("\\E", at + 2)
            at = len(text) if end < 0 else end
        at = text.find("\\", at + 2)
    return False
