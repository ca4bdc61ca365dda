"""The stores that are measured: each with a service in front of it, and the graph opened beside."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

from api.authn.dev import DevIssuer
from bench.http import Client
from bench.processes import Memory, Service, child_of, memory, serving
from graph.embedded import running_store
from graph.engine import Graph
from graph.opening import bolt_target, open_graph
from graph.session import StoreLimits
from tests.stores.neo4j_server import Neo4jServer, find_neo4j

# What is measured beside the service is not cut off.
_LIMITS = StoreLimits(query_seconds=120)


@dataclass(frozen=True, slots=True)
class Store:
    """A store, the service that serves it, and the graph in it as this process sees it."""

    name: str
    data: Path
    service: Service
    graph: Graph
    pid: int | None

    def client(self, email: str) -> Client:
        """Return a client that asks the service as the user of an e-mail address."""
        token = DevIssuer(self.data).token(email)
        return Client(self.service.host, self.service.port, token)

    def memory(self) -> tuple[Memory | None, Memory | None]:
        """Return the memory of the service and of the store."""
        return memory(self.service.pid), memory(self.pid)


@contextlib.asynccontextmanager
async def embedded(data: Path) -> AsyncGenerator[Store]:
    """Serve the embedded store of a directory, with the settings that it ships with."""
    async with serving(data) as service:
        address = running_store(data)
        if address is None:
            raise RuntimeError("the service runs and its store does not")
        async with open_graph(bolt_target(address, _LIMITS)) as graph:
            yield Store("embedded", data, service, graph, child_of(service.pid))


@contextlib.asynccontextmanager
async def neo4j(data: Path, server: Neo4jServer) -> AsyncGenerator[Store]:
    """Serve a Neo4j that answers."""
    address = server.address
    environ = {
        "POLICYGRAPH_STORE_USER": address.user,
        "POLICYGRAPH_STORE_PASSWORD": address.password,
        "POLICYGRAPH_STORE_DATABASE": address.database,
    }
    async with (
        serving(data, ("--store", address.uri), environ) as service,
        open_graph(bolt_target(address, _LIMITS)) as graph,
    ):
        yield Store("neo4j", data, service, graph, server.pid)


@contextlib.asynccontextmanager
async def neo4j_server() -> AsyncGenerator[Neo4jServer]:
    """Find or start a Neo4j as the tests do; raises `NotFoundHereError` where there is none."""
    server = await asyncio.to_thread(find_neo4j)
    try:
        yield server
    finally:
        await asyncio.to_thread(server.stop)
