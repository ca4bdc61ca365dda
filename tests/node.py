"""Node.js with the packages that a folder's lock pins, for what is written in JavaScript."""

import hashlib
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.stores.found import NotFoundHereError

_SECONDS = 300
_LOCK = ("package.json", "package-lock.json")


@dataclass(frozen=True, slots=True)
class NodeFolder:
    """A copy of a folder with scripts, and beside them the packages that they import."""

    node: str
    path: Path

    def run(self, script: str, *arguments: str, **variables: str) -> Any:
        """Run a script that ends by itself; return the JSON that it prints."""
        done = subprocess.run(  # noqa: S603 - a script of ours
            [self.node, script, *arguments],
            cwd=self.path,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def node_folder(source: Path, target: Path, environ: Mapping[str, str]) -> NodeFolder:
    """Make `target` a copy of a folder of scripts, with its packages."""
    node = shutil.which("node", path=environ.get("PATH"))
    if node is None:
        raise NotFoundHereError("no Node.js (`node`) found on the PATH")
    packages = _packages(source, environ)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (target / "node_modules").symlink_to(packages / "node_modules")
    return NodeFolder(node, target)


def _packages(source: Path, environ: Mapping[str, str]) -> Path:
    """Return where the packages of a lock are, installed once for all checkouts."""
    locked = hashlib.sha256(b"\0".join((source / name).read_bytes() for name in _LOCK))
    cache = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "policygraph"
    packages = cache / f"npm-{source.name}-{locked.hexdigest()[:16]}"
    if packages.is_dir():
        return packages
    npm = shutil.which("npm", path=environ.get("PATH"))
    if npm is None:
        raise NotFoundHereError("no `npm` found on the PATH to install packages with")
    part = cache / f".{packages.name}.{secrets.token_hex(4)}"
    part.mkdir(parents=True)
    try:
        for name in _LOCK:
            shutil.copy(source / name, part)
        _install(npm, part)
        # Whole or not at all; a session that was faster has the same packages.
        try:
            part.rename(packages)
        except OSError:
            if not packages.is_dir():
                raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return packages


def _install(npm: str, folder: Path) -> None:
    # What is installed is what was locked, by hash, and none of it runs for that.
    done = subprocess.run(  # noqa: S603 - our own arguments
        [npm, "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        first = (done.stderr or done.stdout).strip().partition("\n")[0]
        raise NotFoundHereError(f"npm could not install {folder.name}: {first}")
