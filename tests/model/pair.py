"""The service beside its model: each write is done by both, and must end alike."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf

from graph.engine import Graph, Written
from graph.errors import PolicyGraphError
from graph.session import Session
from graph.snapshot import Caller
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    PolicyState,
    State,
    VersionState,
)
from tests.given import a_person
from tests.model.model import Edits, Model, RefusedError, Thing, right

PEOPLE = ("ann", "bob", "cid", "dan")
_START = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Pair:
    """A graph, a model, and who is who and what is what in both."""

    session: Session
    user_key: bytes
    model: Model = field(default_factory=Model)
    callers: dict[str, Caller] = field(default_factory=dict[str, Caller])
    ids: dict[str, str] = field(default_factory=dict[str, str])
    """The id of each thing there ever was, by the model's key."""
    changes: list[str] = field(default_factory=list[str])
    """The change of each write in the model's history."""

    def __post_init__(self) -> None:
        self.graph = Graph(self.session, user_key=self.user_key, clock=lambda: self.instant(0))
        self._keys: dict[str, str] = {}

    def instant(self, ahead: int) -> datetime:
        """Return the instant so many hours from now; the clock stands still otherwise."""
        return _START + timedelta(hours=self.model.now + ahead)

    def expiry(self, hours: float) -> datetime | None:
        """Return an instant of the model as the service's."""
        return None if hours == inf else _START + timedelta(hours=hours)

    async def begin(self) -> None:
        """Sign in people whom nobody has met."""
        for name in PEOPLE:
            self.callers[name] = await a_person(self.graph, name)
            self._keys[self.callers[name].user_id] = name

    def key(self, identifier: str) -> str:
        """Return what the model calls a thing or a person."""
        return self._keys[identifier]

    def pick(self, number: int, *kinds: str) -> str:
        """Return a thing that is there, or for the highest numbers one that is gone."""
        there = [t.key for t in self.model.things.values() if t.kind in kinds]
        ever = [key for key in self.ids if kind_of(key) in kinds]
        gone = [key for key in ever if key not in self.model.things]
        choice = there + gone[-2:] or ever
        return choice[number % len(choice)]

    def able(self, who: int, key: str, verb: str) -> str:
        """Return somebody, rather one of those who hold the right to do this to a thing."""
        needed = right(kind_of(key), verb)
        able = [name for name in PEOPLE if needed in self.model.rights(name, key)]
        return (*able, *able, *PEOPLE)[who % (2 * len(able) + len(PEOPLE))]

    async def write(
        self, modelled: Callable[[], Edits], real: Callable[[], Awaitable[Written]]
    ) -> str:
        """Do a write on both sides; return "done", or the code with which both refused it."""
        expected: Edits | str
        try:
            expected = modelled()
        except RefusedError as error:
            expected = str(error)
        refused, message = "", "it was written"
        try:
            written = await real()
        except PolicyGraphError as error:
            refused, message = error.code, error.message
            written = None
        if written is None or isinstance(expected, str):
            assert refused == expected, message
            return refused
        self._learn(expected, written)
        edits = {
            (self.thing(e.before) if e.before else None, self.thing(e.after) if e.after else None)
            for e in written.edits
        }
        assert edits == set(expected)
        if written.change is not None:
            self.changes.append(written.change)
        assert len(self.changes) == len(self.model.history)
        return "done"

    def _learn(self, expected: Edits, written: Written) -> None:
        """Note which id belongs to which key, for what is new."""
        new = [after for before, after in expected if after and not before]
        for edit in written.edits:
            if edit.before is None and edit.after and edit.after.id not in self._keys:
                kind = edit.after.kind
                key = next(t.key for t in new if t.kind == kind and t.key not in self.ids)
                self.ids[key] = edit.after.id
                self._keys[edit.after.id] = key

    def thing(self, state: State) -> Thing:
        """Return a state as the model has it."""
        key, kind = self.key(state.id), state.kind
        match state:
            case GroupState():
                place = self.key(state.parent_id) if state.parent_id else ""
                by = "" if place else self.key(state.created_by)
                return Thing(key, kind, place, state.name, by, state.description)
            case ClusterState():
                place = self.key(state.group_id)
                return Thing(key, kind, place, state.name, "", state.description)
            case PolicyState():
                place, active = self.key(state.group_id), self.key(state.version_id)
                return Thing(key, kind, place, state.name, "", state.description, active)
            case VersionState():
                place = self.key(state.policy_id)
                return Thing(key, kind, place, text=state.document, number=state.number)
            case BindingState():
                role, by = state.role.removeprefix("rol_"), self.key(state.user_id)
                expires = inf
                if state.expires_at is not None:
                    expires = round((state.expires_at - _START) / timedelta(hours=1))
                place = self.key(state.group_id)
                return Thing(key, kind, place, role, by, expires=expires)


def kind_of(key: str) -> str:
    """Return the kind of a thing, there or gone, by the model's key."""
    return key.partition("-")[0]
