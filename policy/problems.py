"""What is wrong with a policy document, and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error refuses the document; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or doubtful, at one place.

    `field` is the path of the field (`spec.authorities[0].keyless.identities`), "" for the document
    as a whole. `line` and `column` count from 1, in characters; both are None when the problem is
    not at one place. `among` names the members of `field` that the problem leaves a choice of:
    `("key", "keyless", "static")` when exactly one is needed. No message quotes key material.
    """

    severity: Severity
    message: str
    field: str = ""
    line: int | None = None
    column: int | None = None
    among: tuple[str, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every field path concerned: `field`, or its members in `among`."""
        return tuple(join(self.field, name) for name in self.among) or (self.field,)

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}" if self.line else "document"
        field = f"{self.field}: " if self.field else ""
        return f"{place}: {self.severity}: {field}{self.message}"


class PolicyDocumentError(ValueError):
    """The document is refused. `problems` holds every error and warning, in document order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        errors = sum(problem.severity is Severity.ERROR for problem in self.problems)
        head = f"the policy document has {errors} error{'' if errors == 1 else 's'}"
        super().__init__("\n".join([f"{head}:", *(f"  {problem}" for problem in self.problems)]))


# A document of 1 MiB could have a hundred thousand mistakes; nobody reads on this far.
MAX_PROBLEMS = 1_000

# Compiling a hostile regular expression takes milliseconds, and 20,000 fit into a document.
MAX_PATTERNS = 1_000

# Label and annotation names, the longest there are, have at most 317 characters.
MAX_NAME = 320


class Report:
    """Collects problems while a document is read, so that all are told and not the first."""

    def __init__(self) -> None:
        # By insertion, and once each: a member that is read twice is told once.
        self._patterns = 0
        self._problems: dict[Severity, dict[Problem, None]] = {one: {} for one in Severity}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was reported so far; of either severity at most `MAX_PROBLEMS`."""
        return tuple(one for of_severity in self._problems.values() for one in of_severity)

    def error(
        self,
        message: str,
        field: str = "",
        place: tuple[int, int] | None = None,
        among: tuple[str, ...] = (),
    ) -> None:
        """Add an error at `place`, a line and a column that count from 1."""
        self._add(Severity.ERROR, message, field, place, among)

    def warning(self, message: str, field: str, place: tuple[int, int] | None) -> None:
        """Add a warning at `place`, a line and a column that count from 1."""
        self._add(Severity.WARNING, message, field, place, ())

    @property
    def failed(self) -> bool:
        """Whether there is an error among the problems."""
        return bool(self._problems[Severity.ERROR])

    def allows_pattern(self) -> bool:
        """Count one more regular expression of the document; False beyond `MAX_PATTERNS`."""
        self._patterns += 1
        return self._patterns <= MAX_PATTERNS

    def raise_errors(self) -> None:
        """Raise `PolicyDocumentError` with all problems, if one of them is an error."""
        if self.failed:
            raise PolicyDocumentError(self.problems)

    def _add(
        self,
        severity: Severity,
        message: str,
        field: str,
        place: tuple[int, int] | None,
        among: tuple[str, ...],
    ) -> None:
        line, column = place or (None, None)
        told = self._problems[severity]
        if len(told) < MAX_PROBLEMS:
            told[Problem(severity, message, field, line, column, among)] = None


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sort problems by their place; those about the whole document come first."""
    return tuple(sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0)))


def join(path: str, name: str) -> str:
    """Append a member's name to a field path; of a very long name only the start."""
    name = name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}…"
    return f"{path}.{name}" if path else name
