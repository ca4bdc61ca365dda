"""Tokens that are not accepted: each 401, and each with the same words."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.app import create_app
from api.settings import Settings
from tests.api.client import Api
from tests.api.conftest import calling
from tests.api.issuer import AUDIENCE, EC_KEY_ID, RSA_KEY_ID, Issuer, base64url

BODY = orjson.dumps({"query": "{ viewer { user { id subject } } }"})
OTHER = Issuer()
ELSEWHERE = Issuer("https://elsewhere.example")
NOW = int(time.time())


def _unsigned(issuer: Issuer, algorithm: str) -> str:
    header = base64url(orjson.dumps({"alg": algorithm, "typ": "JWT", "kid": EC_KEY_ID}))
    return f"{header}.{base64url(orjson.dumps(issuer.claims('x')))}."


def _keyed_by_the_public_key(issuer: Issuer, algorithm: str) -> str:
    header = base64url(orjson.dumps({"alg": algorithm, "typ": "JWT", "kid": RSA_KEY_ID}))
    signed = f"{header}.{base64url(orjson.dumps(issuer.claims('x')))}"
    digest = {"HS256": hashlib.sha256, "HS512": hashlib.sha512}[algorithm]
    return f"{signed}.{base64url(hmac.digest(issuer.public_pem(), signed.encode(), digest))}"


def _embedded(issuer: Issuer) -> str:
    return jwt.encode(
        issuer.claims("x"), OTHER.ec, "ES256", {"kid": EC_KEY_ID, "jwk": OTHER.keys[0]}
    )


def _duplicate(issuer: Issuer) -> str:
    text = orjson.dumps(issuer.claims("x"))
    return issuer.signed(text[:-1] + b',"sub":"victim"}')


def _headed(header: bytes) -> Callable[[Issuer], str]:
    """Sign below any header, even one that no library writes."""

    def token(issuer: Issuer) -> str:
        signed = f"{base64url(header)}.{base64url(orjson.dumps(issuer.claims('x')))}"
        signature = jwt.get_algorithm_by_name("ES256").sign(signed.encode(), issuer.ec)
        return f"{signed}.{base64url(signature)}"

    return token


def _stripped(issuer: Issuer, keep: int) -> str:
    return ".".join(issuer.token("x").split(".")[:keep])


def _tampered(issuer: Issuer) -> str:
    header, _, signature = issuer.token("x").split(".")
    return f"{header}.{base64url(orjson.dumps(issuer.claims('victim')))}.{signature}"


def _zero_signature(issuer: Issuer) -> str:
    header, payload, _ = issuer.token("x").split(".")
    return f"{header}.{payload}.{base64url(bytes(64))}"


def _der_signature(issuer: Issuer) -> str:
    header, payload, signature = issuer.token("x").split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    return f"{header}.{payload}.{base64url(b'0' + raw)}"


def _of_another_curve(issuer: Issuer, algorithm: str) -> str:
    """Sign on P-384, and say that it was done by an algorithm."""
    header = base64url(orjson.dumps({"alg": algorithm, "typ": "JWT", "kid": EC_KEY_ID}))
    signed = f"{header}.{base64url(orjson.dumps(issuer.claims('x')))}"
    signature = jwt.get_algorithm_by_name("ES384").sign(
        signed.encode(), ec.generate_private_key(ec.SECP384R1())
    )
    return f"{signed}.{base64url(signature)}"


def _claims(**changed: Any) -> Callable[[Issuer], str]:
    return lambda issuer: issuer.token("x", **changed)


def _header(**changed: Any) -> Callable[[Issuer], str]:
    return lambda issuer: issuer.token("x", header=changed)


def _payload(text: bytes) -> Callable[[Issuer], str]:
    return lambda issuer: issuer.signed(text)


BAD: dict[str, Callable[[Issuer], str]] = {
    "no token at all": lambda _: "x",
    "two dots": lambda _: "..",
    "three parts of nothing": lambda _: "a.b.c",
    "no signature": lambda issuer: _stripped(issuer, 2),
    "an empty signature": lambda issuer: _stripped(issuer, 2) + ".",
    "a header alone": lambda issuer: _stripped(issuer, 1),
    "five parts": lambda issuer: issuer.token("x") + ".a.b",
    "a signature of zeros": _zero_signature,
    "a signature in another form": _der_signature,
    "another payload": _tampered,
    "unsigned: none": lambda issuer: _unsigned(issuer, "none"),
    "unsigned: None": lambda issuer: _unsigned(issuer, "None"),
    "unsigned: NONE": lambda issuer: _unsigned(issuer, "NONE"),
    "unsigned: nOnE": lambda issuer: _unsigned(issuer, "nOnE"),
    "unsigned: empty": lambda issuer: _unsigned(issuer, ""),
    "unsigned: ES256": lambda issuer: _unsigned(issuer, "ES256"),
    "HS256 keyed by the public key": lambda issuer: _keyed_by_the_public_key(issuer, "HS256"),
    "HS512 keyed by the public key": lambda issuer: _keyed_by_the_public_key(issuer, "HS512"),
    "RS256 by the key of ES256": lambda issuer: issuer.token(
        "x", algorithm="RS256", header={"kid": EC_KEY_ID}
    ),
    "ES256 by the key of RS256": _header(kid=RSA_KEY_ID),
    "a curve that is not the key's": lambda issuer: _of_another_curve(issuer, "ES384"),
    "a curve that is not the algorithm's": lambda issuer: _of_another_curve(issuer, "ES256"),
    "an algorithm that is a list": _headed(b'{"alg":["ES256"],"kid":"ec-1"}'),
    "no algorithm": _headed(b'{"kid":"ec-1"}'),
    "an algorithm that is not configured": lambda issuer: jwt.encode(
        issuer.claims("x"), issuer.rsa, "RS512", {"kid": RSA_KEY_ID}
    ),
    "a padding that is not configured": lambda issuer: jwt.encode(
        issuer.claims("x"), issuer.rsa, "PS256", {"kid": RSA_KEY_ID}
    ),
    "an unknown kid": _header(kid="ec-2"),
    "a kid that is a path": _header(kid="../../../../dev/null"),
    "a kid that is a query": _header(kid="x' OR 1=1 --"),
    "a kid that is a number": _headed(b'{"alg":"ES256","kid":1}'),
    "a kid that is an address": _header(kid="https://evil.example/keys"),
    "an empty kid": _header(kid=""),
    "no kid, where there are two keys": lambda issuer: jwt.encode(
        issuer.claims("x"), issuer.ec, "ES256"
    ),
    "a key of another issuer under our name": lambda _: OTHER.token("x"),
    "a key that it brings along": _embedded,
    "an embedded jwk beside a good signature": _header(jwk=OTHER.keys[0]),
    "a jku": _header(jku="https://evil.example/keys"),
    "an x5u": _header(x5u="https://evil.example/cert"),
    "an x5c": _header(x5c=["MIIB"]),
    "an unknown crit": _header(crit=["exp-2"], **{"exp-2": 1}),
    "a payload that is not encoded": _header(crit=["b64"], b64=False),
    "another issuer": lambda _: ELSEWHERE.token("x"),
    "an issuer with a slash at the end": _claims(iss="https://issuer.example/"),
    "an issuer in capitals": _claims(iss="https://ISSUER.example"),
    "an issuer that is a list": lambda issuer: issuer.signed(
        orjson.dumps(issuer.claims("x", iss=[issuer.name]))
    ),
    "no issuer": _claims(iss=None),
    "another audience": _claims(aud="another"),
    "an audience in capitals": _claims(aud=AUDIENCE.upper()),
    "audiences without ours": _claims(aud=["one", "two"]),
    "an audience that starts like ours": _claims(aud=AUDIENCE + "x"),
    "an audience that is empty": _claims(aud=""),
    "no audiences": _claims(aud=[]),
    "an audience that is a number": _claims(aud=17),
    "no audience": _claims(aud=None),
    "an expiry that is no number": _payload(
        b'{"iss":"https://issuer.example","aud":"policygraph-tests","sub":"x","iat":1,"exp":NaN}'
    ),
    "an expiry of many digits": _payload(
        b'{"iss":"https://issuer.example","aud":"policygraph-tests","sub":"x","iat":1,"exp":'
        + b"9" * 5000
        + b"}"
    ),
    "no expiry": _claims(exp=None),
    "an expiry that is a text": _claims(exp="tomorrow"),
    "expired long ago": _claims(iat=NOW - 7200, exp=NOW - 3600),
    "expired beyond the leeway": _claims(iat=NOW - 600, exp=NOW - 31),
    "no issue": _claims(iat=None),
    "issued in the future": _claims(iat=NOW + 3600, exp=NOW + 7200),
    "issued at a text": _claims(iat="today"),
    "not valid yet": _claims(nbf=NOW + 3600),
    "a lifetime of two days": _claims(exp=NOW + 2 * 86_400),
    "a lifetime of for ever": _claims(exp=2**40),
    "a lifetime counted from before": _claims(iat=NOW - 86_500, exp=NOW + 60),
    "an expiry that is infinite": _payload(
        b'{"iss":"https://issuer.example","aud":"policygraph-tests","sub":"x","iat":1,"exp":1e999}'
    ),
    "no subject": _claims(sub=None),
    "an empty subject": _claims(sub=""),
    "a blank subject": _claims(sub="  "),
    "a subject that is a number": _claims(sub=17),
    "a subject that is a list": _claims(sub=["x"]),
    "a subject with a NUL": _claims(sub="ada\x00"),
    "a subject with a line break": _claims(sub="ada\n"),
    "a subject that reads backwards": _claims(sub="ada\u202e"),
    "a subject that is too long": _claims(sub="a" * 256),
    "a claim twice": _duplicate,
    "a header twice": _headed(b'{"alg":"ES256","kid":"x","kid":"' + EC_KEY_ID.encode() + b'"}'),
    "a claim twice within a claim": _payload(b'{"a":{"b":1,"b":2}}'),
    "a header that is nested": lambda issuer: (
        f"{base64url(b'[' * 2000 + b']' * 2000)}.{_stripped(issuer, 2).partition('.')[2]}.AA"
    ),
    "a payload that is a list": _payload(b"[]"),
    "a payload that is a text": _payload(b'"x"'),
    "a payload that is no JSON": _payload(b"x"),
    "a payload of nothing": _payload(b""),
    "a payload that is not UTF-8": _payload(b'{"sub":"\xff"}'),
    "a payload that is nested": _payload(b"[" * 2000 + b"]" * 2000),
    "a token within a token": lambda issuer: issuer.signed(
        issuer.token("x").encode(), header={"cty": "JWT"}
    ),
    "over 8 KiB": _claims(padding="x" * 8192),
    "far over 8 KiB": _claims(padding="x" * 200_000),
}


def test_the_corpus_of_bad_tokens_is_a_corpus() -> None:
    assert len(BAD) >= 60


@pytest.mark.parametrize("what", BAD)
async def test_a_bad_token_is_refused_and_never_says_why(lasting_api: Api, what: str) -> None:
    response = await lasting_api.post(BODY, token=BAD[what](lasting_api.issuer))
    assert response.status_code == 401, response.text
    assert response.headers["www-authenticate"] == "Bearer"
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["message"].startswith(("The token is not accepted. ", "A token is needed: "))


async def test_all_bad_tokens_are_refused_with_the_same_words(lasting_api: Api) -> None:
    said = {
        (await lasting_api.post(BODY, token=make(lasting_api.issuer))).json()["errors"][0][
            "message"
        ]
        for make in BAD.values()
    }
    assert len(said) == 1


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic YTpi", "bearer", "Token x", "Bearer a b", "Bearer \u00e4"],
)
async def test_no_bearer_token_is_no_token(lasting_api: Api, header: str) -> None:
    headers = [(b"Content-Type", b"application/json")]
    if header:
        headers.append((b"Authorization", header.encode("latin-1")))
    response = await lasting_api.http.post("/graphql", content=BODY, headers=headers)
    assert response.status_code == 401
    assert "Authorization: Bearer" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"aud": ["another", AUDIENCE]},
        {"iat": NOW - 600, "exp": NOW + 1800},
        {"exp": NOW + 86_000},
        {"nbf": NOW - 1},
        {"roles": ["owner"], "groups": ["*"]},
    ],
)
async def test_a_good_token_is_accepted_whatever_else_it_claims(
    lasting_api: Api, changed: dict[str, Any]
) -> None:
    for algorithm in ("ES256", "RS256"):
        token = lasting_api.issuer.token("ada", algorithm=algorithm, **changed)
        response = await lasting_api.post(BODY, token=token)
        assert response.json()["data"]["viewer"]["user"]["subject"] == "ada"


async def test_one_subject_of_two_issuers_is_two_users(lasting_api: Api) -> None:
    issuers = (lasting_api.issuer, ELSEWHERE)
    settings = Settings(issuer=ELSEWHERE.name, audience=AUDIENCE)
    app = create_app(
        lasting_api.graph, settings, None, issuers=tuple(each.trusted() for each in issuers)
    )
    async with calling(app, lasting_api.graph, ELSEWHERE) as api:
        found = [
            (await api.post(BODY, token=issuer.token("ada"))).json()["data"]["viewer"]["user"]["id"]
            for issuer in issuers
        ]
    assert found[0] != found[1]


async def test_subjects_that_differ_in_case_are_two_users(lasting_api: Api) -> None:
    found = {
        (await lasting_api.post(BODY, token=lasting_api.issuer.token(subject))).text
        for subject in ("foo", "Foo", "FOO", "foo ")
    }
    assert len(found) == 4


async def test_a_refused_token_writes_nobody_down(lasting_api: Api, issuer: Issuer) -> None:
    owner = lasting_api.person("owner")
    await lasting_api.organization(owner)
    ghost = lasting_api.person("ghost")
    await lasting_api.post(BODY, token=issuer.token(ghost.subject, aud="another"))
    outcome = await lasting_api.do(
        owner, "createRoleBinding", group="acme", role="viewer", user=ghost.id
    )
    assert outcome["__typename"] == "NotFound"
