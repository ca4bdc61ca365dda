"""When clusters were last seen: written in batches, apart from the graph's state."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime

import structlog

from graph.session import Session
from queries import telemetry

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_FLUSH_SECONDS = 1.0
_BATCH = 1000


class Telemetry:
    """Collects what is observed and writes it now and then. The newest wins, a crash loses some."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: dict[str, datetime] = {}

    def record_seen(self, cluster_id: str, at: datetime) -> None:
        """Note that a cluster was seen."""
        self._seen[cluster_id] = at

    async def last_seen(self, cluster_ids: Sequence[str]) -> list[datetime | None]:
        """Return when each of these clusters was last seen; None for one that never was."""
        rows = await self._session.run(telemetry.read_seen(ids=sorted(set(cluster_ids))))
        stored = {row.id: row.last_seen for row in rows} | self._seen
        return [stored.get(cluster_id) for cluster_id in cluster_ids]

    async def flush(self) -> None:
        """Write what was collected; what cannot be written now is kept for the next time."""
        waiting = dict(list(self._seen.items())[:_BATCH])
        if not waiting:
            return
        rows = [{"id": id_, "last_seen": at.isoformat()} for id_, at in waiting.items()]
        try:
            await self._session.run(telemetry.record_seen(rows=rows))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next flush tries again
            log.warning("telemetry_not_written", error=repr(error), waiting=len(self._seen))
            return
        for cluster_id, at in waiting.items():
            if self._seen.get(cluster_id) == at:
                del self._seen[cluster_id]

    @contextlib.asynccontextmanager
    async def flushing(self) -> AsyncGenerator[None]:
        """Flush every second, and once more at the end."""
        task = asyncio.create_task(self._flush_for_ever())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            await self.flush()

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await self.flush()
