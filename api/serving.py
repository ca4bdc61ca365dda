"""Runs the service: opens the store, listens, says so, and ends both when it is told to."""

import asyncio
import contextlib
import errno
import functools
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from typing import cast

import uvicorn

from api import demo
from api.app import create_app
from api.authn.dev import DevIssuer
from api.connections import LimitedConnection
from api.settings import Settings
from api.tls import ReloadedCertificate
from graph import retention
from graph.embedded import StoreOptions, running_store
from graph.engine import Graph
from graph.opening import bolt_target, open_embedded, open_graph

_BACKLOG = 2048


class ServeError(Exception):
    """The service cannot start; the message says what to do."""


@contextlib.asynccontextmanager
async def open_store(settings: Settings, *, beside: bool = False) -> AsyncGenerator[Graph]:
    """Open the store that the settings name: the one place where they become a way to reach it.

    With `beside`, an embedded store that a service runs on is that service's, not one to start.
    """
    target, limits = settings.bolt_target(), settings.store_limits()
    strict = settings.require_identities
    if target is None and beside and (running := running_store(settings.data)) is not None:
        target = bolt_target(running, limits)
    if target is not None:
        async with open_graph(target, require_identities=strict) as graph:
            yield graph
    else:
        options = StoreOptions(heap=settings.store_heap)
        async with open_embedded(
            settings.data, options=options, limits=limits, require_identities=strict
        ) as graph:
            yield graph


async def serve(settings: Settings, *, sample: demo.Sample | None = None) -> None:
    """Serve until a signal ends it. With a `sample`, load it into an empty store and show it."""
    ending = _Ending()
    listener = _listen(settings.host, settings.port)
    tls = _tls(settings)
    address = f"{'https' if tls else 'http'}://{_shown(settings.host)}:{listener.getsockname()[1]}"
    with listener:
        keep = timedelta(days=settings.keep_changes_days)
        async with open_store(settings) as graph, retention.pruning(graph, keep=keep):
            issuer = DevIssuer(settings.data) if settings.dev else None
            connection = functools.partial(LimitedConnection, limits=settings.connection_limits())
            config = uvicorn.Config(
                create_app(graph, settings, issuer),
                loop="none",
                http=cast("type[asyncio.Protocol]", connection),
                ws="none",
                ssl_context_factory=tls.serve if tls else None,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=settings.shutdown_seconds,
            )
            server = _Server(config, address)
            ending.server = server
            if sample is not None and issuer is not None:
                server.greeting = await demo.present(graph, issuer, sample, address)
            await server.serve(sockets=[listener])


class _Ending:
    """Ends the service when a signal says so: while it serves by draining, before by giving up.

    Either way what was opened is closed, the embedded store with it.
    """

    def __init__(self) -> None:
        self.server: uvicorn.Server | None = None
        self._task = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._end)

    def _end(self) -> None:
        if self.server is not None and self.server.started:
            self.server.should_exit = True
        elif self._task is not None:
            self._task.cancel()


class _Server(uvicorn.Server):
    """Says where it serves once it does."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address
        self.greeting = ""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals to `_Ending`: uvicorn would raise them again before all is closed."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"{self.greeting}serving on {self._address}\n")
        sys.stdout.flush()


def _tls(settings: Settings) -> ReloadedCertificate | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return ReloadedCertificate(settings.tls_certificate, settings.tls_key)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise ServeError(
                f"Port {port} of {host} is taken by another program. End that one, or choose"
                f" another port with --port (make run PORT=…); 0 takes any free one."
            ) from error
        raise ServeError(f"Cannot listen on port {port} of {host}: {error.strerror}.") from error
    return listener


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
