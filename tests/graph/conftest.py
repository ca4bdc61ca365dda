"""Two processes of the service over one store, as far as the store can tell."""

from collections.abc import AsyncGenerator

import pytest

from graph.engine import Graph
from graph.session import BoltTarget, Session, connect


@pytest.fixture
async def replicas(
    graph: Graph, store: BoltTarget, session: tuple[Session, bytes]
) -> AsyncGenerator[tuple[Graph, Graph]]:
    """Two graphs with connections of their own: they share no lock of a process."""
    async with connect(store) as other:
        yield graph, Graph(other, user_key=session[1], clock=graph.clock)
