"""Who asks too often is told when to ask again, and nobody else notices."""

from collections.abc import AsyncGenerator

import httpx
import orjson
import pytest

from api.app import create_app
from api.settings import Settings
from graph.engine import Graph
from tests.api.client import Api
from tests.api.conftest import BASE
from tests.api.issuer import AUDIENCE, Issuer

PROXY, HOST = "10.0.0.1", "203.0.113.7"
# Not one comes back while a test runs.
NEVER = 0.0001


@pytest.fixture
def settings(issuer: Issuer) -> Settings:
    limits = {"caller_rate": NEVER, "caller_burst": 3, "address_rate": NEVER, "address_burst": 5}
    return Settings.model_validate(
        {"issuer": issuer.name, "audience": AUDIENCE, "proxies": ["10.0.0.0/8"], **limits}
    )


@pytest.fixture
async def behind_a_proxy(
    graph: Graph, settings: Settings, issuer: Issuer
) -> AsyncGenerator[httpx.AsyncClient]:
    app = create_app(graph, settings, None, issuers=(issuer.trusted(),))
    transport = httpx.ASGITransport(app, client=(PROXY, 4711))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        yield http


async def _asks(http: httpx.AsyncClient, token: str, forwarded: str) -> httpx.Response:
    return await http.post(
        "/graphql",
        content=orjson.dumps({"query": "{ capabilities { name } }"}),
        headers={
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
            "X-Forwarded-For": forwarded,
        },
    )


async def test_a_caller_who_asks_too_often_is_told_when_to_ask_again(api: Api) -> None:
    ada, ben = api.person("ada"), api.person("ben")
    for _ in range(3):
        await api.ask(ada, "{ capabilities { name } }")
    refused = await api.post(b'{"query": "{ capabilities { name } }"}', token=ada.token)
    (error,) = refused.json()["errors"]
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 1000
    assert refused.headers["retry-after"] in error["message"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["extensions"]["retryable"] is True
    await api.ask(ben, "{ capabilities { name } }")


async def test_an_address_is_limited_before_its_token_is_looked_at(api: Api) -> None:
    answers = [await api.post(b"{}", token="x") for _ in range(7)]  # noqa: S106 - no token
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2


async def test_a_new_token_is_no_new_caller(api: Api) -> None:
    ada = api.person("ada")
    for _ in range(3):
        await api.ask(ada, "{ capabilities { name } }")
    again = api.issuer.token(ada.subject)
    assert (
        await api.post(b'{"query": "{ capabilities { name } }"}', token=again)
    ).status_code == 429


async def test_each_address_behind_a_proxy_is_one_of_its_own(
    behind_a_proxy: httpx.AsyncClient,
) -> None:
    answers = [await _asks(behind_a_proxy, "x", HOST) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert (await _asks(behind_a_proxy, "x", "203.0.113.8")).status_code == 401
    # It claims to come from elsewhere; the proxy says from where it does.
    assert (await _asks(behind_a_proxy, "x", f"192.0.2.1, {HOST}")).status_code == 429


async def test_the_health_of_the_service_is_told_however_often(api: Api) -> None:
    for _ in range(20):
        assert (await api.http.get("/livez")).status_code == 200
