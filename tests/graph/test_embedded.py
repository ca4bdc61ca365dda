"""The embedded store with its real server: start, stop, crash, loss of the owner, one owner."""

# Processes and files of our own making, watched from outside; nothing else needs the loop.
# ruff: noqa: ASYNC110, ASYNC220, ASYNC221, ASYNC240, S603, S607

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path

import pytest
from neo4j import AsyncDriver, AsyncGraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from graph import embedded_process as process
from graph.embedded import (
    BoltAddress,
    EmbeddedStore,
    EmbeddedStoreError,
    StoreOptions,
    running_store,
    start_embedded,
)
from graph.embedded_directory import DataDirectory, bound_log, own_directory

ROOT = Path(__file__).parents[2]
HASTY = StoreOptions(heap="256m", backoff_seconds=(0.0, 0.2), stop_seconds=10.0)

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def connect(address: BoltAddress) -> AsyncDriver:
    return AsyncGraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType]  # its options
        address.uri, auth=(address.user, address.password), max_transaction_retry_time=0
    )


async def ready(address: BoltAddress) -> None:
    async with connect(address) as driver:
        await driver.execute_query("RETURN 1", database_=address.database)


async def create(driver: AsyncDriver, address: BoltAddress, number: int) -> None:
    await driver.execute_query(
        "CREATE (t:T {id: $id}) RETURN t.id", {"id": number}, database_=address.database
    )


async def ids(address: BoltAddress) -> list[int]:
    async with connect(address) as driver:
        records, _, _ = await driver.execute_query(
            "MATCH (t:T) RETURN t.id AS id ORDER BY id", database_=address.database
        )
    return [record["id"] for record in records]


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


async def own(directory: str, stop_seconds: str = "10") -> None:
    """Be an owner in a process of its own: say where the server is, then what was committed."""
    options = StoreOptions(heap="256m", stop_seconds=float(stop_seconds))
    async with start_embedded(Path(directory), ready=ready, options=options) as store:
        sys.stdout.write(f"{json.dumps({'pid': store.pid})}\n")
        async with connect(store.address) as driver:
            for number in range(1_000_000):
                await create(driver, store.address, number)
                sys.stdout.write(f"{number}\n")
                sys.stdout.flush()


def owner_command(directory: Path, *options: str) -> list[str]:
    script = (
        "import asyncio, sys; from tests.graph.test_embedded import own; "
        "asyncio.run(own(*sys.argv[1:]))"
    )
    return [sys.executable, "-c", script, str(directory), *options]


def lose_owner(directory: Path, *, stalled: bool) -> tuple[int, int]:
    """Let an owner write, kill it; give the orphaned server and the last acknowledged id."""
    owner = subprocess.Popen(owner_command(directory), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        # Log lines come first.
        orphan: int = next(json.loads(line)["pid"] for line in owner.stdout if line[0] == "{")
        acknowledged = -1
        while acknowledged < 20:
            acknowledged = int(owner.stdout.readline())
        owner.kill()
        rest = owner.stdout.read().split("\n")[:-1]
    if stalled:
        os.kill(orphan, signal.SIGSTOP)
    return orphan, int(rest[-1]) if rest else acknowledged


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embedded") / "a blank and an ü"


@pytest.fixture(scope="module")
async def store(directory: Path) -> AsyncGenerator[EmbeddedStore, None]:
    async with start_embedded(directory, ready=ready, options=HASTY) as started:
        yield started


async def test_only_loopback_listens(store: EmbeddedStore) -> None:
    assert store.pid is not None

    listening = list(listeners(store.pid))

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


async def test_the_process_list_does_not_show_the_password(store: EmbeddedStore) -> None:
    command = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(store.pid)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "java" in command
    assert store.address.password not in command
    assert store.address.password not in repr(store.address)


@linux
async def test_the_server_gets_neither_our_environment_nor_our_lock(
    store: EmbeddedStore, directory: Path
) -> None:
    environment = Path(f"/proc/{store.pid}/environ").read_bytes().split(b"\0")
    handles = [handle.resolve() for handle in Path(f"/proc/{store.pid}/fd").iterdir()]

    assert {entry.partition(b"=")[0] for entry in environment} == {b"LC_ALL", b"PATH", b""}
    assert directory / "store.log" in handles
    assert directory / "lock" not in handles


async def test_files_are_for_the_owner_alone(store: EmbeddedStore, directory: Path) -> None:
    await ids(store.address)

    modes = {path.stat().st_mode & 0o077 for path in [directory, *directory.rglob("*")]}

    assert modes == {0}
    assert not (directory / "run" / "password").exists()


async def test_another_command_finds_the_running_store(
    store: EmbeddedStore, directory: Path
) -> None:
    assert running_store(directory) == store.address
    assert running_store(directory.parent) is None


async def test_a_pid_that_was_given_to_a_stranger_is_not_the_owner(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    files = DataDirectory(tmp_path)
    files.run.mkdir()
    entry = {"uri": store.address.uri, "user": "u", "password": "p", "database": "d"}
    stale = entry | {"owner": os.getpid(), "owner_started": "long ago"}
    files.address.write_text(json.dumps(stale))

    assert running_store(tmp_path) is None


async def test_a_second_owner_is_refused_and_told_who_owns(
    store: EmbeddedStore, directory: Path
) -> None:
    other = await asyncio.to_thread(
        subprocess.run, owner_command(directory), cwd=ROOT, capture_output=True, text=True
    )

    assert other.returncode == 1
    assert f"in use by process {os.getpid()}: stop that process, or name" in other.stderr
    assert store.failure is None
    await ready(store.address)


async def test_the_server_is_recognised_without_proc(
    store: EmbeddedStore, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.pid is not None
    files = DataDirectory(directory)
    monkeypatch.setattr(sys, "platform", "darwin")

    assert process.orphans(files) == [store.pid]
    assert process.serves(store.pid, files)
    assert not process.serves(os.getpid(), files)
    assert process.started_at(os.getpid()) is not None


@linux
async def test_a_stranger_with_our_arguments_is_left_alone(
    store: EmbeddedStore, directory: Path, tmp_path: Path
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

    assert found == [store.pid]


async def test_data_outlives_a_clean_stop(tmp_path: Path) -> None:
    async with start_embedded(tmp_path, ready=ready, options=HASTY) as store:
        first = store.address
        server = store.pid
        async with connect(first) as driver:
            await create(driver, first, 1)

    assert server is not None
    assert process.started_at(server) is None
    assert running_store(tmp_path) is None

    async with start_embedded(tmp_path, ready=ready, options=HASTY) as store:
        assert await ids(store.address) == [1]
        assert store.address.password != first.password


async def test_a_killed_server_is_restarted_with_every_acknowledged_write(tmp_path: Path) -> None:
    told: list[BoltAddress] = []
    acknowledged: list[int] = []

    async def on_restart(address: BoltAddress) -> None:
        told.append(address)
        raise RuntimeError("whoever listens may fail")

    async with start_embedded(tmp_path, ready=ready, on_restart=on_restart, options=HASTY) as store:
        before = store.address
        for kill in range(2):
            server = store.pid
            assert server is not None
            async with connect(before) as driver:
                writer = asyncio.create_task(write(driver, before, acknowledged))
                await until(lambda goal=30 * (kill + 1): len(acknowledged) > goal)
                os.kill(server, signal.SIGKILL)
                with pytest.raises((DriverError, Neo4jError)):
                    await writer
            await until(lambda: store.failure is not None)
            assert "ended (signal 9)" in str(store.failure)
            await until(lambda kill=kill: len(told) > kill)

            assert store.failure is None
            assert store.pid != server

        assert told == [before, before]
        assert set(acknowledged) <= set(await ids(store.address))


async def write(driver: AsyncDriver, address: BoltAddress, acknowledged: list[int]) -> None:
    while True:
        number = len(acknowledged)
        await create(driver, address, number)
        acknowledged.append(number)


async def test_a_lost_port_is_replaced_and_so_is_the_password(tmp_path: Path) -> None:
    told: list[BoltAddress] = []

    async def on_restart(address: BoltAddress) -> None:
        told.append(address)

    options = StoreOptions(heap="256m", backoff_seconds=(1.0,))
    async with start_embedded(
        tmp_path, ready=ready, on_restart=on_restart, options=options
    ) as store:
        before, server = store.address, store.pid
        assert server is not None
        os.kill(server, signal.SIGKILL)
        await until(lambda: store.failure is not None)
        with socket.create_server(("127.0.0.1", int(before.uri.rpartition(":")[2]))):
            await until(lambda: bool(told))

        assert told == [store.address]
        assert store.address.uri != before.uri
        assert store.address.password != before.password
        assert running_store(tmp_path) == store.address
        await ready(store.address)


async def test_a_server_that_keeps_failing_is_tried_until_it_starts(tmp_path: Path) -> None:
    async with start_embedded(tmp_path, ready=ready, options=HASTY) as store:
        server = store.pid
        assert server is not None
        config = tmp_path / "arcadedb" / "config"
        config.rename(tmp_path / "config")
        config.write_text("in the way")
        os.kill(server, signal.SIGKILL)
        await until(lambda: "cannot start again" in str(store.failure))
        assert "Not a directory" in str(store.failure)
        with pytest.raises(DriverError):
            await ready(store.address)

        config.unlink()
        (tmp_path / "config").rename(config)
        await until(lambda: store.failure is None)

        await ready(store.address)


@pytest.mark.parametrize("stalled", [False, True])
async def test_the_orphan_of_a_killed_owner_is_ended_and_its_data_kept(
    tmp_path: Path, stalled: bool
) -> None:
    orphan, acknowledged = await asyncio.to_thread(lose_owner, tmp_path, stalled=stalled)
    assert process.orphans(DataDirectory(tmp_path)) == [orphan]
    assert running_store(tmp_path) is None

    options = StoreOptions(heap="256m", stop_seconds=1.0 if stalled else 10.0)
    async with start_embedded(tmp_path, ready=ready, options=options) as store:
        assert process.orphans(DataDirectory(tmp_path)) == [store.pid]
        assert set(range(acknowledged + 1)) <= set(await ids(store.address))


async def test_a_server_that_cannot_start_is_reported_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedStoreError, match="Invalid maximum heap size: -Xmx9x") as caught:
        async with start_embedded(tmp_path, ready=ready, options=StoreOptions(heap="9x")):
            pass

    assert "did not start: it ended (exit code 1)" in str(caught.value)
    assert str(tmp_path / "store.log") in str(caught.value)


async def test_a_server_that_never_answers_is_given_up_and_ended(tmp_path: Path) -> None:
    async def never(_: BoltAddress) -> None:
        raise LookupError("not yet")

    options = StoreOptions(heap="256m", start_seconds=3.0)
    with pytest.raises(EmbeddedStoreError, match=r"no answer in 3 seconds \(LookupError: not yet"):
        async with start_embedded(tmp_path, ready=never, options=options):
            pass

    assert process.orphans(DataDirectory(tmp_path)) == []


async def test_a_server_whose_database_is_damaged_is_reported(tmp_path: Path) -> None:
    (tmp_path / "layout").write_text("1\n")
    databases = tmp_path / "arcadedb" / "databases"
    databases.mkdir(parents=True)
    (databases / "policygraph").write_text("no folder")

    with pytest.raises(EmbeddedStoreError, match="did not start: it failed to start"):
        async with start_embedded(tmp_path, ready=ready, options=HASTY):
            pass

    assert process.orphans(DataDirectory(tmp_path)) == []


async def test_a_start_that_is_cancelled_leaves_no_server(tmp_path: Path) -> None:
    async def start() -> None:
        async with start_embedded(tmp_path, ready=ready, options=HASTY):
            pass

    task = asyncio.create_task(start())
    await until(lambda: bool(process.orphans(DataDirectory(tmp_path))))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert process.orphans(DataDirectory(tmp_path)) == []


async def test_a_server_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    options = StoreOptions(heap="256m", stop_seconds=0.5)
    async with start_embedded(tmp_path, ready=ready, options=options) as store:
        server = store.pid
        assert server is not None
        os.kill(server, signal.SIGSTOP)

    assert process.started_at(server) is None


async def test_two_stores_run_side_by_side(store: EmbeddedStore, tmp_path: Path) -> None:
    async with start_embedded(tmp_path, ready=ready, options=HASTY) as other:
        assert other.address.uri != store.address.uri
        await asyncio.gather(ready(store.address), ready(other.address))


def test_a_directory_is_owned_once_even_within_a_process(tmp_path: Path) -> None:
    with (
        own_directory(tmp_path / "new" / "store"),
        pytest.raises(EmbeddedStoreError, match=f"in use by process {os.getpid()}"),
        own_directory(tmp_path / "new" / "store"),
    ):
        pass

    with own_directory(tmp_path / "new" / "store") as files:
        assert files.path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("path", ["file", "file/store"])
def test_a_file_is_not_a_data_directory(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(EmbeddedStoreError, match="is not a directory: name a directory"):
        refuse(tmp_path / path)


def test_a_directory_of_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(EmbeddedStoreError, match=r"holds other files \(thesis.tex\) and no store"):
        refuse(tmp_path)


def test_a_fresh_volume_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()

    with own_directory(tmp_path) as files:
        assert files.layout.read_text() == "1\n"


def test_a_newer_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "layout").write_text("2\n")

    with pytest.raises(
        EmbeddedStoreError, match=r"newer version \(layout 2, .* knows 1\): upgrade"
    ):
        refuse(tmp_path)


def test_a_damaged_layout_is_refused(tmp_path: Path) -> None:
    (tmp_path / "layout").write_text("one")

    with pytest.raises(EmbeddedStoreError, match=r"is damaged .*restore the directory"):
        refuse(tmp_path)


def test_a_full_disk_is_refused_before_the_start(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedStoreError, match=r"MiB are free for .* free some"):
        refuse(tmp_path, min_free_bytes=1 << 60)


def test_a_directory_that_we_may_not_write_is_refused() -> None:
    user = os.geteuid()
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o555)
        try:
            if user == 0:
                os.seteuid(65534)  # modes do not bind root
            with pytest.raises(EmbeddedStoreError, match="is not writable for this user"):
                refuse(Path(path))
            with pytest.raises(EmbeddedStoreError, match="is not writable for this user"):
                refuse(Path(path) / "new")
        finally:
            os.seteuid(user)


def refuse(path: Path, **limits: int) -> None:
    with own_directory(path, **limits):
        pytest.fail("the directory was accepted")


def test_a_log_that_has_grown_is_cut_and_a_copy_kept(tmp_path: Path) -> None:
    log = tmp_path / "store.log"
    log.write_text("x" * 100)

    bound_log(log, limit=100)
    assert log.stat().st_size == 100

    bound_log(log, limit=99)
    assert log.stat().st_size == 0
    assert (tmp_path / "store.log.1").stat().st_size == 100


def test_a_missing_wheel_says_what_to_install() -> None:
    with pytest.raises(EmbeddedStoreError, match=r"pip install 'policygraph\[server\]'.*glibc"):
        process.find_java("no_such_package")


def test_an_incomplete_wheel_says_so() -> None:
    with pytest.raises(EmbeddedStoreError, match="incomplete: install it again"):
        process.find_java("graph")
