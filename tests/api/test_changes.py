"""The audit log: who wrote what, from where, and by which token."""

import hashlib
from dataclasses import replace

from graph import groups
from graph.snapshot import OPERATOR, Origin
from tests.api.client import Api, Person

CHANGES = (
    "query($o: Ref!) { changes(organization: $o) { edges { node { kind address tokenId } } } }"
)


async def _origins(api: Api, person: Person, org: str) -> list[tuple[str, str | None, str | None]]:
    edges = (await api.ask(person, CHANGES, o=org))["changes"]["edges"]
    return [(e["node"]["kind"], e["node"]["address"], e["node"]["tokenId"]) for e in edges]


async def test_a_change_says_from_which_address_and_by_which_token(api: Api, ada: Person) -> None:
    by_id = replace(ada, token=api.issuer.token(ada.subject, jti="session 7"))

    org = await api.organization(by_id)

    assert await _origins(api, ada, org) == [("create_group", "127.0.0.1", "session 7")]


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

    assert (await _origins(api, ada, org))[0] == ("update_group", "host", None)


def test_somebody_is_the_same_caller_from_wherever_they_come(ada: Person) -> None:
    elsewhere = replace(ada.caller, origin=Origin("2001:db8::1", "t"))

    assert (elsewhere, hash(elsewhere)) == (ada.caller, hash(ada.caller))
