"""The only way to an organization file: YAML in, plain values or every problem out.

The work is done in the modules beside it: `organization_yaml` reads the text into values that know
their places, `organization_reader` walks them, and `organization_entries` is what comes out.
"""

import contextlib
import gc
from collections.abc import Generator, Sequence
from pathlib import Path

from graph.errors import InvalidInputError
from graph.organization_checks import Checks, Problem
from graph.organization_entries import (
    BindingEntry,
    ClusterEntry,
    GroupEntry,
    OrganizationFile,
    PolicyEntry,
    UserEntry,
    WalkedGroup,
    walk,
)
from graph.organization_reader import read_organization

__all__ = [
    "BindingEntry",
    "ClusterEntry",
    "GroupEntry",
    "OrganizationFile",
    "OrganizationFileError",
    "PolicyEntry",
    "Problem",
    "UserEntry",
    "WalkedGroup",
    "read_organization_file",
    "walk",
]


class OrganizationFileError(InvalidInputError):
    """The file does not describe an organization; `problems` says everything that is wrong."""

    def __init__(self, file: Path, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = "a problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__(
            f"{file} does not describe an organization: it has {count}.",
            details=[str(problem) for problem in self.problems],
        )


def read_organization_file(path: Path, *, require_identities: bool = False) -> OrganizationFile:
    """Read an organization, with the policy files beside it, or raise with every problem."""
    checks = Checks(path)
    with _collector_paused():
        organization = read_organization(checks, require_identities=require_identities)
    if organization is None or checks.problems:
        raise OrganizationFileError(path, sorted(checks.problems, key=_position))
    return organization


@contextlib.contextmanager
def _collector_paused() -> Generator[None]:
    # Nothing becomes garbage while the tree of values grows, and the collector walks it again and
    # again: 13 of 18 seconds for a file of 100,000 clusters.
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


def _position(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column
