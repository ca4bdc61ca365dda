"""The data directory of the embedded store: who owns it, which layout it has, what lies in it.

Held by one process at a time. Everything here is plain files and works without the server.
"""

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

LAYOUT = 1
"""The layout this code reads and writes; a larger number in a directory is refused."""

MIN_FREE_BYTES = 256 * 1024 * 1024
"""Less free space than this and the store does not start: a full disk stops every write."""

FLOOR_BYTES = 64 * 1024 * 1024
"""Less free space than this and a running store is stopped, before a write is cut short: what a
full disk leaves in the server's log of commits, its recovery after a crash does not get past."""

LOG_BYTES = 16 * 1024 * 1024
"""The server's log is cut when it has grown past this; one older log is kept."""

_TAIL_LINES = 20
_TAIL_BYTES = 16 * 1024


class EmbeddedStoreError(Exception):
    """The embedded store cannot run; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """The places inside a data directory."""

    path: Path

    @property
    def server(self) -> Path:
        """ArcadeDB's own files; the only part that holds data."""
        return self.path / "arcadedb"

    @property
    def run(self) -> Path:
        """What is only true while the store runs: arguments, address and password."""
        return self.path / "run"

    @property
    def arguments(self) -> Path:
        """The Java argument file; its path marks our JVM in the process list."""
        return self.run / "java.args"

    @property
    def address(self) -> Path:
        """Where the running store listens, for other commands of the same user."""
        return self.run / "store.json"

    @property
    def log(self) -> Path:
        """What the JVM prints."""
        return self.path / "store.log"

    @property
    def layout(self) -> Path:
        """The number of the layout that wrote this directory."""
        return self.path / "layout"

    @property
    def lock(self) -> Path:
        """Locked by the owner, and names its pid."""
        return self.path / "lock"


@contextlib.contextmanager
def own_directory(
    path: Path, *, min_free_bytes: int = MIN_FREE_BYTES
) -> Generator[DataDirectory, None, None]:
    """Own `path` as a data directory, created if need be, until the context ends."""
    files = DataDirectory(path.expanduser().resolve())
    with explained(files.path):
        _refuse_foreign(files)
        try:
            files.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise EmbeddedStoreError(
                f"{files.path} is not a directory: name a directory for the store's data"
            ) from error
        handle = os.open(files.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        with explained(files.path):
            _lock(handle, files)
            _check_layout(files)
            check_space(files.path, min_free_bytes)
            _prepare(files)
        yield files
    finally:
        # The lock file stays: removing it would let two processes lock two files of one name.
        os.close(handle)


def holds_store(path: Path) -> bool:
    """Tell whether a store was made in this directory."""
    files = DataDirectory(path.expanduser().resolve())
    with explained(files.path):
        return files.layout.exists()


def check_space(path: Path, min_free_bytes: int) -> None:
    """Raise unless this much space is free."""
    free = shutil.disk_usage(path).free
    if free < min_free_bytes:
        raise EmbeddedStoreError(
            f"only {free >> 20} MiB are free for the data directory {path} and the store needs "
            f"{min_free_bytes >> 20} MiB: free some, or name another directory"
        )


def write_private(path: Path, text: str) -> None:
    """Write a file that only we can read; it appears whole or not at all."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def rotate_log(log: Path) -> None:
    """Give the next server a fresh log and keep the one before."""
    with contextlib.suppress(FileNotFoundError):
        log.replace(log.with_suffix(".log.1"))


def bound_log(log: Path, limit: int = LOG_BYTES) -> None:
    """Cut a log that has grown past `limit`, keeping a copy of it.

    The JVM holds the file open for appending, so it is copied and emptied, not renamed.
    """
    # A log that cannot be kept, on a full disk, must not end the supervision of the store.
    with contextlib.suppress(OSError):
        if log.stat().st_size <= limit:
            return
        with contextlib.suppress(OSError):
            shutil.copy(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)


def log_tail(log: Path, lines: int | None = _TAIL_LINES) -> str:
    """Return the last lines of the server's log, for an error or a report."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    # Where in the server a failure arose means nothing to an operator.
    kept = [line for line in text.splitlines() if line.strip() and not line.startswith("\t")]
    return "\n".join(kept if lines is None else kept[-lines:])


@contextlib.contextmanager
def explained(path: Path) -> Generator[None, None, None]:
    """Turn what the file system refuses in the data directory `path` into our error."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            reason = (
                f"the data directory {path} is not writable for this user ({error.strerror}): "
                "give the user write access to it, or name another directory"
            )
        elif error.errno in {errno.ENOSPC, errno.EDQUOT}:
            reason = f"no space is left for the data directory {path}: free some, then start again"
        else:
            reason = f"the data directory {path} cannot be used: {error}"
        raise EmbeddedStoreError(reason) from error


def _lock(handle: int, files: DataDirectory) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
        raise EmbeddedStoreError(
            f"the data directory {files.path} is in use by process {owner}: "
            "stop that process, or name another directory; only one may own it"
        ) from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)


def _refuse_foreign(files: DataDirectory) -> None:
    """Refuse a directory with somebody's files, before leaving any of ours there."""
    # A fresh volume holds `lost+found`; the others are ours, of a start that was cut short.
    ours = ("lost+found", files.lock.name, f".{files.layout.name}.")
    if not files.path.is_dir() or files.layout.exists():
        return
    foreign = sorted(p.name for p in files.path.iterdir() if not p.name.startswith(ours))
    if foreign:
        raise EmbeddedStoreError(
            f"{files.path} holds other files ({', '.join(foreign[:3])}) and no store: "
            "name an empty directory, or one that does not exist yet"
        )


def _check_layout(files: DataDirectory) -> None:
    if not files.layout.exists():
        write_private(files.layout, f"{LAYOUT}\n")
        return
    written = files.layout.read_text(errors="replace").strip()
    if not written.isdecimal():
        raise EmbeddedStoreError(
            f"{files.layout} is damaged (it says {written[:20]!r}, not a number): "
            "restore the directory from a backup"
        )
    if int(written) > LAYOUT:
        raise EmbeddedStoreError(
            f"the data directory {files.path} was written by a newer version (layout {written}, "
            f"this version knows {LAYOUT}): upgrade, or name another directory"
        )


def _prepare(files: DataDirectory) -> None:
    # A mounted volume may belong to another user who gave us access by group; then the two
    # private folders inside, which we create, protect data and password.
    with contextlib.suppress(PermissionError):
        files.path.chmod(0o700)
    for folder in (files.server, files.run):
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
