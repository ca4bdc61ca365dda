"""How times are taken: closed loops after an equal warm-up, and batches that take turns."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

Ask = Callable[[int], Awaitable[object]]
"""Asks one question about the n-th subject of a rotation and raises if the answer is not whole."""

ENOUGH_FOR_P99 = 100


class NoAnswerError(Exception):
    """A question was refused, or not answered in time."""


@dataclass(frozen=True, slots=True)
class Times:
    """The times of single answers in milliseconds, and how long all of them took together."""

    each: tuple[float, ...]
    seconds: float
    failed: int
    """How many questions were refused or not answered in time; their times are not among these."""

    def percentile(self, share: float) -> float:
        """Return the time within which this share of the answers came; not a number for none."""
        if not self.each:
            return math.nan
        ordered = sorted(self.each)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    @property
    def p50(self) -> float:
        """The median."""
        return self.percentile(0.5)

    @property
    def p99(self) -> float | None:
        """The 99th percentile; None where there are too few answers to tell."""
        return self.percentile(0.99) if len(self.each) >= ENOUGH_FOR_P99 else None

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.each) / self.seconds


async def warm_up(ask: Ask, times: int) -> None:
    """Ask without counting: plans, connections and code paths are met here."""
    for number in range(times):
        await ask(number)


async def closed_loop(ask: Ask, *, concurrency: int, seconds: float, enough: int) -> Times:
    """Let so many askers each ask again as soon as they are answered.

    Goes on until there are `enough` answers, but at most four times as long.
    """
    each: list[float] = []
    failed = 0
    started = time.perf_counter()

    async def asker(first: int) -> None:
        nonlocal failed
        number = first
        while True:
            begun = time.perf_counter()
            spent = begun - started
            if spent > 4 * seconds or (spent > seconds and len(each) >= enough):
                return
            try:
                await ask(number)
            except NoAnswerError:
                failed += 1
            else:
                each.append((time.perf_counter() - begun) * 1000)
            number += concurrency

    await asyncio.gather(*(asker(first) for first in range(concurrency)))
    return Times(tuple(each), time.perf_counter() - started, failed)


async def take_turns(asks: Mapping[str, Ask], *, rounds: int, batch: int) -> dict[str, list[float]]:
    """Return for each the median of every batch in milliseconds; one batch of each per round.

    Whatever slows the machine for a while slows all of them; who is first changes with the round.
    """
    names = list(asks)
    medians: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):
            times: list[float] = []
            for step in range(batch):
                begun = time.perf_counter()
                await asks[name](number * batch + step)
                times.append((time.perf_counter() - begun) * 1000)
            medians[name].append(median(times))
    return medians


def paired_ratio(of: Sequence[float], to: Sequence[float]) -> float:
    """Return the median of the ratios of batches that ran in the same round."""
    return median(one / other for one, other in zip(of, to, strict=True))
