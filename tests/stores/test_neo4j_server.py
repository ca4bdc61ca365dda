"""The tests' own Neo4j: reasons when there is none, and no process left behind."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from graph.embedded_process import started_at
from tests.stores.found import NotFoundHereError
from tests.stores.neo4j_jars import fetch_jars, find_jdk
from tests.stores.neo4j_server import VERSION, find_neo4j

ROOT = Path(__file__).parents[2]
SESSION = """
import os, sys
from tests.stores.found import NotFoundHereError
from tests.stores.neo4j_jars import jar_server
try:
    server = jar_server(sys.argv[1], os.environ)
except NotFoundHereError as error:
    sys.exit(str(error))
server.start()
print(server.pid, server.home, flush=True)
sys.stdin.read()
"""


def test_a_named_neo4j_that_does_not_answer_is_an_error_not_a_reason_to_take_another() -> None:
    with pytest.raises(NotFoundHereError, match=r"NEO4J_URL is set to bolt://127.0.0.1:1, which"):
        find_neo4j({"NEO4J_URL": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "secret"})


def test_without_a_jdk_that_is_new_enough_those_seen_are_named(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "javac").touch()
    (tmp_path / "release").write_text('IMPLEMENTOR="x"\nJAVA_VERSION="17.0.15"\n')
    environ = {"JAVA_HOME": str(tmp_path), "PATH": ""}

    assert find_jdk(17, environ) == tmp_path / "bin" / "java"
    with pytest.raises(NotFoundHereError, match=f"no JDK 99 or later .*{tmp_path} is 17"):
        find_jdk(99, environ)


def test_jars_are_taken_from_the_cache_and_need_maven_only_once(tmp_path: Path) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path), "PATH": ""}
    with pytest.raises(NotFoundHereError, match="no Maven"):
        fetch_jars("0.0.0", environ)

    cached = tmp_path / "policygraph" / "neo4j-0.0.0"
    cached.mkdir(parents=True)

    assert fetch_jars("0.0.0", environ) == cached


async def test_a_killed_session_leaves_no_neo4j_behind() -> None:
    session = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SESSION,
        VERSION,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert session.stdout is not None
    pid, _, home = (await session.stdout.readline()).decode().strip().partition(" ")
    if not pid:
        _, reason = await session.communicate()
        pytest.skip(reason.decode())
    session.kill()
    await session.communicate()

    async with asyncio.timeout(240):  # a loaded machine takes a minute
        while started_at(int(pid)) is not None:  # noqa: ASYNC110  # watched from outside
            await asyncio.sleep(0.1)
    assert not Path(home).exists()  # noqa: ASYNC240  # nothing else needs the loop
