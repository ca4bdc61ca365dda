"""Which keys a caller may give: public ones that verify signatures, and nothing private."""

from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

from graph.errors import InvalidInputError
from graph.jwks import read_jwks
from graph.matching import KnownIssuers
from tests.given import a_jwk

EC = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)
PUBLIC: dict[str, Any] = a_jwk(EC, "k1")


def _text(*keys: Any) -> str:
    return orjson.dumps({"keys": keys}).decode()


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (EC, "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
        (ec.generate_private_key(ec.SECP521R1()), "ES512"),
        (RSA, "RS256"),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA"),
    ],
)
def test_a_public_key_is_kept_and_verifies(key: Any, algorithm: str) -> None:
    given = {**a_jwk(key, "k1"), "x5c": ["MIIB"], "more": {"a": 1}}
    (kept,) = (orjson.loads(text) for text in read_jwks(_text(given)))

    assert (kept["kid"], kept["use"], kept["alg"]) == ("k1", "sig", algorithm)
    assert not {"x5c", "more"} & kept.keys()
    token = jwt.encode({"a": 1}, key, algorithm)
    assert jwt.decode(token, jwt.PyJWK(kept), algorithms=[algorithm]) == {"a": 1}


def _private(key: Any, algorithm: str) -> dict[str, Any]:
    return jwt.get_algorithm_by_name(algorithm).to_jwk(key, as_dict=True)


BAD: dict[str, str] = {
    "no JSON": "{",
    "no object": "[]",
    "a lone surrogate": "\ud800",
    "no keys": "{}",
    "an empty list": _text(),
    "keys that are no list": '{"keys": {}}',
    "a key that is no object": _text("x"),
    "eleven keys": _text(*({**PUBLIC, "kid": str(number)} for number in range(11))),
    "two keys without an id": _text(a_jwk(EC), a_jwk(RSA)),
    "two keys of one id": _text(a_jwk(EC, "k"), a_jwk(RSA, "k")),
    "a private EC key": _text(_private(EC, "ES256")),
    "a private RSA key": _text(_private(RSA, "RS256")),
    "a private Ed25519 key": _text(_private(ed25519.Ed25519PrivateKey.generate(), "EdDSA")),
    "a public key with one private member": _text({**a_jwk(RSA), "dp": "AQ"}),
    "a shared secret": _text({"kty": "oct", "k": "c2VjcmV0"}),
    "a kind in lower case": _text({**PUBLIC, "kty": "ec"}),
    "a kind that has no form": _text({"kty": "DSA"}),
    "no kind": _text({"x": "AQ"}),
    "a kind that is a list": _text({**PUBLIC, "kty": ["EC"]}),
    "a point that is not on the curve": _text({**PUBLIC, "x": PUBLIC["y"]}),
    "no point": _text({"kty": "EC", "crv": "P-256"}),
    "a curve that nobody signs by": _text({**PUBLIC, "crv": "secp256k1"}),
    "a curve that is a list": _text({**PUBLIC, "crv": []}),
    "a curve of another size": _text(
        {**_private(ed448.Ed448PrivateKey.generate().public_key(), "EdDSA")}
    ),
    "a short modulus": _text({"kty": "RSA", "e": "AQAB", "n": "_" * 171}),
    "a long modulus": _text({"kty": "RSA", "e": "AQAB", "n": "_" * 2000}),
    "an exponent of one": _text({**a_jwk(RSA), "e": "AQ"}),
    "base64 of another alphabet": _text({**PUBLIC, "x": "+" + PUBLIC["x"][1:]}),
    "a number for a text": _text({**PUBLIC, "x": 1}),
    "a key for encryption": _text({**PUBLIC, "use": "enc"}),
    "a shared algorithm": _text({**PUBLIC, "alg": "HS256"}),
    "another curve's algorithm": _text({**PUBLIC, "alg": "ES384"}),
    "no algorithm": _text({**a_jwk(RSA), "alg": "none"}),
    "a number for an id": _text({**PUBLIC, "kid": 1}),
    "an id with a line break": _text({**PUBLIC, "kid": "a\nb"}),
    "a text without end": _text({**PUBLIC, "more": "x" * 40_000}),
}


@pytest.mark.parametrize("what", BAD)
def test_any_other_key_is_refused_and_never_quoted(what: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_jwks(BAD[what])

    assert PUBLIC["x"] not in refused.value.message


@pytest.mark.parametrize(
    ("issuer", "allowed"),
    [
        ("https://own.example", True),
        ("https://one.example", True),
        ("https://one.example/", False),
        ("https://one.example/id", False),
        ("https://oidc.example/id/", True),
        ("https://oidc.example/id/A1", True),
        ("https://oidc.example/id/A1/b", True),
        ("https://oidc.example/id/../x", False),
        ("https://oidc.example/id/./x", False),
        ("https://oidc.example/id//x", False),
        ("https://oidc.example/id/a?b", False),
        ("https://oidc.example/id/%2e%2e/x", False),
        ("https://oidc.example/idx", False),
        ("https://oidc.example", False),
        ("https://OIDC.example/id/A1", False),
        ("https://oidc.example/id/a\n", False),
    ],
)
def test_keys_are_looked_up_of_issuers_that_the_operator_lists(
    issuer: str, *, allowed: bool
) -> None:
    known = KnownIssuers(
        frozenset({"https://own.example"}), ("https://one.example", "https://oidc.example/id/")
    )
    assert known.may_discover(issuer) is allowed
