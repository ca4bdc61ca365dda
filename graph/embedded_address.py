"""Where the running embedded store listens, so that another command of this user can find it."""

import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from graph.embedded_directory import DataDirectory, write_private
from graph.embedded_process import DATABASE, HOST, free_port, started_at


@dataclass(frozen=True, slots=True)
class BoltAddress:
    """What a Bolt driver needs to connect."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str

    @property
    def port(self) -> int:
        """The port, which every address of an embedded store names."""
        return int(self.uri.rpartition(":")[2])


def new_address() -> BoltAddress:
    """Choose where and for whom a server shall listen: a free port, an unguessable user."""
    user, password = f"policygraph-{secrets.token_hex(8)}", secrets.token_urlsafe(24)
    return BoltAddress(f"bolt://{HOST}:{free_port()}", user, password, DATABASE)


def publish(files: DataDirectory, address: BoltAddress) -> None:
    """Tell other commands of this user where the store that we own listens."""
    entry = {
        "owner": os.getpid(),
        "owner_started": started_at(os.getpid()),
        "uri": address.uri,
        "user": address.user,
        "password": address.password,
        "database": address.database,
    }
    write_private(files.address, json.dumps(entry))


def withdraw(files: DataDirectory) -> None:
    """Forget the address."""
    files.address.unlink(missing_ok=True)


def running_store(directory: Path) -> BoltAddress | None:
    """Find the store that a live process of this user owns; None when there is none.

    While its owner restarts the server, the address is known and connections are refused.
    """
    files = DataDirectory(directory.expanduser().resolve())
    try:
        entry = json.loads(files.address.read_text())
        # The start time tells the owner from a stranger that was given its pid since.
        if entry["owner_started"] != started_at(entry["owner"]):
            return None
        return BoltAddress(*(str(entry[key]) for key in ("uri", "user", "password", "database")))
    except (OSError, ValueError, KeyError):
        return None
