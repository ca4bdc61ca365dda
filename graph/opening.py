"""Opens the graph: the embedded store of a data directory, or a store that is there by its URI."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import asdict
from pathlib import Path

from graph.clock import Clock, utc_now
from graph.embedded import BoltAddress, StoreOptions, start_embedded
from graph.engine import Graph
from graph.migrations import migrate
from graph.session import BoltTarget, Session, StoreLimits, connect


@contextlib.asynccontextmanager
async def open_graph(
    target: BoltTarget, *, clock: Clock = utc_now, require_identities: bool = False
) -> AsyncGenerator[Graph]:
    """Connect to a store, bring it to our layout, and yield the graph that it holds."""
    async with connect(target) as session:
        user_key = await migrate(session)
        graph = Graph(
            session, user_key=user_key, clock=clock, require_identities=require_identities
        )
        async with graph.telemetry.flushing():
            yield graph


@contextlib.asynccontextmanager
async def open_embedded(
    directory: Path,
    *,
    options: StoreOptions | None = None,
    limits: StoreLimits | None = None,
    clock: Clock = utc_now,
    require_identities: bool = False,
) -> AsyncGenerator[Graph]:
    """Start the embedded store of a directory and yield the graph that it holds."""
    async with contextlib.AsyncExitStack() as stack:
        session: Session | None = None

        async def follow(address: BoltAddress) -> None:
            if session is not None:
                await session.reconnect(bolt_target(address, limits))

        store = await stack.enter_async_context(
            start_embedded(
                directory, ready=_answers, on_restart=follow, options=options or StoreOptions()
            )
        )
        target = bolt_target(store.address, limits)
        graph = await stack.enter_async_context(
            open_graph(target, clock=clock, require_identities=require_identities)
        )
        session = graph.session
        yield graph


def bolt_target(address: BoltAddress, limits: StoreLimits | None = None) -> BoltTarget:
    """Return how to reach an embedded store."""
    return BoltTarget(
        uri=address.uri,
        user=address.user,
        password=address.password,
        database=address.database,
        **asdict(limits or StoreLimits()),
    )


async def _answers(address: BoltAddress) -> None:
    async with connect(bolt_target(address)) as session:
        await session.check()
