"""The only place that makes identifiers or knows their form.

An id is a typed prefix and 26 or more characters of RFC 4648 base32hex in lower case, whose order
is the order of the bytes: ids of one kind sort by the time they were made.
"""

import base64
import hashlib
import hmac
import json
import os
import re
import time
from enum import StrEnum


class Kind(StrEnum):
    """What an id names. The value is what a typed ref starts with, as in `cluster:acme/eu-1`."""

    GROUP = "group"
    POLICY = "policy"
    VERSION = "version"
    CLUSTER = "cluster"
    USER = "user"
    BINDING = "binding"
    INVITE = "invite"
    ROLE = "role"
    CHANGE = "change"


_PREFIXES = {
    Kind.GROUP: "grp",
    Kind.POLICY: "pol",
    Kind.VERSION: "ver",
    Kind.CLUSTER: "clu",
    Kind.USER: "usr",
    Kind.BINDING: "bnd",
    Kind.INVITE: "inv",
    Kind.ROLE: "rol",
    Kind.CHANGE: "chg",
}
_KINDS = {prefix: kind for kind, prefix in _PREFIXES.items()}
_LOOKS_LIKE_ID = re.compile(rf"(?:{'|'.join(_KINDS)})_")
_ID = re.compile(rf"({'|'.join(_KINDS)})_[0-9a-v]{{26,52}}|(rol)_[a-z-]{{1,40}}")

_MILLISECONDS = 1_000_000


def new_id(kind: Kind) -> str:
    """Make an id: 48 bits of time in milliseconds, then 80 random bits."""
    now = time.time_ns() // _MILLISECONDS
    return f"{_PREFIXES[kind]}_{encode(now.to_bytes(6, 'big') + os.urandom(10))}"


def binding_id(user_id: str) -> str:
    """Make the id of a role binding; it carries its user's.

    A binding is an edge, and the embedded store finds edges only through their nodes.
    """
    return new_id(Kind.BINDING) + user_id.partition("_")[2]


def user_of_binding(identifier: str) -> str:
    """Return the id of the user whom a binding binds."""
    return f"{_PREFIXES[Kind.USER]}_{identifier.partition('_')[2][26:]}"


def user_id(key: bytes, issuer: str, subject: str) -> str:
    """Derive a user's id from who vouches for them and under what name.

    Keyed, so that nobody can tell from an id whether an address they guess is a user here.
    """
    message = json.dumps([issuer, subject]).encode()
    return f"{_PREFIXES[Kind.USER]}_{encode(hmac.digest(key, message, hashlib.sha256)[:16])}"


def kind_of(text: str) -> Kind | None:
    """Return what an id names; None when the text is not an id."""
    match = _ID.fullmatch(text)
    return _KINDS[match[1] or match[2]] if match else None


def looks_like_id(text: str) -> bool:
    """Tell whether a text could be taken for an id, so that no name may be like it."""
    return _LOOKS_LIKE_ID.match(text) is not None


def encode(data: bytes) -> str:
    """Write bytes down as ids do."""
    return base64.b32hexencode(data).decode().rstrip("=").lower()
