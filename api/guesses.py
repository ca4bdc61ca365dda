"""How many codes of invites may be wrong, by where they come from and by which code is meant.

A code is looked at first and counted only if it is wrong: what others guess never stops who has the
right one. Guessing 256 bits is of no use; this keeps it from being of any nuisance.
"""

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from api.addresses import source
from api.rates import Rate, RateLimiter
from graph.errors import CodeRefusedError
from graph.invite_codes import parse_code
from graph.snapshot import Caller

Answer = TypeVar("Answer")

_OF_A_SOURCE = Rate(per_second=0.1, at_once=20)
_OF_A_KEY = Rate(per_second=0.1, at_once=50)
_WHAT = "codes that are not accepted"


class Guesses:
    """The codes that were wrong of late."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._by_source = RateLimiter(_OF_A_SOURCE, clock=clock)
        self._by_key = RateLimiter(_OF_A_KEY, clock=clock)

    async def counted(
        self, attempt: Callable[[], Awaitable[Answer]], *, caller: Caller, code: str
    ) -> Answer:
        """Try a code. Raises `RateLimitedError` instead of its refusal where there were many."""
        try:
            return await attempt()
        except CodeRefusedError:
            self._by_source.take(source(caller.origin.address or ""), _WHAT)
            # Whether there is such a key or not: the difference would tell.
            if (parsed := parse_code(code)) is not None:
                self._by_key.take(parsed.key_id, _WHAT)
            raise
