"""The development issuer: signing keys in the data directory, tokens for any e-mail address.

It lives on loopback only. Login pages come with the rest of signing in.
"""

import base64
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from api.authn import tokens
from api.authn.keys import JsonWebKey, StaticKeys
from api.authn.tokens import TrustedIssuer
from graph.identities import Identity

DEV_ISSUER = "https://dev.policygraph.invalid"
"""Who the development issuer is. Under `.invalid` (RFC 2606): nobody else can be it."""

DEV_AUDIENCE = "policygraph-dev"
_KEY_FILE = "dev-issuer.pem"
_KEY_ID = "dev-1"
_LIFETIME = timedelta(hours=12)


class DevIssuerError(Exception):
    """The development issuer cannot sign; the message says why and what to do."""


class DevIssuer:
    """An issuer whose key is kept in a data directory, made when it is missing."""

    def __init__(self, directory: Path) -> None:
        self._key = _load_or_make(directory / _KEY_FILE)

    @property
    def keys(self) -> list[JsonWebKey]:
        """The public keys (RFC 7517)."""
        numbers = self._key.public_key().public_numbers()
        return [
            {
                "kty": "EC",
                "crv": "P-256",
                "kid": _KEY_ID,
                "use": "sig",
                "alg": "ES256",
                "x": _base64url(numbers.x.to_bytes(32, "big")),
                "y": _base64url(numbers.y.to_bytes(32, "big")),
            }
        ]

    def discovery(self, address: str) -> dict[str, Any]:
        """Return the discovery document; `address` is where this service listens."""
        return {
            "issuer": DEV_ISSUER,
            "jwks_uri": f"{address}/dev/jwks",
            "id_token_signing_alg_values_supported": ["ES256"],
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
        }

    def trusted(self) -> TrustedIssuer:
        """Return what the service needs to accept this issuer's tokens."""
        return TrustedIssuer(
            issuer=DEV_ISSUER,
            audiences=[DEV_AUDIENCE],
            algorithms=["ES256"],
            keys=StaticKeys(self.keys),
            max_seconds=int(_LIFETIME.total_seconds()),
        )

    def token(self, email: str) -> str:
        """Return a token for whoever has this e-mail address."""
        return tokens.sign(
            Identity(issuer=DEV_ISSUER, subject=email, email=email),
            key=self._key,
            key_id=_KEY_ID,
            audience=DEV_AUDIENCE,
            lifetime=_LIFETIME,
        )


def _load_or_make(path: Path) -> ec.EllipticCurvePrivateKey:
    if path.exists():
        return _load(path)
    key = ec.generate_private_key(ec.SECP256R1())
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    return key


def _load(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DevIssuerError(
            f"{path} is damaged: it holds no key of the development issuer. Remove it, and the next"
            f" `serve --dev` makes a new one; tokens that were signed before are refused then."
        )
    return key


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
