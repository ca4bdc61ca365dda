"""The embedded store as the tests use it: connect, write, read, and own it in another process."""

# Processes and files of our own making, watched from outside; nothing else needs the loop.
# ruff: noqa: ASYNC110, S603

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from neo4j import AsyncDriver, AsyncGraphDatabase

from graph.embedded import BoltAddress, StoreOptions, start_embedded

ROOT = Path(__file__).parents[2]

HASTY = StoreOptions(heap="256m", backoff_seconds=(0.0, 0.2), stop_seconds=10.0)
"""Small, and without long waits."""


def connect(address: BoltAddress) -> AsyncDriver:
    return AsyncGraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType]  # its options
        address.uri, auth=(address.user, address.password), max_transaction_retry_time=0
    )


async def ready(address: BoltAddress) -> None:
    async with connect(address) as driver:
        await driver.execute_query("RETURN 1", database_=address.database)


async def create(driver: AsyncDriver, address: BoltAddress, number: int) -> None:
    await driver.execute_query(
        "CREATE (t:T {id: $id}) RETURN t.id", {"id": number}, database_=address.database
    )


async def ids(address: BoltAddress) -> list[int]:
    async with connect(address) as driver:
        records, _, _ = await driver.execute_query(
            "MATCH (t:T) RETURN t.id AS id ORDER BY id", database_=address.database
        )
    return [record["id"] for record in records]


async def until(condition: Callable[[], bool], seconds: float = 90.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def own(directory: str, stop_seconds: str = "10") -> None:
    """Be an owner in a process of its own: say where the server is, then what was committed."""
    options = StoreOptions(heap="256m", stop_seconds=float(stop_seconds))
    async with start_embedded(Path(directory), ready=ready, options=options) as store:
        sys.stdout.write(f"{json.dumps({'pid': store.pid})}\n")
        async with connect(store.address) as driver:
            for number in range(1_000_000):
                await create(driver, store.address, number)
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()


def owner_command(directory: Path, *options: str) -> list[str]:
    script = (
        "import asyncio, sys; from tests.stores.embedded import own; "
        "asyncio.run(own(*sys.argv[1:]))"
    )
    return [sys.executable, "-c", script, str(directory), *options]


def lose_owner(directory: Path, *, stalled: bool) -> tuple[int, int]:
    """Let an owner write, kill it; give the orphaned server and the last acknowledged id."""
    owner = subprocess.Popen(owner_command(directory), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        # Log lines come first.
        orphan: int = next(json.loads(line)["pid"] for line in owner.stdout if line[0] == "{")
        acknowledged = -1
        while acknowledged < 20:
            acknowledged = int(owner.stdout.readline())
        owner.kill()
        rest = owner.stdout.read().split("\n")[:-1]
    if stalled:
        os.kill(orphan, signal.SIGSTOP)
    return orphan, int(rest[-1]) if rest else acknowledged
