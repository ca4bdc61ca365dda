"""The service that the documentation's examples are asked of: the command, with the sample."""

import contextlib
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx

from tests.docs.pages import ROOT

_COMMAND = [sys.executable, "-m", "api"]
_SECONDS = 120
_PEOPLE = "{}@acme.example"


class Service:
    """A running service: whom to ask, as whom."""

    def __init__(self, address: str, data: Path) -> None:
        self._address = address
        self._data = data
        self._tokens: dict[str, str] = {}

    def ask(self, query: str, variables: dict[str, Any], *, by: str) -> Any:
        """Ask as one of the sample's people, by their first name."""
        answer = httpx.post(
            f"{self._address}/graphql",
            json={"query": query, "variables": variables},
            headers={"Authorization": f"Bearer {self._token(by)}"},
            timeout=_SECONDS,
        )
        return answer.json()

    def _token(self, name: str) -> str:
        if name not in self._tokens:
            told = subprocess.run(  # noqa: S603 - our own command
                [*_COMMAND, "token", _PEOPLE.format(name), "--data", str(self._data)],
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=True,
                timeout=_SECONDS,
            )
            self._tokens[name] = told.stdout.strip()
        return self._tokens[name]


@contextlib.contextmanager
def serving() -> Generator[Service]:
    """Start the service on an empty directory, load the sample, and end it."""
    with tempfile.TemporaryDirectory() as directory:
        data = Path(directory) / "data"
        options = ["--dev", "--port", "0", "--data", str(data)]
        sample = ["--sample", "samples/acme/organization.yaml"]
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*_COMMAND, "serve", *options, *sample],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            yield Service(_address(process), data)
        finally:
            # As Ctrl-C does: the store is ended too.
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=_SECONDS)


def _address(process: subprocess.Popen[str]) -> str:
    said: list[str] = []
    for line in process.stdout or ():
        said.append(line)
        if found := re.match(r"serving on (\S+)", line):
            return found[1]
    raise RuntimeError(f"the service did not start: {''.join(said)}")
