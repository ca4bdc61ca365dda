"""Retention: for how long changes are kept. Then they go, the oldest first, and their keys too.

What is left of an organization's log has no gap: it goes on after the revision that is noted at its
root, and its newest change is never forgotten.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import structlog

from graph.engine import Graph
from graph.errors import NotFoundError
from graph.rights import Capability
from graph.session import Transaction
from graph.snapshot import Snapshot, not_found
from queries import changes, organizations
from queries.changes import ChangeRow

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_EVERY_SECONDS = 3600.0
_ORGANIZATIONS = 100
# Of one transaction: so many changes, and so many things that they are about, but for one change.
CHANGES = 100
_SUBJECTS = 1000


@contextlib.asynccontextmanager
async def pruning(
    graph: Graph, *, keep: timedelta, every_seconds: float = _EVERY_SECONDS
) -> AsyncGenerator[None]:
    """Forget old changes now and then, for as long as the block lasts."""
    task = asyncio.create_task(_prune_for_ever(graph, keep, every_seconds))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _prune_for_ever(graph: Graph, keep: timedelta, every_seconds: float) -> None:
    while True:
        try:
            if pruned := await prune(graph, keep=keep):
                log.info("changes_pruned", changes=pruned)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is tried again
            log.warning("changes_not_pruned", error=repr(error))
        await asyncio.sleep(every_seconds)


async def prune(graph: Graph, *, keep: timedelta) -> int:
    """Forget the changes of all organizations that are older; return how many they were."""
    before = graph.clock() - keep
    total, last = 0, ""
    while True:
        page = organizations.list_organizations(after=last, first=_ORGANIZATIONS)
        found = await graph.session.run(page)
        if not found:
            return total
        for org in found:
            total += await _prune_one(graph, org, before)
        last = max(found)


async def _prune_one(graph: Graph, org: str, before: datetime) -> int:
    total = 0
    wanted = changes.oldest_changes(
        since=f"{org} ", until=f"{org} {before.isoformat()}", first=CHANGES
    )

    async def prune_some(transaction: Transaction) -> int:
        old = _some(await transaction.run(wanted))
        newest = await transaction.run(changes.list_changes(org=org, before=None, first=1))
        gone = [row for row in old if row.id != newest.items[0].id]
        if gone:
            await _forget(transaction, org, gone)
        return len(gone)

    # Looked for without the lock: mostly there is nothing, or the newest change alone.
    while len(await graph.session.run(wanted)) > 0 and (
        pruned := await graph.tidy(org, prune_some)
    ):
        total += pruned
    return total


def _some(rows: list[ChangeRow]) -> list[ChangeRow]:
    """Return as many of the oldest changes as one transaction is to forget."""
    some: list[ChangeRow] = []
    about = 0
    for row in sorted(rows, key=lambda row: row.revision):
        about += len(row.subjects)
        if some and about > _SUBJECTS:
            break
        some.append(row)
    return some


async def _forget(transaction: Transaction, org: str, rows: list[ChangeRow]) -> None:
    newest = max(rows, key=lambda row: row.revision)
    # First of all, for it takes the lock.
    await transaction.run(
        organizations.set_pruned(
            org=org,
            revision=newest.revision,
            at=max(row.at for row in rows).isoformat(),
        )
    )
    gone = [row.id for row in rows]
    left = changes.delete_change_subjects(change_ids=gone, most=_SUBJECTS)
    while await transaction.run(left) == _SUBJECTS:
        pass
    await transaction.run(changes.delete_change_parts(change_ids=gone))
    await transaction.run(changes.delete_changes(ids=gone))


async def missing(at: Snapshot, change_id: str) -> NotFoundError:
    """Build the error for a change that is not there: it may be one that is kept no more.

    Who may list the changes of an organization is told since when they are kept.
    """
    kept = [
        f"of {org} since {pruned.at.isoformat()}"
        for org in at.viewer.organizations
        for pruned in await at.run(organizations.read_pruned(org=org))
        if pruned.at is not None and await at.may(Capability.CHANGES_LIST, org)
    ]
    hint = f" (changes are kept {', '.join(kept)})" if kept else ""
    return not_found(f"change {change_id}{hint}")
