"""An issuer's public keys: fetched by discovery, cached, refetched when a token names a new one.

OpenID Connect Discovery 1.0 section 4; RFC 7517 for the keys.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import orjson
import structlog

from api.authn.fetching import FETCH_SECONDS, Fetch
from graph.errors import UnavailableError

log: structlog.stdlib.BoundLogger = structlog.get_logger()

JsonWebKey = dict[str, Any]

_LIFETIME_SECONDS = 900.0
_COOL_DOWN_SECONDS = 60.0
# For the two documents together: less than a request has, which then ends in what went wrong.
_REFRESH_SECONDS = FETCH_SECONDS + 3.0
# How long an issuer that hangs holds up who could be answered by its last good keys.
_PATIENCE_SECONDS = 1.0


class KeyNotFoundError(Exception):
    """The issuer has no such key, or its keys cannot be had."""


class KeySet(Protocol):
    """Where a token's key is looked up."""

    async def find(self, key_id: str | None) -> JsonWebKey:
        """Return the key with this id; raise `KeyNotFoundError` when there is none."""
        ...


class StaticKeys:
    """Keys that are known: those of the development issuer."""

    def __init__(self, keys: Sequence[JsonWebKey]) -> None:
        self._keys = tuple(keys)

    async def find(self, key_id: str | None) -> JsonWebKey:
        """Return the key with this id; raise `KeyNotFoundError` when there is none."""
        return _pick(self._keys, key_id)


class DiscoveredKeys:
    """An issuer's keys by discovery.

    They are fetched anew after 15 minutes, and at most once a minute for a key id that is not among
    them. When a fetch fails or takes long, the last good set stays. One fetch runs at a time, for
    all who wait.
    """

    def __init__(
        self,
        issuer: str,
        *,
        fetch: Fetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._keys: tuple[JsonWebKey, ...] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, key_id: str | None) -> JsonWebKey:
        """Return the key with this id; raise `KeyNotFoundError` when the issuer has none."""
        if self._passed(self._fetched_at, _LIFETIME_SECONDS):
            await self._refresh(patience=_PATIENCE_SECONDS if self._keys else None)
        try:
            return _pick(self._keys, key_id)
        except KeyNotFoundError:
            await self._refresh()
            if not self._keys:
                raise UnavailableError(
                    "The keys of the issuer cannot be had now, so no token can be verified. Try"
                    " again later."
                ) from None
            return _pick(self._keys, key_id)

    def _passed(self, since: float | None, seconds: float) -> bool:
        return since is None or self._clock() - since >= seconds

    async def _refresh(self, *, patience: float | None = None) -> None:
        """Wait for the keys to be fetched, unless that was tried within the cool-down.

        Who gives up waiting does not end the fetch: it counts as tried, so it must come to an end.
        """
        if self._fetching is None:
            if not self._passed(self._tried_at, _COOL_DOWN_SECONDS):
                return
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch_keys(self._tried_at))
        await asyncio.wait({self._fetching}, timeout=patience)

    async def _fetch_keys(self, now: float) -> None:
        try:
            async with asyncio.timeout(_REFRESH_SECONDS):
                self._keys = await self._discover()
            self._fetched_at = now
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = f"{type(error).__name__}: {error}"
            log.warning("issuer_keys_not_fetched", issuer=self._issuer, error=reason)
        finally:
            self._fetching = None

    async def _discover(self) -> tuple[JsonWebKey, ...]:
        base = self._issuer.rstrip("/")
        document = orjson.loads(await self._fetch(f"{base}/.well-known/openid-configuration"))
        if document["issuer"] != self._issuer:
            raise ValueError(f"discovery names another issuer: {document['issuer']!r}")
        keys: list[Any] = orjson.loads(await self._fetch(str(document["jwks_uri"])))["keys"]
        return tuple(cast("JsonWebKey", key) for key in keys if isinstance(key, dict))


def _pick(keys: Sequence[JsonWebKey], key_id: str | None) -> JsonWebKey:
    """Return the one key with an id; the only key there is, for a token that names none."""
    found = [
        key for key in keys if key.get("use", "sig") == "sig" and key_id in (None, key.get("kid"))
    ]
    if len(found) != 1:
        raise KeyNotFoundError(f"{len(found)} keys match")
    return found[0]
