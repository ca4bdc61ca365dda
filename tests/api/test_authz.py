"""Which right each field takes: said once for each, and true for every role there is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.authz import annotation_of
from api.schema import graphql_schema, schema
from graph import clusters, lookup
from graph.rights import BUILT_IN_ROLES, Capability
from graph.snapshot import Snapshot
from queries.states import ClusterState
from tests.api.client import RESULTS, Api, Person
from tests.given import ISSUER, a_policy

TABLE: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parents[1] / "scenarios" / "rights.yaml").read_text(encoding="utf-8")
)
PEOPLE = ("owner", "editor", "viewer", "cluster-agent", "stranger", "nobody")
EMPTY = "answers with nothing"
ANSWERS, DENIES, HIDES = "answers", "refuses", "hides"
QUERIES = {
    "viewer": "{ viewer { user { id } } }",
    "group": "{ group(ref: $group) { id } }",
    "groups": "{ groups { edges { node { id } } } }",
    "cluster": "{ cluster(ref: $cluster) { id } }",
    "clusters": "{ clusters { edges { node { id } } } }",
    "identity": "{ identity(ref: $identity) { id } }",
    "identities": "{ identities { edges { node { id } } } }",
    "policy": "{ policy(ref: $policy) { id } }",
    "policies": "{ policies { edges { node { id } } } }",
    "user": "{ user(ref: $user) { id } }",
    "users": "{ users { edges { node { id } } } }",
    "capabilities": "{ capabilities { name } }",
    "role": "{ role(ref: $role) { id } }",
    "roles": "{ roles(within: $group) { edges { node { id } } } }",
    "roleBindings": "{ roleBindings { edges { node { id } } } }",
    "invite": "{ invite(id: $invite) { id } }",
    "invites": "{ invites { edges { node { id group { name } } } } }",
    "changes": "{ changes(organization: $org) { edges { node { id } } } }",
    "node": "{ node(id: $nodeId) { id } }",
    "resolve": "{ resolve(text: $name) { id } }",
    "access": "{ access(user: $user, group: $group, capability: POLICY_LIST) { allowed } }",
    "paths": "{ paths(from: $policy, to: $cluster) { steps { id } } }",
    "impact": "{ impact(ref: $cluster) { clusters { totalCount } } }",
    "diff": "{ diff(left: $group, right: $cluster) { both { totalCount } } }",
}


def _root_fields() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("Query", "Mutation"):
        definition: Any = schema.get_type_by_name(name)
        for field in definition.fields:
            found[schema.config.name_converter.get_graphql_name(field)] = field
    return found


FIELDS = _root_fields()


def test_every_root_field_says_once_which_right_it_takes() -> None:
    query, mutation = graphql_schema.query_type, graphql_schema.mutation_type
    assert query is not None
    assert mutation is not None
    assert set(FIELDS) == set(query.fields) | set(mutation.fields)
    for name, field in FIELDS.items():
        capabilities, scope = annotation_of(field)
        assert all(isinstance(each, Capability) for each in capabilities), name
        assert scope is None or _has_argument(name, scope), name


def _has_argument(field: str, scope: str) -> bool:
    query, mutation = graphql_schema.query_type, graphql_schema.mutation_type
    assert query is not None
    assert mutation is not None
    first, _, member = scope.partition(".")
    argument = (query.fields | mutation.fields)[field].args.get(first)
    if argument is None or not member:
        return argument is not None
    type_: Any = argument.type
    return member in type_.of_type.fields


async def test_a_field_that_forgets_to_ask_for_its_right_answers_nothing(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.organization(ada)
    await api.done(ada, "createCluster", group="acme", name="c")

    async def careless(at: Snapshot, *, ref: str) -> ClusterState:
        return await lookup.find_cluster(at, ref)

    monkeypatch.setattr(clusters, "get_cluster", careless)
    query = '{ cluster(ref: "acme/c") { id } clusters { totalCount } }'
    answer = await api.answer(ada, query)

    assert answer["data"] == {"cluster": None, "clusters": {"totalCount": 1}}
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["cluster"], "INTERNAL")


def test_the_table_of_rights_has_every_field_and_every_role_once() -> None:
    assert set(TABLE) == set(FIELDS) == set(QUERIES) | set(RESULTS)
    assert {role.name for role in BUILT_IN_ROLES.values()} < set(PEOPLE)
    for name, row in TABLE.items():
        assert sorted(each for people in row.values() for each in people) == sorted(PEOPLE), name
        assert set(row) <= {ANSWERS, EMPTY, DENIES, HIDES}, name


def test_who_answers_in_the_table_is_who_holds_the_annotated_right() -> None:
    for name, row in TABLE.items():
        capabilities, scope = annotation_of(FIELDS[name])
        if scope is None or not capabilities or name == "createGroup":
            continue
        holding = {r.name for r in BUILT_IN_ROLES.values() if r.capabilities & set(capabilities)}
        assert set(row.get(ANSWERS, [])) == holding, name


@dataclass
class World:
    """An organization with a person of each role, and what each attempt is made on."""

    api: Api
    owner: Person
    people: dict[str, Person]
    root: str
    asked: dict[str, str]


@pytest.fixture(scope="session")
async def world(lasting_api: Api) -> World:
    """One person of each role in an organization, and two without."""
    api, ada = lasting_api, lasting_api.person("ada")
    root = await api.organization(ada, "team", "other")
    people = {
        role.name: await api.member(ada, root, role.name, role.name)
        for role in BUILT_IN_ROLES.values()
    }
    stranger = api.person("stranger")
    await api.organization(stranger, name="elsewhere")
    people |= {"stranger": stranger, "nobody": api.person("nobody")}
    made = World(api, ada, people, root, {})
    made.asked = await _targets(made, "asked")
    return made


@pytest.mark.parametrize("field", sorted(QUERIES))
async def test_a_question_is_answered_to_those_in_the_table(world: World, field: str) -> None:
    text = QUERIES[field]
    for name, value in world.asked.items():
        text = text.replace(f"${name})", f'"{value}")').replace(f"${name},", f'"{value}",')
    for name, person in world.people.items():
        answer = await world.api.answer(person, text)
        assert _said(answer, field, name) == _expected(field, name), (name, answer)


@pytest.mark.parametrize("field", sorted(RESULTS))
async def test_a_write_is_done_for_those_in_the_table(world: World, field: str) -> None:
    untouched = await world.api.revision(world.owner)
    for said in (HIDES, DENIES):
        for name in TABLE[field].get(said, []):
            outcome = await _attempt(world, field, name, world.asked)
            assert outcome == said, name
    assert await world.api.revision(world.owner) == untouched
    for name in TABLE[field][ANSWERS]:
        targets = await _targets(world, f"{field.lower()}-{name}", for_=field)
        assert await _attempt(world, field, name, world.asked | targets) == ANSWERS, name


async def _attempt(world: World, field: str, name: str, targets: dict[str, str]) -> str:
    outcome = await world.api.do(world.people[name], field, **_inputs(field, targets))
    kind = outcome["__typename"]
    assert kind not in {"Conflict", "InvalidInput"}, outcome
    return {"PermissionDenied": DENIES, "NotFound": HIDES}.get(kind, ANSWERS)


def _expected(field: str, name: str) -> str:
    return next(said for said, people in TABLE[field].items() if name in people)


def _said(answer: dict[str, Any], field: str, name: str) -> str:
    if "errors" in answer:
        (error,) = answer["errors"]
        return {"PERMISSION_DENIED": DENIES, "NOT_FOUND": HIDES}[error["extensions"]["code"]]
    found: Any = answer["data"][field]
    if name == "stranger" and "edges" in found:
        # A stranger is answered with their own; here it is asked for what is ours.
        return EMPTY if "asked" not in str(found) else ANSWERS
    return EMPTY if found in ([], {"edges": []}) else ANSWERS


async def _targets(world: World, tag: str, *, for_: str = "") -> dict[str, str]:
    """Make a group with a cluster, a policy, a binding and a deleted cluster; or what is needed."""
    api, ada = world.api, world.owner
    group = await api.done(ada, "createGroup", parent=f"{world.root}/team", name=tag)
    at = {"group": group["group"]["id"], "nodeId": group["group"]["id"], "name": tag}
    at |= {"org": world.root, "other": f"{world.root}/other", "empty": at["group"]}
    if not for_ or "Policy" in for_:
        document = a_policy(f"p-{tag}")
        policy = await api.done(ada, "applyPolicy", group=at["group"], document=document)
        at |= {"policy": policy["policy"]["id"], "version": policy["version"]["id"]}
    if not for_ or "Cluster" in for_:
        cluster = await api.done(ada, "createCluster", group=at["group"], name=f"c-{tag}")
        at["cluster"] = cluster["cluster"]["id"]
    if not for_ or "Binding" in for_:
        identity = {"issuer": api.issuer.name, "subject": api.person().subject}
        bound = await api.done(
            ada, "createRoleBinding", group=at["group"], role="viewer", identity=identity
        )
        at |= {"binding": bound["binding"]["id"], "user": bound["binding"]["user"]["id"]}
    if not for_ or for_.endswith("Role"):
        named = await api.done(
            ada, "createRole", group=at["group"], name="r", capabilities=["GROUPS_LIST"]
        )
        at["role"] = named["role"]["id"]
    if not for_ or "Invite" in for_:
        made = await api.done(ada, "createInvite", group=at["group"], role="viewer")
        at |= {"invite": made["invite"]["id"], "code": made["code"]}
    if not for_ or "Identity" in for_:
        identity = await api.done(
            ada,
            "createIdentity",
            group=at["group"],
            name=f"i-{tag}",
            issuer=api.issuer.name,
            subject="job",
        )
        at["identity"] = identity["identity"]["id"]
    if not for_ or for_ == "restore":
        lost = await api.done(ada, "createCluster", group=at["group"], name="lost")
        gone = await api.done(ada, "deleteCluster", cluster=lost["cluster"]["id"])
        at["change"] = gone["changeId"]
    return at


def _inputs(field: str, at: dict[str, str]) -> dict[str, Any]:
    return {
        "createGroup": {"parent": at["group"], "name": "new"},
        "updateGroup": {"group": at["group"], "description": "new"},
        "moveGroup": {"group": at["group"], "to": at["other"]},
        "deleteGroup": {"group": at["empty"]},
        "restore": {"change": at["change"]},
        "applyPolicy": {"group": at["group"], "document": a_policy("new")},
        "updatePolicy": {"policy": at["policy"], "description": "new"},
        "movePolicy": {"policy": at["policy"], "to": at["other"]},
        "activatePolicyVersion": {"version": at["version"]},
        "deletePolicy": {"policy": at["policy"]},
        "createCluster": {"group": at["group"], "name": "new"},
        "updateCluster": {"cluster": at["cluster"], "description": "new"},
        "moveCluster": {"cluster": at["cluster"], "to": at["other"]},
        "deleteCluster": {"cluster": at["cluster"]},
        "recordClusterSeen": {"cluster": at["cluster"]},
        "createRole": {
            "group": at["other"],
            "name": f"new {at['name']}",
            "capabilities": ["GROUPS_LIST"],
        },
        "updateRole": {"role": at["role"], "description": "new"},
        "deleteRole": {"role": at["role"]},
        "createInvite": {"group": at["group"], "role": "viewer"},
        "rotateInvite": {"invite": at["invite"]},
        "deleteInvite": {"invite": at["invite"]},
        "redeemInvite": {"code": at["code"]},
        "createIdentity": {
            "group": at["group"],
            "name": "new",
            "issuer": ISSUER,
            "subject": "job",
        },
        "updateIdentity": {"identity": at["identity"], "subject": "another"},
        "deleteIdentity": {"identity": at["identity"]},
        "createRoleBinding": {"group": at["group"], "role": "viewer", "user": at["user"]},
        "updateRoleBinding": {"binding": at["binding"], "role": "cluster-agent"},
        "deleteRoleBinding": {"binding": at["binding"]},
    }[field]
