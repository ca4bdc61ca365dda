"""Workloads over HTTP: the request names the identity, and its rule and keys alone are tried."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from api.app import create_app
from api.authn.keys import DiscoveredKeys, KeyNotFoundError
from api.authn.tokens import Verifier
from api.authn.workloads import WorkloadIssuers
from api.errors import UnauthenticatedError
from api.settings import Settings
from graph.engine import Graph
from graph.matching import KnownIssuers
from queries.states import IdentityState
from tests.api.client import Api, Person
from tests.api.conftest import calling
from tests.api.issuer import AUDIENCE, Issuer
from tests.api.test_tokens import BAD
from tests.given import Clock

BODY = orjson.dumps({"query": "{ viewer { user { id kind displayName } organizationIds } }"})
CLUSTER = Issuer("https://kube.example")
"""An issuer that nobody configured: its keys come with the identities that name it."""


def given_keys(issuer: Issuer, clock: Clock, **ahead: float) -> dict[str, str]:
    """Return what an input says of an issuer whose keys come along."""
    return {
        "issuer": issuer.name,
        "keys": orjson.dumps({"keys": issuer.keys}).decode(),
        "keysExpireAt": (clock() + timedelta(**(ahead or {"days": 30}))).isoformat(),
    }


async def identify(api: Api, owner: Person, *, name: str = "ci", **said: Any) -> str:
    """Make an identity in acme; return its id."""
    asked = {"group": "acme", "name": name, "issuer": api.issuer.name, **said}
    return (await api.done(owner, "createIdentity", **asked))["identity"]["id"]


async def called_as(api: Api, identity: str, token: str) -> dict[str, Any] | None:
    """Return the viewer that a workload is; None when it is refused, which has one reason."""
    response = await api.post(BODY, token=token, headers={"Policygraph-Identity": identity})
    if response.status_code == 200:
        return response.json()["data"]["viewer"]
    assert response.status_code == 401, response.text
    (error,) = response.json()["errors"]
    assert error["message"].startswith("The token is not accepted. ")
    return None


async def test_a_workload_is_the_identity_that_it_names_and_holds_what_that_is_bound_to(
    api: Api, ada: Person
) -> None:
    org = await api.organization(ada)
    ci = await identify(api, ada, subject="job")
    token = api.issuer.token("job", aud=ci)

    found = await called_as(api, ci, token)
    assert found == {
        "user": {"id": ci, "kind": "WORKLOAD", "displayName": "ci"},
        "organizationIds": [],
    }
    await api.done(ada, "createRoleBinding", group="acme", role="editor", user=ci)
    found = await called_as(api, ci, token)
    assert found is not None
    assert found["organizationIds"] == [org]
    mutation = 'mutation { createCluster(input: {group: "acme", name: "c"}) { __typename } }'
    made = await api.post(
        orjson.dumps({"query": mutation}), token=token, headers={"Policygraph-Identity": ci}
    )
    assert made.json()["data"]["createCluster"]["__typename"] == "ClusterWritten"
    (edge,) = (await api.ask(ada, '{ changes(organization: "acme", first: 1) { edges { node'
        " { actor tokenId } } } }"))["changes"]["edges"]  # fmt: skip
    assert edge["node"]["actor"] == ci
    assert edge["node"]["tokenId"]


@pytest.mark.parametrize(
    ("said", "claims", "known"),
    [
        ({"subject": "job"}, {}, True),
        ({"subject": "Job"}, {}, False),
        ({"subject": "jo"}, {}, False),
        ({"subjectPattern": "j.b"}, {}, True),
        ({"subjectPattern": "jo"}, {}, False),
        ({"subjectPattern": "ob"}, {}, False),
        ({"subjectPattern": "x|job"}, {}, True),
        ({"subjectPattern": "job|x$"}, {"sub": "jobs"}, False),
        ({"subjectPattern": "repo:acme/.*"}, {"sub": "repo:acme/a:ref:main"}, True),
        ({"subjectPattern": "repo:acme/.*"}, {"sub": "repo:evil/repo:acme/a"}, False),
        ({"subject": "job", "audience": "ours"}, {"aud": "ours"}, True),
        ({"subject": "job", "audience": "ours"}, {"aud": ["x", "ours"]}, True),
        ({"subject": "job", "audience": "ours"}, {}, False),
        ({"subject": "job", "audience": "ours"}, {"aud": "OURS"}, False),
        ({"subject": "job"}, {"aud": AUDIENCE}, False),
        ({"subject": "job", "claims": [{"name": "ref", "value": "main"}]}, {"ref": "main"}, True),
        ({"subject": "job", "claims": [{"name": "ref", "value": "main"}]}, {"ref": "mai"}, False),
        ({"subject": "job", "claims": [{"name": "ref", "value": "main"}]}, {}, False),
        ({"subject": "job", "claims": [{"name": "n", "value": "1"}]}, {"n": 1}, False),
        ({"subject": "job", "claims": [{"name": "n", "value": "a"}]}, {"n": ["a"]}, False),
        ({"subject": "job", "claims": [{"name": "env", "pattern": "p.*"}]}, {"env": "prod"}, True),
        ({"subject": "job", "claims": [{"name": "env", "pattern": "p.*"}]}, {"env": "a p"}, False),
        ({"subject": "job", "claims": [{"name": "env", "pattern": ".*"}]}, {}, False),
    ],
)
async def test_a_token_is_of_an_identity_when_it_says_all_that_is_asked(
    api: Api, ada: Person, said: dict[str, Any], claims: dict[str, Any], *, known: bool
) -> None:
    await api.organization(ada)
    ci = await identify(api, ada, **said)
    changed: dict[str, Any] = {"aud": ci, **claims}
    token = api.issuer.token("job", header=None, **changed)

    assert (await called_as(api, ci, token) is not None) is known


async def test_keys_that_came_with_an_identity_vouch_until_they_expire(
    api: Api, ada: Person, clock: Clock
) -> None:
    await api.organization(ada)
    ci = await identify(api, ada, subject="job", **given_keys(CLUSTER, clock, days=2))
    for algorithm in ("ES256", "RS256"):
        assert await called_as(api, ci, CLUSTER.token("job", algorithm=algorithm, aud=ci))
    token = CLUSTER.token("job", aud=ci)
    clock.forward(days=2, seconds=-60)
    assert await called_as(api, ci, token)
    clock.forward(seconds=60)
    assert await called_as(api, ci, token) is None


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "another"},
        {"audience": "another"},
        {"claims": [{"name": "ref", "value": "main"}]},
        {"keys": orjson.dumps({"keys": Issuer(CLUSTER.name).keys}).decode()},
        {"issuer": "https://another.example"},
        None,
    ],
)
async def test_a_change_or_a_delete_of_an_identity_counts_from_the_next_request_on(
    api: Api, ada: Person, clock: Clock, change: dict[str, Any] | None
) -> None:
    await api.organization(ada)
    ci = await identify(api, ada, subject="job", **given_keys(CLUSTER, clock))
    token = CLUSTER.token("job", aud=ci)
    assert await called_as(api, ci, token)

    if change is None:
        await api.done(ada, "deleteIdentity", identity=ci)
    else:
        await api.done(ada, "updateIdentity", identity=ci, **change)

    assert await called_as(api, ci, token) is None


async def test_an_identity_is_called_otherwise_and_known_as_before(api: Api, ada: Person) -> None:
    await api.organization(ada)
    ci = await identify(api, ada, subject="job")
    await api.done(ada, "updateIdentity", identity=ci, name="builds", description="All of them.")

    found = await called_as(api, ci, api.issuer.token("job", aud=ci))
    assert found is not None
    assert found["user"]["displayName"] == "builds"


@dataclass(frozen=True)
class Bad:
    """An identity by whose rule each good token of `x` would be accepted."""

    api: Api
    identity: str
    issuer: Issuer


@pytest.fixture(scope="session", params=["configured", "by its keys"])
async def bad(lasting_api: Api, request: pytest.FixtureRequest) -> Bad:
    """An identity of each kind."""
    owner = lasting_api.person("owner")
    await lasting_api.organization(owner)
    said: dict[str, Any] = {"subject": "x", "audience": AUDIENCE}
    issuer = lasting_api.issuer
    if request.param != "configured":
        issuer = CLUSTER
        said |= given_keys(CLUSTER, Clock())
    made = Bad(lasting_api, await identify(lasting_api, owner, **said), issuer)
    assert await called_as(made.api, made.identity, made.issuer.token("x"))
    return made


@pytest.mark.parametrize("what", BAD)
async def test_a_bad_token_is_refused_for_a_workload_too(bad: Bad, what: str) -> None:
    response = await bad.api.post(
        BODY, token=BAD[what](bad.issuer), headers={"Policygraph-Identity": bad.identity}
    )
    assert response.status_code == 401, response.text
    (error,) = response.json()["errors"]
    assert error["message"].startswith(("The token is not accepted. ", "A token is needed: "))


@pytest.mark.parametrize(
    "named",
    ["", "x", "usr_", "usr_00000000000000000000000000", "grp_00000000000000000000000000", "a, b"],
)
async def test_a_header_that_names_no_identity_is_refused(
    api: Api, ada: Person, named: str
) -> None:
    assert await called_as(api, named, ada.token) is None


async def test_a_header_that_names_a_person_or_two_identities_is_refused(
    api: Api, ada: Person
) -> None:
    await api.organization(ada)
    ci = await identify(api, ada, subject="job", audience=AUDIENCE)
    token = api.issuer.token("job")
    assert await called_as(api, ci, token)
    assert await called_as(api, ada.id, ada.token) is None
    headers = [
        (b"content-type", b"application/json"),
        (b"authorization", f"Bearer {token}".encode()),
        (b"policygraph-identity", ci.encode()),
        (b"policygraph-identity", ci.encode()),
    ]
    twice = await api.http.post("/graphql", content=BODY, headers=headers)
    assert twice.status_code == 401


@asynccontextmanager
async def trusting(
    graph: Graph, issuer: Issuer, *others: Issuer, **trust: Any
) -> AsyncGenerator[Api]:
    """Call a service that trusts the tests' issuer for people, and others as it is said."""
    issuers = (issuer.trusted(), *(replace(other.trusted(), **trust) for other in others))
    app = create_app(graph, Settings(issuer=issuer.name, audience=AUDIENCE), None, issuers=issuers)
    async with calling(app, graph, issuer) as api:
        yield api


async def test_an_issuer_of_workloads_alone_needs_the_identity_to_be_named(
    graph: Graph, issuer: Issuer
) -> None:
    async with trusting(graph, issuer, CLUSTER, people=False) as api:
        ada = api.person("ada")
        await api.organization(ada)
        ci = await identify(api, ada, issuer=CLUSTER.name, subject="job", audience=AUDIENCE)
        token = CLUSTER.token("job")
        assert (await api.post(BODY, token=token)).status_code == 401
        assert await called_as(api, ci, token)


async def test_keys_that_came_with_an_identity_end_when_the_operator_configures_its_issuer(
    graph: Graph, issuer: Issuer, clock: Clock
) -> None:
    tenant = Issuer(CLUSTER.name)
    async with trusting(graph, issuer) as api:
        ada = api.person("ada")
        await api.organization(ada)
        ci = await identify(api, ada, subject="job", **given_keys(tenant, clock))
        assert await called_as(api, ci, tenant.token("job", aud=ci))
    async with trusting(graph, issuer, CLUSTER, people=False) as api:
        assert await called_as(api, ci, tenant.token("job", aud=ci)) is None
        assert await called_as(api, ci, CLUSTER.token("job", aud=ci)) is None
        await api.done(ada, "updateIdentity", identity=ci, keys="")
        assert await called_as(api, ci, tenant.token("job", aud=ci)) is None
        assert await called_as(api, ci, CLUSTER.token("job", aud=ci))


def _identity(issuer: str) -> IdentityState:
    now = Clock()()
    return IdentityState(
        id="usr_x",
        org="grp_x",
        group_id="grp_x",
        name="ci",
        description="",
        issuer=issuer,
        subject="job",
        audience=AUDIENCE,
        claims={},
        claim_patterns={},
        keys=[],
        created_at=now,
        created_by="usr_y",
    )


async def test_keys_are_looked_up_of_issuers_that_the_operator_lists_and_of_no_others() -> None:
    looked_up: list[str] = []
    cluster = Issuer("https://kube.example")

    def look_up(issuer: str) -> DiscoveredKeys:
        looked_up.append(issuer)
        return DiscoveredKeys(issuer, fetch=cluster.fetch)

    known = KnownIssuers(frozenset(), ("https://kube.example",))
    issuers = WorkloadIssuers({}, known, look_up=look_up)
    verifier, now = Verifier([]), Clock()()
    ours, other = _identity(cluster.name), _identity("https://kube.example.evil.example")
    for _ in range(2):
        found = await verifier.verify_for(cluster.token("job"), ours, issuers.trusted(ours, now))
        assert found.identity.subject == "job"
    assert (looked_up, len(cluster.fetched)) == ([cluster.name], 2)
    with pytest.raises(KeyNotFoundError):
        issuers.trusted(other, now)
    with pytest.raises(UnauthenticatedError):
        await verifier.verify_for(
            Issuer(cluster.name).token("job"), ours, issuers.trusted(ours, now)
        )


async def test_a_service_that_looks_keys_up_says_so_of_what_a_caller_names(
    graph: Graph, issuer: Issuer
) -> None:
    settings = Settings(
        issuer=issuer.name, audience=AUDIENCE, workload_issuers=["https://oidc.example/id/"]
    )
    app = create_app(graph, settings, None, issuers=(issuer.trusted(),))
    async with calling(app, graph, issuer) as api:
        ada = api.person("ada")
        await api.organization(ada)
        await identify(api, ada, subject="job", issuer="https://oidc.example/id/A1")
        refused = await api.do(
            ada,
            "createIdentity",
            group="acme",
            name="cd",
            subject="job",
            issuer="https://oidc.example/",
        )
    assert refused["__typename"] == "InvalidInput"
    assert "keys" in refused["message"]


@pytest.mark.parametrize(
    "claims",
    [
        [{"name": "a"}],
        [{"name": "a", "value": "x", "pattern": "y"}],
        [{"name": "a", "value": "x"}, {"name": "a", "value": "y"}],
    ],
)
async def test_a_claim_is_asked_for_once_in_one_way(
    api: Api, ada: Person, claims: list[dict[str, str]]
) -> None:
    await api.organization(ada)
    refused = await api.do(
        ada, "createIdentity", group="acme", name="ci", issuer="x", subject="x", claims=claims
    )
    assert refused["__typename"] == "InvalidInput"


async def test_identities_are_listed_where_they_may_be(api: Api, ada: Person) -> None:
    await api.organization(ada, "team", "other")
    asked = {"issuer": api.issuer.name, "subject": "job"}
    for group, name in (("acme", "b"), ("acme/team", "a"), ("acme/other", "c")):
        await api.done(ada, "createIdentity", group=group, name=name, **asked)
    gus = await api.member(ada, "acme/team", "viewer", "gus")
    query = (
        "query($within: Ref, $name: String) { identities(within: $within, name: $name)"
        " { totalCount edges { node { name group { name } user { kind } } } } }"
    )

    async def names(person: Person, **said: str) -> list[str]:
        found = (await api.ask(person, query, **said))["identities"]
        assert found["totalCount"] == len(found["edges"])
        return [edge["node"]["name"] for edge in found["edges"]]

    assert await names(ada) == ["a", "b", "c"]
    assert await names(ada, within="acme/other") == ["c"]
    assert await names(ada, name="b") == ["b"]
    assert await names(gus) == ["a"]
    nested = "{ groups { edges { node { name identities { edges { node { name } } } } } } }"
    found = (await api.ask(ada, nested))["groups"]["edges"]
    assert {
        edge["node"]["name"]: [e["node"]["name"] for e in edge["node"]["identities"]["edges"]]
        for edge in found
    } == {"acme": ["b"], "team": ["a"], "other": ["c"]}
