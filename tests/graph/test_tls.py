"""The store behind TLS: what its certificate is checked against, and what is refused."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from graph.errors import UnavailableError
from graph.session import BoltTarget, connect
from tests.certificates import a_certificate


@contextlib.asynccontextmanager
async def _tls_before(store: BoltTarget, certificate: Path, key: Path) -> AsyncGenerator[int]:
    """End TLS in front of a store; yield the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    behind = urlsplit(store.uri)

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner = await asyncio.open_connection(behind.hostname, behind.port)
        async with asyncio.TaskGroup() as both:
            both.create_task(pass_on(reader, inner[1]))
            both.create_task(pass_on(inner[0], writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@pytest.mark.parametrize("scheme", ["bolt", "bolt+s"])
async def test_a_store_whose_certificate_the_file_vouches_for_answers(
    store: BoltTarget, tmp_path: Path, scheme: str
) -> None:
    certificate, key = a_certificate(tmp_path / "store")
    async with _tls_before(store, certificate, key) as port:
        target = replace(store, uri=f"{scheme}://127.0.0.1:{port}", ca_file=str(certificate))
        async with connect(target) as session:
            await session.check()


async def test_a_store_whose_certificate_nobody_vouches_for_is_refused(
    store: BoltTarget, tmp_path: Path
) -> None:
    certificate, key = a_certificate(tmp_path / "store")
    other, _ = a_certificate(tmp_path / "other")
    async with _tls_before(store, certificate, key) as port:
        for ca_file in (None, str(other)):
            target = replace(store, uri=f"bolt+s://127.0.0.1:{port}", ca_file=ca_file)
            async with connect(target) as session:
                with pytest.raises(UnavailableError):
                    await session.check()


async def test_a_store_without_tls_is_not_spoken_to_in_clear_when_tls_is_asked_for(
    store: BoltTarget,
) -> None:
    target = replace(store, uri=store.uri.replace("bolt://", "bolt+s://"), connect_seconds=2)
    async with connect(target) as session:
        with pytest.raises(UnavailableError):
            await session.check()
