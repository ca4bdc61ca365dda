"""A service ends cleanly, and the next one on its directory finds what was acknowledged."""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from graph import embedded_process
from graph.embedded_directory import DataDirectory
from tests.cli_server.conftest import COMMAND, SAMPLE, SECONDS, environment, policygraph, serving
from tests.given import a_keyless_policy

RENAME = 'updateGroup(input: {group: "tiny/lab", name: "attic"})'
APPLY = """mutation($document: String!) {
  applyPolicy(input: {group: "tiny", document: $document}) { ... on Refusal { message } } }"""
ANYBODY = a_keyless_policy("anybody")
MOVED = "The sample's cluster is not, or no longer, where the sample puts it"
GROUPS = "{ viewer { revision } groups { edges { node { path } } } }"


def _written(edit: str) -> str:
    return f"mutation {{ {edit} {{ __typename ... on Refusal {{ message }} }} }}"


def test_an_edit_survives_and_the_sample_is_not_loaded_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "--dev", "--sample", SAMPLE) as first:
        token = policygraph("token", "ada@tiny.example", "--data", data).stdout.strip()
        first.ask(token, _written(RENAME))
        before = first.ask(token, GROUPS)
        assert first.end(signal.SIGINT) == 0
        assert first.orphans == []
        assert "Traceback" not in first.log.read_text()

    with serving(data, "--dev", "--sample", SAMPLE) as second:
        after: Any = second.ask(token, GROUPS)
        assert after == before
        paths = [edge["node"]["path"] for edge in after["data"]["groups"]["edges"]]
        assert sorted(paths) == ["tiny", "tiny/attic", "tiny/prod"]
        assert second.end(signal.SIGTERM) in {0, -signal.SIGTERM}
        assert second.orphans == []


def test_the_sample_is_served_again_whatever_became_of_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rename = 'updateGroup(input: {group: "tiny/prod", name: "live"})'
    back = 'updateGroup(input: {group: "tiny/live", name: "prod"})'
    second = 'createGroup(input: {name: "tiny"})'
    for found, edits in ((True, [rename]), (False, [back, second]), (False, [])):
        with serving(data, "--dev", "--sample", SAMPLE) as service:
            said = [line for line in service.printed.splitlines() if MOVED in line]
            assert len(said) == (0 if found else 1)
            answer = service.ask_as_printed().text
            assert "errors" not in answer
            assert ("prod-images-signed" if found else '"tiny/lab"') in answer
            token = policygraph("token", "ada@tiny.example", "--data", data).stdout.strip()
            for edit in edits:
                assert "message" not in str(service.ask(token, _written(edit)))


def test_a_sample_without_a_cluster_is_served(tmp_path: Path) -> None:
    file = tmp_path / "organization.yaml"
    file.write_text(
        "users: {ada: {email: ada@tiny.example}}\n"
        "organization: {name: tiny, bindings: {owner: [ada]}}\n",
        encoding="utf-8",
    )
    with serving(tmp_path / "data", "--dev", "--sample", file) as service:
        assert "The sample has no cluster to ask about." in service.printed
        assert '"tiny"' in service.ask_as_printed().text


def test_a_file_is_loaded_into_a_directory_that_nobody_serves_and_twice_is_once(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    first = policygraph("load", SAMPLE, "--data", data)
    again = policygraph("load", SAMPLE, "--data", data)
    checked = policygraph("check", "--dev", "--data", data)

    assert first.returncode == again.returncode == checked.returncode == 0
    assert f"{SAMPLE}: " in first.stdout
    assert "0 created" not in first.stdout
    assert "0 created, 0 changed" in again.stdout
    assert first.stdout.split()[-1] == again.stdout.split()[-1]
    assert "organizations: 1" in checked.stdout
    assert list(embedded_process.orphans(DataDirectory(data))) == []


def test_a_service_and_a_load_that_require_identities_refuse_a_policy_without(
    tmp_path: Path,
) -> None:
    data, folder = tmp_path / "data", tmp_path / "tiny"
    shutil.copytree(SAMPLE.parent, folder)
    policy = folder / "policies" / "anybody.yaml"
    policy.write_text(ANYBODY, encoding="utf-8")
    file = folder / SAMPLE.name
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("images-signed.yaml]", "images-signed.yaml, policies/anybody.yaml]"),
        encoding="utf-8",
    )
    required = {"POLICYGRAPH_REQUIRE_IDENTITIES": "true"}
    with serving(data, "--dev", "--sample", SAMPLE, **required) as service:
        token = policygraph("token", "ada@tiny.example", "--data", data).stdout.strip()
        refused = str(service.ask(token, APPLY, document=ANYBODY))
        assert "say whose signatures count" in refused

        load = policygraph("load", file, "--data", data, **required)
        assert (load.returncode, load.stdout) == (2, "")
        assert f"{policy}:6:" in load.stderr
        assert "say whose signatures count" in load.stderr
        assert policygraph("load", file, "--data", data).returncode == 0
    again = policygraph("serve", "--dev", "--data", data, "--sample", file, **required)
    assert (again.returncode, again.stdout) == (2, "")
    assert f"{policy}:6:" in again.stderr


def test_an_embedded_store_is_reached_by_the_settings_times_too(tmp_path: Path) -> None:
    data = tmp_path / "data"
    run = policygraph("load", SAMPLE, "--data", data, POLICYGRAPH_STORE_CONNECT_SECONDS="0.000001")
    assert (run.returncode, run.stdout) == (1, "")
    assert "The store cannot be reached" in run.stderr
    assert list(embedded_process.orphans(DataDirectory(data))) == []


def test_a_damaged_signing_key_ends_the_start_and_the_store_with_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert policygraph("load", SAMPLE, "--data", data).returncode == 0
    key = data / "dev-issuer.pem"
    key.write_text("hello", encoding="utf-8")

    run = policygraph("serve", "--dev", "--port", "0", "--data", data)

    assert (run.returncode, run.stdout) == (1, "")
    assert f"{key} is damaged" in run.stderr
    assert "Remove it" in run.stderr
    assert "Traceback" not in run.stderr
    assert list(embedded_process.orphans(DataDirectory(data))) == []


def test_an_interrupt_while_the_store_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    data = tmp_path / "data"
    command = [COMMAND, "serve", "--dev", "--port", "0", "--data", str(data)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + SECONDS
        while not list(embedded_process.orphans(DataDirectory(data))):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        printed, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors
    assert printed == ""
    assert "Traceback" not in errors
    assert list(embedded_process.orphans(DataDirectory(data))) == []


def test_a_directory_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "layout").write_text("99\n", encoding="utf-8")
    run = policygraph("serve", "--dev", "--port", "0", "--data", data)
    assert (run.returncode, run.stdout) == (1, "")
    assert "newer version (layout 99" in run.stderr
    assert not (data / "arcadedb").exists()


def test_a_directory_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letters.txt").write_text("x", encoding="utf-8")
    for data in (file, file / "below", foreign, Path("/proc/nowhere")):
        run = policygraph("serve", "--dev", "--port", "0", "--data", data)
        assert (run.returncode, run.stdout) == (1, ""), data
        assert str(data) in run.stderr
        assert "Traceback" not in run.stderr
    assert [path.name for path in foreign.iterdir()] == ["letters.txt"]
