"""What a token must say to stand for an identity: how such a rule is given, and what it matches.

Pure. A pattern is RE2 and for the whole text, so it is anchored at both ends whether it says so or
not; one that takes any subject at all is refused.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from graph.errors import InvalidInputError
from graph.jwks import read_jwks
from graph.names import check_text
from policy.patterns import PatternError, compile_pattern
from policy.urls import UrlError, parse_url
from queries.states import IdentityState

LONGEST_KEYS = timedelta(days=30)
"""How far ahead keys that came with an identity may expire."""

_MAX_TEXT = 255
_MAX_PATTERN = 512
_MAX_CLAIMS = 16
_CLAIM_NAME = re.compile(r"[^\s=\x00-\x1f\x7f]{1,127}")
_OWN_FIELDS = frozenset({"iss", "sub", "aud", "exp", "iat", "nbf"})
# Nobody's pattern means all of these; one that takes them takes anything.
_ANY_SUBJECT = ("x", "0 ~:/é", "system:serviceaccount:7d1b:c2f4", "repo:5e/9a:ref:refs/heads/b1")
_BELOW = re.compile(r"(?!.*(?:^|/)\.{0,2}(?:/|$))[A-Za-z0-9._~/-]+")


@dataclass(frozen=True, slots=True)
class KnownIssuers:
    """The issuers that the operator knows of."""

    configured: frozenset[str] = frozenset()
    """Their keys come from themselves and from nobody else."""
    discoverable: Sequence[str] = ()
    """Whose keys are looked up for identities that name them; below one that ends in `/`, all."""

    def may_discover(self, issuer: str) -> bool:
        """Tell whether the keys of this issuer may be looked up at its address."""
        return issuer in self.configured or any(
            issuer == allowed
            or (
                allowed.endswith("/")
                and issuer.startswith(allowed)
                and _BELOW.fullmatch(issuer.removeprefix(allowed)) is not None
            )
            for allowed in self.discoverable
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """By what an identity is recognized, checked. `keys` are public, one JSON text for each."""

    issuer: str
    subject: str | None = None
    subject_pattern: str | None = None
    audience: str
    claims: Mapping[str, str] = field(default_factory=dict[str, str])
    claim_patterns: Mapping[str, str] = field(default_factory=dict[str, str])
    keys: Sequence[str] = ()
    keys_expire_at: datetime | None = None

    @classmethod
    def of(cls, state: IdentityState) -> "Match":
        """Return by what an identity is recognized."""
        return cls(
            issuer=state.issuer,
            subject=state.subject,
            subject_pattern=state.subject_pattern,
            audience=state.audience,
            claims=state.claims,
            claim_patterns=state.claim_patterns,
            keys=state.keys,
            keys_expire_at=state.keys_expire_at,
        )

    def check(self, issuers: KnownIssuers) -> None:
        """Raise `InvalidInputError` for a rule that says too little, or takes keys it must not."""
        check_issuer(self.issuer)
        if bool(self.subject) == bool(self.subject_pattern):
            raise InvalidInputError("Give either a subject or a pattern of subjects.")
        if self.subject is not None:
            _check_exact(self.subject, "A subject")
        if self.subject_pattern is not None:
            _check_pattern(self.subject_pattern, "The pattern of subjects")
            if all(compile_pattern(self.subject_pattern).fullmatch(text) for text in _ANY_SUBJECT):
                raise InvalidInputError(
                    f"The pattern {self.subject_pattern!r} takes any subject. Say in it whose"
                    f" workloads are meant, as in repo:acme/shop:.*"
                )
        _check_exact(self.audience, "An audience")
        self._check_claims()
        self._check_keys(issuers)

    def _check_claims(self) -> None:
        names = [*self.claims, *self.claim_patterns]
        if len(names) > _MAX_CLAIMS:
            raise InvalidInputError(f"An identity asks for at most {_MAX_CLAIMS} claims.")
        for name in names:
            if not _CLAIM_NAME.fullmatch(name):
                raise InvalidInputError(
                    f"{name[:80]!r} cannot be the name of a claim: 1 to 127 characters without"
                    f" blanks and `=`."
                )
            if name in _OWN_FIELDS or names.count(name) > 1:
                raise InvalidInputError(
                    f"The claim {name!r} is checked by other means already. Leave it out."
                )
        for name, text in self.claims.items():
            check_text(text, what=f"The claim {name!r}", most=_MAX_TEXT)
        for name, pattern in self.claim_patterns.items():
            _check_pattern(pattern, f"The pattern of the claim {name!r}")

    def _check_keys(self, issuers: KnownIssuers) -> None:
        if self.keys and self.issuer in issuers.configured:
            raise InvalidInputError(
                f"{self.issuer} is an issuer of this service, and vouches by its own keys alone."
                f" Leave out `keys`."
            )
        if not self.keys and not issuers.may_discover(self.issuer):
            raise InvalidInputError(
                f"The keys of {self.issuer} are not looked up for you. Give them as `keys`, or ask"
                f" the operator to allow it."
            )
        if bool(self.keys) != bool(self.keys_expire_at):
            raise InvalidInputError("`keys` and `keysExpireAt` go together: give both, or neither.")

    def check_expiry(self, now: datetime) -> None:
        """Raise `InvalidInputError` for keys that are to expire before now or too far ahead."""
        if self.keys_expire_at is None or now < self.keys_expire_at <= now + LONGEST_KEYS:
            return
        raise InvalidInputError(
            f"The keys cannot expire at {self.keys_expire_at.isoformat()}: give an instant within"
            f" {LONGEST_KEYS.days} days from now, and renew them before it."
        )


def check_issuer(issuer: str) -> None:
    """Raise `InvalidInputError` unless a text is what an issuer is: an exact https URL."""
    check_text(issuer, what="An issuer", most=_MAX_TEXT)
    try:
        url = parse_url(issuer)
    except UrlError as error:
        raise InvalidInputError(f"The issuer {issuer!r} is not a URL: {error}.") from error
    if not issuer.startswith("https://") or not url.host or set(issuer) & set("?#@ "):
        raise InvalidInputError(
            f"The issuer {issuer!r} must be an https:// URL as tokens have it in `iss`, without"
            f" user, query and fragment."
        )


def given_keys(text: str | None) -> list[str]:
    """Read keys as a caller gives them, a JWKS; none for an empty text."""
    return read_jwks(text) if text else []


def matches(state: IdentityState, claims: Mapping[str, Any]) -> bool:
    """Tell whether the claims of a verified token are those that an identity is recognized by.

    Issuer, audience and times are the verification's.
    """
    return (
        _is(claims.get("sub"), state.subject, state.subject_pattern)
        and all(_is(claims.get(name), text, None) for name, text in state.claims.items())
        and all(_is(claims.get(name), None, text) for name, text in state.claim_patterns.items())
    )


def _is(claim: Any, text: str | None, pattern: str | None) -> bool:
    if not isinstance(claim, str):
        return False
    if text is not None:
        return claim == text
    return pattern is not None and compile_pattern(pattern).fullmatch(claim) is not None


def _check_exact(text: str, what: str) -> None:
    check_text(text, what=what, most=_MAX_TEXT)
    if not text.strip() or not text.isprintable():
        raise InvalidInputError(f"{what} is printable and not empty; {text[:80]!r} is not.")


def _check_pattern(text: str, what: str) -> None:
    check_text(text, what=what, most=_MAX_PATTERN)
    try:
        compile_pattern(text)
    except PatternError as error:
        raise InvalidInputError(
            f"{what} is not a regular expression of RE2: {error}. It is for the whole text."
        ) from error
