"""What only Neo4j tells: the operators of a plan."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, LiteralString

import pytest
from neo4j import AsyncGraphDatabase

from graph.migrations import migrate
from graph.opening import bolt_target
from graph.session import connect
from tests.stores.neo4j_server import Neo4jServer

Explain = Callable[[LiteralString], Awaitable[list[str]]]


@pytest.fixture(scope="session")
async def explain(neo4j_server: Neo4jServer) -> AsyncGenerator[Explain]:
    """Tell by which operators Neo4j would answer a query, without running it."""
    address = neo4j_server.address
    async with connect(bolt_target(address)) as session:
        await migrate(session)
    driver = AsyncGraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType]  # its options
        address.uri, auth=(address.user, address.password)
    )
    async with driver:

        async def run(text: LiteralString) -> list[str]:
            result = await driver.execute_query(f"EXPLAIN {text}", database_=address.database)
            return _operators(result.summary.plan)  # pyright: ignore[reportUnknownMemberType]

        yield run


def _operators(plan: Any) -> list[str]:
    below = [name for child in plan.get("children", ()) for name in _operators(child)]
    return [plan["operatorType"], *below]
