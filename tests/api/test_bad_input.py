"""Bad input: a clear error that names what was wrong, and nothing is changed by it."""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.client import Api, Person
from tests.given import a_policy

UNKNOWN = "grp_00000000000000000000000000"
LONG = "a" * 64


@dataclass
class World:
    """An organization that no test of this file changes."""

    api: Api
    ada: Person
    org: str
    revision: str
    ids: dict[str, str]


@pytest.fixture(scope="session")
async def world(lasting_api: Api) -> World:
    api, ada = lasting_api, lasting_api.person("ada")
    org = await api.organization(ada, "prod", "prod/eu", "dev")
    await api.organization(ada, "away", name="second")
    theirs = await api.organization(api.person("eve"), name="hidden")
    cluster = await api.done(ada, "createCluster", group="acme/prod", name="c")
    await api.done(ada, "createCluster", group="acme/prod", name="d")
    await api.done(ada, "createCluster", group="acme/dev", name="c")
    applied = await api.done(ada, "applyPolicy", group="acme/prod", document=a_policy("p"))
    await api.done(ada, "applyPolicy", group="acme/dev", document=a_policy("p"))
    query = "query($w: Ref!) { roleBindings(within: $w) { edges { node { id } } } }"
    (bound,) = (await api.ask(ada, query, w=org))["roleBindings"]["edges"]
    ids = {
        "org": org,
        "hidden": theirs,
        "cluster": cluster["cluster"]["id"],
        "policy": applied["policy"]["id"],
        "version": applied["version"]["id"],
        "binding": bound["node"]["id"],
        "ada": ada.id,
        "change": applied["changeId"],
    }
    return World(api, ada, org, await api.revision(ada), ids)


async def _refused(world: World, kind: str, mutation: str, says: str, **given: Any) -> None:
    """Send it; hold the refusal to its kind and words, and the organization to its revision."""
    input_ = {
        name: world.ids.get(value[1:], value) if str(value).startswith("@") else value
        for name, value in given.items()
    }
    outcome = await world.api.do(world.ada, mutation, **input_)
    assert outcome["__typename"] == kind, outcome
    assert world.ids.get(says[1:], says) in outcome["message"], outcome
    assert await world.api.revision(world.ada) == world.revision


REFS = [
    ("NotFound", "acme/nowhere"),
    ("NotFound", "acme/prod/eu/deeper"),
    ("NotFound", "nobody/prod"),
    ("NotFound", "ACME/prod"),
    ("NotFound", "acme/Prod"),
    ("NotFound", UNKNOWN),
    ("NotFound", "@hidden"),
    ("NotFound", "hidden"),
    ("InvalidInput", "@cluster"),
    ("InvalidInput", "@policy"),
    ("InvalidInput", "cluster:acme/prod/c"),
    ("InvalidInput", "acme//prod"),
    ("InvalidInput", "/acme"),
    ("InvalidInput", "acme/"),
]


@pytest.mark.parametrize(("kind", "ref"), REFS)
async def test_a_ref_of_a_group_that_leads_nowhere_is_named(
    world: World, kind: str, ref: str
) -> None:
    await _refused(world, kind, "createGroup", ref, parent=ref, name="new")
    await _refused(world, kind, "updateGroup", ref, group=ref, name="new")
    await _refused(world, kind, "moveGroup", ref, group="acme/dev", to=ref)
    await _refused(world, kind, "deleteGroup", ref, group=ref)
    await _refused(world, kind, "createCluster", ref, group=ref, name="new")
    await _refused(world, kind, "moveCluster", ref, cluster="acme/prod/c", to=ref)
    await _refused(world, kind, "movePolicy", ref, policy="acme/prod/p", to=ref)
    await _refused(world, kind, "applyPolicy", ref, group=ref, document=a_policy("new"))
    await _refused(world, kind, "createRoleBinding", ref, group=ref, role="viewer", user="@ada")


@pytest.mark.parametrize("ref", ["", " ", "acme/\x00", "acme\n", "a" * 70_001, "\u202eacme"])
async def test_a_ref_that_cannot_be_one_is_refused(world: World, ref: str) -> None:
    says = "A ref is an id or a path"
    await _refused(world, "InvalidInput", "deleteGroup", says, group=ref)
    await _refused(world, "InvalidInput", "deleteCluster", says, cluster=ref)


@pytest.mark.parametrize(
    ("kind", "mutation", "given"),
    [
        ("NotFound", "deleteCluster", {"cluster": "acme/prod/nowhere"}),
        ("NotFound", "deleteCluster", {"cluster": "clu_00000000000000000000000000"}),
        ("InvalidInput", "deleteCluster", {"cluster": "c"}),
        ("InvalidInput", "deleteCluster", {"cluster": "group:acme/prod"}),
        ("InvalidInput", "deleteCluster", {"cluster": "@policy"}),
        ("NotFound", "recordClusterSeen", {"cluster": "acme/prod/nowhere"}),
        ("InvalidInput", "recordClusterSeen", {"cluster": "@policy"}),
        ("NotFound", "deletePolicy", {"policy": "acme/prod/nowhere"}),
        ("InvalidInput", "deletePolicy", {"policy": "@cluster"}),
        ("NotFound", "activatePolicyVersion", {"version": "ver_00000000000000000000000000"}),
        ("InvalidInput", "activatePolicyVersion", {"version": "@policy"}),
        ("InvalidInput", "activatePolicyVersion", {"version": "1"}),
        ("NotFound", "deleteRoleBinding", {"binding": "bnd_00000000000000000000000000"}),
        ("InvalidInput", "deleteRoleBinding", {"binding": "@cluster"}),
        ("NotFound", "restore", {"change": "chg_00000000000000000000000000"}),
        ("InvalidInput", "restore", {"change": "@cluster"}),
        ("InvalidInput", "restore", {"change": "@change"}),
    ],
)
async def test_what_is_of_another_kind_or_nowhere_is_named(
    world: World, kind: str, mutation: str, given: dict[str, str]
) -> None:
    (says,) = given.values()
    await _refused(world, kind, mutation, says, **given)


NAMES = ["", " ", "DERP", "a/b", "\r\n\tderp", "ä", ".", "..", " a", "a ", LONG, "a\x00b", "grp_x"]


@pytest.mark.parametrize("name", [*NAMES, "usr_me", "a\u200bb", "a\u0301"])
async def test_a_bad_name_is_refused_and_shown(world: World, name: str) -> None:
    says = repr(name[:80])
    await _refused(world, "InvalidInput", "createGroup", says, parent="acme", name=name)
    await _refused(world, "InvalidInput", "createGroup", says, name=name)
    await _refused(world, "InvalidInput", "updateGroup", says, group="acme/dev", name=name)
    await _refused(world, "InvalidInput", "createCluster", says, group="acme", name=name)
    await _refused(world, "InvalidInput", "updateCluster", says, cluster="acme/prod/c", name=name)


@pytest.mark.parametrize("text", ["a\x00", "a\x1b[31m", "\x7f", "a" * 4097])
async def test_a_description_with_controls_or_too_long_is_refused(world: World, text: str) -> None:
    says = "A description"
    for mutation, given in (
        ("createGroup", {"parent": "acme", "name": "new"}),
        ("updateGroup", {"group": "acme/dev"}),
        ("createCluster", {"group": "acme", "name": "new"}),
        ("updateCluster", {"cluster": "acme/prod/c"}),
        ("applyPolicy", {"group": "acme", "document": a_policy("new")}),
        ("updatePolicy", {"policy": "acme/prod/p"}),
    ):
        await _refused(world, "InvalidInput", mutation, says, **given, description=text)


@pytest.mark.parametrize(
    ("mutation", "says", "given"),
    [
        ("createGroup", "'prod'", {"parent": "acme", "name": "prod"}),
        ("createGroup", "'acme'", {"name": "acme"}),
        ("updateGroup", "'prod'", {"group": "acme/dev", "name": "prod"}),
        ("updateGroup", "'second'", {"group": "acme", "name": "second"}),
        ("createCluster", "'c'", {"group": "acme/prod", "name": "c"}),
        ("updateCluster", "'c'", {"cluster": "acme/prod/d", "name": "c"}),
        ("moveCluster", "'c'", {"cluster": "acme/dev/c", "to": "acme/prod"}),
        ("movePolicy", "'p'", {"policy": "acme/dev/p", "to": "acme/prod"}),
        ("moveGroup", "acme/prod/eu/prod would close", {"group": "@prod", "to": "acme/prod/eu"}),
        ("moveGroup", "below itself", {"group": "acme/prod", "to": "acme/prod"}),
        ("deleteGroup", "prod is not empty", {"group": "acme/prod"}),
        ("deleteGroup", "acme is not empty", {"group": "acme"}),
        ("deleteRoleBinding", "without an owner", {"binding": "@binding"}),
        ("updateRoleBinding", "without an owner", {"binding": "@binding", "role": "viewer"}),
        (
            "updateRoleBinding",
            "without an owner",
            {"binding": "@binding", "expiresAt": "2999-01-01T00:00:00Z"},
        ),
    ],
)
async def test_what_the_graph_forbids_is_a_conflict(
    world: World, mutation: str, says: str, given: dict[str, str]
) -> None:
    given = {name: value.replace("@prod", "acme/prod") for name, value in given.items()}
    says = says.replace("acme/prod/eu/prod", "prod/eu/prod")
    await _refused(world, "Conflict", mutation, says, **given)


async def test_what_a_group_that_is_not_empty_holds_is_listed(world: World) -> None:
    outcome = await world.api.do(world.ada, "deleteGroup", group="acme/prod")
    assert outcome["details"] == ["group eu", "policy p", "cluster c", "cluster d"]


@pytest.mark.parametrize(
    ("mutation", "says", "given"),
    [
        ("moveGroup", "acme", {"group": "acme", "to": "acme/prod"}),
        ("moveGroup", "another organization", {"group": "acme/dev", "to": "second/away"}),
        ("moveCluster", "another organization", {"cluster": "acme/prod/c", "to": "second"}),
        ("movePolicy", "another organization", {"policy": "acme/prod/p", "to": "second"}),
        ("createRoleBinding", "emperor", {"group": "acme", "role": "emperor", "user": "@ada"}),
        ("createRoleBinding", "either", {"group": "acme", "role": "viewer"}),
        ("createRoleBinding", "bob", {"group": "acme", "role": "viewer", "user": "bob"}),
        (
            "createRoleBinding",
            "2020-01-01",
            {
                "group": "acme",
                "role": "viewer",
                "user": "@ada",
                "expiresAt": "2020-01-01T00:00:00Z",
            },
        ),
        (
            "createRoleBinding",
            "time zone",
            {"group": "acme", "role": "viewer", "user": "@ada", "expiresAt": "2999-01-01T00:00:00"},
        ),
        (
            "createRoleBinding",
            "https://evil.example",
            {
                "group": "acme",
                "role": "viewer",
                "identity": {"issuer": "https://evil.example", "subject": "x"},
            },
        ),
        (
            "createRoleBinding",
            "empty",
            {
                "group": "acme",
                "role": "viewer",
                "identity": {"issuer": "https://issuer.example", "subject": ""},
            },
        ),
        (
            "createRoleBinding",
            "control characters",
            {
                "group": "acme",
                "role": "viewer",
                "identity": {"issuer": "https://issuer.example", "subject": "a\x00"},
            },
        ),
        (
            "updateRoleBinding",
            "either",
            {"binding": "@binding", "expiresAt": "2999-01-01T00:00:00Z", "neverExpires": True},
        ),
        (
            "createCluster",
            "twice: a",
            {"group": "acme", "name": "new", "labels": [{"key": "a", "value": "1"}] * 2},
        ),
        (
            "createCluster",
            "'-=x'",
            {"group": "acme", "name": "new", "labels": [{"key": "-", "value": "x"}]},
        ),
        (
            "updateCluster",
            "64 labels",
            {
                "cluster": "acme/prod/c",
                "labels": [{"key": f"k{n}", "value": ""} for n in range(65)],
            },
        ),
        ("createCluster", "remote id", {"group": "acme", "name": "new", "remoteId": "a\x00"}),
        (
            "createCluster",
            "Kubernetes version",
            {"group": "acme", "name": "new", "kubernetesVersion": "v" * 64},
        ),
        ("updateCluster", "a UUID", {"cluster": "acme/prod/c", "remoteId": "1f0c"}),
        ("applyPolicy", "1 to 63", {"group": "acme", "document": a_policy("p" * 64)}),
    ],
)
async def test_what_makes_no_sense_is_refused(
    world: World, mutation: str, says: str, given: dict[str, Any]
) -> None:
    await _refused(world, "InvalidInput", mutation, says, **given)


async def test_a_user_nobody_knows_is_not_found(world: World) -> None:
    user = "usr_00000000000000000000000000"
    await _refused(
        world, "NotFound", "createRoleBinding", user, group="acme", role="viewer", user=user
    )


async def test_a_question_that_fails_leaves_the_answers_of_the_others(world: World) -> None:
    query = """{ lost: cluster(ref: "acme/prod/gone") { id } found: cluster(ref: "acme/prod/c")
      { name } groups(within: "acme/nowhere") { totalCount } viewer { user { id } } }"""
    answer = await world.api.answer(world.ada, query)
    assert answer["data"] == {
        "lost": None,
        "found": {"name": "c"},
        "groups": None,
        "viewer": {"user": {"id": world.ada.id}},
    }
    assert sorted(error["path"] for error in answer["errors"]) == [["groups"], ["lost"]]


async def test_a_mutation_that_is_refused_leaves_the_outcomes_of_the_others(world: World) -> None:
    mutation = """mutation($long: String!) {
      first: createGroup(input: {parent: "acme", name: "kept"}) { ... on Success { changeId } }
      second: createGroup(input: {parent: "acme", name: "lost", idempotencyKey: $long})
      { ... on GroupWritten { group { name counts { groups } } } ... on Refusal { message } }
      third: createGroup(input: {parent: "acme", name: "Kept"}) { ... on Refusal { message } } }"""
    answer = await world.api.answer(world.ada, mutation, long="k" * 256)
    outcomes = answer["data"]
    assert outcomes["first"]["changeId"].startswith("chg_")
    assert "255" in outcomes["second"]["message"]
    assert "Kept" in outcomes["third"]["message"]
