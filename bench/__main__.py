"""Measures what the documentation claims: `python -m bench`. See docs/performance.md."""

import argparse
import asyncio
import contextlib
import os
import platform
import secrets
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median

import uvloop

from api.authn.dev import DEV_ISSUER
from bench import claims
from bench.generate import SHAPES, generate
from bench.loads import load, measure_cascade
from bench.measuring import ENOUGH_FOR_P99, closed_loop, warm_up
from bench.processes import serving
from bench.questions import QUESTIONS, at_graph, over_http, subjects
from bench.report import Report, shown
from bench.stores import Store, embedded, neo4j, neo4j_server
from graph.ids import user_id
from graph.snapshot import Caller
from tests.stores.found import NotFoundHereError
from tests.stores.neo4j_server import Neo4jServer

_STORES = ("embedded", "neo4j")
_SECTIONS = ("start", "cascade", "size", "depth")
_QUESTIONS = tuple(question.name for question in QUESTIONS)
_NAMES = ("questions", *_SECTIONS, *_QUESTIONS)
_CONCURRENCIES = (1, 16)
_STARTS = 3


class _Run:
    """One run of the benchmark: what was asked for, and where its figures go."""

    def __init__(self, given: argparse.Namespace, directory: Path) -> None:
        self.quick: bool = given.quick
        self.report = Report(given.json)
        self.directory = directory
        # A store that is not ours may hold what an earlier run loaded.
        self.id = secrets.token_hex(3)
        self.names: set[str] = set(given.only or _NAMES)
        if "questions" in self.names:
            self.names.update(_QUESTIONS)
        self.starts = 1 if given.quick else _STARTS
        self.plan = claims.QUICK if given.quick else claims.FULL

    async def measure_embedded(self) -> None:
        """Measure the embedded store, from an empty directory on."""
        data = self.directory / "embedded"
        async with embedded(data) as store:
            await self._measure(store)
        if "start" in self.names:
            empty = [
                await self._start(self.directory / f"empty-{number}")
                for number in range(self.starts)
            ]
            loaded = [await self._start(data) for _ in range(self.starts)]
            self._starts("embedded", {"a new directory": empty, "the loaded one": loaded})

    async def measure_neo4j(self) -> None:
        """Measure a Neo4j, if one can be had."""
        async with neo4j_server() as server:
            self.report.say(f"neo4j: {server.origin}")
            async with neo4j(self.directory / "neo4j", server) as store:
                await self._measure(store)
            if "start" in self.names:
                starts = [await self._start_on(server) for _ in range(self.starts)]
                self._starts("neo4j", {"a Neo4j that runs": starts})

    async def _start(self, data: Path) -> float:
        async with serving(data) as service:
            return service.start_seconds

    async def _start_on(self, server: Neo4jServer) -> float:
        async with neo4j(self.directory / "neo4j", server) as store:
            return store.service.start_seconds

    def _starts(self, store: str, taken: dict[str, list[float]]) -> None:
        rows = [[on, *(f"{seconds:.2f}" for seconds in sorted(all_))] for on, all_ in taken.items()]
        for on, all_ in taken.items():
            self.report.figure(
                section="start", store=store, on=on, seconds=all_, median_seconds=median(all_)
            )
        self.report.table(
            f"{store}: seconds from the command to `serving on`",
            ["on", *("" for _ in range(self.starts))],
            rows,
        )

    async def _measure(self, store: Store) -> None:
        self._memory(store, "just started")
        if self.names.intersection(_QUESTIONS):
            await self._questions(store)
            self._memory(store, "after the questions")
        if "cascade" in self.names:
            await measure_cascade(store, "small" if self.quick else "wide", self.id, self.report)
        if "size" in self.names:
            async with self._alone(store) as alone:
                await claims.measure_size(store, alone, self.plan, self.id, self.report)
        if "depth" in self.names:
            await claims.measure_depth(store, self.plan, self.id, self.report)
        if {"size", "depth"} & self.names:
            self._memory(store, "after the claims")

    @contextlib.asynccontextmanager
    async def _alone(self, store: Store) -> AsyncGenerator[Store | None]:
        """Open a second store of the same kind, where there is time and one to be had."""
        if self.quick or (store.name == "neo4j" and os.environ.get("NEO4J_URL")):
            self.report.say(f"{store.name}: no second store for the small organization alone")
            yield None
        elif store.name == "embedded":
            async with embedded(self.directory / "embedded-alone") as alone:
                yield alone
        else:
            async with (
                neo4j_server() as server,
                neo4j(self.directory / "neo4j-alone", server) as alone,
            ):
                yield alone

    def _memory(self, store: Store, when: str) -> None:
        service, server = store.memory()
        for process, found in (("service", service), ("store", server)):
            if found is None:
                self.report.say(f"{store.name}: memory of the {process} cannot be read here")
                continue
            self.report.say(
                f"{store.name}: {process}, {when}: {found.now:.0f} MiB resident,"
                f" at most {found.most:.0f}"
            )
            self.report.figure(
                section="memory",
                store=store.name,
                process=process,
                when=when,
                resident_mib=found.now,
                most_mib=found.most,
            )

    async def _questions(self, store: Store) -> None:
        shape = "small" if self.quick else "wide"
        file = generate(SHAPES[shape], name=f"{shape}-{self.id}")
        await load(store, shape, file, self.report)
        email = file.users["owner"].subject
        caller = Caller(user_id(store.graph.user_key, DEV_ISSUER, email))
        rows: list[list[str]] = []
        async with store.client(email) as client:
            turn = await subjects(store.graph, caller, file)
            for question in QUESTIONS:
                if question.name not in self.names:
                    continue
                row, failed = [question.name], 0
                for level, ask in (
                    ("graph", at_graph(store.graph, caller, question, turn)),
                    ("HTTP", over_http(client, question, turn)),
                ):
                    await warm_up(ask, 5 if self.quick else 50)
                    for concurrency in _CONCURRENCIES:
                        times = await closed_loop(
                            ask,
                            concurrency=concurrency,
                            seconds=0.1 if self.quick else 2,
                            enough=1 if self.quick else ENOUGH_FOR_P99,
                        )
                        row += [shown(times.p50), shown(times.p99)]
                        failed += times.failed
                        if concurrency > 1:
                            row.append(shown(times.rate))
                        self.report.figure(
                            section="questions",
                            store=store.name,
                            organization=shape,
                            question=question.name,
                            level=level,
                            state="warm",
                            concurrency=concurrency,
                            answers=len(times.each),
                            failed=times.failed,
                            p50_ms=times.p50 if times.each else None,
                            p99_ms=times.p99,
                            per_second=times.rate,
                        )
                rows.append([*row, str(failed) if failed else ""])
        head = ["question"]
        for level in ("graph", "HTTP"):
            head += [f"{level} c1 p50", "p99", "c16 p50", "p99", "per s"]
        head.append("failed")
        self.report.table(
            f"{store.name}: milliseconds on the organization {shape!r}, warm; c1 and c16 are 1 and"
            " 16 askers at a time; p99 of 100 answers or more",
            head,
            rows,
        )


async def _run(given: argparse.Namespace) -> int:
    status = 0
    async with AsyncExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="policygraph-bench-"))
        run = _Run(given, Path(directory))
        run.report.say(
            f"{os.cpu_count()} CPUs, {platform.machine()}, {platform.system()},"
            f" Python {platform.python_version()}"
        )
        if given.store != "neo4j":
            await run.measure_embedded()
        if given.store != "embedded":
            try:
                await run.measure_neo4j()
            except NotFoundHereError as error:
                run.report.say(f"NOT MEASURED on Neo4j: {error}")
                status = 1 if given.store == "neo4j" else 0
    return status


def main() -> int:
    """Measure what the documentation claims, and print it."""
    parser = argparse.ArgumentParser(prog="bench", description=main.__doc__)
    parser.add_argument("--store", choices=(*_STORES, "all"), default="all")
    parser.add_argument("--quick", action="store_true", help="small sizes, in less than a minute")
    parser.add_argument(
        "--only", action="append", choices=_NAMES, metavar="NAME", help=", ".join(_NAMES)
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write each figure as a line")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_run(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
