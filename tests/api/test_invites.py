"""Invites over HTTP: a code is answered once, and is in nothing else that the service says."""

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog

from tests.api.client import Api, Person
from tests.given import Clock

_LIST = "{ invites { edges { node { id keyId active } } totalCount } }"


async def _invited(api: Api, owner: Person, **asked: Any) -> tuple[str, str]:
    """Return the id of a new invite and its code."""
    made = await api.done(owner, "createInvite", **{"group": "acme/team", "role": "viewer"} | asked)
    return made["invite"]["id"], made["code"]


async def test_who_redeems_a_code_is_bound_and_told_so_again(api: Api, ada: Person) -> None:
    await api.organization(ada, "team")
    bob = api.person("bob")
    _, code = await _invited(api, ada)

    first = await api.done(bob, "redeemInvite", code=code)
    again = await api.done(bob, "redeemInvite", code=code)

    assert (first["alreadyBound"], again["alreadyBound"]) == (False, True)
    assert again["changeId"] is None
    assert first["binding"] == again["binding"]
    assert first["binding"]["createdBy"] == ada.id
    assert (first["binding"]["role"], first["binding"]["user"]) == (
        {"name": "viewer"},
        {"id": bob.id},
    )
    group = first["binding"]["group"]["id"]
    seen = await api.ask(bob, "query($ref: Ref!) { group(ref: $ref) { name } }", ref=group)
    assert seen == {"group": {"name": "team"}}


async def test_a_list_shows_all_of_an_invite_but_its_code(
    api: Api, ada: Person, clock: Clock
) -> None:
    org = await api.organization(ada, "team")
    identifier, code = await _invited(api, ada, ttl="5d", uses=3, email="kim@example.com")
    query = (
        '{ invites(within: "acme") { totalCount edges { node { id keyId kind email maxUses'
        " usesLeft expiresAt createdAt createdBy active inactiveBecause groupId"
        ' group { name } role { name } } } } group(ref: "acme/team") { invites { totalCount } }'
        " node(id: $id) { id ... on Invite { keyId } } }"
    )

    answer = await api.ask(ada, f"query($id: ID!) {query}", id=identifier)

    (edge,) = answer["invites"]["edges"]
    node = edge["node"]
    expires = datetime.fromisoformat(node["expiresAt"])
    assert abs(expires - datetime.now(UTC) - timedelta(days=5)) < timedelta(minutes=5)
    assert (expires.utcoffset(), expires.microsecond % 1000) == (timedelta(0), 0)
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", node["keyId"])
    assert node["keyId"].replace("-", "") in code
    assert (node["kind"], node["email"], node["createdBy"]) == ("ROLE", "kim@example.com", ada.id)
    assert (node["maxUses"], node["usesLeft"], node["active"]) == (3, 3, True)
    assert (node["role"], node["group"]) == ({"name": "viewer"}, {"name": "team"})
    assert answer["group"]["invites"]["totalCount"] == 1
    assert answer["node"] == {"id": identifier, "keyId": node["keyId"]}
    assert code.rpartition("_")[2] not in str(answer)
    clock.forward(days=6)
    later = await api.ask(ada, f"query($id: ID!) {query}", id=identifier, pin=org)
    found = later["invites"]["edges"][0]["node"]
    assert (found["active"], found["inactiveBecause"]) == (False, ["EXPIRED"])


async def test_a_repeat_under_a_key_answers_the_invite_and_no_code(api: Api, ada: Person) -> None:
    await api.organization(ada, "team")
    asked = {"group": "acme/team", "role": "viewer", "idempotencyKey": "k"}

    first = await api.done(ada, "createInvite", **asked)
    again = await api.done(ada, "createInvite", **asked)
    rotated = [
        await api.done(ada, "rotateInvite", invite=first["invite"]["id"], idempotencyKey="another")
        for _ in range(2)
    ]

    assert (again["invite"]["id"], again["code"]) == (first["invite"]["id"], None)
    assert [bool(each["code"]) for each in rotated] == [True, False]
    assert (await api.ask(ada, _LIST))["invites"]["totalCount"] == 1


async def test_an_invite_for_an_address_takes_one_that_the_token_says_is_verified(
    api: Api, ada: Person
) -> None:
    await api.organization(ada, "team")
    bob = api.person("bob")
    address = f"{bob.subject}@example.com"
    _, code = await _invited(api, ada, email=address)
    document = "mutation($code: String!) { redeemInvite(input: {code: $code}) { __typename } }"

    async def outcome(**claims: Any) -> str:
        token = api.issuer.token(bob.subject, **claims)
        body = {"query": document, "variables": {"code": code}}
        answer = await api.http.post(
            "/graphql", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        return answer.json()["data"]["redeemInvite"]["__typename"]

    assert await outcome(email_verified=False) == "NotFound"
    assert await outcome(email=None) == "NotFound"
    assert await outcome(email="other@example.com") == "NotFound"
    assert await outcome() == "InviteRedeemed"


async def test_a_code_is_in_no_log_no_change_and_no_error(
    api: Api, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    org = await api.organization(ada, "team")
    bob = api.person("bob")
    said: list[str] = []
    with structlog.testing.capture_logs() as logged, caplog.at_level(logging.DEBUG):
        identifier, one = await _invited(api, ada)
        await api.done(bob, "redeemInvite", code=one)
        two = (await api.done(ada, "rotateInvite", invite=identifier))["code"]
        said += [
            str(await api.do(api.person(), "redeemInvite", code=code))
            for code in (one, f"{two}x", two[:-1])
        ]
        for query, variables in (
            (f'{{ group(ref: "{two}") {{ id }} }}', {}),
            (f'mutation {{ redeemInvite(input: {{code: {{of: "{two}"}}}}) {{ __typename }} }}', {}),
            (
                (
                    "mutation($input: RedeemInviteInput!) { redeemInvite(input: $input)"
                    " { __typename } }"
                ),
                {"input": {"code": two, "codes": [two]}},
            ),
            ("query($id: ID!) { node(id: $id) { id } }", {"id": two}),
            ("query($id: ID!) { invite(id: $id) { id } }", {"id": two}),
        ):
            body = {"query": query, "variables": variables}
            answer = await api.http.post(
                "/graphql", json=body, headers={"Authorization": f"Bearer {bob.token}"}
            )
            assert "errors" in answer.json()
            said.append(answer.text)
        await api.done(ada, "deleteInvite", invite=identifier)
    query = (
        "query($org: Ref!) { changes(organization: $org) { edges { node { kind subjects"
        " edits { edges { node { before after } } } } } } }"
    )
    said.append(str(await api.ask(ada, query, org=org)))
    said += [str(logged), caplog.text]

    for code in (one, two):
        _, key_id, secret = code.split("_")
        for text in said:
            assert secret not in text
        assert key_id[:8] in said[-3]
    assert "secret_hash" not in said[-3]
    assert [
        edge["node"]["kind"] for edge in (await api.ask(ada, query, org=org))["changes"]["edges"]
    ][:4] == ["DELETE_INVITE", "ROTATE_INVITE", "REDEEM_INVITE", "CREATE_INVITE"]


async def test_a_group_with_nothing_but_invites_is_empty(api: Api, ada: Person) -> None:
    await api.organization(ada, "team")
    identifier, code = await _invited(api, ada)

    gone = await api.done(ada, "deleteGroup", group="acme/team")

    assert {"kind": "invite", "id": identifier, "name": None} in gone["subjects"]
    assert (await api.do(api.person(), "redeemInvite", code=code))["__typename"] == "NotFound"
    await api.done(ada, "restore", change=gone["changeId"])
    await api.done(api.person(), "redeemInvite", code=code)


async def test_who_guesses_is_told_to_wait_and_stops_nobody_who_has_the_code(
    api: Api, ada: Person
) -> None:
    await api.organization(ada, "team")
    _, code = await _invited(api, ada)
    eve, bob = api.person("eve"), api.person("bob")
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    query = "mutation($code: String!) { redeemInvite(input: {code: $code}) { __typename } }"
    answers = [await api.answer(eve, query, code=wrong) for _ in range(60)]

    kinds = [answer["errors"][0]["extensions"]["code"] for answer in answers if "errors" in answer]
    assert {"redeemInvite": {"__typename": "NotFound"}} in [each["data"] for each in answers]
    assert set(kinds) == {"RATE_LIMITED"}
    assert not (await api.done(bob, "redeemInvite", code=code))["alreadyBound"]
