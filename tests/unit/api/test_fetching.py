"""An issuer's documents, fetched from real servers: from where they may come, and how much."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from api.authn.addresses import is_permitted
from api.authn.fetching import Fetcher
from tests.certificates import a_certificate

LOOPBACK = [ip_network("127.0.0.0/8")]
HOST = "issuer.test"
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Server:
    """A server that answers every request with the same bytes, and keeps what it was asked."""

    answer: bytes = GOOD
    lasting: bool = False
    """Whether it keeps the connection open behind its answer."""
    port: int = 0
    asked: list[bytes] = field(default_factory=list[bytes])

    @contextlib.asynccontextmanager
    async def serving(self, tls: ssl.SSLContext | None = None) -> AsyncGenerator["Server"]:
        ended = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                self.asked.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(self.answer)
                await writer.drain()
                if self.lasting:
                    await ended.wait()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        async with server:
            self.port = server.sockets[0].getsockname()[1]
            yield self
            ended.set()


@dataclass
class Names:
    """What a name server answers, one answer after the other; the last one stays."""

    answers: list[list[str]]
    asked: int = 0

    def __call__(self, host: Any, port: Any, *_kind: Any) -> list[Any]:
        assert host == HOST
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        family = socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """The name server: the host is on this machine."""
    found = Names([["127.0.0.1"]])
    monkeypatch.setattr(socket, "getaddrinfo", found)
    return found


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """The certificate of the host."""
    return a_certificate(tmp_path / "tls", HOST)[0]


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """What a server for the host serves TLS by."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    return context


@pytest.mark.usefixtures("names")
async def test_a_document_is_fetched_by_the_name_of_its_host(
    certificate: Path, tls: ssl.SSLContext
) -> None:
    fetcher = Fetcher(networks=LOOPBACK, ca_file=str(certificate))
    async with Server().serving(tls) as server:
        assert await fetcher.fetch(f"https://{HOST}:{server.port}/a?b=c") == b"{}"
    (asked,) = server.asked
    assert asked.startswith(b"GET /a?b=c HTTP/1.1\r\n")
    assert f"\r\nHost: {HOST}:{server.port}\r\n".encode() in asked


async def test_what_was_checked_is_what_is_connected_to(
    names: Names, certificate: Path, tls: ssl.SSLContext
) -> None:
    # The second answer of the name server would lead elsewhere.
    names.answers = [["127.0.0.1"], ["169.254.169.254"]]
    fetcher = Fetcher(networks=LOOPBACK, ca_file=str(certificate))
    async with Server().serving(tls) as server:
        assert await fetcher.fetch(f"https://{HOST}:{server.port}/") == b"{}"
    assert names.asked == 1


async def test_the_next_address_is_tried_where_the_first_does_not_answer(
    names: Names, certificate: Path, tls: ssl.SSLContext
) -> None:
    names.answers = [["10.0.0.1", "127.0.0.9", "127.0.0.1"]]
    fetcher = Fetcher(networks=LOOPBACK, ca_file=str(certificate))
    async with Server().serving(tls) as server:
        assert await fetcher.fetch(f"https://{HOST}:{server.port}/") == b"{}"


@pytest.mark.usefixtures("names")
async def test_a_certificate_counts_for_its_host_and_from_an_authority_that_is_trusted(
    tmp_path: Path, certificate: Path, tls: ssl.SSLContext
) -> None:
    other, _ = a_certificate(tmp_path / "other", "other.test")
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(other, other.with_suffix(".key"))
    for served, trusted in ((tls, None), (theirs, other), (theirs, certificate)):
        fetcher = Fetcher(networks=LOOPBACK, ca_file=str(trusted) if trusted else None)
        async with Server().serving(served) as server:
            with pytest.raises(ssl.SSLError):
                await fetcher.fetch(f"https://{HOST}:{server.port}/")
        assert server.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "100::1",
    ],
)
def test_an_address_that_is_not_public_is_refused_unless_it_is_listed(address: str) -> None:
    found = ip_address(address)
    assert not is_permitted(found, networks=[], loopback=False)
    everything = [ip_network("0.0.0.0/0"), ip_network("::/0")]
    assert is_permitted(found, networks=everything, loopback=False)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_a_public_address_is_permitted(address: str) -> None:
    assert is_permitted(ip_address(address), networks=[], loopback=False)


async def test_nothing_is_connected_to_where_no_address_is_permitted(names: Names) -> None:
    names.answers = [["10.0.0.1", "127.0.0.1"]]
    async with Server().serving() as server:
        with pytest.raises(ValueError, match="POLICYGRAPH_ISSUER_NETWORKS"):
            await Fetcher().fetch(f"https://{HOST}:{server.port}/")
    assert server.asked == []


async def test_this_machine_is_asked_over_http_in_development_alone() -> None:
    async with Server().serving() as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert await Fetcher(development=True).fetch(url) == b"{}"
        with pytest.raises(ValueError, match="https only"):
            await Fetcher(networks=LOOPBACK).fetch(url)
    assert len(server.asked) == 1


async def test_another_machine_is_asked_over_https_in_development_too(names: Names) -> None:
    names.answers = [["10.0.0.1"]]
    fetcher = Fetcher(networks=[ip_network("10.0.0.0/8")], development=True)
    with pytest.raises(ValueError, match="https only"):
        await fetcher.fetch(f"http://{HOST}/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "ftp://issuer.test/",
        "https:///keys",
        "https://user:secret@issuer.test/",
        "https://issuer.test/\r\nX: y",
        "https://issuer.test/a b",
        "https://issuer.test:99999/",
        "https://issu\u00e9r.test/",
        "//issuer.test/",
    ],
)
async def test_what_is_no_address_of_a_document_is_not_looked_up(names: Names, url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        await Fetcher(networks=LOOPBACK, development=True).fetch(url)
    assert names.asked == 0


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n{}", b"{}"),
        (b"HTTP/1.0 200 OK\r\n\r\n", b""),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
            b"{}",
        ),
        (b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", None),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n", None),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}", None),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\n{}", None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", None),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}", None),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 300_000, None),
        (b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 50_000, None),
        (b"HTTP/1.1 200 OK\r\nContent-Le", None),
        (b"SSH-2.0-x\r\n", None),
        (b"", None),
    ],
)
async def test_a_document_is_a_whole_answer_of_bounded_size(
    answer: bytes, body: bytes | None
) -> None:
    async with Server(answer).serving() as server:
        fetching = Fetcher(development=True).fetch(f"http://127.0.0.1:{server.port}/")
        if body is None:
            with pytest.raises((ValueError, OSError)):
                await fetching
        else:
            assert await fetching == body


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\n", GOOD[:-1]])
async def test_an_answer_that_never_ends_is_given_up(answer: bytes) -> None:
    async with Server(answer, lasting=True).serving() as server:
        with pytest.raises(TimeoutError):
            await Fetcher(development=True, seconds=0.2).fetch(f"http://127.0.0.1:{server.port}/")


async def test_a_whole_answer_need_not_end_its_connection() -> None:
    async with Server(lasting=True).serving() as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert await Fetcher(development=True).fetch(url) == b"{}"
