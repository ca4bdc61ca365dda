from functools import partial

import pytest

from api.errors import RateLimitedError
from api.guesses import Guesses
from graph.errors import CodeRefusedError, ConflictError
from graph.invite_codes import new_code
from graph.snapshot import Caller, Origin
from tests.unit.api.test_rates import Watch

CODE = new_code().text


async def _wrong() -> str:
    raise CodeRefusedError


async def _right() -> str:
    return "bound"


async def _refusals(guesses: Guesses, address: str, code: str, count: int) -> int:
    """Be wrong so often from an address; return how often it is said that this is too often."""
    limited = 0
    for _ in range(count):
        with pytest.raises((CodeRefusedError, RateLimitedError)) as refused:
            await guesses.counted(_wrong, caller=_from(address), code=code)
        limited += refused.type is RateLimitedError
    return limited


def _from(address: str) -> Caller:
    return Caller("usr_x", origin=Origin(address))


async def test_so_many_wrong_codes_of_an_address_are_told_so() -> None:
    watch = Watch()
    guesses = Guesses(clock=watch)

    assert await _refusals(guesses, "203.0.113.7", "any", 25) == 5
    assert await _refusals(guesses, "203.0.113.8", "any", 5) == 0
    assert await _refusals(guesses, "2001:db8::1", "any", 20) == 0
    assert await _refusals(guesses, "2001:db8::2", "any", 5) == 5
    watch.now += 10
    assert await _refusals(guesses, "203.0.113.7", "any", 2) == 1


async def test_wrong_codes_of_one_invite_are_counted_from_wherever_they_come() -> None:
    guesses = Guesses(clock=Watch())
    limited = [await _refusals(guesses, f"203.0.113.{n}", CODE, 1) for n in range(60)]

    assert limited == [0] * 50 + [1] * 10
    assert await _refusals(guesses, "203.0.113.99", new_code().text, 1) == 0


async def test_no_number_of_wrong_codes_stops_a_right_one() -> None:
    guesses = Guesses(clock=Watch())
    await _refusals(guesses, "203.0.113.7", CODE, 100)

    for _ in range(100):
        answer = await guesses.counted(_right, caller=_from("203.0.113.7"), code=CODE)
        assert answer == "bound"


async def test_what_is_refused_for_another_reason_is_not_counted() -> None:
    guesses = Guesses(clock=Watch())

    async def conflict() -> str:
        raise ConflictError("full")

    for _ in range(100):
        attempt = partial(guesses.counted, conflict, caller=_from("203.0.113.7"), code=CODE)
        with pytest.raises(ConflictError):
            await attempt()
    assert await _refusals(guesses, "203.0.113.7", CODE, 1) == 0
