"""When the store fails: a code that says whether to try again, and no word of the store's own."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import orjson
import pytest
from neo4j import exceptions as driver
from starlette.types import ASGIApp

from api.app import create_app
from api.settings import Settings
from graph.engine import Graph
from graph.errors import StoreTimeoutError, UnavailableError
from graph.session import LostRaceError, Session, StoreError, UniqueKeyError
from queries import Statement
from tests.api.client import Api, Person
from tests.api.conftest import calling
from tests.api.issuer import Issuer

PRIVATE = "bolt://10.0.0.7:7687 MATCH (n:Group) hunter2"
READ = orjson.dumps({"query": "{ groups { totalCount } }"})
WRITE = orjson.dumps(
    {"query": 'mutation { createGroup(input: {name: "acme"}) { ... on Refusal { message } } }'}
)

Serving = Callable[[ASGIApp], AbstractAsyncContextManager[str]]


def _neo4j(code: str) -> Exception:
    # Only the driver itself makes these, from what the store sends.
    hydrate: Callable[..., Exception] = vars(driver.Neo4jError)["_hydrate_neo4j"].__get__(
        None, driver.Neo4jError
    )
    return hydrate(code=code, message=PRIVATE)


STORE_ERRORS: dict[str, tuple[Exception, str]] = {
    "unavailable": (UnavailableError("The store cannot be reached."), "UNAVAILABLE"),
    "timeout": (StoreTimeoutError("The store did not answer."), "TIMEOUT"),
    "a defect in a statement": (StoreError(PRIVATE), "INTERNAL"),
    "a bug": (KeyError(PRIVATE), "INTERNAL"),
    "a lost race": (LostRaceError(PRIVATE), "UNAVAILABLE"),
    "a unique key": (UniqueKeyError(PRIVATE), "UNAVAILABLE"),
}
DRIVER_ERRORS: dict[str, tuple[Exception, str]] = {
    "no connection": (driver.ServiceUnavailable(PRIVATE), "UNAVAILABLE"),
    "a session that expired": (driver.SessionExpired(PRIVATE), "UNAVAILABLE"),
    "a pool that is empty": (driver.ConnectionAcquisitionTimeoutError(PRIVATE), "UNAVAILABLE"),
    "a socket that broke": (OSError(PRIVATE), "UNAVAILABLE"),
    "a password that is wrong": (_neo4j("Neo.ClientError.Security.Unauthorized"), "UNAVAILABLE"),
    "a transaction that ran too long": (
        _neo4j("Neo.ClientError.Transaction.TransactionTimedOut"),
        "TIMEOUT",
    ),
    "a lock that was not had": (
        _neo4j("Neo.ClientError.Transaction.LockAcquisitionTimeout"),
        "TIMEOUT",
    ),
    "a statement that is wrong": (_neo4j("Neo.ClientError.Statement.SyntaxError"), "INTERNAL"),
    "a type that is wrong": (_neo4j("Neo.ClientError.Statement.TypeError"), "INTERNAL"),
    "a database that is corrupt": (_neo4j("Neo.DatabaseError.General.UnknownError"), "INTERNAL"),
}


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Make the store raise this for whatever is asked of it."""

    def fail(error: Exception) -> None:
        async def run(_self: Session, _statement: Statement[Any]) -> None:
            raise error

        monkeypatch.setattr(Session, "run", run)

    monkeypatch.setattr("graph.engine._BACKOFF_SECONDS", 0.0001)
    return fail


@pytest.mark.parametrize("what", STORE_ERRORS)
@pytest.mark.parametrize("body", [READ, WRITE], ids=["read", "write"])
async def test_a_failure_of_the_store_has_a_code_and_no_text_of_the_stores(
    api: Api, ada: Person, fails: Callable[[Exception], None], what: str, body: bytes
) -> None:
    await api.revision(ada)
    error, code = STORE_ERRORS[what]
    fails(error)

    response = await api.post(body, token=ada.token)

    (told,) = response.json()["errors"]
    assert told["extensions"]["code"] == code
    assert told["extensions"]["retryable"] is (code != "INTERNAL")
    assert "hunter2" not in response.text
    assert "MATCH" not in response.text
    if code == "INTERNAL":
        assert told["extensions"]["requestId"] in told["message"]


@pytest.mark.parametrize("what", DRIVER_ERRORS)
async def test_an_error_of_the_driver_has_a_code_and_no_text_of_the_drivers(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    await api.revision(ada)
    error, code = DRIVER_ERRORS[what]

    def raising(*_arguments: Any) -> None:
        raise error

    monkeypatch.setattr(Session, "_open", raising)

    response = await api.post(READ, token=ada.token)

    (told,) = response.json()["errors"]
    assert told["extensions"]["code"] == code
    for word in ("hunter2", "MATCH", "Neo.", "7687"):
        assert word not in response.text


async def test_a_defect_of_a_resolver_is_masked_within_an_answer(
    api: Api, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.organization(ada)
    run = Session.run

    async def failing(self: Session, statement: Statement[Any]) -> Any:
        if statement.name == "policies/bound_policies":
            raise StoreError(PRIVATE)
        return await run(self, statement)

    monkeypatch.setattr(Session, "run", failing)
    query = '{ group(ref: "acme") { effectivePolicies { totalCount } } }'
    told = await api.refused(ada, query)
    assert told["code"] == "INTERNAL"
    assert told["requestId"] in told["message"]
    assert "hunter2" not in str(told)


async def _stall(_self: Session, _statement: Statement[Any]) -> None:
    await asyncio.sleep(3600)


async def test_a_request_whose_store_stalls_ends_by_its_deadline(
    graph: Graph, issuer: Issuer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Session, "run", _stall)
    hasty = settings.model_copy(update={"request_seconds": 0.2})
    app = create_app(graph, hasty, None, issuers=(issuer.trusted(),))
    async with calling(app, graph, issuer) as api:
        for body in (READ, WRITE):
            response = await api.post(body, token=issuer.token("ada"))
            assert response.status_code == 504
            (told,) = response.json()["errors"]
            assert (told["extensions"]["code"], told["extensions"]["retryable"]) == (
                "TIMEOUT",
                True,
            )
            assert "0.2 s" in told["message"]


async def test_a_body_that_never_ends_ends_by_the_deadline(
    graph: Graph, issuer: Issuer, settings: Settings, serving: Serving
) -> None:
    hasty = settings.model_copy(update={"request_seconds": 0.3})
    app = create_app(graph, hasty, None, issuers=(issuer.trusted(),))

    async def trickle() -> AsyncGenerator[bytes]:
        yield b'{"query": "'
        await asyncio.sleep(1)
        yield b'{ capabilities { name } }"}'

    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {issuer.token('ada')}",
    }
    async with serving(app) as address, httpx.AsyncClient() as http:
        response = await http.post(f"{address}/graphql", content=trickle(), headers=headers)
    assert response.status_code == 504
    assert response.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"


async def test_readiness_is_bounded_and_liveness_does_not_ask_the_store(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await api.http.get("/readyz")).status_code == 200

    async def stalled(_self: Session) -> None:
        await asyncio.sleep(3600)

    monkeypatch.setattr(Session, "check", stalled)
    monkeypatch.setattr("api.app._READY_SECONDS", 0.2)
    async with asyncio.timeout(3):
        response = await api.http.get("/readyz")
    assert (response.status_code, response.text) == (503, "the store does not answer\n")
    assert (await api.http.get("/livez")).text == "ok\n"


async def test_a_store_that_is_away_is_not_ready(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_self: Session) -> None:
        raise UnavailableError(PRIVATE)

    monkeypatch.setattr(Session, "check", away)
    response = await api.http.get("/readyz")
    assert (response.status_code, "hunter2" in response.text) == (503, False)


async def test_a_caller_who_hangs_up_is_no_failure(
    graph: Graph, issuer: Issuer, settings: Settings, serving: Serving
) -> None:
    app = create_app(graph, settings, None, issuers=(issuer.trusted(),))
    async with serving(app) as address:
        host, port = address.removeprefix("http://").split(":")
        for _ in range(3):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Authorization: Bearer " + issuer.token("ada").encode() + b"\r\n"
                b"Content-Length: 100\r\n\r\n{"
            )
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        async with httpx.AsyncClient() as http:
            assert (await http.get(f"{address}/livez")).status_code == 200
