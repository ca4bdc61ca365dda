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

SCHEMA_VERSION = len(schema.MIGRATIONS)
"""The layout that this code reads and writes."""

_ATTEMPTS = 10


class NewerStoreError(PolicyGraphError):
    """The store was written by a newer version of this service."""


async def migrate(session: Session) -> bytes:
    """Bring the store to `SCHEMA_VERSION`; return the key by which user ids are derived.

    Every step may be repeated, so a start that was interrupted, or two at once, do no harm.
    Raises `NewerStoreError` before anything is changed.
    """
    found = await _found(session)
    if found > SCHEMA_VERSION:
        raise NewerStoreError(
            f"The store has layout {found}; this version of policygraph knows up to"
            f" {SCHEMA_VERSION}. Start the version that wrote it, or a newer one."
        )
    for version in range(found, SCHEMA_VERSION):
        for statement in schema.migration(schema.MIGRATIONS[version]):
            # A migration is a text of this package, like every other query.
            text = cast("LiteralString", statement)
            await _retried(lambda text=text: session.execute(text))
        log.info("store_migrated", version=version + 1)
    user_key = secrets.token_hex(32)
    created = schema.create_store(schema_version=SCHEMA_VERSION, user_key=user_key)
    await _retried(lambda: session.run(created))
    if found not in (0, SCHEMA_VERSION):
        await session.run(schema.set_schema_version(schema_version=SCHEMA_VERSION))
    (store,) = await session.run(schema.read_store())
    return bytes.fromhex(store.user_key)


async def _found(session: Session) -> int:
    rows = await session.run(schema.read_store())
    return rows[0].schema_version if rows else 0


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
