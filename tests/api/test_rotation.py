"""An issuer changes its keys while the service is called: two real servers, and many callers."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from api.app import create_app
from api.authn.fetching import Fetcher
from api.authn.keys import DiscoveredKeys, JsonWebKey
from api.settings import Settings
from graph.engine import Graph
from tests.api.issuer import AUDIENCE, EC_KEY_ID, Issuer

BODY = orjson.dumps({"query": "{ viewer { user { subject } } }"})
HEADERS = {"Content-Type": "application/json"}
CALLERS = 20
PATIENCE = 120.0
# A connection that is used again may be one that the server is about to close.
NO_REUSE = httpx.Limits(max_connections=CALLERS, max_keepalive_connections=0)
COOL_DOWN = 61.0

Serving = Callable[[ASGIApp], AbstractAsyncContextManager[str]]


class Publisher:
    """The web server of an issuer whose keys change."""

    def __init__(self) -> None:
        self.issuer = Issuer()
        self.keys: list[JsonWebKey] = self.issuer.keys
        self.fetches = 0
        self.answers = True

    def rotate(self, kid: str, *, keep: bool) -> Issuer:
        """Publish a new key, beside the ones before or instead of them; return what signs by it."""
        new = Issuer(self.issuer.name)
        key = {**new.keys[0], "kid": kid}
        self.keys = [*(self.keys if keep else []), key]
        return new

    def app(self) -> Starlette:
        async def discovery(_request: Request) -> Response:
            self.fetches += 1
            if not self.answers:
                return Response("down", 503)
            name = self.issuer.name
            return JSONResponse({"issuer": name, "jwks_uri": f"{name}/keys"})

        async def keys(_request: Request) -> Response:
            return JSONResponse({"keys": self.keys})

        documents = Route("/.well-known/openid-configuration", discovery)
        return Starlette(routes=[documents, Route("/keys", keys)])


@dataclass
class Called:
    """A service that trusts a publisher, and the clock by which it keeps the keys."""

    publisher: Publisher
    http: httpx.AsyncClient
    seconds: list[float]

    async def statuses(self, tokens: list[str]) -> Counter[int]:
        """Call with each token, many at a time; return how often each status came."""
        gate = asyncio.Semaphore(CALLERS)

        async def call(token: str) -> int:
            async with gate:
                headers = {**HEADERS, "Authorization": f"Bearer {token}"}
                answer = await self.http.post("/graphql", content=BODY, headers=headers)
                return answer.status_code

        return Counter(await asyncio.gather(*(call(token) for token in tokens)))


@pytest.fixture
async def called(graph: Graph, serving: Serving) -> AsyncGenerator[Called]:
    """A service and its issuer, each behind a socket of its own."""
    publisher, seconds = Publisher(), [0.0]
    async with serving(publisher.app()) as name:
        publisher.issuer.name = name
        keys = DiscoveredKeys(name, fetch=Fetcher(development=True).fetch, clock=lambda: seconds[0])
        trusted = replace(publisher.issuer.trusted(), keys=keys)
        # However loaded the machine is, each call is to be answered.
        settings = Settings(
            issuer="https://unused.example", audience=AUDIENCE, request_seconds=PATIENCE
        )
        async with (
            serving(create_app(graph, settings, None, issuers=(trusted,))) as address,
            httpx.AsyncClient(base_url=address, timeout=PATIENCE, limits=NO_REUSE) as http,
        ):
            yield Called(publisher, http, seconds)


async def test_a_new_key_is_taken_under_load_by_one_fetch_without_a_refusal(
    called: Called,
) -> None:
    publisher, old = called.publisher, called.publisher.issuer
    before = [old.token(f"old-{number % 5}") for number in range(40)]
    assert await called.statuses(before) == {200: 40}
    assert publisher.fetches == 1

    for rotation in range(1, 4):
        called.seconds[0] += COOL_DOWN
        kid = f"rotated-{rotation}"
        new = publisher.rotate(kid, keep=True)
        mixed = [
            token
            for number in range(20)
            for token in (
                new.token(f"new-{number % 5}", header={"kid": kid}),
                old.token(f"old-{number % 5}"),
            )
        ]
        assert await called.statuses(mixed) == {200: 40}
        assert publisher.fetches == 1 + rotation


async def test_a_flood_of_unknown_keys_costs_one_fetch_a_minute(called: Called) -> None:
    publisher, issuer = called.publisher, called.publisher.issuer
    good = [issuer.token(f"good-{number % 5}") for number in range(20)]
    assert await called.statuses(good) == {200: 20}
    for minute in range(1, 4):
        called.seconds[0] += COOL_DOWN
        flood = [issuer.token("x", header={"kid": f"{minute}-{n}"}) for n in range(150)]
        assert await called.statuses([*flood, *good]) == {401: 150, 200: 20}
        assert publisher.fetches == 1 + minute


async def test_a_key_that_is_withdrawn_takes_its_tokens_along(called: Called) -> None:
    publisher, old = called.publisher, called.publisher.issuer
    token = old.token("ada")
    assert await called.statuses([token] * 50) == {200: 50}
    new = publisher.rotate("instead", keep=False)
    called.seconds[0] += COOL_DOWN
    # The first token by the new key brings the new set, and with it the end of the old one.
    assert await called.statuses([new.token("eve", header={"kid": "instead"})]) == {200: 1}

    assert await called.statuses([token] * 50) == {401: 50}
    assert publisher.fetches == 2


async def test_an_issuer_that_is_down_keeps_those_in_whom_its_last_keys_verify(
    called: Called,
) -> None:
    publisher, issuer = called.publisher, called.publisher.issuer
    assert await called.statuses([issuer.token("ada")]) == {200: 1}
    publisher.answers = False
    for _ in range(3):
        called.seconds[0] += 15 * COOL_DOWN
        tokens = [issuer.token("ada", header={"kid": EC_KEY_ID}) for _ in range(50)]
        assert await called.statuses(tokens) == {200: 50}
    assert publisher.fetches == 4
