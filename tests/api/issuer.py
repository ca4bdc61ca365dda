"""An issuer of the tests' own: real keys, real signatures, and tokens that are wrong on purpose."""

import base64
import time
from collections.abc import Mapping
from typing import Any

import jwt
import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.authn.keys import DiscoveredKeys, JsonWebKey
from api.authn.tokens import TrustedIssuer
from tests.given import ISSUER

AUDIENCE = "policygraph-tests"
EC_KEY_ID = "ec-1"
RSA_KEY_ID = "rsa-1"

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Issuer:
    """Signs tokens with an EC and an RSA key, and publishes both as an issuer does."""

    def __init__(self, name: str = ISSUER) -> None:
        self.name = name
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.fetched: list[str] = []

    @property
    def keys(self) -> list[JsonWebKey]:
        """The public keys (RFC 7517)."""
        return [
            {**_jwk("ES256", self.ec), "kid": EC_KEY_ID, "use": "sig"},
            {**_jwk("RS256", self.rsa), "kid": RSA_KEY_ID, "use": "sig"},
        ]

    async def fetch(self, url: str) -> bytes:
        """Answer as the issuer's web server would."""
        self.fetched.append(url)
        if url == f"{self.name}/.well-known/openid-configuration":
            return orjson.dumps({"issuer": self.name, "jwks_uri": f"{self.name}/keys"})
        if url == f"{self.name}/keys":
            return orjson.dumps({"keys": self.keys})
        raise OSError(f"404 {url}")

    def trusted(self) -> TrustedIssuer:
        """Return what the service is configured with to accept these tokens."""
        return TrustedIssuer(
            issuer=self.name,
            audiences=[AUDIENCE],
            algorithms=["ES256", "RS256"],
            keys=DiscoveredKeys(self.name, fetch=self.fetch),
            max_seconds=86_400,
        )

    def claims(self, subject: str, **changed: Any) -> dict[str, Any]:
        """Return the claims of a good token; a claim that is set to None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.name,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": now,
            "exp": now + 600,
            "email": f"{subject}@example.com",
            "email_verified": True,
        }
        return {name: value for name, value in (claims | changed).items() if value is not None}

    def token(
        self,
        subject: str,
        *,
        algorithm: str = "ES256",
        header: Mapping[str, Any] | None = None,
        **changed: Any,
    ) -> str:
        """Sign a token, good but for the claims and header members that are changed."""
        key: PrivateKey = self.ec if algorithm == "ES256" else self.rsa
        kid = EC_KEY_ID if algorithm == "ES256" else RSA_KEY_ID
        return jwt.encode(
            self.claims(subject, **changed), key, algorithm, {"kid": kid, **(header or {})}
        )

    def signed(self, payload: bytes, *, header: Mapping[str, Any] | None = None) -> str:
        """Sign any bytes as a token, even what is no JSON object."""
        return jwt.api_jws.encode(
            payload, self.ec, "ES256", {"kid": EC_KEY_ID, "typ": "JWT", **(header or {})}
        )

    def public_pem(self) -> bytes:
        """Return the RSA public key as text: what a confused verifier takes for a secret."""
        return self.rsa.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _jwk(algorithm: str, key: PrivateKey) -> dict[str, Any]:
    public = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    return {**public, "alg": algorithm}
