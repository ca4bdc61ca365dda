"""The service over a store, called through ASGI with tokens that are really signed."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from api.app import create_app
from api.settings import Settings
from graph.engine import Graph
from graph.session import Session
from tests.api.client import Api, Person
from tests.api.issuer import AUDIENCE, Issuer
from tests.given import a_policy

BASE = "http://policygraph.test"


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    """An issuer that the service trusts."""
    return Issuer()


@pytest.fixture
def settings(issuer: Issuer) -> Settings:
    """The settings of the service; a test may override them."""
    return Settings(issuer=issuer.name, audience=AUDIENCE)


@pytest.fixture
def app(graph: Graph, settings: Settings, issuer: Issuer) -> ASGIApp:
    """The service."""
    return create_app(graph, settings, None, issuers=(issuer.trusted(),))


@contextlib.asynccontextmanager
async def calling(app: ASGIApp, graph: Graph, issuer: Issuer) -> AsyncGenerator[Api]:
    """Yield a client of a service."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Api(http, graph, issuer)


@pytest.fixture
async def api(app: ASGIApp, graph: Graph, issuer: Issuer) -> AsyncGenerator[Api]:
    """A client of the service."""
    async with calling(app, graph, issuer) as client:
        yield client


@pytest.fixture(scope="session")
async def lasting_api(session: tuple[Session, bytes], issuer: Issuer) -> AsyncGenerator[Api]:
    """A client for tests that share what they start from: it is the same for each of them."""
    opened, user_key = session
    graph = Graph(opened, user_key=user_key)
    settings = Settings(issuer=issuer.name, audience=AUDIENCE)
    app = create_app(graph, settings, None, issuers=(issuer.trusted(),))
    async with calling(app, graph, issuer) as client:
        yield client


@pytest.fixture
def ada(api: Api) -> Person:
    """Somebody who owns what she creates."""
    return api.person("ada")


@contextlib.asynccontextmanager
async def _serving(app: ASGIApp) -> AsyncGenerator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(app, http="httptools", lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


@pytest.fixture
def serving() -> Callable[[ASGIApp], AbstractAsyncContextManager[str]]:
    """Serve an app on a socket of its own, for what no in-process call can show."""
    return _serving


@pytest.fixture
def document() -> str:
    """A policy document."""
    return a_policy("signed")
