"""One start of the embedded store's server: until it answers a query, or is known not to."""

import asyncio
import subprocess
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from graph.embedded_address import BoltAddress, publish
from graph.embedded_directory import (
    FLOOR_BYTES,
    MIN_FREE_BYTES,
    DataDirectory,
    EmbeddedStoreError,
    explained,
    log_tail,
)
from graph.embedded_process import DATABASE, HOST, Java, end, spawn

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_POLL_SECONDS = 0.1
_QUERY_SECONDS = 5.0

# After this line the server's main thread is gone, but the JVM may live on and serve nothing.
_FAILED = 'Exception in thread "main"'


Ready = Callable[[BoltAddress], Awaitable[object]]
"""Runs a small query on the store; raises anything while it does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreOptions:
    """What an operator, or a test, may want to be different."""

    heap: str = "512m"
    min_free_bytes: int = MIN_FREE_BYTES
    floor_bytes: int = FLOOR_BYTES
    start_seconds: float = 60.0
    stop_seconds: float = 20.0
    backoff_seconds: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
    """The wait before each attempt to restart; the last one repeats."""
    steady_seconds: float = 60.0
    """A server that answered this long starts the waits anew when it dies."""


async def launch(
    files: DataDirectory,
    *,
    java: Java,
    address: BoltAddress,
    ready: Ready,
    options: StoreOptions,
) -> subprocess.Popen[bytes]:
    """Start a server that listens on `address`, and return it once it answers."""
    with explained(files.path):
        child = spawn(
            files,
            java=java,
            heap=options.heap,
            port=address.port,
            user=address.user,
            password=address.password,
        )
    try:
        await _answer(child, files, address, ready, options)
        with explained(files.path):
            publish(files, address)
    except BaseException:
        await end_child(child, options.stop_seconds)
        raise
    return child


async def end_child(child: subprocess.Popen[bytes], grace: float) -> None:
    """End a server of ours: ask, and kill it after `grace` seconds."""
    try:
        if not await end(child.pid, alive=lambda: child.poll() is None, grace=grace):
            log.warning("embedded_store_killed", pid=child.pid, waited=grace)
    finally:
        # Cancelled while waiting: never leave the server behind.
        if child.poll() is None:
            child.kill()
            child.wait(_QUERY_SECONDS)


async def _answer(
    child: subprocess.Popen[bytes],
    files: DataDirectory,
    address: BoltAddress,
    ready: Ready,
    options: StoreOptions,
) -> None:
    deadline = time.monotonic() + options.start_seconds
    while (problem := await _problem(files, address, ready)) is not None:
        if (status := child.poll()) is not None:
            reason = f"it ended ({describe(status)})"
        elif _FAILED in log_tail(files.log, lines=None):
            reason = "it failed to start"
        elif time.monotonic() > deadline:
            reason = f"no answer in {options.start_seconds:g} seconds ({problem})"
        else:
            await asyncio.sleep(_POLL_SECONDS)
            continue
        raise EmbeddedStoreError(
            f"the embedded store's server did not start: {reason}. "
            f"The last lines of {files.log}:\n{log_tail(files.log)}"
        )


async def _problem(files: DataDirectory, address: BoltAddress, ready: Ready) -> str | None:
    # The Bolt port opens before a new database is made, and each early query is an error in the
    # server's log, which would make operators look for one.
    if not (files.server / "databases" / DATABASE).is_dir():
        return "its database is not there yet"
    try:
        async with asyncio.timeout(_QUERY_SECONDS):
            # Cheaper than a driver that is refused, ten times a second.
            _, writer = await asyncio.open_connection(HOST, address.port)
            writer.close()
            await ready(address)
    except Exception as error:  # noqa: BLE001  # whatever it is, the store does not answer yet
        return f"{type(error).__name__}: {error}"
    return None


def describe(status: int | None) -> str:
    """Say how a process ended."""
    if status is None:
        return "unknown"
    return f"signal {-status}" if status < 0 else f"exit code {status}"
