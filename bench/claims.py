"""The two claims about cost, each measured in one run by batches that take turns."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from statistics import median

from api.authn.dev import DEV_ISSUER
from bench.generate import Shape, generate
from bench.http import Client, body_of
from bench.loads import load
from bench.measuring import Ask, paired_ratio, take_turns, warm_up
from bench.questions import (
    QUESTIONS,
    Question,
    Subject,
    at_graph,
    count_effective,
    over_http,
    subjects,
)
from bench.report import Report, shown
from bench.stores import Store
from graph.engine import Graph
from graph.ids import user_id
from graph.snapshot import Caller

SIZE_AT_MOST = 1.5
DOUBLING_AT_MOST = 2.2
"""Twice, and a tenth for the noise of the machine."""

_LEVELS = (1, 2, 3, 4)
_SMALL = "100-clusters"


@dataclass(frozen=True, slots=True)
class Plan:
    """How large the claims are measured, and how long."""

    clusters: int
    users: int
    depths: tuple[int, ...]
    rounds: int
    batch: int
    deep_batch: int


FULL = Plan(100_000, 50_000, (125, 250, 500, 1_000), rounds=12, batch=12, deep_batch=5)
QUICK = Plan(2_000, 1_000, (25, 50, 100), rounds=3, batch=5, deep_batch=3)


def size_shapes(plan: Plan) -> dict[str, Shape]:
    """Return organizations that differ in size alone: four levels, one policy on each of a path.

    Every cluster in them has four effective policies, so equal answers are compared.
    """
    low, many = (1, 3, 9, 12), (1, 9, 90, 900)
    return {
        _SMALL: Shape(low, clusters=100, policy_levels=_LEVELS),
        f"{plan.clusters}-clusters": Shape(many, clusters=plan.clusters, policy_levels=_LEVELS),
        f"{plan.clusters}-clusters-in-one-group": Shape(
            (1, 1, 1, 1), clusters=plan.clusters, policy_levels=_LEVELS
        ),
        f"{plan.users}-users-at-the-root": Shape(
            low, clusters=100, policy_levels=_LEVELS, members=plan.users
        ),
    }


def depth_shapes(plan: Plan) -> dict[str, Shape]:
    """Return chains of groups with ten policies at equal distances and a cluster at the end."""
    return {
        f"{depth}-levels": Shape(
            (1,) * depth,
            clusters=1,
            policy_levels=tuple(round(depth * tenth / 10) for tenth in range(1, 11)),
        )
        for depth in plan.depths
    }


@dataclass(frozen=True, slots=True)
class Loaded:
    """An organization in the store, with what asks about it."""

    graph: Graph
    caller: Caller
    client: Client
    turn: Sequence[Subject]


async def load_shapes(
    store: Store, shapes: Mapping[str, Shape], run: str, report: Report, stack: AsyncExitStack
) -> dict[str, Loaded]:
    """Load these organizations, with users of their own, into a store."""
    loaded: dict[str, Loaded] = {}
    for name, shape in shapes.items():
        file = generate(shape, name=f"{name}-{run}")
        await load(store, name, file, report)
        email = file.users["owner"].subject
        caller = Caller(user_id(store.graph.user_key, DEV_ISSUER, email))
        client = await stack.enter_async_context(store.client(email))
        loaded[name] = Loaded(
            store.graph, caller, client, await subjects(store.graph, caller, file)
        )
    return loaded


async def measure_size(
    store: Store, alone: Store | None, plan: Plan, run: str, report: Report
) -> None:
    """Compare the answer for one cluster of a small organization with that of large ones.

    The small one is in the same store and in the store `alone` as well: beside the large ones it
    is as slow as they are wherever a query looks at more than its organization, and a store that
    little was asked of is slow for that. The faster of the two is what is compared to.
    """
    async with AsyncExitStack() as stack:
        shapes = size_shapes(plan)
        loaded: dict[str, Loaded] = {}
        if alone is not None:
            small = {f"{_SMALL}-alone-in-a-store": shapes[_SMALL]}
            loaded.update(await load_shapes(alone, small, run, report, stack))
        loaded.update(await load_shapes(store, shapes, run, report, stack))
        rows: list[list[str]] = []
        for question in QUESTIONS[:2]:
            await _same_answer(question, loaded, len(_LEVELS))
            for level, asks in _asks(question, loaded).items():
                times = await _turns(asks, rounds=plan.rounds, batch=plan.batch)
                base = min(
                    (medians for name, medians in times.items() if name.startswith(_SMALL)),
                    key=median,
                )
                for name, medians in times.items():
                    ratio = paired_ratio(medians, base)
                    holds = ratio <= SIZE_AT_MOST
                    rows.append(
                        [
                            question.name,
                            level,
                            name,
                            shown(min(medians)),
                            shown(median(medians)),
                            f"{min(medians) / min(base):.2f}",
                            f"{ratio:.2f}",
                            "" if name.startswith(_SMALL) else "holds" if holds else "FAILS",
                        ]
                    )
                    report.figure(
                        section="size",
                        store=store.name,
                        question=question.name,
                        level=level,
                        state="warm",
                        concurrency=1,
                        organization=name,
                        rounds=plan.rounds,
                        batch=plan.batch,
                        min_ms=min(medians),
                        median_ms=median(medians),
                        ratio_of_minima=min(medians) / min(base),
                        paired_ratio=ratio,
                        at_most=SIZE_AT_MOST,
                        holds=holds,
                    )
    report.table(
        f"{store.name}: effective policies of one cluster by the organization's size"
        " (warm, one at a time; the paired ratio to the faster one of 100 clusters must be at most"
        f" {SIZE_AT_MOST})",
        ["question", "level", "organization", "min ms", "median ms", "of min", "paired", "claim"],
        rows,
    )


async def measure_depth(store: Store, plan: Plan, run: str, report: Report) -> None:
    """Measure the answer for the cluster at the end of chains, each twice as long as the last."""
    async with AsyncExitStack() as stack:
        loaded = await load_shapes(store, depth_shapes(plan), run, report, stack)
        rows: list[list[str]] = []
        for question in QUESTIONS[:2]:
            await _same_answer(question, loaded, 10)
            for level, asks in _asks(question, loaded).items():
                times = await _turns(asks, rounds=plan.rounds, batch=plan.deep_batch)
                before: list[float] | None = None
                for name, medians in times.items():
                    ratio = paired_ratio(medians, before) if before is not None else None
                    holds = ratio is None or ratio <= DOUBLING_AT_MOST
                    rows.append(
                        [
                            question.name,
                            level,
                            name,
                            shown(min(medians)),
                            shown(median(medians)),
                            f"{min(medians) / min(before):.2f}" if before is not None else "",
                            "" if ratio is None else f"{ratio:.2f}",
                            "" if ratio is None else "holds" if holds else "FAILS",
                        ]
                    )
                    report.figure(
                        section="depth",
                        store=store.name,
                        question=question.name,
                        level=level,
                        state="warm",
                        concurrency=1,
                        organization=name,
                        rounds=plan.rounds,
                        batch=plan.deep_batch,
                        min_ms=min(medians),
                        median_ms=median(medians),
                        paired_ratio_to_half=ratio,
                        at_most=DOUBLING_AT_MOST,
                        holds=holds,
                    )
                    before = medians
    report.table(
        f"{store.name}: effective policies of one cluster by its depth (warm, one at a time; each"
        f" chain to the one half as long: at most twice, {DOUBLING_AT_MOST} with noise)",
        ["question", "level", "chain", "min ms", "median ms", "of min", "paired", "claim"],
        rows,
    )


def _asks(question: Question, loaded: Mapping[str, Loaded]) -> dict[str, dict[str, Ask]]:
    return {
        "graph": {
            name: at_graph(each.graph, each.caller, question, each.turn)
            for name, each in loaded.items()
        },
        "HTTP": {
            name: over_http(each.client, question, each.turn) for name, each in loaded.items()
        },
    }


async def _turns(asks: Mapping[str, Ask], *, rounds: int, batch: int) -> dict[str, list[float]]:
    for ask in asks.values():
        await warm_up(ask, 3 * max(batch, 4))
    return await take_turns(asks, rounds=rounds, batch=batch)


async def _same_answer(question: Question, loaded: Mapping[str, Loaded], count: int) -> None:
    """Make sure that what is compared answers equally much."""
    for name, each in loaded.items():
        for subject in each.turn[:5]:
            body = body_of(question.query, question.variables(subject))
            found = count_effective(await each.client.ask(body))
            if found != count:
                raise RuntimeError(f"{name}: {found} effective policies instead of {count}")
