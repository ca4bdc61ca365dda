"""What is installed is what was locked: each file pinned by hash, and no place to get it from."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

_PINNED = re.compile(r"([a-z0-9-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")


def pins(lock: str) -> Mapping[str, str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    return {match[1]: match[2] for match in _PINNED.finditer(text)}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_holds_nothing_but_pins_with_hashes_and_comments(lock: Path) -> None:
    rest = [line for line in _PINNED.sub("", lock.read_text()).splitlines() if line]

    assert [line for line in rest if not line.lstrip().startswith("#")] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_no_address_and_no_path(lock: Path) -> None:
    text = lock.read_text()

    assert re.findall(r".*(?:://|index-url|find-links|trusted-host| /).*", text) == []


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("build", PROJECT["build-system"]["requires"]),
        ("server", PROJECT["project"]["optional-dependencies"]["server"]),
        ("dev", PROJECT["dependency-groups"]["dev"]),
        ("server", PROJECT["project"]["dependencies"]),
    ],
    ids=["build", "server", "dev", "base"],
)
def test_a_lock_has_what_pyproject_asks_for(lock: str, wanted: Sequence[str]) -> None:
    pinned = pins(lock)
    stale = [
        line
        for line in wanted
        if (requirement := Requirement(line))
        and pinned.get(canonicalize_name(requirement.name), "") not in requirement.specifier
    ]

    assert stale == [], "run `make lock`"


@pytest.mark.parametrize("part", ["build", "server"])
def test_the_developers_have_the_versions_that_are_shipped(part: str) -> None:
    assert pins(part).items() <= pins("dev").items()
