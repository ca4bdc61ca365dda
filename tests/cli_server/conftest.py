"""The command `policygraph` in processes of its own, as an operator runs it."""

import itertools
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from graph import embedded_process
from graph.embedded_directory import DataDirectory

COMMAND = Path(sys.executable).with_name("policygraph")
SAMPLE = Path(__file__).parents[2] / "samples" / "tiny" / "organization.yaml"
SECONDS = 120

_ADDRESS = re.compile(r"^serving on (https?://\S+)$", re.MULTILINE)


def environment(**more: str) -> dict[str, str]:
    """Return the environment without settings of the service, but for these."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("POLICYGRAPH_")
    }
    return {**kept, "POLICYGRAPH_STORE_HEAP": "256m", **more}


def policygraph(*arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(  # noqa: S603 - our own command
        [COMMAND, *map(str, arguments)],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@dataclass
class Service:
    """A service that runs: what it printed, and where it is."""

    process: subprocess.Popen[str]
    data: Path
    printed: str
    log: Path

    @property
    def address(self) -> str:
        found = _ADDRESS.search(self.printed)
        assert found is not None, self.printed
        return found[1]

    @property
    def orphans(self) -> list[int]:
        """The store's processes that still run on the data directory."""
        return list(embedded_process.orphans(DataDirectory(self.data)))

    def end(self, number: int = signal.SIGINT) -> int:
        """Send a signal; return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(SECONDS)

    def ask(self, token: str, query: str, **variables: str) -> dict[str, object]:
        """Ask over HTTP."""
        response = httpx.post(
            f"{self.address}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert response.status_code == 200, response.text
        return response.json()

    def ask_as_printed(self) -> httpx.Response:
        """Ask what the curl line asks that was printed."""
        start = self.printed.index("curl ")
        words = shlex.split(self.printed[start : self.printed.index("\n\n", start)])
        values = dict(itertools.pairwise(words))
        headers = [word for option, word in itertools.pairwise(words) if option == "-H"]
        return httpx.post(
            next(word for word in words if word.startswith("http")),
            content=values["-d"],
            headers=dict(header.split(": ", 1) for header in headers),
        )


@contextmanager
def serving(data: Path, *options: str | Path, **settings: str) -> Generator[Service]:
    """Serve until the context ends; wait for the line that says where."""
    log = data.with_suffix(f".{os.urandom(4).hex()}.log")
    with (
        log.open("w") as errors,
        subprocess.Popen(  # noqa: S603 - our own command
            [COMMAND, "serve", "--port", "0", "--data", str(data), *map(str, options)],
            env=environment(**settings),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        impatience = threading.Timer(SECONDS, process.kill)
        impatience.start()
        try:
            assert process.stdout is not None
            printed = ""
            for line in process.stdout:
                printed += line
                if _ADDRESS.match(line):
                    break
            impatience.cancel()
            assert _ADDRESS.search(printed), log.read_text()
            yield Service(process, data, printed, log)
        finally:
            impatience.cancel()
            if process.poll() is None:
                process.terminate()
                process.wait(SECONDS)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service in development mode with the sample: what the tests here share."""
    data = tmp_path_factory.mktemp("service") / "data"
    with serving(data, "--dev", "--sample", SAMPLE) as running:
        yield running


@pytest.fixture(scope="session")
def token(service: Service) -> str:
    """The token that the service printed."""
    found = re.search(r"^(eyJ\S+)$", service.printed, re.MULTILINE)
    assert found is not None, service.printed
    return found[1]
