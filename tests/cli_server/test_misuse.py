"""What is wrong with a command line or a setting is said in a line or two, and nothing starts."""

import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.__main__ import main
from tests.cli_server.conftest import SAMPLE, policygraph

ISSUER = {"POLICYGRAPH_ISSUER": "https://issuer.example"}
AUDIENCE = {"POLICYGRAPH_AUDIENCE": "policygraph"}


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: bytes | None = None) -> str:
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    pkcs8 = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, pkcs8, encryption).decode()


KEYS = {
    "nothing": "",
    "a text": "hello",
    "another curve": _pem(ec.generate_private_key(ec.SECP384R1())),
    "another kind": _pem(rsa.generate_private_key(65537, 2048)),
    "one behind a password": _pem(ec.generate_private_key(ec.SECP256R1()), b"secret"),
}

Misused = Callable[..., str]


@pytest.fixture
def misused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Misused:
    """Run a command that is refused before it starts anything; return what it says.

    In this process, for there are many of them and a process of its own takes a second.
    """

    def run(*arguments: str, **settings: str) -> str:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        try:
            status = main(arguments)
        except SystemExit as refused:
            status = refused.code
        printed, said = capsys.readouterr()
        assert (status, printed) == (2, "")
        assert not (tmp_path / "data").exists()
        return said

    monkeypatch.chdir(tmp_path)
    return run


@pytest.mark.parametrize("settings", [{}, ISSUER, AUDIENCE, {**ISSUER, "POLICYGRAPH_AUDIENCE": ""}])
@pytest.mark.parametrize("command", ["serve", "check"])
def test_without_issuer_and_audience_nothing_starts(
    misused: Misused, command: str, settings: dict[str, str]
) -> None:
    said = misused(command, **settings)
    assert "POLICYGRAPH_ISSUER" in said
    assert "POLICYGRAPH_AUDIENCE" in said


def test_the_command_itself_says_what_is_missing(tmp_path: Path) -> None:
    run = policygraph("serve", "--data", tmp_path / "data")
    assert (run.returncode, run.stdout) == (2, "")
    assert "POLICYGRAPH_ISSUER and POLICYGRAPH_AUDIENCE must both be set" in run.stderr


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"POLICYGRAPH_ISSUER": "http://issuer.example"}, "https://"),
        ({"POLICYGRAPH_ISSUERS": '[{"issuer": "https://a.example"}]'}, "POLICYGRAPH_ISSUERS"),
        ({"POLICYGRAPH_ISSUERS": "https://a.example"}, "POLICYGRAPH_ISSUERS: must be a JSON list"),
        ({"POLICYGRAPH_PORT": "70000"}, "POLICYGRAPH_PORT"),
        ({"POLICYGRAPH_PORT": "eighty"}, "POLICYGRAPH_PORT"),
        ({"POLICYGRAPH_REQUEST_SECONDS": "0"}, "POLICYGRAPH_REQUEST_SECONDS"),
        ({"POLICYGRAPH_STORE_HEAP": "much"}, "POLICYGRAPH_STORE_HEAP: must be an amount of memory"),
        ({"POLICYGRAPH_STORE_URI": "postgres://x"}, "POLICYGRAPH_STORE_URI: must be the address"),
        ({"POLICYGRAPH_STORE_URI": "bolt://127.0.0.1:abc"}, "POLICYGRAPH_STORE_URI: must be"),
        ({"POLICYGRAPH_STORE_CA_FILE": "/nowhere.pem"}, "POLICYGRAPH_STORE_CA_FILE: /nowhere.pem"),
        ({"POLICYGRAPH_LOG_LEVEL": "loud"}, "POLICYGRAPH_LOG_LEVEL"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    misused: Misused, settings: dict[str, str], says: str
) -> None:
    assert says in misused("serve", **{**ISSUER, **AUDIENCE, **settings})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])  # noqa: S104
def test_development_mode_is_refused_beyond_loopback(misused: Misused, host: str) -> None:
    said = misused("serve", "--dev", "--host", host)
    assert host in said
    assert "loopback" in said


@pytest.mark.parametrize(
    "arguments", [[], ["dance"], ["serve", "--port", "x"], ["load"], ["token"], ["check", "x"]]
)
def test_a_command_line_that_makes_no_sense_is_misuse(
    misused: Misused, arguments: list[str]
) -> None:
    assert misused(*arguments).startswith("usage: policygraph")


def test_a_sample_is_for_development_mode(tmp_path: Path) -> None:
    run = policygraph(
        "serve", "--sample", SAMPLE, "--data", tmp_path / "data", **ISSUER, **AUDIENCE
    )
    assert (run.returncode, "--dev" in run.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "organization.yaml"),
        ("", "organization"),
        ("organization: [", "organization.yaml"),
        ("organization: {name: ACME}", "ACME"),
        ("organisation: {name: acme}", "organisation"),
    ],
)
def test_an_organization_file_that_is_wrong_is_told_before_anything_starts(
    tmp_path: Path, text: str | None, says: str
) -> None:
    file = tmp_path / "organization.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    run = policygraph("serve", "--dev", "--sample", file, "--data", tmp_path / "data")
    assert run.returncode in {1, 2}
    assert run.stdout == ""
    assert says in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "data").exists()


def test_a_store_that_is_away_is_named_by_a_check() -> None:
    run = policygraph(
        "check",
        "--store",
        "bolt://127.0.0.1:9",
        **ISSUER,
        **AUDIENCE,
        POLICYGRAPH_STORE_CONNECT_SECONDS="0.5",
        POLICYGRAPH_STORE_ACQUIRE_SECONDS="1",
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert "The store is bolt://127.0.0.1:9" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("there", [(), ("data",), ("data", "data/letters")])
def test_a_check_of_a_directory_without_a_store_makes_none(
    tmp_path: Path, there: tuple[str, ...]
) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    run = policygraph("check", "--dev", "--data", tmp_path / "data")
    assert (run.returncode, run.stdout) == (1, "")
    assert f"There is no store in {tmp_path / 'data'}" in run.stderr
    assert "`policygraph serve` makes one" in run.stderr
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")) == list(there)


def test_what_the_driver_does_not_take_is_told_and_no_trace(misused: Misused) -> None:
    said = misused("check", "--store", "neo4j://127.0.0.1:9?a=1&a=2", **ISSUER, **AUDIENCE)
    assert "The store's settings are not in order" in said
    assert "Traceback" not in said


def test_a_password_in_an_address_is_not_repeated(misused: Misused) -> None:
    said = misused("check", "--dev", "--store", "bolt://ada:hunter2@127.0.0.1:9")
    assert "user and password are settings of their own" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("what", KEYS)
def test_a_signing_key_that_is_damaged_is_named(tmp_path: Path, what: str) -> None:
    key = tmp_path / "dev-issuer.pem"
    key.write_text(KEYS[what], encoding="utf-8")
    run = policygraph("token", "ada@acme.example", "--data", tmp_path)
    assert (run.returncode, run.stdout) == (1, "")
    assert f"{key} is damaged" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("variable", "perhaps"),
    [("POLICYGRAPH_AUDEINCE", "POLICYGRAPH_AUDIENCE"), ("POLICYGRAPH_ZZZZZZZZZZZZ", None)],
)
def test_a_variable_that_is_no_setting_is_pointed_out(variable: str, perhaps: str | None) -> None:
    run = policygraph("token", "ada@acme.example", **{variable: "x"})
    warned = json.loads(run.stderr.splitlines()[0])
    assert (warned["event"], warned["variable"]) == ("setting_unknown", variable)
    assert warned["perhaps"] == perhaps


def test_what_kubernetes_sets_for_a_service_of_this_name_is_no_mistake() -> None:
    run = policygraph(
        "token",
        "ada@acme.example",
        POLICYGRAPH_SERVICE_HOST="10.0.0.1",
        POLICYGRAPH_PORT_8080_TCP_ADDR="10.0.0.1",
    )
    assert "setting_unknown" not in run.stderr


def test_a_token_is_for_an_email_address(misused: Misused) -> None:
    assert "'ada'" in misused("token", "ada")


def test_the_version_is_told() -> None:
    run = policygraph("--version")
    assert (run.returncode, run.stdout.strip()) == (0, version("policygraph"))


def test_help_names_every_command() -> None:
    run = policygraph("--help")
    assert run.returncode == 0
    for command in ("serve", "load", "token", "check"):
        assert command in run.stdout
