"""The embedded store's JVM: found, started, recognised in the process list, ended."""

import asyncio
import base64
import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graph.embedded_directory import DataDirectory, EmbeddedStoreError, rotate_log, write_private

HOST = "127.0.0.1"
DATABASE = "policygraph"

# Protocols and tools we never use; what is not on the class path cannot listen.
_UNUSED_JARS = (
    "arcadedb-console",
    "arcadedb-graphql",
    "arcadedb-mcp",
    "arcadedb-postgresw",
    "arcadedb-python-bridge",
    "arcadedb-redisw",
)

_KILL_SECONDS = 10.0
_ITERATIONS = 65_536

# Below the ephemeral ranges of Linux and macOS: while the server is down, a client that tries an
# ephemeral port again and again can connect to itself and so keep the server from its port.
_PORTS = range(20_000, 32_000)

# The server logs to standard output alone, which we bound; its default also writes a file.
_LOGGING = """\
handlers=java.util.logging.ConsoleHandler
.level=INFO
io.undertow.level=WARNING
org.xnio.level=WARNING
org.jboss.level=WARNING
java.util.logging.ConsoleHandler.level=INFO
java.util.logging.ConsoleHandler.formatter=com.arcadedb.log.LogFormatter
"""


@dataclass(frozen=True, slots=True)
class Java:
    """The Java runtime and the server's jars, as the wheel brings them."""

    binary: Path
    jars: tuple[Path, ...]


def find_java(package: str = "arcadedb_embedded") -> Java:
    """Locate the wheel without importing it: the import would start a JVM in this process."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        libc = " ".join(platform.libc_ver()).strip()
        raise EmbeddedStoreError(
            "the embedded store needs the package arcadedb-embedded, which is not installed: "
            "pip install 'policygraph[server]'. It exists for Linux (x86-64 and arm64, glibc 2.34 "
            f"or later) and macOS (arm64); this is {platform.system()} {platform.machine()} "
            f"{libc}. Elsewhere use a Neo4j server"
        )
    root = Path(spec.submodule_search_locations[0])
    binary = root / "jre" / "bin" / "java"
    jars = tuple(
        jar for jar in sorted(root.glob("jars/*.jar")) if not jar.name.startswith(_UNUSED_JARS)
    )
    if not os.access(binary, os.X_OK) or not jars:
        raise EmbeddedStoreError(
            f"the package arcadedb-embedded in {root} is incomplete: install it again with "
            "pip install --force-reinstall arcadedb-embedded"
        )
    return Java(binary, jars)


def free_port() -> int:
    """Choose a loopback port that nothing listens on now."""
    ports = random.sample(_PORTS, 100)
    for port in ports:
        if is_free(port):
            return port
    raise EmbeddedStoreError(
        f"no free port found on {HOST} between {_PORTS.start} and {_PORTS.stop - 1} in "
        f"{len(ports)} attempts: end what occupies them"
    )


def is_free(port: int) -> bool:
    """Say whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As Java's own sockets do; else connections that linger after a crash look like a taker.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError:
            return False
    return True


def spawn(
    files: DataDirectory, *, java: Java, heap: str, port: int, user: str, password: str
) -> subprocess.Popen[bytes]:
    """Start the server with a fresh log and this one user; it is not ready yet.

    The server learns only a hash of the password, by a file: no command line shows it.
    """
    users = files.server / "config" / "server-users.jsonl"
    users.parent.mkdir(mode=0o700, exist_ok=True)
    write_private(users, _user_entry(user, password))
    scratch = files.run / "tmp"
    shutil.rmtree(scratch, ignore_errors=True)  # what a killed server left
    scratch.mkdir(mode=0o700)
    write_private(files.run / "logging.properties", _LOGGING)
    arguments = _arguments(java, heap, port, user)
    write_private(files.arguments, "\n".join(map(_quoted, arguments)) + "\n")
    rotate_log(files.log)
    log = os.open(files.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        # Not asyncio's subprocess: uvloop's knows no umask, and the child must make private files.
        return subprocess.Popen(  # noqa: S603  # our own binary and file
            [java.binary, f"@{files.arguments}"],
            cwd=files.server,
            # No environment of ours: it may hold secrets and JVM options.
            env={"LC_ALL": "C.UTF-8", "PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            umask=0o077,
            # Out of the terminal's process group: Ctrl-C is for us, and we stop the server last.
            start_new_session=True,
        )
    except OSError as error:
        raise EmbeddedStoreError(f"cannot run {java.binary}: {error.strerror}") from error
    finally:
        os.close(log)


def _user_entry(user: str, password: str) -> str:
    # The one user there is, known before the server listens: a user it creates itself comes later
    # than the Bolt port, and asking too early counts as a wrong password. No user is called root,
    # for five wrong passwords lock a name, and every local process knows that one.
    salt = base64.b64encode(secrets.token_bytes(32)).decode()
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _ITERATIONS, dklen=32)
    entry = {
        "name": user,
        "password": f"PBKDF2WithHmacSHA256${_ITERATIONS}${salt}${base64.b64encode(key).decode()}",
        "databases": {DATABASE: ["admin"]},
    }
    return f"{json.dumps(entry)}\n"


def _arguments(java: Java, heap: str, port: int, user: str) -> list[str]:
    # Paths are relative to the server's folder, so the directory's name needs no encoding.
    return [
        f"-Xmx{heap}",
        "-XX:+ExitOnOutOfMemoryError",  # a restart is better than a server that half works
        "-XX:-UsePerfData",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:ErrorFile=../crash.log",
        "-Djava.io.tmpdir=../run/tmp",
        "-Djava.util.logging.config.file=../run/logging.properties",
        "--add-modules=jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        os.pathsep.join(map(str, java.jars)),
        "-Darcadedb.server.rootPath=.",
        # Production mode serves no web console and reads no local files for LOAD CSV.
        "-Darcadedb.server.mode=production",
        "-Darcadedb.opencypher.loadCsv.allowFileUrls=false",
        "-Darcadedb.opencypher.loadCsv.allowRemoteUrls=false",
        f"-Darcadedb.server.defaultDatabases={DATABASE}[{user}]",
        "-Darcadedb.server.plugins=Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        f"-Darcadedb.bolt.host={HOST}",
        f"-Darcadedb.bolt.port={port}",
        # The HTTP listener cannot be switched off: any port, on loopback.
        f"-Darcadedb.server.httpIncomingHost={HOST}",
        "-Darcadedb.server.httpIncomingPort=0",
        "-Darcadedb.ha.enabled=false",
        "-Darcadedb.serverMetrics=false",
        "-Darcadedb.support.autoRegister=false",
        # An acknowledged commit is on the disk, metadata included.
        "-Darcadedb.txWalFlush=2",
        "com.arcadedb.server.ArcadeDBServer",
    ]


def _quoted(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def orphans(files: DataDirectory) -> list[int]:
    """Find servers that run on this directory; the caller owns it, so no live owner has them."""
    if sys.platform == "linux":
        return [
            int(entry)
            for entry in os.listdir("/proc")  # noqa: PTH208  # names, a thousand times
            if entry.isdecimal() and serves(int(entry), files)
        ]
    listing = _ps("-axww", "-o", "pid=,command=").splitlines()
    return [int(line.split()[0]) for line in listing if f"java @{files.arguments}" in line]


def serves(pid: int, files: DataDirectory) -> bool:
    """Say whether this process is a server on this directory, not a stranger with its pid."""
    if sys.platform != "linux":
        return f"java @{files.arguments}" in _ps("-ww", "-o", "command=", "-p", str(pid))
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        # The working directory is compared as a file: a copied directory, or an equal path in
        # another container, is another store; a renamed one is the same.
        return (
            command[0].endswith(b"/java")
            and command[1].startswith(b"@")
            and command[1].endswith(os.fsencode(files.arguments.name))
            and Path(f"/proc/{pid}/cwd").samefile(files.server)
        )
    except (OSError, IndexError):
        return False


def started_at(pid: int) -> str | None:
    """When a living process started; with its pid this tells it from any other. None if gone."""
    if sys.platform != "linux":
        return _ps("-o", "lstart=", "-p", str(pid)).strip() or None
    try:
        # The name in parentheses may hold anything; the fields after it are fixed.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


async def end(pid: int, *, alive: Callable[[], bool], grace: float) -> bool:
    """End a process: ask, and kill it after `grace` seconds. Return whether asking was enough."""
    if await _signalled(pid, signal.SIGTERM, alive, grace):
        return True
    if await _signalled(pid, signal.SIGKILL, alive, _KILL_SECONDS):
        return False
    raise EmbeddedStoreError(
        f"the store's process {pid} does not end, not even by SIGKILL: its disk may hang; "
        "check the disk, then start again"
    )


async def _signalled(pid: int, number: int, alive: Callable[[], bool], wait: float) -> bool:
    deadline = time.monotonic() + wait
    # Asked just before the signal is sent, so that a recycled pid is left alone.
    if alive():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    while alive():
        if time.monotonic() >= deadline:
            return False
        await asyncio.sleep(0.05)
    return True


def _ps(*options: str) -> str:
    done = subprocess.run(["ps", *options], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return done.stdout
