"""The wheel, built once from this tree without the network, and installed alone."""

import subprocess
import sys
import tomllib
import venv
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT_VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
PACKAGES = ("api", "graph", "policy", "queries")


def run(*command: str | Path) -> str:
    done = subprocess.run(  # noqa: S603  # our own commands
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path, names: set[str]) -> Message:
    (name,) = (name for name in names if name.endswith(".dist-info/METADATA"))
    with ZipFile(wheel) as archive:
        return message_from_bytes(archive.read(name))


def test_the_wheel_holds_every_query_and_module(names: set[str]) -> None:
    sources = {
        file.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for pattern in ("*.py", "*.cypher")
        for file in (ROOT / package).rglob(pattern)
    }

    assert any(name.endswith(".cypher") for name in sources)
    assert sources <= names


def test_the_wheel_holds_no_tests_and_no_benchmarks(names: set[str]) -> None:
    outside = {name for name in names if not name.startswith(PACKAGES)}

    assert all(".dist-info/" in name for name in outside), outside


def test_the_wheel_carries_its_licence(names: set[str], metadata: Message) -> None:
    assert metadata["License-Expression"] == "Apache-2.0"
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_base_needs_nothing_of_the_server(metadata: Message) -> None:
    requirements = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    base = {r.name for r in requirements if r.marker is None or "extra" not in str(r.marker)}
    server = {r.name for r in requirements} - base

    assert {"arcadedb-embedded", "neo4j", "uvicorn"} <= server
    assert base == set()


def test_the_base_installs_alone_in_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    venv.create(tmp_path, with_pip=False, symlinks=True)
    python = tmp_path / "bin" / "python"
    run(sys.executable, "-m", "pip", f"--python={python}", "install", "--no-index", wheel)
    found = run(
        python, "-Ic", "from importlib.metadata import version as v; print(v('policygraph'))"
    )

    assert found.strip() == PROJECT_VERSION
    assert (tmp_path / "bin" / "policygraph").exists()
