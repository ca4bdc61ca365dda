"""The embedded store: ArcadeDB as a supervised child process, so nothing has to be installed.

    async with start_embedded(directory, ready=ready) as store:
        ...  # connect a Bolt driver to store.address

One process owns a data directory. A server that dies is started again; a server that a killed
service left behind is ended by the next start. Committed data survives both.
"""

import asyncio
import contextlib
import subprocess
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path

import structlog

from graph import embedded_process as process
from graph.embedded_address import (
    BoltAddress,
    new_address,
    running_store,
    withdraw,
)
from graph.embedded_directory import (
    DataDirectory,
    EmbeddedStoreError,
    bound_log,
    check_space,
    holds_store,
    log_tail,
    own_directory,
)
from graph.embedded_launch import Ready, StoreOptions, describe, end_child, launch

__all__ = [
    "BoltAddress",
    "EmbeddedStore",
    "EmbeddedStoreError",
    "StoreOptions",
    "holds_store",
    "running_store",
    "start_embedded",
]

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_POLL_SECONDS = 0.2
_START_ATTEMPTS = 3


Restarted = Callable[[BoltAddress], Awaitable[object]]
"""Learns that the store answers again after a crash, maybe at another address."""


class EmbeddedStore:
    """A running store; `start_embedded` makes it and ends it."""

    def __init__(
        self,
        files: DataDirectory,
        *,
        ready: Ready,
        on_restart: Restarted | None,
        options: StoreOptions,
    ) -> None:
        self._files = files
        self._ready = ready
        self._on_restart = on_restart
        self._options = options
        self._java = process.find_java()
        self._child: subprocess.Popen[bytes] | None = None
        self._answered_at = 0.0
        self._failure: str | None = None
        self._address = new_address()

    @property
    def address(self) -> BoltAddress:
        """Where the store listens; a restart changes it only if its port was taken meanwhile."""
        return self._address

    @property
    def pid(self) -> int | None:
        """The server's process id; None while there is no server."""
        return None if self._child is None else self._child.pid

    @property
    def failure(self) -> str | None:
        """Why the store does not answer now; None while it does."""
        return self._failure

    async def start(self) -> None:
        """End what a killed owner left behind, then start the server and wait for its answer."""
        withdraw(self._files)
        for pid in process.orphans(self._files):
            log.warning("embedded_store_orphan_found", pid=pid, directory=str(self._files.path))
            await process.end(
                pid,
                alive=lambda pid=pid: process.serves(pid, self._files),
                grace=self._options.stop_seconds,
            )
        await self._launch()
        log.info("embedded_store_started", pid=self.pid, uri=self.address.uri)

    async def supervise(self) -> None:
        """Start the server again whenever it is down; runs until cancelled."""
        failures = 0
        while (child := self._child) is not None:
            downfall = await self._downfall(child)
            if time.monotonic() - self._answered_at >= self._options.steady_seconds:
                failures = 0
            self._report(downfall, failures)
            while self._failure is not None:
                waits = self._options.backoff_seconds
                await asyncio.sleep(waits[min(failures, len(waits) - 1)])
                failures += 1
                await self._restart(failures)

    async def stop(self) -> None:
        """End the server: ask, wait, and kill it when it does not end by itself."""
        child, self._child = self._child, None
        self._failure = "the embedded store was stopped"
        if child is not None:
            await end_child(child, self._options.stop_seconds)

    async def _restart(self, failures: int) -> None:
        before = self.address
        try:
            await self._launch()
            log.warning(
                "embedded_store_restarted",
                pid=self.pid,
                uri=self.address.uri,
                moved_from=None if self.address == before else before.uri,
            )
        except EmbeddedStoreError as error:
            self._report(f"the embedded store's server cannot start again: {error}", failures)
            return
        if self._on_restart is not None:
            try:
                await self._on_restart(self.address)
            except Exception:
                # The store answers; whoever cannot follow it must not stop its supervision.
                log.exception("embedded_store_restart_not_followed")

    async def _launch(self) -> None:
        check_space(self._files.path, self._options.min_free_bytes)
        for attempt in range(_START_ATTEMPTS):
            if not process.is_free(self._address.port):
                # Whoever listens there now may have been sent the password: both are replaced.
                self._address = new_address()
            try:
                self._child = await launch(
                    self._files,
                    java=self._java,
                    address=self._address,
                    ready=self._ready,
                    options=self._options,
                )
            except EmbeddedStoreError:
                lost_the_port = not process.is_free(self._address.port)
                if not lost_the_port or attempt + 1 == _START_ATTEMPTS:
                    raise
            else:
                break
        self._failure = None
        self._answered_at = time.monotonic()

    async def _downfall(self, child: subprocess.Popen[bytes]) -> str:
        """Wait until the server is down, by itself or by us, and say why."""
        while (status := child.poll()) is None:
            bound_log(self._files.log)
            try:
                check_space(self._files.path, self._options.floor_bytes)
            except EmbeddedStoreError as error:
                await self.stop()
                return f"the embedded store was stopped: {error}"
            await asyncio.sleep(_POLL_SECONDS)
        self._child = None
        return (
            f"the embedded store's server ended ({describe(status)}). "
            f"The last lines of {self._files.log}:\n{log_tail(self._files.log)}"
        )

    def _report(self, failure: str, attempts: int) -> None:
        self._failure = failure
        log.error("embedded_store_failed", failure=failure, attempts=attempts)


@contextlib.asynccontextmanager
async def start_embedded(
    directory: Path,
    *,
    ready: Ready,
    on_restart: Restarted | None = None,
    options: StoreOptions | None = None,
) -> AsyncGenerator[EmbeddedStore, None]:
    """Own `directory` and run a store on it; it answers queries when the context is entered.

    `ready` runs a query on an address: the store counts as started once it returns. `on_restart`
    is told the address each time the server answers again after a crash. When the store cannot
    run, EmbeddedStoreError says why and what to do.
    """
    options = options or StoreOptions()
    with own_directory(directory, min_free_bytes=options.min_free_bytes) as files:
        store = EmbeddedStore(files, ready=ready, on_restart=on_restart, options=options)
        try:
            await store.start()
            supervisor = asyncio.create_task(store.supervise(), name="embedded store supervisor")
            supervisor.add_done_callback(_report_defect)
            try:
                yield store
            finally:
                supervisor.cancel()
                await asyncio.wait([supervisor])
        finally:
            withdraw(files)
            await store.stop()


def _report_defect(supervisor: asyncio.Task[None]) -> None:
    if not supervisor.cancelled() and (error := supervisor.exception()) is not None:
        log.critical("embedded_store_unsupervised", exc_info=error)
