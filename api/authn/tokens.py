"""The only module that reads or makes tokens (RFC 7519, by the rules of RFC 8725)."""

import base64
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import orjson
import structlog

from api.authn.keys import JsonWebKey, KeyNotFoundError, KeySet
from api.errors import UnauthenticatedError
from graph.identities import Identity
from graph.matching import matches
from queries.states import IdentityState, to_properties

log: structlog.stdlib.BoundLogger = structlog.get_logger()

MAX_TOKEN_BYTES = 8192
_LEEWAY_SECONDS = 30
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
# Keys that a token brings along, or says where to fetch, are never used.
_REFUSED_HEADERS = ("jwk", "jku", "x5u", "x5c", "crit")
_MAX_SUBJECT = 255
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """Whose tokens are accepted, for which audiences, signed how, verified by which keys."""

    issuer: str
    audiences: Sequence[str]
    algorithms: Sequence[str]
    keys: KeySet
    max_seconds: int
    people: bool = True
    """Whether whoever it vouches for is a person here."""
    email_claim: str = "email"
    email_domains: Sequence[str] | None = None
    """The domains that its e-mail addresses count for; all of them without a list."""
    name_claim: str = "name"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A token that is accepted: who it stands for, and what it is called where it may be told."""

    identity: Identity
    token_id: str


class _RefusedError(Exception):
    """A token that is well-formed and breaks a rule of ours."""


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token that was verified: for whom, until when (seconds since 1970), and by which key."""

    accepted: Accepted
    expires: float
    trusted: TrustedIssuer
    key_id: str | None
    key: JsonWebKey


_Verify = Callable[[str], Awaitable[_Verified]]


class Verifier:
    """Verifies tokens, and remembers by their hash those that it has verified.

    A token is remembered until it expires or its key is no longer its issuer's. Only the signature
    is: what a user may do is looked up for each request.
    """

    def __init__(
        self, issuers: Sequence[TrustedIssuer], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._issuers = {each.issuer: each for each in issuers}
        self._clock = clock
        self._known: OrderedDict[bytes, _Verified] = OrderedDict()

    @property
    def issuers(self) -> frozenset[str]:
        """The issuers whose tokens are accepted."""
        return frozenset(self._issuers)

    async def verify(self, token: str) -> Accepted:
        """Return who a token stands for. Raises `UnauthenticatedError`, which never says why."""
        return await self._accept(token, hashlib.sha256(token.encode()).digest(), self._person)

    async def verify_for(self, token: str, identity: IdentityState, by: TrustedIssuer) -> Accepted:
        """Let pass a token by which a workload is this identity; raise `UnauthenticatedError`.

        What is remembered is so of the identity as it is now: a change of it is another one.
        """
        known_as = orjson.dumps([token, to_properties(identity)])

        async def verify(token: str) -> _Verified:
            verified, claims = await self._verify(token, {by.issuer: by})
            if not matches(identity, claims):
                raise _RefusedError("claims by which the identity is not recognized")
            return verified

        return await self._accept(token, hashlib.sha256(known_as).digest(), verify)

    async def _accept(self, token: str, digest: bytes, verify: _Verify) -> Accepted:
        try:
            return await self._remembered(token, digest, verify)
        except (
            jwt.PyJWTError,
            KeyNotFoundError,
            _RefusedError,
            ValueError,
            TypeError,
            RecursionError,
        ) as error:
            raise refused(f"{type(error).__name__}: {error}") from error

    async def _remembered(self, token: str, digest: bytes, verify: _Verify) -> Accepted:
        if len(token) > MAX_TOKEN_BYTES:
            raise _RefusedError("too large")
        known = self._known.get(digest)
        if known is None or not await self._holds(known):
            self._known.pop(digest, None)
            known = await verify(token)
            self._known[digest] = known
            if len(self._known) > _MOST_KNOWN:
                self._known.popitem(last=False)
        self._known.move_to_end(digest)
        return known.accepted

    async def _holds(self, known: _Verified) -> bool:
        """Tell whether a token that was verified still is: in time, and by a key still in use."""
        if self._clock() >= known.expires:
            return False
        return await known.trusted.keys.find(known.key_id) == known.key

    async def _person(self, token: str) -> _Verified:
        return (await self._verify(token, self._issuers))[0]

    async def _verify(
        self, token: str, issuers: Mapping[str, TrustedIssuer]
    ) -> tuple[_Verified, Mapping[str, Any]]:
        """Verify a token that one of these issuers must have made; return its claims as well."""
        _refuse_repeats(token)
        header = jwt.get_unverified_header(token)
        if any(name in header for name in _REFUSED_HEADERS):
            raise _RefusedError("a header that is never honoured")
        claimed = jwt.decode(token, options={"verify_signature": False}).get("iss")
        trusted = issuers.get(claimed) if isinstance(claimed, str) else None
        if trusted is None:
            raise _RefusedError("an issuer that is not trusted")
        key_id = header.get("kid")
        key_id = key_id if isinstance(key_id, str) else None
        key = await trusted.keys.find(key_id)
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(key),
            algorithms=list(trusted.algorithms),
            issuer=trusted.issuer,
            audience=list(trusted.audiences),
            leeway=_LEEWAY_SECONDS,
            options={"require": _REQUIRED},
        )
        accepted = Accepted(_identity(claims, trusted), _token_id(claims, token))
        verified = _Verified(accepted, claims["exp"] + _LEEWAY_SECONDS, trusted, key_id, key)
        return verified, claims


def refused(reason: str) -> UnauthenticatedError:
    """Note why a token is refused, and build the one error that says it to nobody."""
    log.info("token_refused", reason=reason)
    return UnauthenticatedError(
        "The token is not accepted. Sign in again and send a current token of this service's"
        " issuer as `Authorization: Bearer …`."
    )


def _refuse_repeats(token: str) -> None:
    """Refuse a header or claim that is there twice: two readers may take different ones."""
    for part in token.split(".")[:2]:
        text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        json.loads(text, object_pairs_hook=_once)


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise _RefusedError("a member that is there twice")
    return found


def _identity(claims: dict[str, Any], trusted: TrustedIssuer) -> Identity:
    if not trusted.people:
        raise _RefusedError("an issuer that vouches for workloads alone")
    if claims["exp"] - claims["iat"] > trusted.max_seconds:
        raise _RefusedError("a lifetime beyond the limit")
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject.isprintable() or not subject.strip():
        raise _RefusedError("a subject that is empty or not printable")
    if len(subject) > _MAX_SUBJECT:
        raise _RefusedError("a subject that is too long")
    return Identity(
        issuer=trusted.issuer,
        subject=subject,
        email=_email(claims, trusted),
        display_name=_display(claims.get(trusted.name_claim)),
    )


def _token_id(claims: dict[str, Any], token: str) -> str:
    """Return the id that a token has by its issuer, or else one that only this token gives."""
    return (
        _display(claims.get("jti")) or f"sha256:{hashlib.sha256(token.encode()).hexdigest()[:16]}"
    )


def _email(claims: dict[str, Any], trusted: TrustedIssuer) -> str | None:
    """Return an address that its issuer verified, of a domain that it may speak for."""
    email = _display(claims.get(trusted.email_claim))
    if email is None or "@" not in email or claims.get("email_verified") is not True:
        return None
    domain, allowed = email.rpartition("@")[2].lower(), trusted.email_domains
    return email if allowed is None or domain in {each.lower() for each in allowed} else None


def _display(claim: Any) -> str | None:
    """Return a claim that is shown to people, if it can be: it decides nothing."""
    if isinstance(claim, str) and claim.isprintable() and 0 < len(claim) <= _MAX_SUBJECT:
        return claim
    return None


def sign(identity: Identity, *, key: Any, key_id: str, audience: str, lifetime: timedelta) -> str:
    """Make a token of the development issuer (ES256)."""
    now = datetime.now(UTC)
    claims = {
        "iss": identity.issuer,
        "aud": audience,
        "sub": identity.subject,
        "iat": now,
        "exp": now + lifetime,
        "email": identity.email,
        "email_verified": identity.email is not None,
        "name": identity.display_name,
    }
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None},
        key,
        algorithm="ES256",
        headers={"kid": key_id},
    )
