"""Brings a store to the layout that this code knows, and refuses one that is ahead of it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import LiteralString, cast

import structlog

from graph.errors import PolicyGraphError
from graph.session import LostRaceError, Session
from queries import schema

log: structlog.stdlib.BoundLogger = structlog.get_logger()

FIRST_LAYOUT = 1
_ATTEMPTS = 10


class NewerStoreError(PolicyGraphError):
    """The store was written by a newer version of this service."""


def layout() -> int:
    """Return the layout that this code reads and writes."""
    return FIRST_LAYOUT + len(schema.MIGRATIONS)


async def migrate(session: Session) -> bytes:
    """Bring the store to our layout; return the key by which user ids are derived.

    Every step may be repeated, so a start that was interrupted, or two at once, do no harm.
    Raises `NewerStoreError` before anything is changed.
    """
    found = await _found(session)
    if found is not None and found > layout():
        raise NewerStoreError(
            f"The store has layout {found}; this version of policygraph knows up to {layout()}."
            f" Start the version that wrote it, or a newer one."
        )
    await _apply(session, schema.CONSTRAINTS)
    await _retried(lambda: session.run(schema.create_labels()))
    user_key = secrets.token_hex(32)
    created = schema.create_store(schema_version=layout(), user_key=user_key)
    await _retried(lambda: session.run(created))
    for version in range(layout() if found is None else found, layout()):
        await _apply(session, schema.MIGRATIONS[version - FIRST_LAYOUT])
        reached = schema.set_schema_version(schema_version=version + 1)
        await _retried(lambda reached=reached: session.run(reached))
        log.info("store_migrated", layout=version + 1)
    (store,) = await session.run(schema.read_store())
    return bytes.fromhex(store.user_key)


async def _apply(session: Session, name: str) -> None:
    for statement in schema.statements(name):
        # The text of a file of this package, like every other query.
        text = cast("LiteralString", statement)
        await _retried(lambda text=text: session.execute(text))


async def _found(session: Session) -> int | None:
    rows = await session.run(schema.read_store())
    return rows[0].schema_version if rows else None


async def _retried(step: Callable[[], Awaitable[object]]) -> None:
    """Take a step again when another replica was changing the layout at the same moment."""
    for attempt in range(_ATTEMPTS):
        try:
            await step()
        except LostRaceError:
            if attempt == _ATTEMPTS - 1:
                raise
            await asyncio.sleep(0.2 * (attempt + 1))
        else:
            return
