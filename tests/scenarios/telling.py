"""Scenarios as they are written: what there is, and steps of one sentence each."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import yaml

FOLDER = Path(__file__).parent
TABLES = ("rights",)
"""Files here that are no scenarios."""


class Teller(Protocol):
    """Carries a scenario out. Refs start at the root by its name."""

    async def person(self, name: str) -> None:
        """Let somebody sign in whom nobody has met."""
        ...

    async def ask(self, by: str, question: str, subjects: tuple[str, ...]) -> list[str] | str:
        """Answer a question: a list of texts, or yes or no."""
        ...

    async def do(self, by: str, action: str, subjects: tuple[str, ...]) -> str:
        """Do something; return `done`, or the code of the refusal in small letters."""
        ...

    def wait(self, time: timedelta) -> None:
        """Let time pass."""
        ...


@dataclass(frozen=True)
class Scenario:
    """One file."""

    name: str
    rule: str
    given: Mapping[str, Any]
    steps: list[dict[str, Any]]


def scenarios() -> list[Scenario]:
    """Return all scenarios of this folder."""
    return [
        Scenario(path.stem, **yaml.safe_load(path.read_text(encoding="utf-8")))
        for path in sorted(FOLDER.glob("*.yaml"))
        if path.stem not in TABLES
    ]


QUESTIONS = (
    r"(policies) of (cluster|group) (\S+)",
    r"(members) of (\S+)",
    r"(clusters) of policy (\S+)",
    r"(groups|clusters|policies)",
    r"(may) (\S+) (\S+) at (\S+)",
    r"(see) (group|cluster|policy) (\S+)",
)
ACTIONS = (
    r"(create group|create cluster|apply policy|delete cluster|delete policy|delete group) (\S+)",
    r"(delete group) (\S+) (with all in it)",
    r"(rename group) (\S+) to (\S+)",
    r"(move group|move cluster|move policy) (\S+) to (\S+)",
    r"(bind) (\S+) as (\S+) at (\S+)",
    r"(bind) (\S+) as (\S+) at (\S+) for (\d+) hours",
    r"(unbind) (\S+) as (\S+) at (\S+)",
    r"(restore the last delete)",
)
_WAIT = re.compile(r"wait (\d+) hours")


async def tell(scenario: Scenario, teller: Teller) -> list[str]:
    """Carry a scenario out; return where it went otherwise than it says."""
    await _give(scenario.given, teller)
    wrong: list[str] = []
    for number, step in enumerate(scenario.steps, 1):
        by, said = step.get("by", "ada"), step.get("ask") or step["do"]
        waited = _WAIT.fullmatch(said)
        if waited is not None:
            teller.wait(timedelta(hours=int(waited[1])))
            continue
        words, subjects = _read(said, QUESTIONS if "ask" in step else ACTIONS)
        if "ask" in step:
            found, expected = await teller.ask(by, words, subjects), _expected(step["answer"])
        else:
            found, expected = await teller.do(by, words, subjects), step["outcome"]
        if found != expected:
            wrong.append(f"step {number}, {by}: {said}: {found}, not {expected}")
    return wrong


async def _give(given: Mapping[str, Any], teller: Teller) -> None:
    people: dict[str, str] = given["people"]
    for name in people:
        await teller.person(name)
    makes: list[tuple[str, tuple[str, ...]]] = [("create group", (given["organization"],))]
    makes += [("create group", (group,)) for group in given.get("groups", ())]
    for name, role in people.items():
        if name != "ada" and role != "nobody":
            makes.append(("bind", (name, *role.split(" of "))))
    for group, names in given.get("policies", {}).items():
        makes += [("apply policy", (f"{group}/{name}",)) for name in names]
    makes += [("create cluster", (cluster,)) for cluster in given.get("clusters", ())]
    for action, subjects in makes:
        outcome = await teller.do("ada", action, subjects)
        if outcome != "done":
            raise ValueError(f"{action} {subjects} of what is given: {outcome}")


def _read(said: str, sentences: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    for sentence in sentences:
        match = re.fullmatch(sentence, said)
        if match is not None:
            first, *rest = match.groups()
            return first, tuple(rest)
    raise ValueError(f"{said!r} is no sentence of a scenario; the README lists them")


def by_depth(members: Iterable[tuple[int, str]]) -> list[str]:
    """Return members as texts, sorted where they come through one group; the rest is in order."""
    found = list(members)
    if [depth for depth, _ in found] != sorted((depth for depth, _ in found), reverse=True):
        raise ValueError(f"not from the root down: {found}")
    return [text for _, text in sorted(found, key=lambda pair: (-pair[0], pair[1]))]


def _expected(answer: Any) -> list[str] | str:
    # YAML reads yes and no as true and false.
    return {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else answer
