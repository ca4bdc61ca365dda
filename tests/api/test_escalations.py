"""Attempts to come by a right that nobody gave: each is refused, and says why."""

from datetime import timedelta

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.api.client import Api, Person
from tests.api.issuer import AUDIENCE, Issuer
from tests.api.test_identities import called_as, given_keys, identify
from tests.given import Clock

CLUSTER = Issuer("https://kube.example")


@pytest.fixture
async def org(api: Api, ada: Person) -> str:
    """An organization of Ada's."""
    return await api.organization(ada, "team", "prod")


async def test_keys_of_a_tenant_do_not_pose_as_an_issuer_of_the_service(
    api: Api, ada: Person, org: str, clock: Clock
) -> None:
    forged = Issuer(api.issuer.name)
    refused = await api.do(
        ada, "createIdentity", group=org, name="ci", subject="x", **given_keys(forged, clock)
    )
    assert refused["__typename"] == "InvalidInput"
    assert "its own keys alone" in refused["message"]


async def test_the_pattern_of_a_stranger_does_not_take_or_stop_my_token(
    api: Api, ada: Person, org: str
) -> None:
    eve = api.person("eve")
    await api.organization(eve, name="evil")
    theirs = (
        await api.done(
            eve,
            "createIdentity",
            group="evil",
            name="trap",
            issuer=api.issuer.name,
            subjectPattern="repo:.*",
        )
    )["identity"]["id"]
    ours = await identify(api, ada, subject="repo:acme/shop")
    token = api.issuer.token("repo:acme/shop", aud=ours)

    assert (await called_as(api, ours, token) or {})["user"]["id"] == ours
    assert await called_as(api, theirs, token) is None
    assert await called_as(api, ours, api.issuer.token("repo:evil/shop", aud=ours)) is None
    assert await called_as(api, ours, api.issuer.token("repo:acme/shop", aud=theirs)) is None
    assert org


async def test_keys_that_came_with_one_identity_do_not_vouch_for_another(
    api: Api, ada: Person, org: str, clock: Clock
) -> None:
    other = Issuer(CLUSTER.name)
    said = {"subject": "system:serviceaccount:ci:ci", "audience": "policygraph"}
    one = await identify(api, ada, name="one", **said, **given_keys(CLUSTER, clock))
    two = await identify(api, ada, name="two", **said, **given_keys(other, clock))
    token = CLUSTER.token(said["subject"], aud="policygraph")

    assert await called_as(api, one, token)
    assert await called_as(api, two, token) is None
    assert (await api.post(b"{}", token=token)).status_code == 401
    assert org


async def test_a_person_does_not_act_as_a_workload_that_is_not_theirs(
    api: Api, ada: Person, org: str
) -> None:
    eve = api.person("eve")
    ci = await identify(api, ada, subject="job", audience=AUDIENCE)
    await api.done(ada, "createRoleBinding", group=org, role="owner", user=ci)
    assert await called_as(api, ci, eve.token) is None
    assert await called_as(api, ci, ada.token) is None


async def test_who_may_change_identities_does_not_become_what_one_is_bound_as(
    api: Api, ada: Person, org: str, clock: Clock
) -> None:
    ted = await api.member(ada, f"{org}/team", "owner", "ted")
    asked = {"group": f"{org}/team", "name": "ci", "issuer": api.issuer.name, "subject": "job"}
    ci = (await api.done(ada, "createIdentity", **asked))["identity"]["id"]
    await api.done(ada, "createRoleBinding", group=f"{org}/prod", role="viewer", user=ci)
    for change in (
        {"subject": ted.subject, "audience": AUDIENCE},
        {"subjectPattern": f"job|{ted.subject}"},
        {"audience": AUDIENCE},
        given_keys(CLUSTER, clock),
    ):
        refused = await api.do(ted, "updateIdentity", identity=ci, **change)
        assert refused["__typename"] == "PermissionDenied"
        assert "you do not hold" in refused["message"]
        assert "prod" not in refused["message"]  # which Ted does not see
    # Nor does a delete and a restore of it.
    gone = await api.done(ted, "deleteIdentity", identity=ci)
    refused = await api.do(ted, "restore", change=gone["changeId"])
    assert "message" in refused


async def test_a_workload_does_not_widen_its_own_match(api: Api, ada: Person, org: str) -> None:
    ci = await identify(api, ada, subject="job")
    await api.done(ada, "createRoleBinding", group=org, role="editor", user=ci)
    query = (
        "mutation($id: ID!) { updateIdentity(input: {identity: $id, subjectPattern: "
        '"job.*"}) { __typename } }'
    )
    body = orjson.dumps({"query": query, "variables": {"id": ci}})
    answer = await api.post(
        body, token=api.issuer.token("job", aud=ci), headers={"Policygraph-Identity": ci}
    )
    assert answer.json()["data"]["updateIdentity"]["__typename"] == "PermissionDenied"


async def test_a_workload_makes_no_organization_of_its_own(api: Api, ada: Person, org: str) -> None:
    ci = await identify(api, ada, subject="job")
    body = orjson.dumps({"query": 'mutation { createGroup(input: {name: "mine"}) { __typename } }'})
    answer = await api.post(
        body, token=api.issuer.token("job", aud=ci), headers={"Policygraph-Identity": ci}
    )
    assert answer.json()["data"]["createGroup"]["__typename"] == "PermissionDenied"
    assert org


async def test_an_identity_of_another_organization_is_not_bound(
    api: Api, ada: Person, org: str
) -> None:
    ci = await identify(api, ada, subject="job")
    eve = api.person("eve")
    await api.organization(eve, name="evil")
    refused = await api.do(eve, "createRoleBinding", group="evil", role="owner", user=ci)
    assert refused["__typename"] == "NotFound"
    assert org


async def test_a_private_key_is_refused_and_nowhere_to_be_found(
    api: Api, ada: Person, org: str, clock: Clock
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_numbers().private_value.to_bytes(32, "big")
    given = given_keys(CLUSTER, clock)
    document = orjson.loads(given["keys"])
    document["keys"][0]["d"] = secret.hex()
    given["keys"] = orjson.dumps(document).decode()
    refused = await api.do(ada, "createIdentity", group=org, name="ci", subject="x", **given)
    assert refused["__typename"] == "InvalidInput"
    assert secret.hex() not in orjson.dumps(refused).decode()
    query = "query($org: Ref!) { changes(organization: $org) { edges { node { kind } } } }"
    found = (await api.ask(ada, query, org=org))["changes"]["edges"]
    assert "create_identity" not in {edge["node"]["kind"] for edge in found}


async def test_keys_are_not_kept_in_use_beyond_their_thirty_days(
    api: Api, ada: Person, org: str, clock: Clock
) -> None:
    given = given_keys(CLUSTER, clock)
    given["keysExpireAt"] = (clock() + timedelta(days=31)).isoformat()
    refused = await api.do(ada, "createIdentity", group=org, name="ci", subject="x", **given)
    assert (refused["__typename"], "30 days" in refused["message"]) == ("InvalidInput", True)
