"""One command from an empty directory to the main question's answer."""

import shutil
import socket
from typing import Any

import httpx
import jwt
import pytest

from graph.embedded import running_store
from tests.cli_server.conftest import SAMPLE, Service, policygraph

QUESTION = """query($ref: Ref!) { cluster(ref: $ref) { effectivePolicies { edges {
  node { name } via { name } } } } }"""
ROLES = {"query": "{ capabilities { name } }"}


def test_the_table_answers_the_question(service: Service) -> None:
    lines = service.printed.splitlines()
    assert "Which policies apply to the cluster tiny/prod/eu-1, and through which group?" in lines
    heading = next(n for n, line in enumerate(lines) if line.startswith("POLICY"))
    assert lines[heading].split() == ["POLICY", "MODE", "FROM", "GROUP", "PATH"]
    assert lines[heading + 1].split() == ["prod-images-signed", "enforce", "prod", "prod"]
    assert f"The service is at {service.address}/graphql." in service.printed
    assert lines[-1] == f"serving on {service.address}"
    assert sum(line.startswith("serving on ") for line in lines) == 1


def test_the_printed_token_works_over_http(service: Service, token: str) -> None:
    answer: Any = service.ask(token, QUESTION, ref="tiny/prod/eu-1")
    edges = answer["data"]["cluster"]["effectivePolicies"]["edges"]
    assert edges == [{"node": {"name": "prod-images-signed"}, "via": {"name": "prod"}}]


def test_the_printed_curl_line_asks_the_same_question(service: Service) -> None:
    assert "prod-images-signed" in service.ask_as_printed().text


def test_a_token_is_printed_for_anybody(service: Service) -> None:
    run = policygraph("token", "ben@tiny.example", "--data", service.data)
    assert (run.returncode, run.stderr) == (0, "")
    answer: Any = service.ask(run.stdout.strip(), "{ viewer { user { email } } }")
    assert answer["data"]["viewer"]["user"]["email"] == "ben@tiny.example"


def test_a_token_without_a_key_says_which_directory_it_looked_in(service: Service) -> None:
    elsewhere = service.data.parent / "elsewhere"
    run = policygraph("token", "ben@tiny.example", "--data", elsewhere)
    assert (run.returncode, run.stdout) == (1, "")
    assert str(elsewhere) in run.stderr
    assert not elsewhere.exists()


def test_the_development_issuer_publishes_the_key_of_its_tokens(
    service: Service, token: str
) -> None:
    document = httpx.get(f"{service.address}/dev/.well-known/openid-configuration").json()
    assert document["jwks_uri"] == f"{service.address}/dev/jwks"
    (key,) = httpx.get(document["jwks_uri"]).json()["keys"]
    assert "d" not in key
    claims = jwt.decode(token, jwt.PyJWK(key), ["ES256"], audience="policygraph-dev")
    assert claims["iss"] == document["issuer"]


def test_the_signing_key_is_for_its_user_alone(service: Service) -> None:
    key = service.data / "dev-issuer.pem"
    assert key.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Host": "localhost"}, 401),
        ({"Host": "[::1]:80"}, 401),
        ({"Origin": "http://localhost:3000"}, 401),
        ({"Origin": "http://127.0.0.1:9"}, 401),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "localhost.evil.example"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "http://127.0.0.1.evil.example:80"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_a_page_of_elsewhere_cannot_make_a_browser_ask(
    service: Service, headers: dict[str, str], status: int
) -> None:
    response = httpx.post(f"{service.address}/graphql", json=ROLES, headers=headers)
    assert response.status_code == status
    assert "server" not in response.headers


def test_development_mode_answers_introspection(service: Service, token: str) -> None:
    answer: Any = service.ask(token, "{ __schema { queryType { name } } }")
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"


def test_the_service_is_alive_and_ready(service: Service) -> None:
    for path in ("livez", "readyz"):
        assert httpx.get(f"{service.address}/{path}").status_code == 200
    assert httpx.get(f"{service.address}/").status_code == 404


def test_loading_while_the_service_runs_changes_what_it_answers(
    service: Service, token: str
) -> None:
    folder = service.data.parent / "tiny"
    shutil.copytree(SAMPLE.parent, folder)
    file = folder / SAMPLE.name
    text = SAMPLE.read_text(encoding="utf-8")
    file.write_text(text.replace("name: bench-1,", "name: bench-2,"), encoding="utf-8")

    run = policygraph("load", file, "--data", service.data)

    assert run.returncode == 0, run.stderr
    answer: Any = service.ask(token, "{ clusters { edges { node { name } } } }")
    names = [edge["node"]["name"] for edge in answer["data"]["clusters"]["edges"]]
    assert names == ["bench-1", "bench-2", "eu-1"]
    again = policygraph("load", file, "--data", service.data)
    assert "0 created, 0 changed" in again.stdout


def test_a_check_while_the_service_runs_says_how_the_store_is(service: Service) -> None:
    run = policygraph("check", "--dev", "--data", service.data)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("settings: complete\nstore: the embedded store in ")
    assert "organizations: 1" in run.stdout


@pytest.mark.parametrize("command", [["check", "--dev"], ["load", str(SAMPLE)]])
def test_a_command_beside_the_service_keeps_to_the_settings_times(
    service: Service, command: list[str]
) -> None:
    run = policygraph(
        *command, "--data", service.data, POLICYGRAPH_STORE_CONNECT_SECONDS="0.000001"
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert "The store cannot be reached" in run.stderr


def test_a_database_that_the_store_does_not_have_is_told_in_the_stores_words(
    service: Service,
) -> None:
    address = running_store(service.data)
    assert address is not None
    run = policygraph(
        "check",
        "--dev",
        "--store",
        address.uri,
        POLICYGRAPH_STORE_USER=address.user,
        POLICYGRAPH_STORE_PASSWORD=address.password,
        POLICYGRAPH_STORE_DATABASE="nowhere",
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert "nowhere" in run.stderr
    assert f"The store is {address.uri}" in run.stderr
    assert address.password not in run.stderr
    assert "Traceback" not in run.stderr


def test_a_second_service_on_the_same_directory_is_refused(service: Service) -> None:
    run = policygraph("serve", "--dev", "--port", "0", "--data", service.data)
    assert (run.returncode, run.stdout) == (1, "")
    assert f"in use by process {service.process.pid}" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_busy_port_is_named(service: Service) -> None:
    port = httpx.URL(service.address).port
    elsewhere = service.data.parent / "other"
    run = policygraph("serve", "--dev", "--port", str(port), "--data", elsewhere)
    assert (run.returncode, run.stdout) == (1, "")
    assert f"Port {port}" in run.stderr
    assert "--port" in run.stderr
    assert not elsewhere.exists()


def test_an_address_that_is_not_this_machines_is_named(service: Service) -> None:
    elsewhere = service.data.parent / "third"
    run = policygraph(
        "serve",
        "--host",
        "203.0.113.1",
        "--data",
        elsewhere,
        POLICYGRAPH_ISSUER="https://issuer.example",
        POLICYGRAPH_AUDIENCE="x",
        POLICYGRAPH_TLS_AT_PROXY="true",
    )
    assert run.returncode == 1
    assert "203.0.113.1" in run.stderr


def test_the_service_listens_on_loopback_alone(service: Service) -> None:
    port = httpx.URL(service.address).port
    assert port is not None
    # Every address of 127.0.0.0/8 reaches a socket that listens on all of them, and no other.
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), 2)
