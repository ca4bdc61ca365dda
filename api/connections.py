"""What one connection may take of us: bytes and number of headers, and time to send and to read."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """How many connections there may be, and what each of them may take."""

    connections: int
    header_bytes: int
    headers: int
    seconds: float
    """To send a whole request, or to take what waits to be read."""


class _TooLargeError(Exception):
    """Ends the parser's work on a head that is larger than it may be."""


class LimitedConnection(HttpToolsProtocol):
    """A connection of uvicorn's that ends when its client takes more than it may.

    One clock runs from the first byte of a request to its last, another while something waits to
    be read by the client. Neither is set back by the bytes that come in between: a client that
    sends or reads one at a time is as slow as one that does nothing.
    """

    def __init__(self, *arguments: Any, limits: ConnectionLimits, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._limits = limits
        self._receiving: asyncio.TimerHandle | None = None
        self._sending: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head_bytes = 0
        self._head_read = 0
        self._refusal = (HTTPStatus.BAD_REQUEST, "This is not HTTP.")

    # uvicorn takes a transport that can be written to, and says so; asyncio types any transport.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, if there are not too many."""
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "There are too many connections.")
            return
        self._receiving = self.loop.call_later(self._limits.seconds, self._is_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        for clock in (self._receiving, self._sending):
            if clock is not None:
                clock.cancel()

    def data_received(self, data: bytes) -> None:
        """Read what came, as far as it belongs to requests that may be as large as they are."""
        if self.transport.is_closing():
            return
        if self._receiving is None:
            self._receiving = self.loop.call_later(self._limits.seconds, self._is_slow)
        # The parser tells of a header when it is whole; this one may never be.
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > self._limits.header_bytes:
            self._refuse(*self._too_large())

    def on_message_begin(self) -> None:
        """Count anew."""
        super().on_message_begin()
        self._head_read = 0

    def on_url(self, url: bytes) -> None:
        """Count what was read of the head."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header; tell a head that has too much of it."""
        self._count(len(name) + len(value))
        super().on_header(name, value)
        if len(self.headers) > self._limits.headers:
            self._give_up()

    def on_headers_complete(self) -> None:
        """Let the head be followed by a body of a size that the application looks at."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Stop the clock: the request is here, and what follows is another's head."""
        super().on_message_complete()
        self._in_head, self._head_bytes = True, 0
        if self._receiving is not None:
            self._receiving.cancel()
            self._receiving = None

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong with a request that the parser gave up."""
        del msg
        self._refuse(*self._refusal)

    def pause_writing(self) -> None:
        """Give the client time to take what waits for it."""
        super().pause_writing()
        if self._sending is None:
            self._sending = self.loop.call_later(self._limits.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the clock: the client took it."""
        super().resume_writing()
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _count(self, size: int) -> None:
        self._head_read += size
        if self._head_read > self._limits.header_bytes:
            self._give_up()

    def _give_up(self) -> None:
        self._refusal = self._too_large()
        raise _TooLargeError

    def _too_large(self) -> tuple[HTTPStatus, str]:
        most = self._limits
        return (
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"A request's head has at most {most.header_bytes} bytes and {most.headers} headers.",
        )

    def _is_slow(self) -> None:
        """End a request that did not arrive in time; one before it is answered first."""
        self._receiving = None
        if self._is_answering and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return
        self._refuse(
            HTTPStatus.REQUEST_TIMEOUT,
            f"The request was not here within {self._limits.seconds:g} s.",
        )

    @property
    def _is_answering(self) -> bool:
        cycle = cast("Any", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Answer without the application, unless it already does, and close the connection."""
        if self.transport.is_closing():
            return
        if not (self._is_answering and self.cycle.response_started):
            text = f"{message}\n".encode()
            head = (
                f"HTTP/1.1 {status.value} {status.phrase}\r\n"
                "content-type: text/plain; charset=utf-8\r\n"
                f"content-length: {len(text)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + text)
        self.transport.close()
