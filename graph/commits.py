"""Tells readers when a commit was under way while they read, and up to where all can be seen.

Neither engine gives a reader a snapshot: a query that runs beside a commit can see half of it. A
reader that no commit touched saw one state; one that did reads again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary

from graph.errors import StoreTimeoutError
from queries.organizations import OrganizationRevision


class Commits:
    """The organizations' write locks and commit counters of this process."""

    def __init__(self) -> None:
        # A lock is there for as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._started: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self._whole: dict[str, tuple[str, int]] = {}

    @asynccontextmanager
    async def lock(self, orgs: Iterable[str], *, seconds: float) -> AsyncGenerator[None]:
        """Hold the write locks of these organizations, taken in one order.

        Raises `StoreTimeoutError` when the writers ahead take longer than `seconds`: with a store
        that has stalled, each of them waits for its own deadline.
        """
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(seconds):
                    for org in sorted(set(orgs)):
                        await stack.enter_async_context(self._lock(org))
            except TimeoutError as error:
                raise StoreTimeoutError(
                    f"The writes ahead of this one were not done within {seconds:g} s. Try again."
                ) from error
            yield

    def _lock(self, org: str) -> asyncio.Lock:
        lock = self._locks.get(org)
        if lock is None:
            lock = self._locks[org] = asyncio.Lock()
        return lock

    @asynccontextmanager
    async def commit(self, org: str) -> AsyncGenerator[None]:
        """Mark the time in which readers may see half of a write."""
        self._started[org] += 1
        self._under_way[org] += 1
        try:
            yield
        finally:
            self._under_way[org] -= 1

    def mark(self, orgs: Iterable[str]) -> tuple[int, ...] | None:
        """Return what stays equal while no commit starts; None while one is under way."""
        wanted = sorted(orgs)
        if any(self._under_way[org] for org in wanted):
            return None
        return tuple(self._started[org] for org in wanted)

    def note_whole(self, org: str, epoch: str, revision: int) -> None:
        """Note that all of the commits up to this revision can be seen."""
        known = self._whole.get(org)
        if known is None or known[0] != epoch or known[1] < revision:
            self._whole[org] = epoch, revision

    def unsure(self, seen: Iterable[OrganizationRevision]) -> list[str]:
        """Return the organizations of which the commit that led to what was seen may go on."""
        return [at.org for at in seen if not self._is_whole(at)]

    def _is_whole(self, at: OrganizationRevision) -> bool:
        epoch, revision = self._whole.get(at.org, ("", 0))
        return epoch == at.epoch and at.revision <= revision
