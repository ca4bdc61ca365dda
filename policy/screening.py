"""What is refused before, or beside, reading a document as YAML."""

import re

from policy.keys import PRIVATE_KEY
from policy.nodes import Place
from policy.problems import Report

MAX_BYTES = 1024 * 1024

# What YAML 1.1 does not take as a character; lone surrogates cannot be written as UTF-8 either.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# The line breaks of YAML 1.1, which is what its parser counts lines by.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def screen(text: str | bytes, report: Report) -> str:
    """Check size and characters, and answer the document as text ("" if it is refused)."""
    if len(text) > MAX_BYTES:
        report.error(f"the document is larger than 1 MiB ({MAX_BYTES:,} bytes)")
        return ""
    if isinstance(text, bytes):
        try:
            text = text.decode()
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode()
            report.error("the document is not UTF-8", "", place_of(before, len(before)))
            return ""
    if found := _UNPRINTABLE.search(text):
        name = f"U+{ord(found.group()):04X}"
        message = f"the character {name} may not stand in a document"
        report.error(message, "", place_of(text, found.start()))
        return ""
    if len(text.encode()) > MAX_BYTES:
        report.error(f"the document is larger than 1 MiB ({MAX_BYTES:,} bytes)")
        return ""
    if not text:
        report.error("the document is empty")
    return text


def find_private_key(text: str, report: Report) -> None:
    """Report a private key that stands anywhere in the text, a comment included.

    Where it stands in a field, the field's own error says so and is enough.
    """
    found = PRIVATE_KEY.search(text)
    if found and not any("private key" in problem.message for problem in report.problems):
        message = "this is a private key: remove it, and replace it where it is used"
        report.error(message, "", place_of(text, found.start()))


def place_of(text: str, offset: int) -> Place:
    """Line and column, counted from 1, of an offset into the text."""
    line, start = 1, 0
    for found in _BREAK.finditer(text, 0, offset):
        line, start = line + 1, found.end()
    return line, offset - start + 1
