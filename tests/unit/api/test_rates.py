import pytest
from hypothesis import given
from hypothesis import strategies as some

from api.errors import RateLimitedError
from api.rates import Rate, RateLimiter


class Watch:
    """A clock of seconds that a test turns forward."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _takes(limiter: RateLimiter, key: str) -> int:
    """Take one; return for how many seconds it is refused."""
    try:
        limiter.take(key, "requests")
    except RateLimitedError as error:
        return error.seconds
    return 0


def test_so_many_are_taken_at_once_and_then_as_they_come_back() -> None:
    watch = Watch()
    limiter = RateLimiter(Rate(0.5, 3), clock=watch)
    assert [_takes(limiter, "ada") for _ in range(5)] == [0, 0, 0, 2, 2]
    watch.now += 1.5
    assert _takes(limiter, "ada") == 1
    watch.now += 0.5
    assert [_takes(limiter, "ada") for _ in range(2)] == [0, 2]
    watch.now += 3600
    assert [_takes(limiter, "ada") for _ in range(4)] == [0, 0, 0, 2]


def test_each_key_has_its_own() -> None:
    limiter = RateLimiter(Rate(1, 1), clock=Watch())
    assert [_takes(limiter, key) for key in ("ada", "ben", "ada", "ben")] == [0, 0, 1, 1]


def test_the_key_that_was_unused_for_the_longest_is_forgotten() -> None:
    watch = Watch()
    limiter = RateLimiter(Rate(1, 2), kept=2, clock=watch)
    for key in ("ada", "ada", "ben", "ben", "cy"):
        assert _takes(limiter, key) == 0
    assert (_takes(limiter, "ben"), _takes(limiter, "ada")) == (1, 0)


def test_a_refusal_keeps_nothing() -> None:
    watch = Watch()
    limiter = RateLimiter(Rate(1, 1), clock=watch)
    assert [_takes(limiter, "ada") for _ in range(100)] == [0] + [1] * 99
    watch.now += 1
    assert _takes(limiter, "ada") == 0


def test_without_a_rate_there_is_no_limit() -> None:
    limiter = RateLimiter(Rate(0, 1), clock=Watch())
    assert {_takes(limiter, "ada") for _ in range(100)} == {0}


def test_a_refusal_says_what_there_is_too_much_of_and_how_often_it_may_be() -> None:
    limiter = RateLimiter(Rate(0.1, 1), clock=Watch())
    limiter.take("ada", "redeemed codes")
    with pytest.raises(RateLimitedError, match=r"More redeemed codes than 0\.1 a second"):
        limiter.take("ada", "redeemed codes")


@given(
    some.floats(0.01, 1000),
    some.integers(1, 50),
    some.lists(some.floats(0, 100), max_size=100),
)
def test_nobody_takes_more_than_the_rate_and_whoever_waits_as_told_is_served(
    per_second: float, at_once: int, waits: list[float]
) -> None:
    watch = Watch()
    limiter = RateLimiter(Rate(per_second, at_once), clock=watch)
    began = watch.now
    for taken, wait in enumerate(waits, start=1):
        watch.now += wait
        if seconds := _takes(limiter, "ada"):
            watch.now += seconds
            assert _takes(limiter, "ada") == 0
        assert taken <= at_once + (watch.now - began) * per_second + 1e-3
