"""The only module that speaks Bolt: it runs statements, and maps what the driver raises.

The embedded store and Neo4j are one thing here; they differ by the address.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any, LiteralString, Protocol, TypeVar, cast

import neo4j
from neo4j import AsyncDriver, AsyncGraphDatabase, AsyncResult, AsyncTransaction
from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    ConstraintError,
    DriverError,
    Neo4jError,
    TransientError,
)

from graph.errors import InvalidInputError, StoreTimeoutError, UnavailableError
from queries import Mode, Statement

Answer = TypeVar("Answer")

# What the store answers when a request waited too long for a lock or ran too long.
_TIMED_OUT = ("TransactionTimedOut", "LockAcquisitionTimeout", "TransactionTerminated")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLimits:
    """By how many connections a store is reached, and how long for what. Times in seconds."""

    pool_size: int = 32
    connect_seconds: float = 3.0
    acquire_seconds: float = 5.0
    query_seconds: float = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BoltTarget(StoreLimits):
    """Where the store is and how to reach it."""

    uri: str
    user: str | None = None
    password: str = field(default="", repr=False)
    database: str | None = None
    ca_file: str | None = None


# What it answers when a thing that it has just found was deleted, or rolled back, by another.
_VANISHED = "EntityNotFound"
# What it answers when its database is shut, or when it was restarted within our transaction.
_GONE = ("DatabaseUnavailable", "TransactionNotFound")


class LostRaceError(Exception):
    """Another writer was first; the same transaction, run again, may succeed."""


class UniqueKeyError(LostRaceError):
    """A unique key is taken: by another writer just now, or for good."""


class StoreError(Exception):
    """The store refused a statement of ours: by a defect, or for a right or database that lacks.

    Callers never see the text.
    """


class Reader(Protocol):
    """What answers a statement: the store, or an open transaction."""

    async def run(self, statement: Statement[Answer], /) -> Answer:
        """Answer one statement."""
        ...


class Session:
    """The store, as far as the rest of the graph package may see it."""

    def __init__(self, driver: AsyncDriver, target: BoltTarget) -> None:
        self._driver = driver
        self._target = target

    @property
    def patience(self) -> float:
        """How long, in seconds, a caller may be kept waiting for one thing."""
        return self._target.query_seconds

    async def run(self, statement: Statement[Answer]) -> Answer:
        """Answer one statement, in a transaction of its own."""
        async with self._guard(statement.name), self._open(statement.mode) as session:
            query = neo4j.Query(
                statement.text,
                metadata={"query": statement.name},
                timeout=self._target.query_seconds,
            )
            return await _decode(statement, await session.run(query, statement.parameters))

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncGenerator["Transaction"]:
        """Open a transaction that is rolled back unless `commit` was called."""
        async with self._guard("transaction"), self._open(Mode.WRITE) as session:
            transaction = await session.begin_transaction(timeout=self._target.query_seconds)
            try:
                yield Transaction(transaction)
            finally:
                # Rolls back what was not committed; a cancelled caller's connection is dropped.
                await transaction.close()

    async def execute(self, text: LiteralString) -> None:
        """Run one statement of a migration; constraints cannot share a transaction with data."""
        async with self._guard("migration"), self._open(Mode.WRITE) as session:
            await (await session.run(text)).consume()

    async def check(self) -> None:
        """Raise `UnavailableError` unless the store answers a query."""
        await self.execute("RETURN 1 AS answer")

    async def reconnect(self, target: BoltTarget) -> None:
        """Follow a store that listens elsewhere now."""
        before, self._driver, self._target = self._driver, _driver(target), target
        await before.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._driver.close()

    def _open(self, mode: Mode) -> neo4j.AsyncSession:
        access = neo4j.READ_ACCESS if mode is Mode.READ else neo4j.WRITE_ACCESS
        # The driver types its options as untyped keywords.
        return cast("Any", self._driver).session(
            database=self._target.database, default_access_mode=access
        )

    @contextlib.asynccontextmanager
    async def _guard(self, name: str) -> AsyncGenerator[None]:
        """Bound the time, and turn what the driver raises into our errors."""
        try:
            async with asyncio.timeout(self._target.query_seconds + 1):
                yield
        except TimeoutError as error:
            raise StoreTimeoutError(
                f"The store did not answer within {self._target.query_seconds:g} s. Try again."
            ) from error
        except (DriverError, Neo4jError, OSError) as error:
            raise _translate(name, error) from error


class Transaction:
    """An open transaction."""

    def __init__(self, transaction: AsyncTransaction) -> None:
        self._transaction = transaction

    async def run(self, statement: Statement[Answer]) -> Answer:
        """Answer one statement within this transaction."""
        result = await self._transaction.run(statement.text, statement.parameters)
        return await _decode(statement, result)

    async def commit(self) -> None:
        """Make the transaction's writes last. When this fails nobody can tell whether they do."""
        await self._transaction.commit()


async def _decode(statement: Statement[Answer], result: AsyncResult) -> Answer:
    record = await result.single(strict=True)
    return statement.decode(record["answer"])


def _translate(  # noqa: PLR0911 - a table, one line a case
    name: str, error: DriverError | Neo4jError | OSError
) -> Exception:
    """Turn what the driver raised into one of our errors; no driver text reaches a caller."""
    match error:
        case ConstraintError():
            return UniqueKeyError(name)
        case AuthError():
            return UnavailableError(
                "The store refuses our user and password. An operator must correct the settings."
            )
        case Neo4jError() if any(ending in (error.code or "") for ending in _TIMED_OUT):
            return StoreTimeoutError("The store gave up on a query that took too long. Try again.")
        case Neo4jError() if error.code and error.code.endswith(_GONE):
            return UnavailableError("The store's database is not available. Try again later.")
        case ConfigurationError():
            return UnavailableError(
                "The driver cannot use the store's settings. An operator must correct them."
            )
        case TransientError():
            return LostRaceError(name)
        case Neo4jError() if error.code and error.code.endswith(_VANISHED):
            return LostRaceError(name)
        case Neo4jError():
            return StoreError(f"The store refuses {name!r}: {error.code}: {error.message}")
        case _:
            return UnavailableError("The store cannot be reached. Try again later.")


@contextlib.asynccontextmanager
async def connect(target: BoltTarget) -> AsyncGenerator[Session]:
    """Open a pool of connections; nothing is sent before the first statement.

    Raises `InvalidInputError` for an address or options that the driver does not take.
    """
    session = Session(_driver(target), target)
    try:
        yield session
    finally:
        await session.close()


def _driver(target: BoltTarget) -> AsyncDriver:
    uri, trust = target.uri, dict[str, Any]()
    if target.ca_file:
        # A scheme that ends in +s trusts the system's authorities and takes no others.
        uri = uri.replace("+s://", "://")
        trust = {
            "encrypted": True,
            "trusted_certificates": neo4j.TrustCustomCAs(target.ca_file),
        }
    try:
        # The driver types its options as untyped keywords.
        return cast("Any", AsyncGraphDatabase).driver(
            uri,
            auth=(target.user, target.password) if target.user else None,
            max_connection_pool_size=target.pool_size,
            connection_timeout=target.connect_seconds,
            connection_acquisition_timeout=target.acquire_seconds,
            max_connection_lifetime=3600,
            liveness_check_timeout=30,
            keep_alive=True,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
            user_agent="policygraph",
            **trust,
        )
    except (ConfigurationError, ValueError) as error:
        raise InvalidInputError(f"The store's settings are not in order: {error}") from error
