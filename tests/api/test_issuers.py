"""Several issuers, each with what it is trusted for, and how long a verified token counts."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import orjson
import pytest

from api.app import create_app
from api.authn.keys import DiscoveredKeys
from api.authn.tokens import Verifier
from api.errors import UnauthenticatedError
from api.settings import Settings
from graph.engine import Graph
from tests.api.client import Api
from tests.api.conftest import calling
from tests.api.issuer import AUDIENCE, EC_KEY_ID, Issuer

BODY = orjson.dumps({"query": "{ viewer { user { subject issuer email displayName } } }"})
ELSEWHERE = Issuer("https://elsewhere.example")


@asynccontextmanager
async def trusting(graph: Graph, issuer: Issuer, **trust: Any) -> AsyncGenerator[Api]:
    """Call a service that trusts the tests' issuer, and another one for something else."""
    settings = Settings(issuer=issuer.name, audience=AUDIENCE)
    issuers = (issuer.trusted(), replace(ELSEWHERE.trusted(), **trust))
    app = create_app(graph, settings, None, issuers=issuers)
    async with calling(app, graph, ELSEWHERE) as api:
        yield api


async def _user(api: Api, token: str) -> dict[str, Any]:
    response = await api.post(BODY, token=token)
    assert response.status_code == 200, response.text
    return response.json()["data"]["viewer"]["user"]


async def test_each_issuer_has_audiences_and_claims_of_its_own(
    graph: Graph, issuer: Issuer
) -> None:
    trust = {"audiences": ["one", "two"], "email_claim": "mail", "name_claim": "nickname"}
    async with trusting(graph, issuer, **trust) as api:
        token = ELSEWHERE.token("eve", aud="two", mail="e@x.example", nickname="Eve", name="no")
        assert await _user(api, token) == {
            "subject": "eve",
            "issuer": ELSEWHERE.name,
            "email": "e@x.example",
            "displayName": "Eve",
        }
        assert (await _user(api, issuer.token("ada")))["issuer"] == issuer.name
        # The audience of the one does not do for the other.
        for wrong in (ELSEWHERE.token("eve"), issuer.token("ada", aud="two")):
            assert (await api.post(BODY, token=wrong)).status_code == 401


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("ada@acme.example", True),
        ("ada@ACME.example", True),
        ("ada@eu.acme.example", False),
        ("ada@acme.example.evil.example", False),
        ("ada@evil.example", False),
        ("acme.example", False),
    ],
)
async def test_an_address_counts_from_an_issuer_that_is_trusted_for_its_domain(
    graph: Graph, issuer: Issuer, email: str, *, shown: bool
) -> None:
    async with trusting(graph, issuer, email_domains=["acme.example"]) as api:
        found = await _user(api, ELSEWHERE.token(f"{email} of the issuer", email=email))
        assert found["email"] == (email if shown else None)


async def test_an_issuer_for_workloads_makes_nobody_a_person(graph: Graph, issuer: Issuer) -> None:
    async with trusting(graph, issuer, people=False) as api:
        response = await api.post(BODY, token=ELSEWHERE.token("repo:acme/shop"))
        assert response.status_code == 401


async def test_a_token_is_verified_once_until_it_expires() -> None:
    issuer, now = Issuer(), [0.0]
    verifier = Verifier([issuer.trusted()], clock=lambda: now[0])
    claims = issuer.claims("ada")
    token = issuer.token("ada", iat=claims["iat"], exp=claims["exp"])
    now[0] = float(claims["iat"])
    first = await verifier.verify(token)

    assert await verifier.verify(token) is first
    now[0] = claims["exp"] + 30.0
    assert await verifier.verify(token) is not first


async def test_a_withdrawn_key_takes_the_tokens_along_that_it_verified() -> None:
    issuer, now = Issuer(), [0.0]
    keys = DiscoveredKeys(issuer.name, fetch=issuer.fetch, clock=lambda: now[0])
    verifier = Verifier([replace(issuer.trusted(), keys=keys)])
    token = issuer.token("ada")
    await verifier.verify(token)
    issuer.ec = Issuer().ec  # another key under the same id

    assert (await verifier.verify(token)).identity.subject == "ada"  # nobody has looked since
    now[0] = 15 * 60.0

    with pytest.raises(UnauthenticatedError):
        await verifier.verify(token)
    assert (
        await verifier.verify(issuer.token("ada", header={"kid": EC_KEY_ID}))
    ).identity.subject == "ada"


async def test_two_tokens_that_differ_in_one_letter_are_two(graph: Graph, issuer: Issuer) -> None:
    async with trusting(graph, issuer) as api:
        good = issuer.token("ada")
        await _user(api, good)
        header, payload, signature = good.split(".")
        changed = ("B" if signature[0] == "A" else "A") + signature[1:]
        assert (await api.post(BODY, token=f"{header}.{payload}.{changed}")).status_code == 401
        assert (await _user(api, good))["subject"] == "ada"


async def test_a_client_learns_from_the_address_alone_how_to_sign_in(graph: Graph) -> None:
    settings = Settings.model_validate(
        {
            "issuers": [
                {
                    "issuer": "https://login.example",
                    "audiences": ["policygraph"],
                    "client_id": "chainctl",
                    "flows": ["device_code"],
                },
                {"issuer": "https://other.example", "audiences": ["a", "b"]},
                {"issuer": "https://ci.example", "audiences": ["a"], "people": False},
            ]
        }
    )
    async with calling(create_app(graph, settings, None), graph, ELSEWHERE) as api:
        response = await api.http.get("/.well-known/policygraph", headers={"Host": "evil.example"})
    assert response.status_code == 200
    assert response.json() == {
        "graphql": "/graphql",
        "issuers": [
            {
                "issuer": "https://login.example",
                "audiences": ["policygraph"],
                "clientId": "chainctl",
                "scopes": ["openid", "email", "profile"],
                "flows": ["device_code"],
            },
            {
                "issuer": "https://other.example",
                "audiences": ["a", "b"],
                "clientId": None,
                "scopes": ["openid", "email", "profile"],
                "flows": [],
            },
        ],
    }


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ([], "https://console.example", False),
        (["https://console.example"], "https://console.example", True),
        (["https://console.example"], "https://evil.example", False),
        (["https://console.example"], "https://console.example.evil.example", False),
        (["https://console.example"], "null", False),
    ],
)
async def test_web_pages_of_listed_origins_alone_may_call(
    graph: Graph, issuer: Issuer, origins: list[str], origin: str, *, allowed: bool
) -> None:
    settings = Settings(issuer=issuer.name, audience=AUDIENCE, cors_origins=origins)
    app = create_app(graph, settings, None, issuers=(issuer.trusted(),))
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    async with calling(app, graph, issuer) as api:
        before = await api.http.options("/graphql", headers=asked)
        after = await api.post(BODY, token=issuer.token("ada"), headers={"Origin": origin})
    answers = {
        before.headers.get("access-control-allow-origin"),
        after.headers.get("access-control-allow-origin"),
    }
    assert answers == ({origin} if allowed else {None})
    assert "access-control-allow-credentials" not in after.headers
