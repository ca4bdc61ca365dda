r"""Regular expressions in the syntax of RE2: the only module that imports re2.

RE2 runs in time linear in the text, so nobody's pattern can stall the service, and it refuses
what policy-controller refuses: look-around, back-references, `\Z`. Python's `re` does neither.
"""

import importlib
from functools import lru_cache
from typing import Any, Protocol, cast

# The wheel has no types: importing by name keeps that in this one untyped variable.
_re2: Any = importlib.import_module("re2")

_OPTIONS = _re2.Options()
_OPTIONS.log_errors = False  # a bad pattern is the caller's to report, not a line on stderr


class PatternError(ValueError):
    """The text is not a regular expression in RE2's syntax; `str()` says why."""


class Pattern(Protocol):
    """A compiled regular expression. Both methods answer a match object or None."""

    def fullmatch(self, text: str) -> object | None:
        """Match the whole text, from its very start to its very end."""
        ...

    def search(self, text: str) -> object | None:
        """Match anywhere in the text, as an identity's `subjectRegExp` does."""
        ...


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Pattern:
    """Compile a regular expression in RE2's syntax, or raise `PatternError`."""
    if _any_byte(text):
        # The C++ library knows \C (one byte, even half a character); Go's, which the controller
        # uses, does not.
        raise PatternError(r"invalid escape sequence: \C")
    try:
        return cast("Pattern", _re2.compile(text, _OPTIONS))
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
