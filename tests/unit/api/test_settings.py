"""Settings are checked once, at the start, and what is missing or impossible is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from pydantic import ValidationError

from api.settings import Settings
from graph.embedded import BoltAddress
from graph.opening import bolt_target
from tests.certificates import a_certificate

COMPLETE = {"issuer": "https://issuer.example", "audience": "policygraph"}
ANOTHER = {"issuer": "https://a.example", "audiences": ["policygraph"]}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the settings of whoever runs the tests out."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"POLICYGRAPH_{name.upper()}", raising=False)


def _settings(**given: Any) -> Settings:
    return Settings(**given)


def test_every_setting_comes_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYGRAPH_ISSUER", "https://issuer.example")
    monkeypatch.setenv("POLICYGRAPH_AUDIENCE", "policygraph")
    monkeypatch.setenv("POLICYGRAPH_CORS_ORIGINS", '["https://console.example"]')
    monkeypatch.setenv("POLICYGRAPH_PORT", "9090")
    monkeypatch.setenv("POLICYGRAPH_INTROSPECTION", "true")
    found = _settings()
    assert (found.issuer, found.audience) == (COMPLETE["issuer"], COMPLETE["audience"])
    assert (found.port, found.introspection) == (9090, True)
    assert found.cors_origins == ["https://console.example"]


def test_what_is_said_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYGRAPH_PORT", "9090")
    assert _settings(port=1, **COMPLETE).port == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "must both be set"),
        ({"issuer": COMPLETE["issuer"]}, "must both be set"),
        ({"audience": "x"}, "must both be set"),
        ({"issuer": COMPLETE["issuer"], "audience": ""}, "must both be set"),
        ({"issuer": "", "audience": "x"}, "must both be set"),
        ({"issuer": "http://issuer.example", "audience": "x"}, "https://"),
        ({"issuer": "issuer.example", "audience": "x"}, "https://"),
        ({"issuer": "http://127.0.0.1:9000", "audience": "x"}, "with --dev alone"),
        ({**COMPLETE, "issuer_networks": ["10.0.0.1/8"]}, "network"),
        ({**COMPLETE, "issuer_networks": ["here"]}, "network"),
        ({"dev": True, "host": "0.0.0.0"}, "loopback only, not on 0.0.0.0"),  # noqa: S104
        ({"dev": True, "host": "::"}, "loopback only"),
        ({"dev": True, "host": "localhost.evil.example"}, "loopback only"),
        ({**COMPLETE, "issuers": "https://a.example"}, "JSON list"),
        ({**COMPLETE, "issuers": [ANOTHER, ANOTHER]}, "given twice: https://a.example"),
        ({"issuers": [{"issuer": "https://a.example"}]}, "audiences"),
        ({"issuers": [{**ANOTHER, "audiences": []}]}, "at least 1 item"),
        ({"issuers": [{**ANOTHER, "audiences": [""]}]}, "at least 1 character"),
        ({"issuers": [{**ANOTHER, "issuer": "http://a.example"}]}, "https://"),
        ({"issuers": [{**ANOTHER, "issuer": ""}]}, "at least 1 item"),
        ({"issuers": [{**ANOTHER, "algorithms": ["HS256"]}]}, "RS256"),
        ({"issuers": [{**ANOTHER, "algorithms": ["none"]}]}, "RS256"),
        ({"issuers": [{**ANOTHER, "algorithms": []}]}, "at least 1 item"),
        ({"issuers": [{**ANOTHER, "max_token_seconds": 0}]}, "greater than 0"),
        ({"issuers": [{**ANOTHER, "audience": "x"}]}, "audience"),
        ({**COMPLETE, "port": -1}, "greater than or equal to 0"),
        ({**COMPLETE, "port": 65536}, "less than or equal to 65535"),
        ({**COMPLETE, "max_query_depth": 0}, "greater than 0"),
        ({**COMPLETE, "store_heap": "512"}, "such as 512m"),
        ({**COMPLETE, "store_uri": "db.example:7687"}, "address of a Neo4j"),
        ({**COMPLETE, "store_uri": "bolt://"}, "address of a Neo4j"),
        ({**COMPLETE, "store_uri": "bolt://127.0.0.1:abc"}, "not 'bolt://127.0.0.1:abc'"),
        ({**COMPLETE, "store_uri": "bolt://127.0.0.1:70000"}, "not 'bolt://127.0.0.1:70000'"),
        ({**COMPLETE, "store_uri": "bolt://::1:7687"}, "address of a Neo4j"),
        ({**COMPLETE, "host": "0.0.0.0"}, "POLICYGRAPH_TLS_AT_PROXY=true"),  # noqa: S104
        ({**COMPLETE, "host": "policygraph.example"}, "POLICYGRAPH_TLS_CERTIFICATE"),
        ({**COMPLETE, "tls_certificate": __file__}, "go together"),
        ({**COMPLETE, "tls_key": __file__}, "go together"),
        ({**COMPLETE, "tls_certificate": "/nowhere", "tls_key": __file__}, "/nowhere cannot be"),
        ({**COMPLETE, "tls_certificate": __file__, "tls_key": __file__}, "are not a certificate"),
        ({**COMPLETE, "proxies": ["10.0.0.1/8"]}, "proxies"),
        ({**COMPLETE, "store_ca_file": "/nowhere.pem"}, "No such file"),
        ({**COMPLETE, "store_ca_file": __file__}, "no certificates in PEM"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says.replace("(", "\\(")):
        _settings(**given)


@pytest.mark.parametrize(
    "uri",
    [
        "bolt://127.0.0.1",
        "bolt+ssc://[::1]:7687",
        "neo4j+s://db.example:7687",
        "neo4j://db.example?region=eu",
    ],
)
def test_an_address_of_a_store_is_taken(uri: str) -> None:
    assert _settings(store_uri=uri, **COMPLETE).store_uri == uri


@pytest.mark.parametrize(
    "uri",
    [
        "bolt://ada:hunter2@127.0.0.1:1",
        "bolt://ada:p/hunter2@127.0.0.1",
        "bolt://hunter2@",
        "ada:hunter2@db.example",
    ],
)
def test_a_password_in_the_stores_address_is_refused_and_not_shown(uri: str) -> None:
    with pytest.raises(ValidationError, match="user and password are settings") as refused:
        _settings(store_uri=uri, **COMPLETE)
    assert "hunter2" not in str(refused.value)


def test_a_scheme_that_checks_no_certificate_takes_no_file_to_check_by(tmp_path: Path) -> None:
    certificates = str(a_certificate(tmp_path / "store")[0])
    for uri, taken in (("bolt+s://db.example", True), ("bolt+ssc://db.example", False)):
        given = {**COMPLETE, "store_uri": uri, "store_ca_file": certificates}
        if taken:
            assert _settings(**given).store_ca_file == certificates
        else:
            with pytest.raises(ValidationError, match=r"does not go with bolt\+ssc"):
                _settings(**given)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_development_mode_needs_no_issuer_on_loopback(host: str) -> None:
    assert _settings(dev=True, host=host).issuer is None


def test_settings_do_not_change_once_read() -> None:
    found = _settings(**COMPLETE)
    with pytest.raises(ValidationError, match="frozen"):
        found.__setattr__("port", 1)


def test_the_stores_password_is_never_shown() -> None:
    found = _settings(
        store_uri="neo4j+s://db.example:7687", **{"store_password": "hunter2", **COMPLETE}
    )
    target = found.bolt_target()
    assert target is not None
    assert (target.password, target.user) == ("hunter2", "neo4j")
    assert "hunter2" not in repr(found) + str(found) + repr(target)


def test_without_a_password_nobody_is_named_to_the_store() -> None:
    target = _settings(store_uri="bolt://127.0.0.1:7687", **COMPLETE).bolt_target()
    assert target is not None
    assert target.user is None
    assert _settings(**COMPLETE).bolt_target() is None


def test_every_kind_of_store_is_reached_within_the_settings_limits() -> None:
    said = {"pool_size": 7, "connect_seconds": 1, "acquire_seconds": 2, "query_seconds": 3}
    given: dict[str, Any] = {f"store_{name}": value for name, value in said.items()}
    neo4j = _settings(store_uri="bolt://127.0.0.1:7687", **given, **COMPLETE).bolt_target()
    address = BoltAddress("bolt://127.0.0.1:7688", "user", "password", "graph")
    embedded = bolt_target(address, _settings(**given, **COMPLETE).store_limits())

    for target in (neo4j, embedded):
        assert target is not None
        assert {name: getattr(target, name) for name in said} == said
    assert (embedded.uri, embedded.user, embedded.database) == (address.uri, "user", "graph")


def test_issuers_come_from_one_variable_beside_the_short_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POLICYGRAPH_ISSUERS", json.dumps([{**ANOTHER, "people": False}]))
    found = _settings(**COMPLETE).trusted
    assert [(each.issuer, each.audiences, each.people) for each in found] == [
        ("https://issuer.example", ["policygraph"], True),
        ("https://a.example", ["policygraph"], False),
    ]
    alone = _settings().trusted
    assert [each.issuer for each in alone] == ["https://a.example"]


def test_beyond_this_machine_it_is_served_by_tls_or_behind_what_ends_it(tmp_path: Path) -> None:
    certificate, key = a_certificate(tmp_path / "server")
    everywhere = {**COMPLETE, "host": "::"}
    assert _settings(**everywhere, tls_certificate=certificate, tls_key=key).tls_key == key
    assert _settings(**everywhere, tls_at_proxy=True).host == "::"
    with pytest.raises(ValidationError, match="without TLS: leave out the certificate"):
        _settings(dev=True, tls_certificate=certificate, tls_key=key)


def test_a_key_with_a_password_is_refused_without_asking_for_it(tmp_path: Path) -> None:
    certificate, key = a_certificate(tmp_path / "server")
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(ValidationError, match="the key without a password"):
        _settings(**COMPLETE, tls_certificate=certificate, tls_key=key)


def test_an_issuer_on_this_machine_is_reached_without_tls_in_development() -> None:
    for issuer in ("http://127.0.0.1:9000", "http://localhost/dex", "http://[::1]:9000"):
        assert _settings(dev=True, issuer=issuer, audience="x").trusted[0].issuer == issuer
    for issuer in (
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example",
        "http://[::2]",
    ):
        with pytest.raises(ValidationError, match="https://"):
            _settings(dev=True, issuer=issuer, audience="x")
