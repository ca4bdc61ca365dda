"""How often somebody may do something: a token bucket for each, in bounded memory."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from api.errors import RateLimitedError

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in a second in the long run, and so many at once; none in a second: no limit."""

    per_second: float
    at_once: int


class RateLimiter:
    """Counts by key, and forgets the key that was unused for the longest when there are many.

    Of each key only the instant is kept at which its bucket is full again. A key that is forgotten
    starts with a full bucket, as a new one does.
    """

    def __init__(
        self, rate: Rate, *, kept: int = _KEPT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._most = kept
        self._clock = clock
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()

    def take(self, key: Hashable, what: str) -> None:
        """Take one of a key's, or raise `RateLimitedError` for more of `what` than there are."""
        if not self._rate.per_second:
            return
        now, each = self._clock(), 1 / self._rate.per_second
        full_at = max(self._full_at.get(key, now), now) + each
        wait = full_at - now - each * self._rate.at_once
        if wait > each * 1e-6:  # what rounding leaves is not a wait
            seconds = math.ceil(wait)
            raise RateLimitedError(
                f"More {what} than {self._rate.per_second:g} a second. Ask again in {seconds} s.",
                seconds,
            )
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
