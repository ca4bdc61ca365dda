"""What can be seen of a running embedded store from outside, and by whom."""

# Processes and files of our own making, watched from outside; nothing else needs the loop.
# ruff: noqa: ASYNC220, ASYNC221, ASYNC240, S603, S607

import asyncio
import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from neo4j.exceptions import AuthError

from graph import embedded_process as process
from graph.embedded import EmbeddedStore, EmbeddedStoreError, running_store, start_embedded
from graph.embedded_directory import DataDirectory
from tests.stores.embedded import HASTY, ROOT, ids, owner_command, ready

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / "a blank and an ü"


@pytest.fixture(scope="module")
async def running(directory: Path) -> AsyncGenerator[EmbeddedStore, None]:
    async with start_embedded(directory, ready=ready, options=HASTY) as started:
        yield started


async def test_only_loopback_listens(running: EmbeddedStore) -> None:
    assert running.pid is not None

    listening = list(listeners(running.pid))

    assert len(listening) == 2  # Bolt and HTTP
    assert set(listening) <= {"0100007F", "0000000000000000FFFF00000100007F"}


def listeners(pid: int) -> Iterator[str]:
    if sys.platform != "linux":
        pytest.skip("reads /proc")
    inodes: set[str] = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            inodes.add(handle.readlink().name)
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and f"socket:[{inode}]" in inodes:
                yield local.partition(":")[0]


async def test_the_process_list_does_not_show_the_password(running: EmbeddedStore) -> None:
    command = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(running.pid)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "java" in command
    assert running.address.password not in command
    assert running.address.password not in repr(running.address)


@linux
async def test_the_server_gets_neither_our_environment_nor_our_lock(
    running: EmbeddedStore, directory: Path
) -> None:
    environment = Path(f"/proc/{running.pid}/environ").read_bytes().split(b"\0")
    handles = [handle.resolve() for handle in Path(f"/proc/{running.pid}/fd").iterdir()]

    assert {entry.partition(b"=")[0] for entry in environment} == {b"LC_ALL", b"PATH", b""}
    assert directory / "store.log" in handles
    assert directory / "lock" not in handles


async def test_files_are_for_the_owner_alone(running: EmbeddedStore, directory: Path) -> None:
    await ids(running.address)

    modes = {path.stat().st_mode & 0o077 for path in [directory, *directory.rglob("*")]}

    assert modes == {0}
    assert {path.name for path in (directory / "run").iterdir()} == {
        "java.args",
        "logging.properties",
        "store.json",
        "tmp",
    }


async def test_wrong_passwords_for_root_do_not_lock_us_out(running: EmbeddedStore) -> None:
    stranger = dataclasses.replace(running.address, user="root", password="guess")  # noqa: S106
    for _ in range(6):
        with pytest.raises(AuthError):
            await ready(stranger)

    await ready(running.address)


async def test_another_command_finds_the_running_store(
    running: EmbeddedStore, directory: Path
) -> None:
    assert running_store(directory) == running.address
    assert running_store(directory.parent) is None


async def test_a_pid_that_was_given_to_a_stranger_is_not_the_owner(
    running: EmbeddedStore, tmp_path: Path
) -> None:
    files = DataDirectory(tmp_path)
    files.run.mkdir()
    entry = {"uri": running.address.uri, "user": "u", "password": "p", "database": "d"}
    stale = entry | {"owner": os.getpid(), "owner_started": "long ago"}
    files.address.write_text(json.dumps(stale))

    assert running_store(tmp_path) is None


async def test_a_second_owner_is_refused_and_told_who_owns(
    running: EmbeddedStore, directory: Path
) -> None:
    other = await asyncio.to_thread(
        subprocess.run, owner_command(directory), cwd=ROOT, capture_output=True, text=True
    )

    assert other.returncode == 1
    assert f"in use by process {os.getpid()}: stop that process, or name" in other.stderr
    assert running.failure is None
    await ready(running.address)


async def test_the_server_is_recognised_without_proc(
    running: EmbeddedStore, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert running.pid is not None
    files = DataDirectory(directory)
    monkeypatch.setattr(sys, "platform", "darwin")

    assert process.orphans(files) == [running.pid]
    assert process.serves(running.pid, files)
    assert not process.serves(os.getpid(), files)
    assert process.started_at(os.getpid()) is not None


@linux
async def test_a_stranger_with_our_arguments_is_left_alone(
    running: EmbeddedStore, directory: Path, tmp_path: Path
) -> None:
    files = DataDirectory(directory)
    # `cat` complains about the argument and then waits for its input.
    stranger = subprocess.Popen(
        ["/opt/java", f"@{files.arguments}", "-"],
        executable=shutil.which("cat"),
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with stranger:
        found = process.orphans(files)
        stranger.kill()

    assert found == [running.pid]


def test_a_missing_wheel_says_what_to_install() -> None:
    with pytest.raises(EmbeddedStoreError, match=r"pip install 'policygraph\[server\]'.*glibc"):
        process.find_java("no_such_package")


def test_an_incomplete_wheel_says_so() -> None:
    with pytest.raises(EmbeddedStoreError, match="incomplete: install it again"):
        process.find_java("graph")
