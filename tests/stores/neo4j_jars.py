"""A real Neo4j from Maven's jars: no Docker, no installation, a home that is gone afterwards."""

import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from graph.embedded_process import free_port
from tests.stores.found import NotFoundHereError

FILES = Path(__file__).parent / "neo4j"

_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.lang", "java.util.concurrent")
_CONF = """\
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{port}
server.default_listen_address=127.0.0.1
dbms.security.auth_enabled=false
dbms.usage_report.enabled=false
db.tx_log.preallocate=false
server.memory.pagecache.size=128m
"""


class JarServer:
    """A Neo4j process of our own, which ends with this process even if that is killed."""

    def __init__(self, java: Path, jars: Path) -> None:
        self._java = java
        self._jars = jars
        self.home = Path(tempfile.mkdtemp(prefix="policygraph-neo4j-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def pid(self) -> int | None:
        """The process, for faults; None while it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start, or start again on the same data and port after a fault; not ready yet."""
        self._end()
        conf = self.home / "conf" / "neo4j.conf"
        conf.parent.mkdir(exist_ok=True)
        conf.write_text(_CONF.format(port=self.port))
        opened = [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED]
        with (self.home / "output.log").open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603  # our own launcher
                [
                    self._java,
                    "-Xmx768m",
                    "-XX:-UsePerfData",
                    "-cp",
                    self._jars / "*",
                    *opened,
                    FILES / "Neo4jServer.java",
                    self.home,
                ],
                # Closed when we end, however that happens: then the server ends too.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A group of its own: Ctrl-C is for pytest, and should we be killed while the
                # server is stalled, the kernel wakes it to notice.
                process_group=0,
            )

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def ended(self) -> str | None:
        """Say with which words the server ended; None while it runs."""
        if self.pid is not None:
            return None
        return (self.home / "output.log").read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """End the server and remove its home; its data is nobody's, so it need not be asked."""
        self._end()
        shutil.rmtree(self.home, ignore_errors=True)


def jar_server(version: str, environ: Mapping[str, str]) -> JarServer:
    """Prepare a server of this version; downloads it on the first use."""
    java = find_jdk(21 if int(version.partition(".")[0]) > 5 else 17, environ)
    return JarServer(java, fetch_jars(version, environ))


def find_jdk(least: int, environ: Mapping[str, str]) -> Path:
    """Find the `java` of a JDK of at least this version: one that can run a source file."""
    seen: list[str] = []
    for home in _java_homes(environ):
        if (home / "bin" / "javac").exists() and (release := _java_version(home)) is not None:
            if release >= least:
                return home / "bin" / "java"
            seen.append(f"{home} is {release}")
    raise NotFoundHereError(
        f"no JDK {least} or later found by JAVA_HOME, on the PATH or in /usr/lib/jvm"
        + (f" ({', '.join(seen)})" if seen else "")
    )


def _java_homes(environ: Mapping[str, str]) -> Iterator[Path]:
    if home := environ.get("JAVA_HOME"):
        yield Path(home)
    if java := shutil.which("java", path=environ.get("PATH")):
        yield Path(java).resolve().parents[1]
    for pattern in ("usr/lib/jvm/*", "Library/Java/JavaVirtualMachines/*/Contents/Home"):
        yield from sorted(Path("/").glob(pattern))


def _java_version(home: Path) -> int | None:
    try:
        lines = (home / "release").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, value = line.partition("=")
        if name == "JAVA_VERSION":
            return int(value.strip('"').partition(".")[0])
    return None


def fetch_jars(version: str, environ: Mapping[str, str]) -> Path:
    """Return the folder with the jars of this version, downloaded once for all checkouts."""
    cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "policygraph"
    jars = cache / f"neo4j-{version}"
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn", path=environ.get("PATH"))
    if maven is None:
        raise NotFoundHereError("no Maven (`mvn`) found on the PATH to fetch Neo4j's jars with")
    cache.mkdir(parents=True, exist_ok=True)
    part = cache / f".{jars.name}.{secrets.token_hex(4)}"
    try:
        _copy_dependencies(maven, version, part)
        # Whole or not at all; a session that was faster has the same jars.
        try:
            part.rename(jars)
        except OSError:
            if not jars.is_dir():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return jars


def _copy_dependencies(maven: str, version: str, target: Path) -> None:
    done = subprocess.run(  # noqa: S603  # our own arguments
        [
            maven,
            "-q",
            "-B",
            f"-f={FILES / 'pom.xml'}",
            f"-Dneo4j.version={version}",
            "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies",
            f"-DoutputDirectory={target}",
            "-DincludeScope=runtime",
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode != 0 or not target.is_dir():
        first = (done.stdout + done.stderr).strip().partition("\n")[0]
        raise NotFoundHereError(f"Maven could not fetch Neo4j {version}: {first}")
