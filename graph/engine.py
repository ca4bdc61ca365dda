"""The two ways into the graph: a consistent read, and the one path of every write.

A write takes its organization's lock; in one transaction it increments the revision (on Neo4j that
is the write lock as well), checks, edits and appends the change; it commits, or another writer was
first and it starts over.
"""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson

from graph import changes, edits, invariants, lookup, repeats
from graph.change_filter import ChangeKind
from graph.clock import Clock, utc_now
from graph.commits import Commits
from graph.edits import Edit
from graph.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PolicyGraphError,
    StoreTimeoutError,
    UnavailableError,
)
from graph.ids import Kind, new_id
from graph.names import check_text
from graph.rights import Capability
from graph.session import LostRaceError, Session, Transaction
from graph.signed_in import SignedIn
from graph.snapshot import OPERATOR, Caller, Snapshot, load_viewer
from graph.telemetry import Telemetry
from queries import organizations
from queries.changes import ChangeRow
from queries.organizations import OrganizationRevision

Result = TypeVar("Result")

_READ_ATTEMPTS = 5
_WRITE_ATTEMPTS = 12
_BACKOFF_SECONDS = 0.004
_MAX_KEY = 255
_LOOK_UP_ATTEMPTS = 5
_LOOK_UP_SECONDS = 0.4

Plan = Callable[[Snapshot], Awaitable[Sequence[Edit]]]
"""Checks a write under the lock and says what it edits; it changes nothing itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a caller wants to be written: the mutation, its input, and perhaps a key."""

    caller: Caller
    kind: str
    input: Mapping[str, Any]
    key: str | None = None
    organization: str = field(default_factory=lambda: new_id(Kind.GROUP))
    """The id of the organization that it creates, if it creates one."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for a kind that nobody could filter changes by."""
        ChangeKind(self.kind)

    @property
    def digest(self) -> str:
        """What tells the same input from another one."""
        pinned = self.caller.organization
        text = orjson.dumps([self.kind, pinned, dict(self.input)], option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(text).hexdigest()

    @property
    def actor_key(self) -> str | None:
        """The idempotency key as stored: each actor has keys of their own."""
        return None if self.key is None else f"{self.caller.user_id} {self.key}"


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of a write. `change` is None when everything already was as asked."""

    revision: OrganizationRevision
    change: str | None
    edits: Sequence[Edit]
    asked: frozenset[Capability]
    """The rights that were asked for on the way."""


class Graph:
    """The policy graph: what use cases take as their first argument."""

    def __init__(
        self,
        session: Session,
        *,
        user_key: bytes,
        clock: Clock = utc_now,
        require_identities: bool = False,
    ) -> None:
        self.session = session
        self.user_key = user_key
        self.clock = clock
        self.require_identities = require_identities
        self.telemetry = Telemetry(session)
        self.signed_in = SignedIn()
        self._commits = Commits()
        self._writing: set[asyncio.Future[Written]] = set()

    async def snapshot(self, caller: Caller) -> Snapshot:
        """Begin a view that nothing holds still; `read` is for answers."""
        now = self.clock()
        return Snapshot(self.session, await load_viewer(self.session, caller, now), now)

    async def read(
        self, caller: Caller, answer: Callable[[Snapshot], Awaitable[Result]]
    ) -> tuple[Result, list[OrganizationRevision]]:
        """Answer from one state of the caller's organizations, and say at which revisions.

        Should a write meet the read, the whole answer is made again; after some attempts the
        writers wait for it.
        """
        for _ in range(_READ_ATTEMPTS):
            with contextlib.suppress(LostRaceError):
                return await self._read_once(caller, answer)
            await asyncio.sleep(_BACKOFF_SECONDS * random.random())  # noqa: S311 - not a secret
        return await self.retried(lambda: self._read_alone(caller, answer))

    async def _read_once(
        self,
        caller: Caller,
        answer: Callable[[Snapshot], Awaitable[Result]],
        *,
        alone: bool = False,
    ) -> tuple[Result, list[OrganizationRevision]]:
        """Answer, or raise `LostRaceError` when a write met the answer."""
        at = await self.snapshot(caller)
        mark = self._commits.mark(at.viewer.bound_in)
        if mark is None or (alone and self._commits.unsure(at.viewer.seen)):
            raise LostRaceError("read: a commit is under way")
        await self._await_commits(at.viewer.seen)
        try:
            result = await answer(at)
        except (LostRaceError, StoreTimeoutError, UnavailableError):
            raise
        except Exception:
            # What was missed may have been on its way from one place to another.
            await self._require_stood_still(at, mark)
            raise
        await self._require_stood_still(at, mark)
        return result, at.viewer.revisions

    async def _await_commits(self, seen: Collection[OrganizationRevision]) -> None:
        """Wait until all can be seen of the commits that led to these revisions.

        Neo4j shows a revision before the rest of its commit. This process knows when its own are
        done; of another's it knows once it had the lock of the store after it.
        """
        unsure = self._commits.unsure(seen)
        if not unsure:
            return
        async with self._commits.lock(unsure, seconds=self.session.patience):
            left = self._commits.unsure(seen)  # by the readers that had this lock before
            async with self._held(left):
                pass

    async def _require_stood_still(self, at: Snapshot, mark: tuple[int, ...]) -> None:
        """Raise `LostRaceError` if a right, a revision or a commit moved since a snapshot began."""
        viewer = await load_viewer(self.session, at.viewer.caller, at.now)
        if viewer != at.viewer or self._commits.mark(viewer.bound_in) != mark:
            raise LostRaceError("read: something was written meanwhile")

    async def _read_alone(
        self, caller: Caller, answer: Callable[[Snapshot], Awaitable[Result]]
    ) -> tuple[Result, list[OrganizationRevision]]:
        bound_in = (await self.snapshot(caller)).viewer.bound_in
        async with (
            self._commits.lock(bound_in, seconds=self.session.patience),
            self._held(bound_in),
        ):
            return await self._read_once(caller, answer, alone=True)

    @contextlib.asynccontextmanager
    async def _held(self, orgs: Collection[str]) -> AsyncGenerator[None]:
        """Hold the store's locks of organizations: all can be seen of what was committed to them.

        The embedded store has no such lock, and needs none where one process writes to it.
        """
        if not orgs:
            yield
            return
        async with self.session.transaction() as transaction:  # rolled back
            for org in sorted(orgs):
                for row in await transaction.run(organizations.lock_organization(org=org)):
                    self._commits.note_whole(org, row.epoch, row.revision - 1)
            yield

    async def retried(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """Do a piece of work that is whole in itself, again when another writer was first."""
        for attempt in range(_WRITE_ATTEMPTS):
            try:
                return await work()
            except LostRaceError as error:
                if attempt == _WRITE_ATTEMPTS - 1:
                    raise UnavailableError(
                        "Too many writers were ahead of this one. Try again."
                    ) from error
                pause = _BACKOFF_SECONDS * 2**attempt
                await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - no secret
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def change(self, intent: Intent, ref: str, kind: Kind, plan: Plan) -> Written:
        """Run a write of the organization in which the thing that `ref` leads to stands.

        Raises what the plan raises, `ConflictError` for a key that was used for something else,
        `UnavailableError` when the store is away, and says so when the outcome is unknown.
        """

        async def write() -> Written:
            # Found anew each time: a path may lead elsewhere since, into another organization.
            org, _ = await self.read(
                intent.caller, lambda at: lookup.organization_of(at, ref, kind)
            )
            return await self._write_once(intent, org, plan, new=False)

        return await self._once(intent, write)

    async def create_organization(self, intent: Intent, plan: Plan) -> Written:
        """Run the write that makes the organization `intent.organization`."""
        org = intent.organization
        return await self._once(intent, lambda: self._write_once(intent, org, plan, new=True))

    async def change_organization(self, intent: Intent, org: str, plan: Plan) -> Written:
        """Run a write of an organization that is known by its id, even a deleted one."""
        return await self._once(intent, lambda: self._write_once(intent, org, plan, new=False))

    async def tidy(self, org: str, work: Callable[[Transaction], Awaitable[Result]]) -> Result:
        """Do, under an organization's lock, what is no write of the graph: of its log, say."""

        async def once() -> Result:
            async with (
                self._commits.lock([org], seconds=self.session.patience),
                self.session.transaction() as transaction,
            ):
                result = await work(transaction)
                async with self._commits.commit(org):
                    await transaction.commit()
                return result

        return await self.retried(once)

    async def _once(self, intent: Intent, write: Callable[[], Awaitable[Written]]) -> Written:
        """Run a write, or answer what it did when it was made before under its key."""
        if intent.key == "":
            raise InvalidInputError("An idempotency key is not empty; leave it out, or choose one.")
        check_text(intent.key or "", what="An idempotency key", most=_MAX_KEY)

        async def write_or_repeat() -> Written:
            # Before any ref is followed: what a repeated delete names is gone.
            repeated = await self._repeated(intent)
            if repeated is not None:
                return repeated
            try:
                return await write()
            except PolicyGraphError:
                # The same write, made just now by another caller, may be what stands in the way.
                repeated = await self._repeated(intent)
                if repeated is None:
                    raise
                return repeated

        return await self._to_its_end(write_or_repeat)

    async def _repeated(self, intent: Intent) -> Written | None:
        if intent.actor_key is None:
            return None
        found = await changes.find_by_key(self.session, intent.actor_key)
        if found is None:
            return None
        # A change can be seen a moment before the rest of its commit.
        await self._await_commits([OrganizationRevision(found.org, found.epoch, found.revision)])
        async with self._commits.lock([found.org], seconds=self.session.patience):
            return await self._repeat(await self.snapshot(intent.caller), intent, found)

    async def _to_its_end(self, write: Callable[[], Awaitable[Written]]) -> Written:
        """Run a write, which goes on should its caller go away: half of it must not be seen.

        It keeps its lock and its mark until the store has answered or its time is over.
        """
        task = asyncio.ensure_future(self.retried(write))
        self._writing.add(task)
        task.add_done_callback(self._wrote)
        return await asyncio.shield(task)

    def _wrote(self, task: asyncio.Future[Written]) -> None:
        self._writing.discard(task)
        if not task.cancelled():
            task.exception()  # seen by the caller, if there still is one

    async def _write_once(self, intent: Intent, org: str, plan: Plan, *, new: bool) -> Written:
        async with self._commits.lock([org], seconds=self.session.patience):
            return await self._write_locked(intent, org, plan, new=new)

    async def _write_locked(self, intent: Intent, org: str, plan: Plan, *, new: bool) -> Written:
        change_id = new_id(Kind.CHANGE)
        committing = False
        planned: Sequence[Edit] = ()
        asked: frozenset[Capability] = frozenset()
        revision: OrganizationRevision | None = None
        try:
            async with self.session.transaction() as transaction:
                revision = await _take_lock(transaction, org, new=new)
                now = self.clock()
                viewer = await load_viewer(transaction, intent.caller, now)
                at = Snapshot(transaction, viewer, now)
                if intent.actor_key is not None and await changes.find_by_key(
                    transaction, intent.actor_key
                ):
                    raise LostRaceError(f"{intent.kind}: the same was written just now")
                planned = await plan(at)
                asked = frozenset(at.asked)
                if any(edit.subject.org != org for edit in planned):
                    raise LostRaceError(f"{intent.kind}: the ref leads to another organization now")
                if not at.needs and intent.caller != OPERATOR:
                    raise RuntimeError(f"{intent.kind} was planned without asking for a right")
                if intent.key is None and not any(edit.changes for edit in planned):
                    previous = OrganizationRevision(org, revision.epoch, revision.revision - 1)
                    return Written(previous, None, planned, frozenset(at.asked))
                await invariants.check_owners(at, org, planned)
                await edits.apply(transaction, planned)
                await changes.append(
                    transaction,
                    ChangeRow(
                        id=change_id,
                        org=org,
                        epoch=revision.epoch,
                        revision=revision.revision,
                        actor=intent.caller.user_id,
                        at=at.now,
                        kind=intent.kind,
                        subjects=list(dict.fromkeys(edit.subject.id for edit in planned)),
                        needs=[f"{capability} {group}" for capability, group in at.needs],
                        parts=0,
                        digest=intent.digest,
                        address=intent.caller.origin.address,
                        token_id=intent.caller.origin.token_id,
                    ),
                    actor_key=intent.actor_key,
                    edits=planned,
                )
                async with self._commits.commit(org):
                    committing = True
                    await transaction.commit()
                self._commits.note_whole(org, revision.epoch, revision.revision)
            return Written(revision, change_id, planned, asked)
        except (UnavailableError, StoreTimeoutError) as error:
            if not committing or revision is None:
                raise
            if await self._was_committed(change_id):
                return Written(revision, change_id, planned, asked)
            raise UnavailableError(
                "The store went away during the commit, so the outcome is unknown. Ask again: with"
                " the same idempotency key nothing is done twice."
            ) from error

    async def _was_committed(self, change_id: str) -> bool:
        """Look for the change of a commit that was cut off, for no longer than a read may take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.session.patience):
                for _ in range(_LOOK_UP_ATTEMPTS):
                    try:
                        return await changes.find(self.session, change_id) is not None
                    except (UnavailableError, StoreTimeoutError, LostRaceError):
                        await asyncio.sleep(_LOOK_UP_SECONDS)
        return False

    async def _repeat(self, at: Snapshot, intent: Intent, found: ChangeRow) -> Written:
        """Answer what a write under this key did the first time, to who may still do it."""
        if found.digest != intent.digest:
            raise ConflictError(
                f"The idempotency key {intent.key!r} was used before, for another input. Choose"
                f" another key for another write."
            )
        recorded = await changes.read_edits(at, found)
        await repeats.require_again(at, found, recorded)
        revision = OrganizationRevision(found.org, found.epoch, found.revision)
        return Written(revision, found.id, recorded, frozenset(at.asked))


async def _take_lock(transaction: Transaction, org: str, *, new: bool) -> OrganizationRevision:
    if new:
        epoch = new_id(Kind.CHANGE).partition("_")[2][:10]
        statement = organizations.create_organization(org=org, epoch=epoch)
    else:
        statement = organizations.lock_organization(org=org)
    rows = await transaction.run(statement)
    if not rows:
        raise NotFoundError("There is no such organization that you can see.")
    return rows[0]
