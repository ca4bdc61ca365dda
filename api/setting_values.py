"""What the values of settings are held to, each with words for whoever set it."""

import json
import re
import ssl
from typing import Annotated, Any

from pydantic import AfterValidator, Field

LAST_PORT = 65535
_STORE_URI = re.compile(
    r"(neo4j|bolt)(\+s|\+ssc)?://(\[[0-9A-Fa-f:.]+\]|[^\s/@:?#\[\]]+)(:(?P<port>\d{1,5}))?"
    r"(\?[^\s@#]*)?"
)
_ON_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/|$)")


def listed(given: Any) -> Any:
    """Read a list from its text; pydantic's own reader answers any other text by a trace."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError as error:
        raise ValueError('must be a JSON list, such as [] or ["…"]') from error


def _matching(pattern: str, what: str) -> AfterValidator:
    """Hold a text to a pattern, and say in words what it must be."""

    def check(given: str) -> str:
        if not re.fullmatch(pattern, given):
            raise ValueError(f"must be {what}, not {given!r}")
        return given

    return AfterValidator(check)


def _store_uri(given: str) -> str:
    """Hold a text to what the driver takes as an address."""
    found = _STORE_URI.fullmatch(given)
    if found is None or int(found["port"] or 0) > LAST_PORT:
        # What stands before an @ may be a password.
        shown = "one that holds an @" if "@" in given else repr(given)
        raise ValueError(
            "must be the address of a Neo4j, such as neo4j+s://db.example:7687 (also neo4j, bolt,"
            f" bolt+s; user and password are settings of their own), not {shown}"
        )
    return given


def _certificates(given: str | None) -> str | None:
    """Hold a file to what TLS can be checked by, before a connection fails for it."""
    if given:
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(given)
        except ssl.SSLError as error:
            raise ValueError(f"{given} holds no certificates in PEM") from error
        except OSError as error:
            raise ValueError(f"{given} cannot be read: {error.strerror}") from error
    return given


def _issuer(given: str) -> str:
    """Hold a text to what an issuer is: an https URL, compared letter by letter."""
    if given and not given.startswith("https://") and not _ON_LOOPBACK.match(given):
        raise ValueError(f"the issuer {given!r} must be an https:// URL")
    return given


def _workload_issuer(given: str) -> str:
    """Hold a text to an https URL with a host: a bare `https://` would be every issuer there is."""
    if not re.fullmatch(r"https://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", given):
        raise ValueError(f"the issuer {given!r} must be an https:// URL with a host")
    return given


Issuer = Annotated[str, AfterValidator(_issuer)]
WorkloadIssuer = Annotated[str, AfterValidator(_workload_issuer)]
Words = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
StoreUri = Annotated[str, AfterValidator(_store_uri)]
CaFile = Annotated[str | None, AfterValidator(_certificates)]
Heap = Annotated[str, _matching(r"\d+[kmg]", "an amount of memory such as 512m or 2g")]
