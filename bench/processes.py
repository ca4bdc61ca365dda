"""The service as an operator starts it, and what it and its store take of the machine."""

import asyncio
import contextlib
import os
import re
import sys
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_START_SECONDS = 90
_STOP_SECONDS = 40
_LOG_CHARACTERS = 4_000
_SERVING = re.compile(rb"serving on http://([0-9.]+):(\d+)")


@dataclass(frozen=True, slots=True)
class Service:
    """A service of ours that serves."""

    pid: int
    host: str
    port: int
    start_seconds: float
    """From the command to the line `serving on`."""


_UNLIMITED = {"POLICYGRAPH_ADDRESS_RATE": "0", "POLICYGRAPH_CALLER_RATE": "0"}
"""One address and few callers make all the load here."""


@contextlib.asynccontextmanager
async def serving(
    data: Path, options: Sequence[str] = (), environ: Mapping[str, str] | None = None
) -> AsyncGenerator[Service]:
    """Run `policygraph serve --dev` in a process of its own; end it in the end."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("POLICYGRAPH_")}
    log = data.with_name(f"{data.name}.log")
    begun = time.perf_counter()
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "api", "serve", "--dev", "--data", str(data), "--port", "0", *options),
            cwd=ROOT,
            env={**kept, "POLICYGRAPH_LOG_LEVEL": "warning", **_UNLIMITED, **(environ or {})},
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        async with asyncio.timeout(_START_SECONDS):
            host, port = await _serves(process, log)
        yield Service(process.pid, host, port, round(time.perf_counter() - begun, 3))
    except BaseException:
        sys.stderr.write(log.read_text(errors="replace")[-_LOG_CHARACTERS:])
        raise
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _serves(process: asyncio.subprocess.Process, log: Path) -> tuple[str, int]:
    """Wait until the service says where it serves."""
    output = process.stdout
    while output is not None and (line := await output.readline()):
        if (met := _SERVING.search(line)) is not None:
            return met[1].decode(), int(met[2])
    raise RuntimeError(f"the service did not start: {log}")


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory of a process in MiB: now, and at its most."""

    now: float
    most: float


def memory(pid: int | None) -> Memory | None:
    """Read the memory of a process; None where the system does not show it or it is not here."""
    if pid is None:
        return None
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    found = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", status, re.MULTILINE))
    return Memory(int(found["VmRSS"]) / 1024, int(found["VmHWM"]) / 1024)


def child_of(pid: int) -> int | None:
    """Return the one child of a process: the embedded store of a service."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        children += (int(child) for child in task.read_text().split())
    return children[0] if len(children) == 1 else None
