"""Every write and every question, in any order, as several people: the service is its model.

MODEL_EXAMPLES=200 MODEL_STEPS=80 MODEL_RANDOM=1 searches for longer, and elsewhere each time;
MODEL_SHRINK=1 looks for the shortest way to a failure. In CI a little is looked at elsewhere each
time as well.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from itertools import pairwise
from math import inf
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,  # pyright: ignore[reportUnknownVariableType]  # its factory
)

from graph import bindings, clusters, groups, invites, policies, redeeming, restoring
from graph.engine import Graph, Written
from graph.invites import Issued
from graph.session import Session
from graph.snapshot import Caller, Snapshot
from queries.states import InviteState
from tests.given import a_policy, written
from tests.model.asking import QUESTIONS, Wanted, ask, follow, look, see
from tests.model.model import Edits
from tests.model.pair import PEOPLE, Pair, UseCase, kind_of, labels_text
from tests.model.relating import FORMS, compare, foresee, search, trace
from tests.model.replay import assert_whole

_PROFILE = settings(
    max_examples=int(os.environ.get("MODEL_EXAMPLES", "8")),
    stateful_step_count=int(os.environ.get("MODEL_STEPS", "50")),
    derandomize="MODEL_RANDOM" not in os.environ,
    database=None,
    deadline=None,
    print_blob=True,
    report_multiple_bugs=False,
    # Shrinking takes minutes; without it the failing steps are still printed.
    phases=(Phase.generate, Phase.shrink) if "MODEL_SHRINK" in os.environ else (Phase.generate,),
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
_PROFILES = {"the same each time": _PROFILE}
if os.environ.get("CI", "").lower() == "true":
    _PROFILES["elsewhere each time"] = settings(_PROFILE, derandomize=False, max_examples=3)

_WHO = st.sampled_from(("ann", "ann", *PEOPLE))
_PICK = st.integers(0, 40)
_NAME = st.sampled_from(("a", "b", "ab"))
_ROLE = st.sampled_from(("owner", "owner", "editor", "viewer", "cluster-agent"))
_HOURS = st.none() | st.integers(-1, 3)
_UID = "5a0c1d8e-3f47-4a06-9d3b-6d1f0e2c7b95"

_MOVE: dict[str, UseCase] = {
    "group": groups.move_group,
    "cluster": clusters.move_cluster,
    "policy": policies.move_policy,
}
_DELETE: dict[str, UseCase] = {
    "group": groups.delete_group,
    "cluster": clusters.delete_cluster,
    "policy": policies.delete_policy,
    "binding": bindings.delete_role_binding,
    "invite": invites.delete_invite,
}
_UPDATE: dict[str, UseCase] = {
    "group": groups.update_group,
    "cluster": clusters.update_cluster,
    "policy": policies.update_policy,
    "binding": bindings.update_role_binding,
}


Question = tuple[Callable[..., Awaitable[None]], Sequence[Any]]
"""A question, and what it is asked about."""


class Machine(RuleBasedStateMachine):
    """Draws what to do; `wait_for` waits until the loop of the test has done it."""

    wait_for: Callable[[Coroutine[Any, Any, Any]], Any]
    session: Session
    user_key: bytes

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair(self.session, self.user_key)
        self.model = self.pair.model
        self.graph: Graph = self.pair.graph
        self.failed = False
        self.codes: dict[str, str] = {}  # by their key ids

    def run(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            self.wait_for(work)
        except BaseException:
            self.failed = True
            raise

    def ask_as(self, who: str, *questions: Question) -> None:
        """Ask all of one state."""

        async def answer(at: Snapshot) -> None:
            for question, asked in questions:
                await question(self.pair, at, who, *asked)

        self.run(self.graph.read(self.pair.callers[who], answer))

    def write(
        self,
        who: str,
        modelled: Callable[[], Edits],
        use_case: UseCase,
        *,
        keyless: bool = False,
        **asked: Any,
    ) -> None:
        self.run(self.pair.write(who, modelled, use_case, keyless=keyless, **asked))

    @initialize()
    def begin(self) -> None:
        self.run(self.pair.begin())
        acme = self.create("ann", "group", None, "acme")
        prod = self.create("ann", "group", acme, "prod")
        dev = self.create("ann", "group", acme, "dev")
        self.create("ann", "group", acme, "b")
        europe = self.create("ann", "group", prod, "a")
        for name in ("a", "b", "ab"):
            self.create("ann", "policy", acme, name)
        self.create("ann", "policy", prod, "b", "a/**")
        self.create("ann", "policy", dev, "ab")
        self.describe(
            "ann", self.create("ann", "cluster", europe, "a"), {"a": "b"}, _UID, "v1.31.0"
        )
        self.create("bob", "group", None, "acme")
        for place, role, name, hours in (
            (prod, "editor", "bob", None),
            (dev, "editor", "bob", None),
            (europe, "owner", "cid", None),
            (dev, "owner", "cid", 4),
            (europe, "viewer", "dan", 2),
        ):
            self.bind_whom("ann", place, role, name, hours)
        self.invite_to("ann", dev, "viewer", -1, 72)
        self.invite_to("cid", europe, "owner", 2, 24)
        for name in ("b", "ab"):  # one of the two under a key
            self.create("bob", "cluster", dev, name)

    def create(self, who: str, kind: str, place: str | None, name: str, text: str = "**") -> str:
        model, at = self.model, self.pair.ids[place] if place else None
        document = a_policy(name, images=[text])

        def modelled() -> Edits:
            if kind == "policy":
                return model.apply(who, place or "", name, document)
            return model.create(who, kind, place or "", name)

        if kind == "policy":
            self.write(who, modelled, policies.apply_policy, group=at, document=document)
        elif kind == "cluster":
            self.write(who, modelled, clusters.create_cluster, group=at, name=name)
        else:
            self.write(who, modelled, groups.create_group, parent=at, name=name)
        ever = [key for key in self.pair.ids if kind_of(key) == kind]
        return ever[-1] if ever else ""

    @rule(
        who=_WHO,
        kind=st.sampled_from(("organization", "group", "cluster", "policy", "policy")),
        place=_PICK,
        name=_NAME,
        text=st.sampled_from(("**", "a/**")),
    )
    def make(self, who: str, kind: str, place: int, name: str, text: str) -> None:
        if kind == "organization":
            self.create(who, "group", None, name)
        else:
            self.create(who, kind, self.pair.pick(place, "group"), name, text)

    @rule(number=_PICK, what=_PICK, name=st.none() | _NAME, text=st.none() | _NAME)
    def update(self, number: int, what: int, name: str | None, text: str | None) -> None:
        key = self.pair.pick(what, "group", "cluster", "policy")
        who, kind = self.pair.able(number, key, "update"), kind_of(key)
        asked = {kind: self.pair.ids[key], "name": name, "description": text}
        if kind == "policy":
            del asked["name"]
            name, asked["description"] = None, text or ""
        said = {"name": name, "text": asked["description"]}
        self.update_to(who, key, said, asked)

    @rule(
        number=_PICK,
        what=_PICK,
        labels=st.none() | st.dictionaries(_NAME, _NAME, max_size=2),
        remote_id=st.none() | st.sampled_from(("", _UID)),
        version=st.none() | st.sampled_from(("", "v1.31.0")),
    )
    def describe_cluster(
        self,
        number: int,
        what: int,
        labels: dict[str, str] | None,
        remote_id: str | None,
        version: str | None,
    ) -> None:
        key = self.pair.pick(what, "cluster")
        self.describe(self.pair.able(number, key, "update"), key, labels, remote_id, version)

    def describe(
        self,
        who: str,
        key: str,
        labels: dict[str, str] | None,
        remote_id: str | None,
        version: str | None,
    ) -> None:
        text = None if labels is None else labels_text(labels)
        said = {"labels": text, "remote_id": remote_id, "version": version}
        asked = {"labels": labels, "remote_id": remote_id, "kubernetes_version": version}
        self.update_to(who, key, said, {"cluster": self.pair.ids[key], **asked})

    def update_to(self, who: str, key: str, said: Mapping[str, Any], asked: dict[str, Any]) -> None:
        changed = {field: text for field, text in said.items() if text is not None}
        update = _UPDATE[kind_of(key)]
        self.write(who, lambda: self.model.update(who, key, **changed), update, **asked)

    @rule(number=_PICK, kind=st.sampled_from(sorted(_MOVE)), what=_PICK, to=_PICK)
    def move(self, number: int, kind: str, what: int, to: int) -> None:
        key = self.pair.pick(what, kind)
        who = self.pair.able(number, key, "update")
        self.move_to(who, key, self.place(who, to))

    def move_to(self, who: str, key: str, place: str) -> None:
        kind = kind_of(key)
        asked: dict[str, Any] = {kind: self.pair.ids[key], "to": self.pair.ids[place]}
        self.write(who, lambda: self.model.move(who, key, place), _MOVE[kind], **asked)

    def place(self, who: str, number: int) -> str:
        """Return a group, rather one in which somebody may put something."""
        model = self.model
        there = [group.key for group in model.of("group")]
        open_ = [key for key in there if "clusters.create" in model.rights(who, key)]
        return [*open_, self.pair.pick(number, "group")][number % (len(open_) + 1)]

    @rule(number=_PICK, what=_PICK)
    def activate(self, number: int, what: int) -> None:
        key, model = self.pair.pick(what, "version"), self.model
        policy = model.things[key].place if key in model.things else key
        who = self.pair.able(number, policy, "update")
        self.write(
            who,
            lambda: model.update(who, model.sees(who, key).place, active=key),
            policies.activate_policy_version,
            version=self.pair.ids[key],
        )

    @rule(number=_PICK, what=_PICK, cascade=st.booleans())
    def delete(self, number: int, what: int, cascade: bool) -> None:
        key = self.pair.pick(what, *_DELETE)
        self.remove(self.pair.able(number, key, "delete"), key, cascade)

    def remove(self, who: str, key: str, cascade: bool) -> None:
        kind = kind_of(key)
        asked: dict[str, Any] = {kind: self.pair.ids[key]}
        if kind == "group":
            asked["cascade"] = cascade
        model = self.model
        self.write(who, lambda: model.delete(who, key, cascade=cascade), _DELETE[kind], **asked)

    @rule(who=_WHO, place=_PICK, role=_ROLE, whom=st.sampled_from(PEOPLE), hours=_HOURS)
    def bind(self, who: str, place: int, role: str, whom: str, hours: int | None) -> None:
        self.bind_whom(who, self.pair.pick(place, "group"), role, whom, hours)

    def bind_whom(self, who: str, place: str, role: str, whom: str, hours: int | None) -> None:
        until = inf if hours is None else self.model.now + hours
        self.write(
            who,
            lambda: self.model.bind(who, place, role, whom, until),
            bindings.create_role_binding,
            group=self.pair.ids[place],
            role=role,
            user=self.pair.callers[whom].user_id,
            expires_at=self.pair.expiry(until),
        )

    @rule(number=_PICK, what=_PICK, role=st.none() | _ROLE, hours=_HOURS, never=st.booleans())
    def rebind(
        self, number: int, what: int, role: str | None, hours: int | None, never: bool
    ) -> None:
        key = self.pair.pick(what, "binding")
        until = inf if hours is None or never else self.model.now + hours
        said: dict[str, str | float] = {"name": role} if role else {}
        if never or hours is not None:
            said["expires"] = until
        self.update_to(
            self.pair.able(number, key, "update"),
            key,
            said,
            {
                "binding": self.pair.ids[key],
                "role": role,
                "expires_at": self.pair.expiry(until),
                "never_expires": never,
            },
        )

    @rule(
        number=_PICK,
        place=_PICK,
        role=_ROLE,
        uses=st.sampled_from((-1, 1, 2)),
        hours=st.integers(1, 3),
    )
    def invite(self, number: int, place: int, role: str, uses: int, hours: int) -> None:
        group = self.pair.pick(place, "group")
        self.invite_to(self.pair.able(number, group, "create"), group, role, uses, hours)

    def invite_to(self, who: str, group: str, role: str, uses: int, hours: int) -> None:
        self.write(
            who,
            lambda: self.model.invite(who, group, role, uses, hours),
            self.keeping_code(invites.create_invite),
            group=self.pair.ids[group],
            role=role,
            uses=None if uses < 0 else uses,
            ttl=f"{hours}h",
        )

    @precondition(lambda self: self.codes)
    @rule(number=_PICK, what=_PICK)
    def rotate(self, number: int, what: int) -> None:
        key = self.pair.pick(what, "invite")
        who = self.pair.able(number, key, "create")
        rotate = self.keeping_code(invites.rotate_invite)
        self.write(who, lambda: self.model.rotate(who, key), rotate, invite=self.pair.ids[key])

    def keeping_code(self, issue: Callable[..., Awaitable[Issued]]) -> UseCase:
        """Return a use case that notes the code which another one answers."""

        async def issued(*arguments: Any, **asked: Any) -> Written:
            outcome = await issue(*arguments, **asked)
            if outcome.code is not None:
                self.codes[written(outcome.written, InviteState).key_id] = outcome.code
            return outcome.written

        return issued

    @precondition(lambda self: self.codes)
    @rule(who=st.sampled_from(PEOPLE), back=st.integers(0, 6), hours=st.integers(0, 1))
    def redeem(self, who: str, back: int, hours: int) -> None:
        self.model.now += hours
        self.redeem_as(who, list(self.codes)[-1 - back % len(self.codes)])

    def redeem_as(self, who: str, key_id: str) -> None:
        async def redeem(graph: Graph, *, caller: Caller, key: None) -> Written:
            del key
            code = self.codes[key_id]
            return (await redeeming.redeem_invite(graph, caller=caller, code=code)).written

        called = self.pair.codes[key_id]
        self.write(who, lambda: self.model.redeem(who, called), redeem, keyless=True)

    @rule(who=_WHO, back=st.integers(0, 8), last=st.booleans())
    def restore(self, who: str, back: int, last: bool) -> None:
        deletes = [n for n, (_, edits) in enumerate(self.model.history) if not edits[0][1]]
        all_ = list(range(len(self.model.history)))
        number = (deletes if last and deletes else all_)[::-1][back % len(deletes or all_)]
        change = self.pair.changes[number]
        self.write(who, lambda: self.model.restore(who, number), restoring.restore, change=change)

    @precondition(lambda self: self.pair.done)
    @rule(back=st.integers(0, 5))
    def repeat(self, back: int) -> None:
        self.repeat_all(-1 - back)
        self.run(self.pair.misuse(self.pair.done[-1]))

    def repeat_all(self, start: int) -> None:
        for done in self.pair.done[start:]:
            self.run(self.pair.repeat(done))

    @rule(who=_WHO, what=_PICK, hours=st.integers(0, 2), flushed=st.booleans())
    def see_cluster(self, who: str, what: int, hours: int, flushed: bool) -> None:
        self.model.now += hours
        self.run(see(self.pair, who, self.pair.pick(what, "cluster")))
        if flushed:
            self.run(self.graph.telemetry.flush())

    @rule(
        who=_WHO,
        hours=st.integers(0, 1),
        about=st.lists(st.sampled_from(sorted(QUESTIONS)), min_size=1, max_size=3, unique=True),
        within=st.none() | _PICK,
        name=st.none() | st.sampled_from(("a", "b", "cm")),
        image=st.none() | st.sampled_from(("a/bb", "ghcr.io/bb")),
    )
    def ask(
        self,
        who: str,
        hours: int,
        about: list[str],
        within: int | None,
        name: str | None,
        image: str | None,
    ) -> None:
        self.model.now += hours
        place = None if within is None else self.pair.pick(within, "group")
        self.ask_as(who, (ask, (Wanted(place, name, image), about)))

    @rule(
        who=_WHO,
        hours=st.integers(0, 1),
        numbers=st.lists(_PICK, min_size=2, max_size=3),
        names=st.lists(_NAME, min_size=0, max_size=2),
        n=_PICK,
        cut=st.booleans(),
        kinds=st.sets(st.sampled_from(sorted(_MOVE))),
        first=st.sampled_from((1, 2, 50)),
    )
    def ask_of_some(
        self,
        who: str,
        hours: int,
        numbers: list[int],
        names: list[str],
        n: int,
        cut: bool,
        kinds: set[str],
        first: int,
    ) -> None:
        self.model.now += hours
        self.ask_as(
            who,
            *self.relations(who, numbers),
            (follow, [["acme", *names]]),
            *((look, [self.pair.pick(n, *_DELETE, "version")]) for n in numbers),
            *((search, (self.pair.pick(n, *_MOVE), form, cut, kinds, first)) for form in FORMS),
        )

    def relations(self, who: str, numbers: Iterable[int]) -> list[Question]:
        """Relate things two by two, and ask what it would change to put the one in the other."""
        pick, questions = self.pair.pick, list[Question]()
        for one, other in pairwise(numbers):
            to = self.place(who, other)
            questions += [
                (compare, (pick(one, "group", "cluster"), pick(other, "group", "cluster"))),
                (trace, (self.end(one), self.end(other))),
                (foresee, (pick(one, "group"), None)),
                (foresee, (pick(one, "group"), to)),
                (foresee, (pick(one, "cluster", "policy", "binding"), None if other % 3 else to)),
            ]
        return questions

    def end(self, number: int) -> str:
        """Return a person or a thing."""
        return PEOPLE[number % 4] if number % 5 == 0 else self.pair.pick(number, *_MOVE)

    def teardown(self) -> None:
        if self.failed:
            return  # what is asked now would hide why
        for name in PEOPLE if self.pair.callers else ():
            at = len(self.model.history)
            self.ask_as(
                name,
                (ask, (Wanted(), sorted(QUESTIONS))),
                (ask, (Wanted(None, "b", "ghcr.io/bb"), ("lists", "groups"))),
                *self.relations(name, range(at, at + (12 if name == "ann" else 3))),
            )
            self.model.now += 1
            for key_id in self.codes:
                self.redeem_as(name, key_id)
        self.take_away()
        for root in (t.key for t in self.model.of("group") if not t.place):
            self.run(assert_whole(self.graph, self.pair.ids[root]))

    def take_away(self) -> None:
        """Repeat everything when things and rights are elsewhere, and when most is gone."""
        of, path = self.model.of, self.model.path
        for cluster in of("cluster"):
            self.move_to("ann", cluster.key, path(cluster.key)[0])
        for binding in of("binding"):
            if binding.by == "cid":
                asked = {"binding": self.pair.ids[binding.key], "role": "viewer"}
                self.update_to("ann", binding.key, {"name": "viewer"}, asked)
        self.repeat_all(0)
        for group in of("group"):
            if len(path(group.key)) == 2:
                self.remove("ann", group.key, cascade=True)
        self.repeat_all(0)


@pytest.mark.parametrize("profile", _PROFILES.values(), ids=_PROFILES)
async def test_the_service_answers_and_refuses_as_its_model_does(
    session: tuple[Session, bytes], profile: settings
) -> None:
    loop = asyncio.get_running_loop()

    def wait_for(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=120)

    opened, key = session
    bound = type(
        "Bound",
        (Machine,),
        {"wait_for": staticmethod(wait_for), "session": opened, "user_key": key},
    )
    await asyncio.to_thread(run_state_machine_as_test, bound, settings=profile)
