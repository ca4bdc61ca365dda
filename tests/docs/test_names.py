"""What the documentation names exists, and what exists is documented."""

import contextlib
import io
import json
import re
from pathlib import Path
from typing import cast

import pytest

from api.__main__ import _parser as parser  # pyright: ignore[reportPrivateUsage]  # what --help prints
from api.errors import HTTP_STATUS, RETRYABLE
from api.settings import IssuerSettings, Settings
from graph.rights import BUILT_IN_ROLES, Capability
from tests.docs.pages import PAGES, ROOT, blocks, prose

_OPERATING = (ROOT / "docs" / "operating.md").read_text()
_ERRORS = (ROOT / "docs" / "errors.md").read_text()
_MODEL = (ROOT / "docs" / "model.md").read_text()
_SIGN_IN = (ROOT / "docs" / "sign-in.md").read_text()
_EVERYTHING = "\n".join(page.read_text() for page in PAGES)
_SOURCES = "\n".join(
    path.read_text() for folder in ("api", "graph") for path in (ROOT / folder).rglob("*.py")
)
_LOGGED = re.compile(r"\blog\.(?:debug|info|warning|error|exception|critical)\(\s*\"(\w+)\"")


def _section(text: str, title: str) -> str:
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def _rows(text: str) -> list[list[str]]:
    """Return the rows of the tables in a text, without their heads."""
    found = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    rules = [index for index, row in enumerate(found) if all(set(cell) <= {"-"} for cell in row)]
    return [row for index, row in enumerate(found) if not {index, index + 1} & set(rules)]


def _shown(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case None:
            return "none"
        case list():
            return json.dumps(cast("list[str]", value), separators=(",", ":"))
        case _:
            return str(value)


def test_every_setting_is_documented_with_its_default() -> None:
    rows = _rows(_section(_OPERATING, "Settings"))
    documented = {row[0].strip("`"): row[1].strip("`") for row in rows}
    defaults = {
        f"POLICYGRAPH_{name.upper()}": _shown(field.default)
        for name, field in Settings.model_fields.items()
    }
    defaults["POLICYGRAPH_STORE_PASSWORD"] = "none"  # noqa: S105 - the word for no default

    assert documented == defaults


def test_every_member_of_an_issuer_is_documented_with_its_default() -> None:
    rows = _rows(_section(_SIGN_IN, "Which issuers"))
    documented = {row[0].strip("`"): row[1].strip("`") for row in rows}
    fields = IssuerSettings.model_fields.items()
    defaults = {
        name: "none" if field.is_required() else _shown(field.default) for name, field in fields
    }

    assert documented == defaults


def test_every_example_of_issuers_is_one_that_the_service_accepts() -> None:
    examples = [block.text for block in blocks(_SIGN_IN) if block.language == "json"]

    found = [Settings.model_validate({"issuers": text}).trusted for text in examples]
    assert all(found)
    assert len(found) >= 4


def test_every_setting_that_is_named_exists() -> None:
    named = set(re.findall(r"POLICYGRAPH_([A-Z_]*[A-Z])", _EVERYTHING))

    assert named - {name.upper() for name in Settings.model_fields} == set()


def test_every_error_code_is_documented_as_it_is_answered() -> None:
    documented = {
        row[0].strip("`"): (int(row[1]), row[2] == "yes")
        for row in _rows(_ERRORS)
        if re.fullmatch(r"`[A-Z_]+`", row[0])
    }

    assert documented == {
        code: (int(status), code in RETRYABLE) for code, status in HTTP_STATUS.items()
    }


def test_an_error_is_said_to_be_no_decision_before_anything_else() -> None:
    assert _ERRORS.splitlines()[2].startswith("**An error is never a decision.**")


def test_every_role_is_documented_with_its_capabilities() -> None:
    rows = {row[0].strip("`"): row[1:] for row in _rows(_section(_MODEL, "Roles and capabilities"))}

    assert rows == {
        capability.value: [
            "yes" if capability in role.capabilities else "" for role in BUILT_IN_ROLES.values()
        ]
        for capability in Capability
    }


def _help(*command: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.suppress(SystemExit):
        parser().parse_args([*command, "--help"])
    return said.getvalue()


def test_every_command_is_documented_with_its_options() -> None:
    documented: dict[str, set[str]] = {}
    command = ""
    for row in _rows(_section(_OPERATING, "The command")):
        command = row[0].strip("`").partition(" ")[0] or command
        documented.setdefault(command, set()).update(re.findall(r"--[a-z]+", row[1]))
    commands = re.findall(r"^    (\w+) ", _help(), re.MULTILINE)

    assert documented == {
        name: set(re.findall(r"^  (--[a-z]+)", _help(name), re.MULTILINE)) for name in commands
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_that_is_shown_is_understood(page: Path) -> None:
    shell = "\n".join(block.text for block in blocks(page.read_text()) if block.language == "sh")
    for line in re.findall(r"policygraph (\w[^)\n]*)", shell.replace("\\\n", " ")):
        words = line.partition(")")[0].partition("#")[0].split()

        assert parser().parse_args(words).command == words[0]


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_make_target_that_is_named_exists() -> None:
    text = prose(_EVERYTHING) + "\n".join(block.text for block in blocks(_EVERYTHING))
    named = set(re.findall(r"`make ([a-z]+)|^make ([a-z]+)", text, re.MULTILINE))

    assert {one or other for one, other in named} - _targets() == set()


def test_every_make_target_is_documented() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text()

    assert {target for target in _targets() if f"`make {target}`" not in contributing} == set()


def test_every_log_event_is_documented() -> None:
    logged = set(_LOGGED.findall(_SOURCES))
    rows = _rows(_section(_OPERATING, "Logs"))

    assert {name for row in rows for name in re.findall(r"`(\w+)`", row[0])} == logged
