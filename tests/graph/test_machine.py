"""Every write and every question, in any order, as several people: the service is its model.

MODEL_EXAMPLES=200 MODEL_STEPS=80 MODEL_RANDOM=1 searches for longer, and elsewhere each time;
MODEL_SHRINK=1 looks for the shortest way to a failure.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from math import inf
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,  # pyright: ignore[reportUnknownVariableType]  # its factory
)

from graph import bindings, clusters, groups, policies, restoring
from graph.engine import Graph, Written
from graph.session import Session
from graph.snapshot import Caller
from tests.given import a_policy
from tests.model.asking import ask, follow, look
from tests.model.pair import PEOPLE, Pair, kind_of
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

_WHO = st.sampled_from(("ann", "ann", *PEOPLE))
_PICK = st.integers(0, 40)
_NAME = st.sampled_from(("a", "b", "c"))
_ROLE = st.sampled_from(("owner", "owner", "editor", "viewer", "cluster-agent"))
_HOURS = st.none() | st.integers(-1, 3)

_MOVE: dict[str, Callable[..., Awaitable[Written]]] = {
    "group": groups.move_group,
    "cluster": clusters.move_cluster,
    "policy": policies.move_policy,
}
_DELETE: dict[str, Callable[..., Awaitable[Written]]] = {
    "group": groups.delete_group,
    "cluster": clusters.delete_cluster,
    "policy": policies.delete_policy,
    "binding": bindings.delete_role_binding,
}
_UPDATE: dict[str, Callable[..., Awaitable[Written]]] = {
    "group": groups.update_group,
    "cluster": clusters.update_cluster,
    "policy": policies.update_policy,
}


class Machine(RuleBasedStateMachine):
    """Draws what to do; `run` waits for the loop of the test to have done it."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    session: Session
    user_key: bytes

    def __init__(self) -> None:
        super().__init__()
        self.pair = Pair(self.session, self.user_key)
        self.model = self.pair.model
        self.graph: Graph = self.pair.graph

    def who(self, name: str) -> Caller:
        return self.pair.callers[name]

    @initialize()
    def begin(self) -> None:
        self.run(self.pair.begin())
        acme = self.create("ann", "group", None, "acme")
        prod = self.create("ann", "group", acme, "prod")
        dev = self.create("ann", "group", acme, "dev")
        europe = self.create("ann", "group", prod, "a")
        self.create("ann", "policy", acme, "a")
        self.create("ann", "policy", prod, "b")
        self.create("ann", "cluster", europe, "a")
        self.create("bob", "group", None, "acme")
        for place, role, name, hours in (
            (prod, "editor", "bob", None),
            (dev, "editor", "bob", None),
            (europe, "owner", "cid", None),
            (dev, "owner", "cid", 4),
            (europe, "viewer", "dan", 2),
        ):
            self.bind_whom("ann", place, role, name, hours)

    def create(self, who: str, kind: str, place: str | None, name: str, text: str = "**") -> str:
        model, graph, caller = self.model, self.graph, self.who(who)
        ref = self.pair.ids[place] if place else None
        document = a_policy(name, images=[text]) if kind == "policy" else ""
        if kind == "group":
            real = groups.create_group(graph, caller=caller, parent=ref, name=name)
        elif kind == "cluster":
            real = clusters.create_cluster(graph, caller=caller, group=ref or "", name=name)
        else:
            real = policies.apply_policy(graph, caller=caller, group=ref or "", document=document)
        self.run(
            self.pair.write(
                lambda: (
                    model.apply(who, place or "", name, document)
                    if kind == "policy"
                    else model.create(who, kind, place or "", name)
                ),
                lambda: real,
            )
        )
        made = [key for key in self.pair.ids if key.startswith(f"{kind}-")]
        return made[-1] if made else ""

    @rule(who=_WHO, name=_NAME)
    def create_organization(self, who: str, name: str) -> None:
        self.create(who, "group", None, name)

    @rule(who=_WHO, place=_PICK, name=_NAME)
    def create_group(self, who: str, place: int, name: str) -> None:
        self.create(who, "group", self.pair.pick(place, "group"), name)

    @rule(who=_WHO, place=_PICK, name=_NAME)
    def create_cluster(self, who: str, place: int, name: str) -> None:
        self.create(who, "cluster", self.pair.pick(place, "group"), name)

    @rule(who=_WHO, place=_PICK, name=_NAME, text=st.sampled_from(("**", "a/**")))
    def apply_policy(self, who: str, place: int, name: str, text: str) -> None:
        self.create(who, "policy", self.pair.pick(place, "group"), name, text)

    @rule(number=_PICK, what=_PICK, name=st.none() | _NAME, text=st.none() | _NAME)
    def update(self, number: int, what: int, name: str | None, text: str | None) -> None:
        key = self.pair.pick(what, "group", "cluster", "policy")
        who, kind = self.pair.able(number, key, "update"), kind_of(key)
        asked: dict[str, Any] = {kind: self.pair.ids[key]}
        if kind == "policy":
            name, text = None, text or ""
        else:
            asked["name"] = name
        said = {k: v for k, v in {"name": name, "text": text}.items() if v is not None}
        self.run(
            self.pair.write(
                lambda: self.model.update(who, key, **said),
                lambda: _UPDATE[kind](self.graph, caller=self.who(who), description=text, **asked),
            )
        )

    @rule(who=_PICK, what=_PICK, to=_PICK)
    def move_cluster(self, who: int, what: int, to: int) -> None:
        self.move(who, self.pair.pick(what, "cluster"), to)

    @rule(who=_PICK, what=_PICK, to=_PICK)
    def move_group(self, who: int, what: int, to: int) -> None:
        self.move(who, self.pair.pick(what, "group"), to)

    @rule(who=_PICK, what=_PICK, to=_PICK)
    def move_policy(self, who: int, what: int, to: int) -> None:
        self.move(who, self.pair.pick(what, "policy"), to)

    def move(self, number: int, key: str, to: int) -> None:
        who, kind = self.pair.able(number, key, "update"), kind_of(key)
        open_ = [
            group.key
            for group in self.model.of("group")
            if "clusters.create" in self.model.rights(who, group.key)
        ]
        place = [*open_, self.pair.pick(to, "group")][to % (len(open_) + 1)]
        asked = {kind: self.pair.ids[key], "to": self.pair.ids[place]}
        self.run(
            self.pair.write(
                lambda: self.model.move(who, key, place),
                lambda: _MOVE[kind](self.graph, caller=self.who(who), **asked),
            )
        )

    @rule(number=_PICK, what=_PICK)
    def activate(self, number: int, what: int) -> None:
        key = self.pair.pick(what, "version")
        policy = self.model.things[key].place if key in self.model.things else key
        who = self.pair.able(number, policy, "update")
        self.run(
            self.pair.write(
                lambda: self.model.activate(who, key),
                lambda: policies.activate_policy_version(
                    self.graph, caller=self.who(who), version=self.pair.ids[key]
                ),
            )
        )

    @rule(number=_PICK, what=_PICK, cascade=st.booleans())
    def delete(self, number: int, what: int, cascade: bool) -> None:
        key = self.pair.pick(what, "group", "cluster", "policy", "binding")
        who, kind = self.pair.able(number, key, "delete"), kind_of(key)
        asked: dict[str, Any] = {kind: self.pair.ids[key]}
        if kind == "group":
            asked["cascade"] = cascade
        self.run(
            self.pair.write(
                lambda: self.model.delete(who, key, cascade=cascade),
                lambda: _DELETE[kind](self.graph, caller=self.who(who), **asked),
            )
        )

    @rule(who=_WHO, place=_PICK, role=_ROLE, whom=st.sampled_from(PEOPLE), hours=_HOURS)
    def bind(self, who: str, place: int, role: str, whom: str, hours: int | None) -> None:
        self.bind_whom(who, self.pair.pick(place, "group"), role, whom, hours)

    def bind_whom(self, who: str, place: str, role: str, whom: str, hours: int | None) -> None:
        until = inf if hours is None else self.model.now + hours
        self.run(
            self.pair.write(
                lambda: self.model.bind(who, place, role, whom, until),
                lambda: bindings.create_role_binding(
                    self.graph,
                    caller=self.who(who),
                    group=self.pair.ids[place],
                    role=role,
                    user=self.who(whom).user_id,
                    expires_at=self.pair.expiry(until),
                ),
            )
        )

    @rule(number=_PICK, what=_PICK, role=st.none() | _ROLE, hours=_HOURS, never=st.booleans())
    def rebind(
        self, number: int, what: int, role: str | None, hours: int | None, never: bool
    ) -> None:
        key = self.pair.pick(what, "binding")
        who = self.pair.able(number, key, "update")
        until = inf if hours is None or never else self.model.now + hours
        said: dict[str, str | float] = {"name": role} if role else {}
        if never or hours is not None:
            said["expires"] = until
        self.run(
            self.pair.write(
                lambda: self.model.update(who, key, **said),
                lambda: bindings.update_role_binding(
                    self.graph,
                    caller=self.who(who),
                    binding=self.pair.ids[key],
                    role=role,
                    expires_at=self.pair.expiry(until),
                    never_expires=never,
                ),
            )
        )

    @rule(who=_WHO, back=st.integers(0, 8), last=st.booleans())
    def restore(self, who: str, back: int, last: bool) -> None:
        deletes = [n for n, (_, edits) in enumerate(self.model.history) if not edits[0][1]]
        all_ = list(range(len(self.model.history)))
        number = (deletes if last and deletes else all_)[::-1][back % len(deletes or all_)]
        self.run(
            self.pair.write(
                lambda: self.model.restore(who, number),
                lambda: restoring.restore(
                    self.graph, caller=self.who(who), change=self.pair.changes[number]
                ),
            )
        )

    @rule(hours=st.integers(1, 2))
    def forward(self, hours: int) -> None:
        self.model.now += hours

    @rule(who=_WHO, within=_PICK, hours=st.sampled_from((0, 0, 1)))
    def ask(self, who: str, within: int, hours: int) -> None:
        self.model.now += hours
        self.run(ask(self.pair, who, self.pair.pick(within, "group")))

    @rule(who=_WHO, what=_PICK)
    def look(self, who: str, what: int) -> None:
        self.run(look(self.pair, who, self.pair.pick(what, *_DELETE, "version")))

    @rule(who=_WHO, names=st.lists(_NAME, min_size=0, max_size=2))
    def follow(self, who: str, names: list[str]) -> None:
        self.run(follow(self.pair, who, ["acme", *names]))

    def teardown(self) -> None:
        for name in PEOPLE:
            if self.pair.callers:
                self.run(ask(self.pair, name, None))
                self.model.now += 1
        for root in (t.key for t in self.model.of("group") if not t.place):
            self.run(assert_whole(self.graph, self.pair.ids[root]))


async def test_the_service_answers_and_refuses_as_its_model_does(
    session: tuple[Session, bytes],
) -> None:
    loop = asyncio.get_running_loop()

    def run(work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=120)

    opened, key = session
    bound = type(
        "Bound", (Machine,), {"run": staticmethod(run), "session": opened, "user_key": key}
    )
    await asyncio.to_thread(run_state_machine_as_test, bound, settings=_PROFILE)
