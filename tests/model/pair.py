"""The service beside its model: each write is done by both, and must end alike."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any, TypeVar

from graph import groups
from graph.engine import Graph, Written
from graph.errors import PolicyGraphError
from graph.session import Session
from graph.snapshot import Caller
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    IdentityState,
    InviteState,
    PolicyState,
    RoleState,
    State,
    VersionState,
)
from tests.given import a_person
from tests.model.inviting import Inviting
from tests.model.model import Edits, RefusedError, Thing, right

PEOPLE = ("ann", "bob", "cid", "dan")
TREE = ("group", "cluster", "policy")
_START = datetime(2030, 1, 1, tzinfo=UTC)

Answer = TypeVar("Answer")
UseCase = Callable[..., Awaitable[Written]]


@dataclass(frozen=True)
class Done:
    """A write that was made under a key, and what it takes to be told again."""

    who: str
    key: str
    again: Callable[[], Awaitable[Written]]
    outcome: Written
    edits: Edits
    took: list[tuple[str, str]]
    """The rights, each with the group at which it was held."""


@dataclass
class Pair:
    """A graph, a model, and who is who and what is what in both."""

    session: Session
    user_key: bytes
    model: Inviting = field(default_factory=Inviting)
    callers: dict[str, Caller] = field(default_factory=dict[str, Caller])
    ids: dict[str, str] = field(default_factory=dict[str, str])
    """The id of each thing there ever was, by the model's key."""
    changes: list[str] = field(default_factory=list[str])
    """The change of each write in the model's history."""
    seen: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """When each cluster that ever was seen was seen last."""
    last: dict[str, Thing] = field(default_factory=dict[str, Thing])
    """What each thing that there ever was is, or was last."""
    done: list[Done] = field(default_factory=list[Done])
    codes: dict[str, str] = field(default_factory=dict[str, str])
    """What the model calls each code there ever was, by its key id."""

    def __post_init__(self) -> None:
        self.graph = Graph(self.session, user_key=self.user_key, clock=lambda: self.instant(0))
        self._keys: dict[str, str] = {}
        self._writes = 0

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
        self,
        who: str,
        modelled: Callable[[], Edits],
        use_case: UseCase,
        *,
        keyless: bool = False,
        **asked: Any,
    ) -> None:
        """Do a write on both sides, every other one under a key; both must end alike."""
        self._writes += 1
        own = sum(done.who == who for done in self.done)
        key = f"key {own}" if self._writes % 2 and not keyless else None
        there = self.model.things
        self.model.keyed, self.model.took = key is not None, []
        expected: Edits | str
        try:
            expected = modelled()
        except RefusedError as error:
            expected = str(error)

        async def real() -> Written:
            return await use_case(self.graph, caller=self.callers[who], key=key, **asked)

        refused, message = "", "it was written"
        try:
            written = await real()
        except PolicyGraphError as error:
            refused, message = error.code, error.message
            written = None
        if written is None or isinstance(expected, str):
            assert refused == expected, message
            return
        self._learn(expected, written)
        assert self._edits(written) == set(expected)
        if written.change is not None:
            self.changes.append(written.change)
        assert len(self.changes) == len(self.model.history)
        if key is not None:
            took = [(needed, _group(there, at)) for needed, at in self.model.took]
            self.done.append(Done(who, key, real, written, expected, took))

    async def repeat(self, done: Done) -> None:
        """Repeat a write under its key: it is answered as the first time, or refused."""
        expected = self._why_not_again(done)
        again = await outcome(done.again())
        if isinstance(again, str):
            assert again == expected
            return
        assert not expected
        assert (again.revision, again.change) == (done.outcome.revision, done.outcome.change)
        assert list(again.edits) == list(done.outcome.edits)

    async def misuse(self, done: Done) -> None:
        """Use a key again for another write."""
        caller = self.callers[done.who]
        another = groups.create_group(self.graph, caller=caller, name="other", key=done.key)
        assert await outcome(another) == "CONFLICT"

    def _why_not_again(self, done: Done) -> str:
        """Return the code with which a repeat is refused, if it is.

        Who repeats still needs the rights, each at what is left of where it was held, and to see
        as much of what was written as is left.
        """
        model = self.model
        for needed, at in done.took:
            place = at
            while place and place not in model.things:
                place = self.last[place].place
            held = model.rights(done.who, place)
            if place and needed not in held:
                return "PERMISSION_DENIED" if "groups.list" in held else "NOT_FOUND"
        touched = {t.key for edit in done.edits for t in edit if t and t.key in model.things}
        for key in touched:
            kind = kind_of(key)
            shown = kind not in TREE or right(kind, "list") in model.rights(done.who, key)
            if not shown:
                return "NOT_FOUND"
        return ""

    def _edits(self, written: Written) -> set[tuple[Thing | None, Thing | None]]:
        return {
            (self.thing(e.before) if e.before else None, self.thing(e.after) if e.after else None)
            for e in written.edits
        }

    def _learn(self, expected: Edits, written: Written) -> None:
        """Note which id belongs to which key, for what is new."""
        self.last |= {t.key: t for edit in expected for t in edit if t}
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
                labels = labels_text(state.labels)
                known_as, version = state.remote_id or "", state.kubernetes_version or ""
                cluster = Thing(key, kind, place, state.name, "", state.description)
                return replace(cluster, labels=labels, remote_id=known_as, version=version)
            case PolicyState():
                place, active = self.key(state.group_id), self.key(state.version_id)
                return Thing(key, kind, place, state.name, text=state.description, active=active)
            case VersionState():
                place = self.key(state.policy_id)
                return Thing(key, kind, place, text=state.document, number=state.number)
            case InviteState():
                place, role = self.key(state.group_id), state.role.removeprefix("rol_")
                code = self.codes.setdefault(state.key_id, str(len(self.codes)))
                left = -1 if state.uses_left is None else state.uses_left
                until = round((state.expires_at - _START) / timedelta(hours=1))
                by = self.key(state.created_by)
                return Thing(key, kind, place, role, by, code, number=left, expires=until)
            case IdentityState() | RoleState():
                raise TypeError(f"the model knows no {kind}")
            case BindingState():
                role, by = state.role.removeprefix("rol_"), self.key(state.user_id)
                expires = inf
                if state.expires_at is not None:
                    expires = round((state.expires_at - _START) / timedelta(hours=1))
                place = self.key(state.group_id)
                return Thing(key, kind, place, role, by, expires=expires)


async def outcome(answer: Awaitable[Answer]) -> Answer | str:
    """Return an answer of the service, or the code with which it refuses."""
    try:
        return await answer
    except PolicyGraphError as error:
        return error.code


def kind_of(key: str) -> str:
    """Return the kind of a thing, there or gone, by the model's key."""
    return key.partition("-")[0]


def labels_text(labels: Mapping[str, str]) -> str:
    """Return a cluster's labels as the model has them."""
    return " ".join(f"{key}={labels[key]}" for key in sorted(labels))


def _group(things: Mapping[str, Thing], key: str) -> str:
    """Return the group in which a thing stood: itself, if it is one, or a root that is to be."""
    thing = things.get(key)
    return key if thing is None or thing.kind == "group" else thing.place
