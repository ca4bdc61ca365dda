"""The only module that reads or makes tokens (RFC 7519, by the rules of RFC 8725)."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import structlog

from api.authn.keys import KeyNotFoundError, KeySet
from api.errors import UnauthenticatedError
from graph.identities import Identity

log: structlog.stdlib.BoundLogger = structlog.get_logger()

MAX_TOKEN_BYTES = 8192
_LEEWAY_SECONDS = 30
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
# Keys that a token brings along, or says where to fetch, are never used.
_REFUSED_HEADERS = ("jwk", "jku", "x5u", "x5c", "crit")
_MAX_SUBJECT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """Whose tokens are accepted, for which audience, signed how, verified by which keys."""

    issuer: str
    audience: str
    algorithms: Sequence[str]
    keys: KeySet
    max_seconds: int


async def verify(token: str, issuers: Sequence[TrustedIssuer]) -> Identity:
    """Return who a token stands for. Raises `UnauthenticatedError`, which never says why."""
    try:
        return await _verify(token, issuers)
    except (
        jwt.PyJWTError,
        KeyNotFoundError,
        _RefusedError,
        ValueError,
        TypeError,
        RecursionError,
    ) as error:
        log.info("token_refused", reason=f"{type(error).__name__}: {error}")
        raise UnauthenticatedError(
            "The token is not accepted. Sign in again and send a current token of this service's"
            " issuer as `Authorization: Bearer …`."
        ) from error


class _RefusedError(Exception):
    """A token that is well-formed and breaks a rule of ours."""


async def _verify(token: str, issuers: Sequence[TrustedIssuer]) -> Identity:
    if len(token) > MAX_TOKEN_BYTES:
        raise _RefusedError("too large")
    _refuse_repeats(token)
    header = jwt.get_unverified_header(token)
    if any(name in header for name in _REFUSED_HEADERS):
        raise _RefusedError("a header that is never honoured")
    claimed = jwt.decode(token, options={"verify_signature": False}).get("iss")
    trusted = next((each for each in issuers if each.issuer == claimed), None)
    if trusted is None:
        raise _RefusedError("an issuer that is not trusted")
    key_id = header.get("kid")
    key = await trusted.keys.find(key_id if isinstance(key_id, str) else None)
    claims: dict[str, Any] = jwt.decode(
        token,
        jwt.PyJWK(key),
        algorithms=list(trusted.algorithms),
        issuer=trusted.issuer,
        audience=trusted.audience,
        leeway=_LEEWAY_SECONDS,
        options={"require": _REQUIRED},
    )
    return _identity(claims, trusted)


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
    if claims["exp"] - claims["iat"] > trusted.max_seconds:
        raise _RefusedError("a lifetime beyond the limit")
    subject = claims["sub"]
    if not isinstance(subject, str) or not subject.isprintable() or not subject.strip():
        raise _RefusedError("a subject that is empty or not printable")
    if len(subject) > _MAX_SUBJECT:
        raise _RefusedError("a subject that is too long")
    email = claims.get("email") if claims.get("email_verified") is True else None
    return Identity(
        issuer=trusted.issuer,
        subject=subject,
        email=_display(email),
        display_name=_display(claims.get("name")),
    )


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
