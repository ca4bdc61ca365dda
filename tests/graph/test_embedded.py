"""The embedded store with its real server: start, stop, crash, and the loss of its owner."""

# Processes and files of our own making, watched from outside; nothing else needs the loop.

import asyncio
import os
import shutil
import signal
import socket
from pathlib import Path

import pytest
from neo4j import AsyncDriver
from neo4j.exceptions import DriverError, Neo4jError

from graph import embedded_process as process
from graph.embedded import (
    BoltAddress,
    EmbeddedStoreError,
    StoreOptions,
    running_store,
    start_embedded,
)
from graph.embedded_directory import DataDirectory
from tests.stores.embedded import HASTY, connect, create, ids, lose_owner, ready, until


async def test_data_outlives_a_clean_stop_and_can_be_copied(tmp_path: Path) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    async with start_embedded(original, ready=ready, options=HASTY) as store:
        first = store.address
        server = store.pid
        async with connect(first) as driver:
            await create(driver, first, 1)

    assert server is not None
    assert process.started_at(server) is None
    assert running_store(original) is None

    shutil.copytree(original, copy)
    async with (
        start_embedded(original, ready=ready, options=HASTY) as store,
        start_embedded(copy, ready=ready, options=HASTY) as restored,
    ):
        assert store.address.password != first.password
        async with connect(restored.address) as driver:
            await create(driver, restored.address, 2)

        assert await ids(store.address) == [1]
        assert await ids(restored.address) == [1, 2]


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
        assert "File exists" in str(store.failure)
        with pytest.raises(DriverError):
            await ready(store.address)

        config.unlink()
        (tmp_path / "config").rename(config)
        await until(lambda: store.failure is None)

        await ready(store.address)


async def test_the_server_is_stopped_before_the_disk_is_full_and_returns_when_it_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Disk:
        free = 1 << 30

    def disk_usage(_: Path) -> type[Disk]:
        return Disk

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    options = StoreOptions(heap="256m", backoff_seconds=(0.5,))
    async with start_embedded(tmp_path, ready=ready, options=options) as store:
        async with connect(store.address) as driver:
            await create(driver, store.address, 1)
        server = store.pid
        assert server is not None
        Disk.free = 63 << 20
        await until(lambda: "was stopped: only 63 MiB are free" in str(store.failure))
        await until(lambda: "cannot start again: only 63 MiB are free" in str(store.failure))
        assert process.started_at(server) is None

        Disk.free = 1 << 30
        await until(lambda: store.failure is None)

        assert await ids(store.address) == [1]


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
