"""Stores and services that die or stall under writes: nothing acknowledged is lost or done twice.

Each test has a store of its own, to break.
"""

# Processes of our own making, watched from outside.
# ruff: noqa: ASYNC220

import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest

from graph import clusters
from graph.embedded import EmbeddedStore, start_embedded
from graph.engine import Graph
from graph.errors import StoreTimeoutError, UnavailableError
from graph.invariants import find_violations
from graph.opening import bolt_target, open_embedded, open_graph
from graph.paging import PageRequest
from graph.session import BoltTarget
from graph.snapshot import Caller
from tests.given import a_person, an_organization, snapshot
from tests.stores import faults
from tests.stores.embedded import HASTY, ROOT, ready
from tests.stores.neo4j_server import Neo4jServer, find_neo4j

_ALL = PageRequest("all", 1000)
_STALL_PATIENCE = 3.0

Answer = TypeVar("Answer")


@dataclass
class Writer:
    """Writes clusters of new names, each under a key, and keeps what it was told of each."""

    graph: Graph
    caller: Caller
    org: str
    name: str
    acknowledged: list[str] = field(default_factory=list[str])
    unknown: list[str] = field(default_factory=list[str])
    slowest: float = 0.0

    async def write(self, name: str) -> None:
        await clusters.create_cluster(
            self.graph, caller=self.caller, group=self.org, name=name, key=name
        )

    async def run(self, until: asyncio.Event) -> None:
        for number in itertools.count():
            if until.is_set():
                return
            name = f"{self.name}-{number}"
            began = time.monotonic()
            try:
                await self.write(name)
                self.acknowledged.append(name)
            except (UnavailableError, StoreTimeoutError):
                self.unknown.append(name)
                await asyncio.sleep(0.1)
            self.slowest = max(self.slowest, time.monotonic() - began)


async def names_in(graph: Graph, caller: Caller, org: str) -> list[str]:
    found: list[str] = []
    after: tuple[str, str] | None = None
    while True:
        page = await clusters.list_clusters(
            await snapshot(graph, caller), within=org, name=None, page=replace(_ALL, after=after)
        )
        found += [cluster.name for cluster in page.items]
        if not page.more:
            return found
        after = (page.items[-1].name, page.items[-1].id)


async def patiently(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """Ask again, as a client does, while a store that has just come back is slow."""
    for _ in range(10):
        with contextlib.suppress(UnavailableError, StoreTimeoutError):
            return await ask()
        await asyncio.sleep(1.0)
    return await ask()


async def settle(writers: list[Writer]) -> None:
    """Ask again for all whose outcome is unknown, and check that each is there exactly once."""
    graph, caller, org = writers[0].graph, writers[0].caller, writers[0].org
    there = await patiently(lambda: names_in(graph, caller, org))
    for writer in writers:
        assert set(writer.acknowledged) <= set(there)
        for name in writer.unknown:
            await patiently(lambda name=name, writer=writer: writer.write(name))
    expected = sorted(name for each in writers for name in each.acknowledged + each.unknown)
    assert await patiently(lambda: names_in(graph, caller, org)) == expected
    assert await patiently(lambda: find_violations(graph.session, org)) == []


async def answers(graph: Graph, seconds: float = 90.0) -> None:
    """Wait until the graph answers again, by itself."""
    async with asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(UnavailableError, StoreTimeoutError):
                return await graph.session.check()
            await asyncio.sleep(0.1)


async def kill_under_writers(graph: Graph, kill: AsyncGenerator[None]) -> None:
    """Let five writers write, and the store die twice meanwhile."""
    caller = await patiently(lambda: a_person(graph))
    org = await patiently(lambda: an_organization(graph, caller))
    writers = [Writer(graph, caller, org, f"w{n}") for n in range(5)]
    done = asyncio.Event()
    running = [asyncio.create_task(writer.run(done)) for writer in writers]
    try:
        async for _ in kill:
            await answers(graph)
            await asyncio.sleep(1.0)
        async with asyncio.timeout(120):  # however slow the machine, enough was written
            while sum(len(writer.acknowledged) for writer in writers) <= 20:  # noqa: ASYNC110 - looked at from outside
                await asyncio.sleep(0.1)
    finally:
        done.set()
        await asyncio.gather(*running)
    assert sum(len(writer.acknowledged) for writer in writers) > 20
    assert sum(len(writer.unknown) for writer in writers) > 0
    await settle(writers)


@contextlib.asynccontextmanager
async def own_store(
    directory: Path, *, query_seconds: float
) -> AsyncGenerator[tuple[EmbeddedStore, Graph]]:
    """Run an embedded store that the test may break, and a graph that follows it."""
    graphs: list[Graph] = []

    def target(store_: EmbeddedStore) -> BoltTarget:
        return hurried(bolt_target(store_.address), query_seconds)

    async def follow(_: object) -> None:
        for graph in graphs:
            await graph.session.reconnect(target(store))

    async with (
        start_embedded(directory, ready=ready, on_restart=follow, options=HASTY) as store,
        open_graph(target(store)) as graph,
    ):
        graphs.append(graph)
        yield store, graph


def hurried(target: BoltTarget, seconds: float) -> BoltTarget:
    return replace(target, query_seconds=seconds, connect_seconds=1.0, acquire_seconds=1.0)


@pytest.fixture
async def own_neo4j() -> AsyncGenerator[Neo4jServer]:
    """A Neo4j that the test may break: a process of our own, which has answered all this before."""
    server = find_neo4j({key: os.environ[key] for key in os.environ if key != "NEO4J_URL"})
    try:
        assert server.pid is not None, f"{server.origin} is no process of ours to break"
        async with open_graph(replace(bolt_target(server.address), query_seconds=60.0)) as graph:
            caller = await a_person(graph)
            org = await an_organization(graph, caller)
            await Writer(graph, caller, org, "warm").write("warm")
            assert await names_in(graph, caller, org) == ["warm"]
        yield server
    finally:
        server.stop()


async def test_a_killed_embedded_store_loses_nothing_and_does_nothing_twice(tmp_path: Path) -> None:
    async with own_store(tmp_path / "data", query_seconds=5.0) as (store, graph):

        async def kill() -> AsyncGenerator[None]:
            for _ in range(2):
                await asyncio.sleep(1.5)
                assert store.pid is not None
                faults.kill(store.pid)
                yield

        await kill_under_writers(graph, kill())


async def test_a_killed_neo4j_loses_nothing_and_does_nothing_twice(own_neo4j: Neo4jServer) -> None:
    async with open_graph(hurried(bolt_target(own_neo4j.address), 15.0)) as graph:

        async def kill() -> AsyncGenerator[None]:
            await asyncio.sleep(3.0)
            assert own_neo4j.pid is not None
            faults.kill(own_neo4j.pid)
            await asyncio.to_thread(own_neo4j.restart)
            yield

        await kill_under_writers(graph, kill())


async def stall_under_callers(graph: Graph, pid: int) -> None:
    """Stop the store under writers: every call ends in time; let it go on: the same graph answers.

    Many writers wait for one lock: should each wait for the one before, the last waits for all.
    """
    caller = await patiently(lambda: a_person(graph))
    org = await patiently(lambda: an_organization(graph, caller))
    writers = [Writer(graph, caller, org, f"w{n}") for n in range(12)]
    done = asyncio.Event()
    running = [asyncio.create_task(writer.run(done)) for writer in writers]
    await asyncio.sleep(2.0)
    slowest_read = 0.0
    faults.stall(pid)
    try:
        for _ in range(3):
            began = time.monotonic()
            with pytest.raises((StoreTimeoutError, UnavailableError)):
                await graph.read(caller, lambda at: clusters.get_cluster(at, ref=f"{org}/x"))
            slowest_read = max(slowest_read, time.monotonic() - began)
            await asyncio.sleep(1.0)
    finally:
        faults.resume(pid)
        await answers(graph)
        done.set()
        await asyncio.gather(*running)

    # A look-up, the lock, the transaction and the look-up of its commit: each has its deadline.
    assert slowest_read < 2 * _STALL_PATIENCE
    assert max(writer.slowest for writer in writers) < 6 * _STALL_PATIENCE
    await settle(writers)


async def test_a_stalled_embedded_store_holds_no_caller(tmp_path: Path) -> None:
    async with own_store(tmp_path / "data", query_seconds=_STALL_PATIENCE) as (store, graph):
        assert store.pid is not None
        await stall_under_callers(graph, store.pid)


async def test_a_stalled_neo4j_holds_no_caller(own_neo4j: Neo4jServer) -> None:
    assert own_neo4j.pid is not None
    async with open_graph(hurried(bolt_target(own_neo4j.address), _STALL_PATIENCE)) as graph:
        await stall_under_callers(graph, own_neo4j.pid)


async def serve(directory: str) -> None:
    """Be a service in a process of its own: say for whom and where, then each name acknowledged."""
    async with open_embedded(Path(directory), options=HASTY) as graph:
        caller = await a_person(graph)
        org = await an_organization(graph, caller)
        sys.stdout.write(f"{json.dumps([caller.user_id, org])}\n")
        for number in itertools.count():
            name = f"w-{number}"
            await clusters.create_cluster(graph, caller=caller, group=org, name=name, key=name)
            sys.stdout.write(f"{name}\n")
            sys.stdout.flush()


async def test_a_killed_service_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; from tests.graph.test_faults import serve; "
        "asyncio.run(serve(sys.argv[1]))"
    )
    directory = tmp_path / "data"
    service = subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", script, str(directory)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with service:
        assert service.stdout is not None
        user, org = next(json.loads(line) for line in service.stdout if line.startswith('["'))
        acknowledged = [service.stdout.readline().strip() for _ in range(30)]
        service.send_signal(signal.SIGKILL)
        acknowledged += service.stdout.read().split("\n")[:-1]

    async with open_embedded(directory, options=HASTY) as graph:
        there = await names_in(graph, Caller(user), org)
        assert set(acknowledged) <= set(there)
        assert len(there) <= len(acknowledged) + 1
        assert await find_violations(graph.session, org) == []
