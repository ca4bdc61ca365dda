"""The smallest HTTP/1.1 client that keeps its connections: a larger one would be measured too."""

import asyncio
import time
from typing import Any, Self

import orjson

from bench.measuring import NoAnswerError

_KEPT_SECONDS = 4.0
"""The service closes a connection that nobody used for five."""


class Client:
    """Asks one service GraphQL queries as one user, on as many connections as ask at a time."""

    def __init__(self, host: str, port: int, token: str) -> None:
        self._host = host
        self._port = port
        self._head = (
            f"POST /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: "
        ).encode()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter, float]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for _reader, writer, _since in self._idle:
            writer.close()

    async def ask(self, body: bytes) -> bytes:
        """Return the bytes of an answer without errors; raise `NoAnswerError` for any other."""
        reader, writer = await self._connection()
        writer.write(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        answer = await reader.readexactly(length)
        self._idle.append((reader, writer, time.monotonic()))
        if not head.startswith(b"HTTP/1.1 200 ") or b'"errors":[' in answer:
            raise NoAnswerError((head + answer[:2000]).decode(errors="replace"))
        return answer

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            reader, writer, since = self._idle.pop()
            if time.monotonic() - since < _KEPT_SECONDS:
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self._host, self._port, limit=1 << 24)


def body_of(query: str, variables: dict[str, Any]) -> bytes:
    """Return the body of a GraphQL request."""
    return orjson.dumps({"query": query, "variables": variables})
