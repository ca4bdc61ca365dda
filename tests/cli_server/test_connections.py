"""What one client may take of the service: raw sockets against its process."""

import contextlib
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from tests.cli_server.conftest import SECONDS, Service, policygraph, serving

LIMITS = {
    "POLICYGRAPH_CLIENT_SECONDS": "2",
    "POLICYGRAPH_MAX_CONNECTIONS": "20",
    "POLICYGRAPH_MAX_HEADERS": "50",
    "POLICYGRAPH_MAX_HEADER_BYTES": "8192",
}
QUESTION = orjson.dumps({"query": "{ capabilities { name } }"})
ALIVE = b"GET /livez HTTP/1.1\r\nHost: x\r\n"
MUCH = b"x" * 10_000
ESTABLISHED = "01"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("limited") / "data"
    with serving(data, "--dev", **LIMITS) as service:
        yield service


def _connect(service: Service) -> socket.socket:
    address = httpx.URL(service.address)
    return socket.create_connection((address.host, address.port or 0), SECONDS)


def _read(connection: socket.socket) -> bytes:
    """Return all that comes until the other side closes; it must."""
    read = b""
    with contextlib.suppress(ConnectionResetError):
        while got := connection.recv(65536):
            read += got
    return read


def _answer(service: Service, *sent: bytes) -> bytes:
    with _connect(service) as connection:
        for part in sent:
            with contextlib.suppress(ConnectionError):  # it may have closed already
                connection.sendall(part)
        return _read(connection)


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def _asked(service: Service) -> bytes:
    token = policygraph("token", "ada@tiny.example", "--data", service.data).stdout.strip()
    return (
        f"POST /graphql HTTP/1.1\r\nHost: {httpx.URL(service.address).netloc.decode()}\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(QUESTION)}\r\n\r\n"
    ).encode()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"G",
        ALIVE,
        ALIVE + b"X-Slow: ",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
)
def test_a_request_that_does_not_arrive_ends_in_time(limited: Service, sent: bytes) -> None:
    # Development mode looks at the host before anything else: it is answered, then cut.
    assert _status(_answer(limited, sent)) in {403, 408}


def test_a_body_that_does_not_arrive_ends_in_time_and_is_no_request(limited: Service) -> None:
    answer = _answer(limited, _asked(limited), QUESTION[:5])
    assert _status(answer) == 408
    assert b"within 2 s" in answer


def test_bytes_one_at_a_time_buy_no_time(limited: Service) -> None:
    with _connect(limited) as connection:
        connection.sendall(ALIVE + b"X-Slow: ")
        connection.settimeout(0.05)
        deadline = time.monotonic() + SECONDS
        answer = b""
        while not answer:
            assert time.monotonic() < deadline
            connection.sendall(b"x")
            with contextlib.suppress(TimeoutError):
                answer = connection.recv(65536)
        assert _status(answer) == 408


def test_slow_clients_leave_the_others_their_answers(limited: Service) -> None:
    with contextlib.ExitStack() as held:
        for _ in range(10):
            held.enter_context(_connect(limited)).sendall(ALIVE)
        assert httpx.get(f"{limited.address}/livez").status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        [ALIVE + b"X-Much: " + MUCH + b"\r\n\r\n"],
        [ALIVE + b"X-Much: ", *[b"x" * 500] * 20],
        [b"GET /" + MUCH + b" HTTP/1.1\r\nHost: x\r\n\r\n"],
        [ALIVE + b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(50)) + b"\r\n"],
        [ALIVE + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 500) for n in range(20)) + b"\r\n"],
    ],
    ids=["a header", "a header without an end", "a path", "many headers", "all headers"],
)
def test_a_head_that_is_too_large_is_refused(limited: Service, sent: list[bytes]) -> None:
    answer = _answer(limited, *sent)
    assert _status(answer) == 431
    assert b"8192 bytes and 50 headers" in answer


def test_what_is_not_http_is_answered_and_ends(limited: Service) -> None:
    answer = _answer(limited, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    assert _status(answer) == 400


def test_requests_on_one_connection_each_have_a_head_of_their_own(limited: Service) -> None:
    host = httpx.URL(limited.address).netloc
    one = b"GET /livez HTTP/1.1\r\nHost: " + host + b"\r\nX-Some: " + MUCH[:5000] + b"\r\n\r\n"
    last = b"GET /livez HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    assert _answer(limited, one, one, one + one, last).count(b"HTTP/1.1 200 OK") == 5


def test_more_connections_than_there_may_be_are_refused(limited: Service) -> None:
    with contextlib.ExitStack() as held:
        connections = [held.enter_context(_connect(limited)) for _ in range(40)]
        answers = [_read(connection) for connection in connections]
    assert {_status(answer) for answer in answers} == {408, 503}
    assert sum(_status(answer) == 408 for answer in answers) <= 20
    assert httpx.get(f"{limited.address}/livez").status_code == 200


def test_a_client_that_reads_nothing_is_left(limited: Service) -> None:
    body = orjson.dumps({"query": "{ __schema { types { name description fields { name } } } }"})
    ask = _asked(limited).replace(
        f"Length: {len(QUESTION)}".encode(), f"Length: {len(body)}".encode()
    )
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        address = httpx.URL(limited.address)
        connection.connect((address.host, address.port or 0))
        connection.sendall((ask + body) * 60)
        _eventually(lambda: _state(connection) != ESTABLISHED)


def _state(connection: socket.socket) -> str | None:
    """Return how the other end of a connection is: what it did, of which ours may know nothing."""
    ends = [f":{name[1]:04X}" for name in (connection.getpeername(), connection.getsockname())]
    for line in Path("/proc/net/tcp").read_text().splitlines():
        words = line.split()
        if [word[-5:] for word in words[1:3]] == ends:
            return words[3]
    return None


def _refused(service: Service) -> bool:
    try:
        _connect(service).close()
    except ConnectionRefusedError:
        return True
    return False


def _eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_request_that_runs_is_answered_at_the_end_and_no_other_is_taken(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "data", "--dev", POLICYGRAPH_CLIENT_SECONDS="60") as service,
        _connect(service) as connection,
    ):
        connection.sendall(_asked(service) + QUESTION[:5])
        assert httpx.get(f"{service.address}/livez").status_code == 200  # so that it was read
        service.process.send_signal(signal.SIGTERM)
        _eventually(lambda: _refused(service))
        connection.sendall(QUESTION[5:])
        answer = _read(connection)
        assert _status(answer) == 200
        assert b'"groups.create"' in answer
        assert b"connection: close" in answer
        assert service.process.wait(SECONDS) == 0


def test_a_request_that_does_not_end_holds_up_the_end_for_so_long_only(tmp_path: Path) -> None:
    settings = {"POLICYGRAPH_CLIENT_SECONDS": "600", "POLICYGRAPH_SHUTDOWN_SECONDS": "1"}
    with (
        serving(
            tmp_path / "data", "--dev", POLICYGRAPH_REQUEST_SECONDS="600", **settings
        ) as service,
        _connect(service) as connection,
    ):
        connection.sendall(_asked(service) + QUESTION[:5])
        assert httpx.get(f"{service.address}/livez").status_code == 200
        assert service.end(signal.SIGTERM) == 0
        assert service.orphans == []
