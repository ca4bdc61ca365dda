"""An issuer's keys: fetched once, again for a new one, not lost when a fetch fails."""

import asyncio
from typing import Any

import orjson
import pytest

from api.authn import keys
from api.authn.keys import DiscoveredKeys, KeyNotFoundError, StaticKeys
from graph.errors import UnavailableError

ISSUER = "https://issuer.example"


class Web:
    """The issuer's web server, as a test wants it, and a clock."""

    def __init__(self) -> None:
        self.keys: list[Any] = [{"kid": "one"}]
        self.names = ISSUER
        self.failure: Exception | None = None
        self.fetched: list[str] = []
        self.answers = asyncio.Event()
        self.answers.set()
        self.now = 1000.0

    async def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        await self.answers.wait()
        if self.failure is not None:
            raise self.failure
        if url == f"{ISSUER}/.well-known/openid-configuration":
            return orjson.dumps({"issuer": self.names, "jwks_uri": f"{ISSUER}/jwks"})
        return orjson.dumps({"keys": self.keys})

    @property
    def fetches(self) -> int:
        """How often the set of keys was asked for, the document before it not counted."""
        return sum(url.endswith("/openid-configuration") for url in self.fetched)


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def found(web: Web) -> DiscoveredKeys:
    return DiscoveredKeys(ISSUER, fetch=web.fetch, clock=lambda: web.now)


async def test_keys_are_fetched_once_for_many_tokens(web: Web, found: DiscoveredKeys) -> None:
    answers = await asyncio.gather(*(found.find("one") for _ in range(50)))
    assert answers == [{"kid": "one"}] * 50
    assert web.fetched == [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/jwks"]


async def test_nothing_is_fetched_before_a_token_comes(web: Web, found: DiscoveredKeys) -> None:
    assert (web.fetches, found is not None) == (0, True)


async def test_keys_are_fetched_anew_after_a_quarter_of_an_hour(
    web: Web, found: DiscoveredKeys
) -> None:
    await found.find("one")
    web.now += 899
    await found.find("one")
    assert web.fetches == 1
    web.now += 1
    await found.find("one")
    assert web.fetches == 2


async def test_a_new_key_is_found_by_one_fetch(web: Web, found: DiscoveredKeys) -> None:
    await found.find("one")
    web.keys.append({"kid": "two"})
    web.now += 61
    assert await found.find("two") == {"kid": "two"}
    assert await found.find("one") == {"kid": "one"}
    assert web.fetches == 2


async def test_a_flood_of_unknown_keys_is_one_fetch_a_minute(
    web: Web, found: DiscoveredKeys
) -> None:
    await found.find("one")
    for _ in range(3):
        web.now += 60
        tokens = (found.find(f"unknown-{number}") for number in range(100))
        answers = await asyncio.gather(*tokens, return_exceptions=True)
        assert all(isinstance(answer, KeyNotFoundError) for answer in answers)
    assert web.fetches == 4
    assert await found.find("one") == {"kid": "one"}


async def test_a_key_that_was_withdrawn_is_found_no_more(web: Web, found: DiscoveredKeys) -> None:
    web.keys = [{"kid": "one"}, {"kid": "two"}]
    await found.find("two")
    web.keys = [{"kid": "one"}]
    web.now += 900
    with pytest.raises(KeyNotFoundError):
        await found.find("two")


FAILURES: list[Any] = [
    OSError("no route"),
    TimeoutError(),
    ValueError("more than 262144 bytes"),
]


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_fetch_that_fails_keeps_the_last_good_keys(
    web: Web, found: DiscoveredKeys, failure: Exception
) -> None:
    await found.find("one")
    web.failure = failure
    for _ in range(5):
        web.now += 900
        assert await found.find("one") == {"kid": "one"}
    web.failure = None
    web.keys = [{"kid": "two"}]
    web.now += 60
    assert await found.find("two") == {"kid": "two"}


@pytest.mark.parametrize("failure", FAILURES)
async def test_without_any_keys_a_token_can_neither_be_accepted_nor_refused(
    web: Web, found: DiscoveredKeys, failure: Exception
) -> None:
    web.failure = failure
    for _ in range(3):
        with pytest.raises(UnavailableError, match="keys of the issuer"):
            await found.find("one")
    assert web.fetches == 1
    web.failure = None
    web.now += 60
    assert await found.find("one") == {"kid": "one"}


async def test_a_caller_who_gives_up_does_not_end_the_fetch_of_the_others(
    web: Web, found: DiscoveredKeys
) -> None:
    web.answers.clear()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await found.find("one")
    patient = [asyncio.create_task(found.find("one")) for _ in range(3)]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in patient)

    web.answers.set()

    assert await asyncio.gather(*patient) == [{"kid": "one"}] * 3
    assert await found.find("one") == {"kid": "one"}
    assert web.fetches == 1


async def test_keys_that_come_after_everybody_gave_up_are_there_for_the_next(
    web: Web, found: DiscoveredKeys
) -> None:
    web.answers.clear()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await found.find("one")
    web.answers.set()
    await asyncio.sleep(0.05)

    assert await found.find("one") == {"kid": "one"}
    assert web.fetches == 1


async def test_an_issuer_that_never_ends_its_answer_is_given_up(
    web: Web, found: DiscoveredKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_REFRESH_SECONDS", 0.05)
    web.answers.clear()
    with pytest.raises(UnavailableError):
        await found.find("one")
    web.answers.set()
    web.now += 60
    assert await found.find("one") == {"kid": "one"}


@pytest.mark.parametrize(
    "names", ["https://evil.example", f"{ISSUER}/", ISSUER.upper(), "", None, [ISSUER]]
)
async def test_a_document_of_another_issuer_is_not_taken(
    web: Web, found: DiscoveredKeys, names: Any
) -> None:
    web.names = names
    with pytest.raises(UnavailableError):
        await found.find("one")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"null", b'{"keys": 1}'])
async def test_a_document_of_another_form_is_not_taken(body: bytes) -> None:
    async def fetch(_url: str) -> bytes:
        return body

    found = DiscoveredKeys(ISSUER, fetch=fetch)
    with pytest.raises(UnavailableError):
        await found.find("one")


async def test_what_is_no_key_among_the_keys_is_passed_over(
    web: Web, found: DiscoveredKeys
) -> None:
    web.keys = [None, "x", 1, {"kid": "one", "use": "enc"}, {"kid": "one"}, {}]
    assert await found.find("one") == {"kid": "one"}


async def test_a_token_without_a_key_id_means_the_only_key_there_is() -> None:
    assert await StaticKeys([{"kid": "one"}]).find(None) == {"kid": "one"}
    with pytest.raises(KeyNotFoundError):
        await StaticKeys([{"kid": "one"}, {"kid": "two"}]).find(None)
    with pytest.raises(KeyNotFoundError):
        await StaticKeys([]).find(None)


async def test_an_id_that_two_keys_have_means_neither() -> None:
    with pytest.raises(KeyNotFoundError):
        await StaticKeys([{"kid": "one"}, {"kid": "one", "x": 1}]).find("one")


async def test_an_issuer_that_hangs_holds_nobody_up_whom_its_last_keys_can_answer(
    web: Web, found: DiscoveredKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_PATIENCE_SECONDS", 0.05)
    await found.find("one")
    web.now += 900
    web.answers.clear()
    answers = await asyncio.gather(*(found.find("one") for _ in range(50)))
    assert answers == [{"kid": "one"}] * 50
    assert web.fetches == 2

    web.keys = [{"kid": "two"}]
    web.answers.set()

    assert await found.find("two") == {"kid": "two"}
    assert web.fetches == 2
