"""Fetches the documents of an issuer: over https, from a pinned address, bounded in all ways."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httptools

from api.addresses import Address, Networks
from api.authn.addresses import permitted_addresses

Fetch = Callable[[str], Awaitable[bytes]]
"""Returns the document at a URL; raises `OSError` or `ValueError` when it cannot be had."""

FETCH_SECONDS = 5.0
"""For one document: finding the host, connecting, and its last byte."""

_CONNECT_SECONDS = 2.0
_MAX_BYTES = 256 * 1024
_OK = 200
_READ_BYTES = 16 * 1024
_PORTS = {"https": 443, "http": 80}


class Fetcher:
    """Fetches over https alone; in development also over http from this machine.

    A host is resolved once, and what is connected to is the very address that was checked, so no
    second answer of its name server can lead elsewhere. The certificate is checked for the host.
    Redirects are not followed: an issuer's documents are where its name says.
    """

    def __init__(
        self,
        *,
        networks: Networks = (),
        ca_file: str | None = None,
        development: bool = False,
        seconds: float = FETCH_SECONDS,
    ) -> None:
        self._networks = networks
        self._development = development
        self._seconds = seconds
        self._tls = ssl.create_default_context()
        if ca_file:
            self._tls.load_verify_locations(ca_file)

    async def fetch(self, url: str) -> bytes:
        """Return the document at a URL."""
        async with asyncio.timeout(self._seconds):
            place = _Place.of(url, plain=self._development)
            addresses = await permitted_addresses(
                place.host, place.port, networks=self._networks, loopback=self._development
            )
            if place.scheme == "http":
                addresses = [each for each in addresses if each.is_loopback]
            return await _exchange(place, await self._connect(place, addresses))

    async def _connect(self, place: "_Place", addresses: Sequence[Address]) -> "_Streams":
        """Connect to the first address that answers: of two families one may lead nowhere."""
        tls = self._tls if place.scheme == "https" else None
        failed: Exception = ValueError("an issuer outside this machine is asked over https only")
        for address in addresses:
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    return await asyncio.open_connection(
                        str(address),
                        place.port,
                        ssl=tls,
                        server_hostname=place.host if tls else None,
                    )
            except OSError as error:
                failed = error
        raise failed


_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a URL leads."""

    scheme: str
    host: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str, *, plain: bool) -> "_Place":
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError("the address of an issuer's document holds what no address may hold")
        parts = urlsplit(url)
        if parts.scheme != "https" and not (plain and parts.scheme == "http"):
            raise ValueError("an issuer's documents are fetched over https only")
        if not parts.hostname or parts.username is not None or parts.password is not None:
            raise ValueError("the address of an issuer's document names no host, or a user too")
        target = parts.path or "/"
        if parts.query:
            target += f"?{parts.query}"
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
        return cls(parts.scheme, parts.hostname, port, target)

    @property
    def authority(self) -> str:
        """The value of the `Host` header (RFC 9112 section 3.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


async def _exchange(place: _Place, streams: _Streams) -> bytes:
    """Ask one question over a connection, and close it."""
    reader, writer = streams
    try:
        writer.write(
            f"GET {place.target} HTTP/1.1\r\nHost: {place.authority}\r\n"
            "Accept: application/json\r\nAccept-Encoding: identity\r\n"
            "User-Agent: policygraph\r\nConnection: close\r\n\r\n".encode("ascii")
        )
        return await _read(reader)
    finally:
        writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> bytes:
    answer = _Answer()
    parser = httptools.HttpResponseParser(answer)
    taken = 0
    while not answer.complete:
        data = await reader.read(_READ_BYTES)
        taken += len(data)
        if taken > _MAX_BYTES:
            raise ValueError(f"more than {_MAX_BYTES} bytes")
        if not data:
            break
        try:
            parser.feed_data(data)
        except httptools.HttpParserError as error:
            raise ValueError(f"no answer of HTTP: {error}") from error
    if not answer.begun:
        raise ConnectionError("closed without an answer")
    status = parser.get_status_code()
    if status != _OK:
        raise ValueError(f"the answer is {status}, not {_OK}; redirects are not followed")
    if not answer.complete and answer.framed:
        raise ConnectionError("closed in the middle of the answer")
    return bytes(answer.body)


class _Answer:
    """What the parser calls, by the names that it asks for."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.begun = False
        self.framed = False
        """Whether it says how long it is; else it ends with the connection."""
        self.complete = False

    def on_header(self, name: bytes, _value: bytes) -> None:
        self.framed |= name.lower() in {b"content-length", b"transfer-encoding"}

    def on_headers_complete(self) -> None:
        self.begun = True

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True
