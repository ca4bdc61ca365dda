"""The service's own TLS: a certificate that is read again when its files have changed."""

import ssl
from pathlib import Path

import structlog

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return what a connection is served by; raise `ValueError` for files that are no use."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    for file in (certificate, key):
        try:
            file.open("rb").close()
        except OSError as error:
            raise ValueError(f"{file} cannot be read: {error.strerror}") from error
    try:
        # Without a password OpenSSL would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError) as error:
        raise ValueError(
            f"{certificate} and {key} are not a certificate chain and its key, both in PEM and"
            " the key without a password"
        ) from error
    return context


class ReloadedCertificate:
    """Serves each new connection by the files as they are; those that are open keep theirs.

    Files that do not fit each other, for one of them was replaced and the other will be, change
    nothing: the next connection looks again.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._files = (certificate, key)
        self._seen = self._state()
        self._current = server_context(*self._files)
        self._listening = server_context(*self._files)
        self._listening.sni_callback = self._choose

    def serve(self, *_of_uvicorn: object) -> ssl.SSLContext:
        """Return what to listen with."""
        return self._listening

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _at: ssl.SSLContext) -> None:
        """Give a connection that begins its certificate; called with or without a host's name."""
        state = self._state()
        if state != self._seen:
            self._seen = state
            try:
                self._current = server_context(*self._files)
            except ValueError as error:
                log.warning("tls_certificate_not_loaded", reason=str(error))
            else:
                log.info("tls_certificate_loaded")
        connection.context = self._current

    def _state(self) -> list[tuple[int, ...]]:
        """Return by what a file is known to have changed."""
        found: list[tuple[int, ...]] = []
        for file in self._files:
            try:
                at = file.stat()
            except OSError:
                found.append(())
            else:
                found.append((at.st_mtime_ns, at.st_size, at.st_ino))
        return found
