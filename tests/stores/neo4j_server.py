"""A real Neo4j for the tests: NEO4J_URL, else a container, else Maven's jars, else a reason."""

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from graph.embedded import BoltAddress
from tests.stores.found import NotFoundHereError
from tests.stores.neo4j_jars import JarServer, jar_server

VERSION = "5.26.20"
DATABASE = "neo4j"

_PORT = 7687
_DOCKER_SOCKET = Path("/var/run/docker.sock")
_READY_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Neo4jServer:
    """A Neo4j that answers; `stop` ends what we started."""

    address: BoltAddress
    origin: str
    stop: Callable[[], None]
    jars: JarServer | None = None

    @property
    def pid(self) -> int | None:
        """The process, for `tests.stores.faults`; None when it is not ours to break."""
        return None if self.jars is None else self.jars.pid

    def restart(self) -> None:
        """Start it again on the same data and address after it was killed."""
        if self.jars is None:
            raise NotFoundHereError(f"this Neo4j ({self.origin}) is not a process of ours")
        self.jars.start()
        _await_answer(self.address, self.jars.ended)


def find_neo4j(environ: Mapping[str, str] = os.environ) -> Neo4jServer:
    """Start a Neo4j or use the one that is named; NotFoundHereError says why there is none.

    NEO4J_URL (with NEO4J_USER, NEO4J_PASSWORD, NEO4J_DATABASE) names one; if it is set, nothing
    else is tried. NEO4J_VERSION chooses the version of a container or of the jars.
    """
    if url := environ.get("NEO4J_URL"):
        return _named(url, environ)
    version = environ.get("NEO4J_VERSION") or VERSION
    reasons: list[str] = []
    for start in (_container, _from_jars):
        try:
            return start(version, environ)
        except NotFoundHereError as error:
            reasons.append(str(error))
    raise NotFoundHereError(
        f"no Neo4j {version} for the tests: NEO4J_URL is not set; {'; '.join(reasons)}"
    )


def _named(url: str, environ: Mapping[str, str]) -> Neo4jServer:
    address = BoltAddress(
        url,
        environ.get("NEO4J_USER", "neo4j"),
        environ.get("NEO4J_PASSWORD", ""),
        environ.get("NEO4J_DATABASE", DATABASE),
    )
    try:
        _answer(address)
    except (DriverError, Neo4jError, ValueError) as error:
        raise NotFoundHereError(
            f"NEO4J_URL is set to {url}, which does not answer {address.user}: {error}"
        ) from error
    return Neo4jServer(address, f"NEO4J_URL={url}", stop=lambda: None)


def _container(version: str, environ: Mapping[str, str]) -> Neo4jServer:
    # Docker's client leaves a socket open when there is nothing to connect it to.
    if not (environ.get("DOCKER_HOST") or _DOCKER_SOCKET.exists()):
        raise NotFoundHereError(f"no Docker engine: DOCKER_HOST is not set, no {_DOCKER_SOCKET}")
    try:
        # Imported here: without Docker neither is needed.
        import docker  # noqa: PLC0415
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415

        docker.from_env().ping()  # pyright: ignore[reportUnknownMemberType]  # untyped
    except Exception as error:
        raise NotFoundHereError(f"no Docker engine answers ({error})") from error
    password = secrets.token_urlsafe(12)
    container = DockerContainer(f"neo4j:{version}").with_env("NEO4J_AUTH", f"neo4j/{password}")
    # On loopback; the library's types do not know that Docker takes an interface as well.
    container.ports = cast("dict[str, int | None]", {f"{_PORT}/tcp": ("127.0.0.1", None)})
    try:
        container.start()
        uri = f"bolt://{container.get_container_host_ip()}:{container.get_exposed_port(_PORT)}"
        address = BoltAddress(uri, "neo4j", password, DATABASE)
        _await_answer(address, lambda: None)
    except Exception as error:
        with contextlib.suppress(Exception):
            container.stop()
        raise NotFoundHereError(f"the container neo4j:{version} does not start: {error}") from error
    return Neo4jServer(address, f"container neo4j:{version}", stop=container.stop)


def _from_jars(version: str, environ: Mapping[str, str]) -> Neo4jServer:
    server = jar_server(version, environ)
    try:
        server.start()
        address = BoltAddress(f"bolt://127.0.0.1:{server.port}", "neo4j", "unchecked", DATABASE)
        _await_answer(address, server.ended)
    except BaseException:
        server.stop()
        raise
    return Neo4jServer(address, f"jars of Neo4j {version}", stop=server.stop, jars=server)


def _await_answer(address: BoltAddress, ended: Callable[[], str | None]) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            _answer(address)
        except (DriverError, Neo4jError) as error:
            if (words := ended()) is not None:
                raise NotFoundHereError(f"Neo4j ended while starting: {words}") from error
            if time.monotonic() > deadline:
                raise NotFoundHereError(
                    f"Neo4j gave no answer in {_READY_SECONDS:.0f} seconds: {error}"
                ) from error
            time.sleep(0.2)
        else:
            return


def _answer(address: BoltAddress) -> None:
    with GraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType]  # its options
        address.uri,
        auth=(address.user, address.password),
        connection_acquisition_timeout=5,
        max_transaction_retry_time=0,
    ) as driver:
        driver.execute_query("RETURN 1", database_=address.database)
