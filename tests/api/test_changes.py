"""The audit log: who wrote what, from where, and by which token."""

import hashlib
import re
from dataclasses import asdict, replace
from datetime import timedelta

import orjson
import pytest

from graph import groups
from graph.change_filter import ChangeKind
from graph.snapshot import OPERATOR, Origin
from queries.changes import read_change_parts
from tests.api.client import RESULTS, Api, Person
from tests.given import a_policy_by_key, a_secret
from tests.model.replay import all_changes

CHANGES = (
    "query($o: Ref!) { changes(organization: $o) { edges { node { kind address tokenId } } } }"
)
WHOLE = """
query($o: Ref!) {
  changes(organization: $o, first: 20) {
    edges { node { id kind number actor at address tokenId subjects
                   edits(first: 100) { edges { node { before after } } } } }
  }
}
"""
FILTERED = """
query($o: Ref!, $actor: ID, $kind: ChangeKind, $subject: ID, $since: DateTime, $until: DateTime,
      $first: Int, $after: String) {
  changes(organization: $o, actor: $actor, kind: $kind, subject: $subject, since: $since,
          until: $until, first: $first, after: $after) {
    totalCount pageInfo { endCursor } edges { node { number } }
  }
}
"""


async def _origins(api: Api, person: Person, org: str) -> list[tuple[str, str | None, str | None]]:
    edges = (await api.ask(person, CHANGES, o=org))["changes"]["edges"]
    return [(e["node"]["kind"], e["node"]["address"], e["node"]["tokenId"]) for e in edges]


async def test_a_change_says_from_which_address_and_by_which_token(api: Api, ada: Person) -> None:
    by_id = replace(ada, token=api.issuer.token(ada.subject, jti="session 7"))

    org = await api.organization(by_id)

    assert await _origins(api, ada, org) == [("CREATE_GROUP", "127.0.0.1", "session 7")]


async def test_a_token_without_a_usable_id_is_called_by_the_start_of_its_hash(
    api: Api, ada: Person
) -> None:
    tokens = [ada.token]
    tokens += [api.issuer.token(ada.subject, jti=jti) for jti in ("", "a\nb", "x" * 256)]

    org = await api.organization(ada)
    for number, token in enumerate(tokens[1:]):
        await api.done(replace(ada, token=token), "createGroup", parent=org, name=f"g{number}")

    hashes = [f"sha256:{hashlib.sha256(token.encode()).hexdigest()[:16]}" for token in tokens]
    assert [token_id for _, _, token_id in await _origins(api, ada, org)] == hashes[::-1]


async def test_a_repeat_of_a_write_by_another_token_is_the_same_write(
    api: Api, ada: Person
) -> None:
    again = replace(ada, token=api.issuer.token(ada.subject, jti="another"))
    said = {"name": "acme", "idempotencyKey": "k"}

    outcomes = [await api.done(who, "createGroup", **said) for who in (ada, again)]

    assert outcomes[0] == outcomes[1]


async def test_who_works_on_the_host_is_recorded_as_such(api: Api, ada: Person) -> None:
    org = await api.organization(ada)

    await groups.update_group(
        api.graph, caller=replace(ada.caller, origin=OPERATOR.origin), group=org, description="told"
    )

    assert (await _origins(api, ada, org))[0] == ("UPDATE_GROUP", "host", None)


def test_somebody_is_the_same_caller_from_wherever_they_come(ada: Person) -> None:
    elsewhere = replace(ada.caller, origin=Origin("2001:db8::1", "t"))

    assert (elsewhere, hash(elsewhere)) == (ada.caller, hash(ada.caller))


async def _numbers(api: Api, person: Person, org: str, **asked: str) -> list[int]:
    found = (await api.ask(person, FILTERED, o=org, **asked))["changes"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"]["number"] for edge in found["edges"]]


async def test_the_log_is_filtered_by_who_what_and_when(api: Api, ada: Person) -> None:
    org = await api.organization(ada, "team")
    bob = await api.member(ada, org, "owner", "bob")
    made = (await api.done(bob, "createCluster", group=f"{org}/team", name="c"))["cluster"]["id"]
    await api.done(ada, "updateCluster", cluster=made, description="told")
    times = "query($o: Ref!) { changes(organization: $o) { edges { node { at } } } }"
    edges = (await api.ask(ada, times, o=org))["changes"]["edges"]
    at = {5 - number: edge["node"]["at"] for number, edge in enumerate(edges)}

    assert await _numbers(api, ada, org, actor=bob.id) == [4]
    assert await _numbers(api, ada, org, kind="CREATE_GROUP") == [2, 1]
    assert await _numbers(api, ada, org, subject=made) == [5, 4]
    assert await _numbers(api, ada, org, subject=bob.id) == [3]
    assert await _numbers(api, ada, org, since=at[2], until=at[4]) == [3, 2]
    assert await _numbers(api, ada, org, actor=ada.id, subject=made, since=at[5]) == [5]
    assert await _numbers(api, ada, org, actor="operator") == []


async def test_a_cursor_belongs_to_the_log_as_it_was_filtered(api: Api, ada: Person) -> None:
    org = await api.organization(ada, "a", "b")
    page = (await api.ask(ada, FILTERED, o=org, kind="CREATE_GROUP", first=2))["changes"]
    after = page["pageInfo"]["endCursor"]

    again = await api.ask(ada, FILTERED, o=org, kind="CREATE_GROUP", first=2, after=after)
    refusal = await api.refused(ada, FILTERED, o=org, actor=ada.id, first=2, after=after)

    assert [edge["node"]["number"] for edge in again["changes"]["edges"]] == [1]
    assert refusal["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "asked",
    [
        {"subject": "acme/prod"},
        {"subject": ""},
        {"actor": "ada"},
        {"actor": ""},
        {"since": "2026-01-01T00:00:00"},
    ],
)
async def test_a_filter_that_nothing_could_meet_is_refused(
    api: Api, ada: Person, asked: dict[str, str]
) -> None:
    org = await api.organization(ada)

    assert (await api.refused(ada, FILTERED, o=org, **asked))["code"] == "INVALID_INPUT"


def test_every_mutation_that_makes_a_change_is_a_kind_to_filter_by() -> None:
    telemetry = {"record_cluster_seen"}
    mutations = {re.sub("([A-Z])", r"_\1", name).lower() for name in RESULTS} - telemetry

    assert set(ChangeKind) == mutations | {"load"}


async def test_who_could_is_told_as_of_an_instant(api: Api, ada: Person) -> None:
    org = await api.organization(ada, "team")
    bob = await api.member(ada, f"{org}/team", "editor", "bob")
    query = """
    query($g: Ref!, $u: Ref!, $t: DateTime) {
      group(ref: $g) { members(asOf: $t) { totalCount edges {
        node { id } role { name } via { name } binding { group { name } user { id } } } } }
      access(user: $u, capability: CLUSTERS_CREATE, group: $g, asOf: $t) {
        allowed because { via { name } } }
    }
    """
    newest = "query($o: Ref!) { changes(organization: $o, first: 1) { edges { node { at } } } }"
    then = (await api.ask(ada, newest, o=org))["changes"]["edges"][0]["node"]["at"]
    before = await api.ask(ada, query, g=f"{org}/team", u=bob.id, t=then)
    await api.done(ada, "moveGroup", group=f"{org}/team", to=await _below(api, ada, org))
    await api.done(ada, "deleteRoleBinding", binding=await _binding(api, ada, bob))
    after = await api.ask(ada, query, g=f"{org}/below/team", u=bob.id, t=then)
    refused = await api.refused(ada, query, g=f"{org}/below/team", u=bob.id)

    assert before["access"]["allowed"]
    assert after == before
    assert refused["code"] == "NOT_FOUND"  # Bob, who is bound nowhere that she sees


async def _below(api: Api, person: Person, org: str) -> str:
    return (await api.done(person, "createGroup", parent=org, name="below"))["group"]["id"]


async def _binding(api: Api, person: Person, of: Person) -> str:
    found = await api.ask(
        person, "query($u: Ref!) { roleBindings(user: $u) { edges { node { id } } } }", u=of.id
    )
    return found["roleBindings"]["edges"][0]["node"]["id"]


async def test_nothing_secret_is_in_the_log(api: Api, ada: Person) -> None:
    person, key = replace(ada, token=api.issuer.token(ada.subject, jti="s-1")), "the key of a write"
    org = await api.organization(person, "team")
    attached, pem = a_secret("signing")
    await api.done(
        person, "applyPolicy", group=org, document=a_policy_by_key("p", key="signing") + attached
    )
    invite = await api.done(
        person, "createInvite", group=org, role="viewer", uses=2, idempotencyKey=key
    )
    rotated = await api.done(person, "rotateInvite", invite=invite["invite"]["id"])
    bob = api.person("bob")
    await api.done(bob, "redeemInvite", code=rotated["code"])
    await api.done(person, "deleteInvite", invite=invite["invite"]["id"])
    await api.done(
        person,
        "createIdentity",
        group=org,
        name="job",
        issuer="https://ci.example",
        subject="job",
        keys=orjson.dumps({"keys": api.issuer.keys}).decode(),
        keysExpireAt=(api.graph.clock() + timedelta(days=1)).isoformat(),
    )
    await api.done(person, "deleteGroup", group=f"{org}/team")
    secret = [code.rpartition("_")[2] for code in (invite["code"], rotated["code"])]
    hashes = [hashlib.sha256(each.encode()).hexdigest() for each in secret]
    tokens = [part for who in (person, bob) for part in who.token.split(".")[1:]]

    stored = orjson.dumps(
        [
            [asdict(row), [part.edits for part in parts]]
            for row in await all_changes(api.graph, org)
            for parts in [await api.graph.session.run(read_change_parts(change_ids=[row.id]))]
        ]
    ).decode()
    told = orjson.dumps(await api.ask(person, WHOLE, o=org)).decode()

    assert set(re.findall('"kind":"([A-Z_]+)"', told)) >= {
        "CREATE_INVITE", "ROTATE_INVITE", "REDEEM_INVITE", "DELETE_INVITE", "CREATE_IDENTITY"
    }  # fmt: skip
    for text in (stored, told):
        assert not [each for each in (*secret, *tokens) if each in text]
    # Nothing can be done with these; they are nobody's business all the same.
    lines = [line for line in pem.splitlines() if len(line) > 30 and "-" not in line]
    assert lines
    assert not [each for each in (*hashes, key, *lines) if each in told]
