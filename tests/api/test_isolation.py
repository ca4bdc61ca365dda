"""No answer lets one organization learn of another: whatever stands there, all answers are equal.

Two organizations with the same names are built at random. Members of one ask everything that the
schema has, and try every mutation, with the other's ids and paths. Then the other is written to, or
deleted, and they ask again; and they ask with ids that nobody has.
"""

import asyncio
import re
import uuid
from collections.abc import Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.app import create_app
from api.schema import graphql_schema
from api.settings import Settings
from graph.engine import Graph
from graph.ids import Kind, kind_of, new_id
from tests.api.client import Api, Person
from tests.api.conftest import calling
from tests.api.issuer import AUDIENCE, Issuer
from tests.given import a_policy

_NAMES = ("prod", "dev", "a")
_DEEP = 3
# What an argument of this name is for; any other takes a thing of any kind.
_KINDS = {
    **dict.fromkeys(("group", "to", "parent", "within", "organization"), "group"),
    **{each: each for each in ("cluster", "policy", "version", "user", "binding")},
    **{each: each for each in ("invite", "identity", "role", "change")},
    "actor": "user",
}
_GIVEN: Mapping[str, object] = {
    "name": "new",
    "description": "new",
    "document": a_policy("new"),
    "capability": "GROUPS_LIST",
    "issuer": "https://issuer.example",
    "subject": "usr_00000000000000000000000000",
    "audience": "policygraph",
}


@dataclass
class Side:
    """An organization, with whoever made it, and the ids in it by kind."""

    owner: Person
    root: str
    ids: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    code: str = ""

    def note(self, kind: str, id_: str) -> str:
        self.ids.setdefault(kind, []).append(id_)
        return id_

    @property
    def all(self) -> list[str]:
        return [id_ for ids in self.ids.values() for id_ in ids]


async def build(api: Api, draw: Random, name: str) -> Side:
    """Make an organization at random, with one of each thing at least."""
    owner = api.person("owner")
    made = await api.done(owner, "createGroup", name="acme")
    side = Side(owner, made["group"]["id"])
    side.note("group", side.root)
    side.note("user", owner.id)
    side.note("change", made["changeId"])
    for number in range(draw.randint(1, 4)):
        at = draw.choice(side.ids["group"])
        outcome = await api.do(owner, "createGroup", parent=at, name=draw.choice(_NAMES))
        if "group" in outcome:
            side.note("group", outcome["group"]["id"])
        at = draw.choice(side.ids["group"])
        cluster = await api.do(owner, "createCluster", group=at, name=draw.choice(_NAMES))
        if "cluster" in cluster:
            side.note("cluster", cluster["cluster"]["id"])
        policy = await api.done(
            owner, "applyPolicy", group=at, document=a_policy(draw.choice(_NAMES))
        )
        side.note("policy", policy["policy"]["id"])
        side.note("version", policy["version"]["id"])
        identity = {"issuer": api.issuer.name, "subject": f"{name}-{number}-{side.root}"}
        role = draw.choice(("owner", "editor", "viewer", "cluster-agent"))
        bound = await api.done(owner, "createRoleBinding", group=at, role=role, identity=identity)
        side.note("binding", bound["binding"]["id"])
        side.note("user", bound["binding"]["user"]["id"])
        invite = await api.done(owner, "createInvite", group=at, role="viewer")
        side.note("invite", invite["invite"]["id"])
        side.code = invite["code"]
    identity = await api.done(
        owner,
        "createIdentity",
        group=side.root,
        name=draw.choice(_NAMES),
        issuer=api.issuer.name,
        subject="job",
    )
    side.note("identity", identity["identity"]["id"])
    role = await api.done(
        owner, "createRole", group=side.root, name="ours", capabilities=["CLUSTERS_LIST"]
    )
    side.note("role", role["role"]["id"])
    lost = await api.done(owner, "createCluster", group=side.root, name="lost")
    gone = await api.done(owner, "deleteCluster", cluster=lost["cluster"]["id"])
    side.note("change", gone["changeId"])
    return side


async def disturb(api: Api, draw: Random, side: Side) -> None:
    """Write to an organization: rename it, add to it, and perhaps delete it."""
    owner, root = side.owner, side.root
    await api.done(owner, "updateGroup", group=root, name=draw.choice(("acme", "prod", "other")))
    await api.do(owner, "createGroup", parent=root, name=draw.choice(_NAMES))
    await api.do(owner, "createCluster", group=root, name=draw.choice(_NAMES))
    await api.done(owner, "applyPolicy", group=root, document=a_policy(draw.choice(_NAMES)))
    await api.member(owner, root, "viewer")
    if draw.random() < 0.5:
        await api.done(owner, "deleteGroup", group=root, cascade=True)


# Every question and mutation, from the schema, so that none is forgotten.


def _named(type_: Any) -> Any:
    """Return what a type is below what says that it is a list, or never null."""
    while isinstance(type_, GraphQLList | GraphQLNonNull):
        type_ = cast("Any", type_).of_type
    return type_


def selection(type_: Any, depth: int = _DEEP) -> str:
    """Ask for all fields that take no argument that must be given, so many levels down."""
    named = _named(type_)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType):
        parts = [f"... on {each.name} {selection(each, depth)}" for each in named.types]
        return f"{{ __typename {' '.join(parts)} }}"
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    wanted = [
        f"{name} {selection(each.type, depth - 1)}".strip()
        for name, each in named.fields.items()
        if (depth > 1 or is_leaf_type(_named(each.type)))
        and not any(is_required_argument(argument) for argument in each.args.values())
        and not (depth < _DEEP and "Connection" in str(each.type))
    ]
    return f"{{ __typename {' '.join(wanted)} }}"


@dataclass(frozen=True)
class Asked:
    """One field with what it is asked of, each a reference into the other organization or not."""

    operation: str
    name: str
    arguments: Mapping[str, object]

    def text(self) -> str:
        root: Any = graphql_schema.query_type or graphql_schema.mutation_type
        if self.operation == "mutation":
            root = graphql_schema.mutation_type
        defined: Any = root.fields[self.name]
        members = ", ".join(f"{name}: {_literal(v)}" for name, v in self.arguments.items())
        inner = f"(input: {{{members}}})" if self.operation == "mutation" else f"({members})"
        depth = _DEEP - 1 if self.operation == "mutation" else _DEEP
        arguments = inner if members else ""
        return f"{self.operation} {{ {self.name}{arguments} {selection(defined.type, depth)} }}"


@dataclass(frozen=True)
class Word:
    """A value of an enumeration, which is written without quotes."""

    text: str


def _literal(value: object) -> str:
    return value.text if isinstance(value, Word) else orjson.dumps(value).decode()


def fields() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield each question and mutation, with its arguments or the members of its input."""
    query, mutation = graphql_schema.query_type, graphql_schema.mutation_type
    assert query is not None
    assert mutation is not None
    for name, each in query.fields.items():
        yield "query", name, each.args
    for name, each in mutation.fields.items():
        type_: Any = _named(each.args["input"].type)
        yield "mutation", name, type_.fields


def attempts(mine: Side, other: Side, guess: Mapping[str, str]) -> Iterator[Asked]:
    """Yield every field with the other's things in each place where a thing may be named.

    `guess` says what stands for each id of the other organization.
    """
    for operation, name, arguments in fields():
        refs = [each for each, a in arguments.items() if _names_a_thing(each, a)]
        needed = {
            each: _given(each, a)
            for each, a in arguments.items()
            if each not in refs and (is_required_argument(a) or is_required_input_field(a))
        }
        if name == "redeemInvite":
            needed["code"] = guess[other.code]
        if operation == "query" or not refs:
            yield Asked(operation, name, needed | _own(mine, arguments, refs))
        for place in refs:
            if (name, place) == ("createRoleBinding", "user"):
                continue  # a user belongs to no organization
            own = _own(mine, arguments, [each for each in refs if each != place])
            # By name they mean their own, whoever has the same: candidates are never told.
            names = ("acme", "acme/prod", "prod") if operation == "query" else ()
            for ref in (*_foreign(other, place, guess), *names):
                yield Asked(operation, name, {**needed, **own, place: ref})


def _names_a_thing(name: str, argument: Any) -> bool:
    return name in {"role", "text"} or str(argument.type).rstrip("!") in {"Ref", "ID"}


def _given(name: str, argument: Any) -> object:
    named: Any = _named(argument.type)
    if name in _GIVEN and not isinstance(named, GraphQLEnumType):
        return _GIVEN[name]
    if isinstance(named, GraphQLEnumType):
        return Word(next(iter(named.values)))
    return {"Boolean": False, "Int": 1}.get(named.name, "x")


def _own(mine: Side, arguments: Mapping[str, Any], refs: list[str]) -> dict[str, object]:
    needed = [
        each
        for each in refs
        if is_required_argument(arguments[each]) or is_required_input_field(arguments[each])
    ]
    return {each: mine.ids.get(_kind(each), [mine.root])[-1] for each in needed}


def _kind(place: str) -> str:
    return _KINDS.get(place, "*")


def _foreign(other: Side, place: str, guess: Mapping[str, str]) -> list[str]:
    kind = _kind(place)
    if kind != "*":
        ids = other.ids.get(kind, [])[-1:]
    else:
        ids = [other.ids[each][-1] for each in ("group", "policy", "user") if each in other.ids]
    return [*(guess[id_] for id_ in ids), f"{guess[other.root]}/prod"]


async def answers(api: Api, people: list[Person], asked: list[Asked]) -> list[bytes]:
    """Return all answers, byte by byte but for the number of the request."""
    found: list[bytes] = []
    for person in people:
        for each in asked:
            body = orjson.dumps({"query": each.text()})
            response = await api.post(body, token=person.token)
            assert response.status_code == 200, (each, response.text)
            assert "data" in response.json(), (each, response.text)  # it was executed
            found.append(re.sub(rb'"requestId":"[0-9a-f]+"', b"", response.content))
    return found


def _masked(answer: bytes, ids: list[str]) -> bytes:
    for id_ in ids:
        answer = answer.replace(id_.encode(), b"an id")
    return answer


async def _look(graph: Graph, issuer: Issuer, draw: Random) -> None:
    unlimited = Settings(issuer=issuer.name, audience=AUDIENCE, address_rate=0, caller_rate=0)
    app = create_app(graph, unlimited, None, issuers=(issuer.trusted(),))
    async with calling(app, graph, issuer) as api:
        mine, other = await build(api, draw, "mine"), await build(api, draw, "other")
        role = draw.choice(("owner", "editor", "viewer", "cluster-agent"))
        place = draw.choice(mine.ids["group"])
        people = [mine.owner, await api.member(mine.owner, place, role)]
        for person in people:
            await api.ask(person, "{ viewer { revision } }")  # from here on they are known
        guessed = {id_: new_id(kind_of(id_) or Kind.GROUP) for id_ in other.all}
        key, secret = other.code.split("_")[1:]
        guessed[other.code] = f"pgi_{uuid.uuid4().hex}_{secret}"
        known = {**{id_: id_ for id_ in other.all}, other.code: f"pgi_{key}_{'0' * len(secret)}"}

        right = list(attempts(mine, other, known))
        wrong = list(attempts(mine, other, guessed))
        before = await answers(api, people, right)
        never = await answers(api, people, wrong)
        await disturb(api, draw, other)
        after = await answers(api, people, right)

        for number, each in enumerate(right * len(people)):
            assert after[number] == before[number], each
            told = _masked(before[number], other.all)
            assert told == _masked(never[number], list(guessed.values())), each
            if each.operation == "mutation":
                data = orjson.loads(before[number])["data"]
                assert data is None or "changeId" not in (data[each.name] or {}), each


async def test_nobody_learns_of_another_organization(graph: Graph, issuer: Issuer) -> None:
    loop = asyncio.get_running_loop()

    def wait_for(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(timeout=400)

    @settings(
        max_examples=2,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=(HealthCheck.too_slow,),
    )
    @given(st.randoms(use_true_random=False))
    def look(draw: Random) -> None:
        wait_for(_look(graph, issuer, draw))

    await asyncio.to_thread(look)


def test_every_field_of_the_schema_is_tried() -> None:
    mine, other = Side(None, "grp_x"), Side(None, "grp_y")  # pyright: ignore[reportArgumentType] # nobody asks
    other.note("group", "grp_y")
    tried = {each.name for each in attempts(mine, other, {"grp_y": "grp_y", "": "a code"})}

    assert tried == {name for _, name, _ in fields()}
