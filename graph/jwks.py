"""Reads public keys as callers give them: a JWKS (RFC 7517, 7518, 8037), cut to what verifies.

What is private is refused and never kept, and of the rest only what these rules name is.
"""

import base64
import re
from collections.abc import Callable
from typing import Any, cast

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from graph.errors import InvalidInputError

_MAX_TEXT = 32 * 1024
_MAX_KEYS = 10
_MAX_KEY_ID = 255
_RSA_BITS = (2048, 8192)
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
_SECRET = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES: dict[str, tuple[ec.EllipticCurve, str]] = {
    "P-256": (ec.SECP256R1(), "ES256"),
    "P-384": (ec.SECP384R1(), "ES384"),
    "P-521": (ec.SECP521R1(), "ES512"),
}
_RSA_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")


def read_jwks(text: str) -> list[str]:
    """Return the keys of a JWKS, each as one JSON text; raise `InvalidInputError` with the reason.

    The message never quotes a key: it may be one that should have stayed at home.
    """
    if len(text) > _MAX_TEXT:
        raise InvalidInputError(f"A JWKS has at most {_MAX_TEXT} characters here.")
    try:
        document: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError("The keys are not JSON. Give a JWKS.") from error
    keys = cast("dict[str, Any]", document).get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not 0 < len(cast("list[Any]", keys)) <= _MAX_KEYS:
        raise InvalidInputError(f'A JWKS is {{"keys": […]}} with 1 to {_MAX_KEYS} keys here.')
    found = [_key(number, key) for number, key in enumerate(cast("list[Any]", keys))]
    ids = [key.get("kid") for key in found]
    if len(set(ids)) != len(ids):
        raise InvalidInputError("Two keys have one `kid`, or none: give each its own.")
    return [orjson.dumps(key, option=orjson.OPT_SORT_KEYS).decode() for key in found]


def _key(number: int, given: Any) -> dict[str, str]:
    where = f"Key {number + 1} of the JWKS"
    if not isinstance(given, dict):
        raise InvalidInputError(f"{where} is not a JSON object.")
    key = cast("dict[str, Any]", given)
    if _SECRET & key.keys():
        raise InvalidInputError(
            f"{where} is private or a shared secret. Replace it where it is used, now that it has"
            f" been sent, and give public keys alone."
        )
    read = _READERS.get(str(key.get("kty")))
    if read is None:
        raise InvalidInputError(f"{where} is of no kind that counts: RSA, EC or OKP.")
    try:
        kept, algorithms = read(key)
    except (KeyError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidInputError(
            f"{where} is no public key: RSA of {_RSA_BITS[0]} to {_RSA_BITS[1]} bits, EC on P-256,"
            f" P-384 or P-521, or Ed25519."
        ) from error
    if key.get("use", "sig") != "sig" or key.get("alg", algorithms[0]) not in algorithms:
        raise InvalidInputError(f"{where} is not for signatures by one of {', '.join(algorithms)}.")
    key_id = key.get("kid")
    if key_id is not None:
        if not isinstance(key_id, str) or not key_id.isprintable() or len(key_id) > _MAX_KEY_ID:
            raise InvalidInputError(f"The `kid` of {where} is not a text of printable characters.")
        kept["kid"] = key_id
    return {**kept, "use": "sig", "alg": str(key.get("alg", algorithms[0]))}


def _rsa(key: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    modulus, exponent = (int.from_bytes(_bytes(key[name])) for name in ("n", "e"))
    if not _RSA_BITS[0] <= modulus.bit_length() <= _RSA_BITS[1]:
        raise ValueError("its size")
    rsa.RSAPublicNumbers(exponent, modulus).public_key()
    return {"kty": "RSA", "n": key["n"], "e": key["e"]}, _RSA_ALGORITHMS


def _ec(key: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    curve, algorithm = _CURVES[key["crv"]]
    x, y = (int.from_bytes(_bytes(key[name])) for name in ("x", "y"))
    ec.EllipticCurvePublicNumbers(x, y, curve).public_key()
    return {"kty": "EC", "crv": key["crv"], "x": key["x"], "y": key["y"]}, (algorithm,)


def _okp(key: dict[str, Any]) -> tuple[dict[str, str], tuple[str, ...]]:
    if key["crv"] != "Ed25519":
        raise ValueError("its curve")
    ed25519.Ed25519PublicKey.from_public_bytes(_bytes(key["x"]))
    return {"kty": "OKP", "crv": "Ed25519", "x": key["x"]}, ("EdDSA",)


_READERS: dict[str, Callable[[dict[str, Any]], tuple[dict[str, str], tuple[str, ...]]]] = {
    "RSA": _rsa,
    "EC": _ec,
    "OKP": _okp,
}


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise TypeError("not base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
