"""Where figures go: a table for people, and JSON lines for programs."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Report:
    """Prints tables as they are complete, and appends each figure to a file, if there is one."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        if file is not None:
            file.write_text("")

    def figure(self, **values: Any) -> None:
        """Keep one figure with all that says what it is."""
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(values) + "\n")

    def say(self, *lines: str) -> None:
        """Print lines."""
        print(*lines, sep="\n", flush=True)

    def table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table: its first column to the left, figures to the right."""
        widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
        self.say("", title, "")
        for row in (head, ["-" * width for width in widths], *rows):
            first, *others = (
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            self.say("  ".join((first, *others)).rstrip())


def shown(value: float | None) -> str:
    """Write a figure with three significant digits; a dash for none."""
    if value is None or math.isnan(value):
        return "-"
    digits = max(0, 2 - len(str(int(value))) + 1)
    return f"{value:,.{digits}f}"
