"""The service serves TLS by its files, as they are when a connection begins."""

import shutil
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.certificates import a_certificate
from tests.cli_server.conftest import Service, policygraph, serving

ISSUER = {"POLICYGRAPH_ISSUER": "https://issuer.example", "POLICYGRAPH_AUDIENCE": "policygraph"}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return a_certificate(tmp_path_factory.mktemp("tls") / "server")


@pytest.fixture(scope="module")
def service(
    tmp_path_factory: pytest.TempPathFactory, files: tuple[Path, Path]
) -> Iterator[Service]:
    data = tmp_path_factory.mktemp("tls-service") / "data"
    options = ("--tls-certificate", files[0], "--tls-key", files[1])
    with serving(data, *options, **ISSUER) as running:
        yield running


def _trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def _connect(
    service: Service, context: ssl.SSLContext, name: str | None = "127.0.0.1"
) -> ssl.SSLSocket:
    port = httpx.URL(service.address).port or 0
    plain = socket.create_connection(("127.0.0.1", port), 60)
    return context.wrap_socket(plain, server_hostname=name)


def _alive(connection: ssl.SSLSocket) -> bool:
    connection.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
    answer = b""
    while not answer.endswith(b"ok\n"):
        got = connection.recv(65536)
        if not got:
            return False
        answer += got
    return answer.startswith(b"HTTP/1.1 200")


def test_it_is_served_by_tls_and_by_nothing_else(
    service: Service, files: tuple[Path, Path]
) -> None:
    assert service.address.startswith("https://127.0.0.1:")
    context = _trusting(files[0])
    assert httpx.get(f"{service.address}/livez", verify=context).status_code == 200
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{service.address.replace('https', 'http')}/livez")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_are_refused(service: Service, files: tuple[Path, Path]) -> None:
    context = _trusting(files[0])
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        _connect(service, context)
    context = _trusting(files[0])
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with _connect(service, context) as connection:
        assert connection.version() == "TLSv1.2"


def test_a_new_certificate_is_for_new_connections_and_the_old_ones_go_on(
    service: Service, files: tuple[Path, Path], tmp_path: Path
) -> None:
    old = tmp_path / "old.crt"
    shutil.copy(files[0], old)
    certificate, key = a_certificate(tmp_path / "renewed")
    with _connect(service, _trusting(old)) as open_before:
        assert _alive(open_before)

        shutil.copy(certificate, files[0])  # and not its key yet
        with _connect(service, _trusting(old)) as between:
            assert _alive(between)
        assert "tls_certificate_not_loaded" in service.log.read_text()

        shutil.copy(key, files[1])
        with _connect(service, _trusting(certificate)) as renewed:
            assert _alive(renewed)
        with pytest.raises(ssl.SSLCertVerificationError):
            _connect(service, _trusting(old))
        assert _alive(open_before)

    nameless = _trusting(certificate)
    nameless.check_hostname = False
    with _connect(service, nameless, None) as connection:
        assert _alive(connection)
    assert "tls_certificate_loaded" in service.log.read_text()
    assert "Traceback" not in service.log.read_text()


def test_beyond_loopback_it_takes_tls_or_the_word_that_a_proxy_ends_it(tmp_path: Path) -> None:
    run = policygraph("serve", "--host", "0.0.0.0", "--data", tmp_path / "data", **ISSUER)  # noqa: S104 - refused
    assert (run.returncode, run.stdout) == (2, "")
    assert "POLICYGRAPH_TLS_CERTIFICATE" in run.stderr
    assert "POLICYGRAPH_TLS_AT_PROXY=true" in run.stderr
    assert not (tmp_path / "data").exists()
