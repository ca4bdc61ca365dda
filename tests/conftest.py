"""The stores that the tests run on: every test of the graph on the embedded one and on Neo4j."""

import os
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

import pytest

from graph.embedded import EmbeddedStore, StoreOptions, start_embedded
from graph.engine import Graph
from graph.migrations import migrate
from graph.opening import bolt_target
from graph.session import BoltTarget, Session, connect
from tests.given import Clock
from tests.node import NodeFolder, node_folder
from tests.stores.embedded import ready
from tests.stores.found import NotFoundHereError
from tests.stores.neo4j_server import Neo4jServer, find_neo4j

_CI = os.environ.get("CI", "").lower() == "true"
_left_out: dict[str, str] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "store" in metafunc.fixturenames:
        metafunc.parametrize("store", ["embedded", "neo4j"], indirect=True, scope="session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines what was left out, so that nobody takes it for tested."""
    for what, why in _left_out.items():
        count = sum(1 for report in terminalreporter.getreports("skipped") if what in report.nodeid)
        terminalreporter.write_line(f"LEFT OUT: {count} tests of {what}: {why}", yellow=True)


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Neo4jServer]:
    """A real Neo4j. Where none can be had its tests are left out; CI must have one."""
    try:
        server = find_neo4j()
    except NotFoundHereError as error:
        _left_out["neo4j"] = str(error)
        if _CI:
            pytest.fail(f"CI needs a Neo4j: {error}")
        pytest.skip(f"no Neo4j here: {error}")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], NodeFolder]:
    """Give Node.js with the packages of a folder. Without it its tests are left out, not in CI."""

    def prepare(source: Path) -> NodeFolder:
        try:
            return node_folder(source, tmp_path_factory.mktemp("node") / source.name, os.environ)
        except NotFoundHereError as error:
            _left_out[source.name] = str(error)
            if _CI:
                pytest.fail(f"CI needs Node.js: {error}")
            pytest.skip(f"no Node.js here: {error}")

    return prepare


@pytest.fixture(scope="session")
async def embedded_store(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[EmbeddedStore]:
    """One embedded store for all tests that do not break it."""
    directory: Path = tmp_path_factory.mktemp("embedded") / "data"
    async with start_embedded(directory, ready=ready, options=StoreOptions(heap="768m")) as store:
        yield store


@pytest.fixture(scope="session")
def store(request: pytest.FixtureRequest) -> BoltTarget:
    """Where the store of this run of the test is: parametrized over both."""
    if request.param == "embedded":
        return bolt_target(request.getfixturevalue("embedded_store").address)
    return bolt_target(request.getfixturevalue("neo4j_server").address)


@pytest.fixture(scope="session")
async def session(store: BoltTarget) -> AsyncGenerator[tuple[Session, bytes]]:
    """Connections to a store that has our layout, and its key of user ids."""
    async with connect(store) as opened:
        yield opened, await migrate(opened)


@pytest.fixture
def clock() -> Clock:
    """A clock that a test may turn forward."""
    return Clock()


@pytest.fixture
def graph(session: tuple[Session, bytes], clock: Clock) -> Graph:
    """The graph. Tests share a store and tell themselves apart by making users of their own."""
    opened, user_key = session
    return Graph(opened, user_key=user_key, clock=clock)
