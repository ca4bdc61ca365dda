"""The only reader of the environment: what an operator may set, checked once at the start."""

import difflib
import json
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from graph.session import BoltTarget

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Signatures that are accepted: asymmetric ones alone."""


def _listed(given: Any) -> Any:
    """Read a list from its text; pydantic's own reader answers any other text by a trace."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError as error:
        raise ValueError('must be a JSON list, such as ["RS256"]') from error


def _matching(pattern: str, what: str) -> AfterValidator:
    """Hold a text to a pattern, and say in words what it must be."""

    def check(given: str) -> str:
        if not re.fullmatch(pattern, given):
            raise ValueError(f"must be {what}, not {given!r}")
        return given

    return AfterValidator(check)


_StoreUri = Annotated[
    str,
    _matching(
        r"(neo4j|bolt)(\+s|\+ssc)?://[^\s/@]+",
        "the address of a Neo4j, such as neo4j+s://db.example:7687 (also neo4j, bolt, bolt+s;"
        " user and password are settings of their own)",
    ),
]
_Heap = Annotated[str, _matching(r"\d+[kmg]", "an amount of memory such as 512m or 2g")]


_PREFIX = "POLICYGRAPH_"
# What Kubernetes sets in each pod for a Service named policygraph.
_OF_A_SERVICE = re.compile(r"SERVICE_.*|PORT_\d+_.*")


class Settings(BaseSettings):
    """Settings of the service, from variables `POLICYGRAPH_…`. Times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """The port to listen on; 0 takes any free one."""
    data: Path = Path("data")
    """The directory of the embedded store and, in development, of the signing keys."""
    dev: bool = False
    """Development: an issuer of our own, introspection; listens on loopback only."""

    store_uri: _StoreUri | None = None
    """A Neo4j store, such as neo4j+s://db.example:7687; without one the embedded store is used."""
    store_user: str = "neo4j"
    store_password: SecretStr = SecretStr("")
    store_database: str | None = None
    store_ca_file: str | None = None
    """Certificates to trust the store's TLS by, besides the system's."""
    store_pool_size: Annotated[int, Field(ge=1, le=1000)] = 32
    store_connect_seconds: Annotated[float, Field(gt=0)] = 3.0
    store_acquire_seconds: Annotated[float, Field(gt=0)] = 5.0
    store_query_seconds: Annotated[float, Field(gt=0)] = 8.0
    store_heap: _Heap = "512m"
    """The memory of the embedded store's server."""

    issuer: str | None = None
    """Whose tokens are accepted: the exact `iss`, an https URL."""
    audience: str | None = None
    """The `aud` that a token must be for."""
    algorithms: Annotated[list[Algorithm], NoDecode, BeforeValidator(_listed)] = [
        "RS256",
        "ES256",
        "EdDSA",
    ]
    max_token_seconds: Annotated[int, Field(gt=0)] = 86_400
    """A token that lives longer is refused."""

    request_seconds: Annotated[float, Field(gt=0)] = 10.0
    """How long a request may take before it ends in TIMEOUT."""
    max_body_bytes: Annotated[int, Field(gt=0)] = 4 * 1024 * 1024
    max_query_tokens: Annotated[int, Field(gt=0)] = 2000
    max_query_depth: Annotated[int, Field(gt=0)] = 15
    max_query_fields: Annotated[int, Field(gt=0)] = 500
    """How many fields a query may name, fragments spread: validation takes the square of them."""
    max_query_directives: Annotated[int, Field(gt=0)] = 50
    max_query_aliases: Annotated[int, Field(gt=0)] = 30
    max_query_cost: Annotated[int, Field(gt=0)] = 100_000
    introspection: bool = False
    """Answer introspection queries outside development too."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.dev and self.host not in {"127.0.0.1", "localhost", "::1"}:
            raise ValueError(
                f"development mode listens on loopback only, not on {self.host}: leave out --dev,"
                " and set POLICYGRAPH_ISSUER and POLICYGRAPH_AUDIENCE"
            )
        if not self.dev and not (self.issuer and self.audience):
            raise ValueError(
                "POLICYGRAPH_ISSUER and POLICYGRAPH_AUDIENCE must both be set, or no token could be"
                " told from any other. To try the service, start it with --dev."
            )
        if self.issuer and not self.issuer.startswith("https://"):
            raise ValueError(f"the issuer {self.issuer!r} must be an https:// URL")
        return self

    def bolt_target(self) -> BoltTarget | None:
        """Return how to reach Neo4j; None when the embedded store is wanted."""
        if self.store_uri is None:
            return None
        return BoltTarget(
            uri=self.store_uri,
            user=self.store_user if self.store_password.get_secret_value() else None,
            password=self.store_password.get_secret_value(),
            database=self.store_database,
            ca_file=self.store_ca_file,
            pool_size=self.store_pool_size,
            connect_seconds=self.store_connect_seconds,
            acquire_seconds=self.store_acquire_seconds,
            query_seconds=self.store_query_seconds,
        )


def unknown_variables() -> list[tuple[str, str | None]]:
    """Return the variables that look like settings and are none, each with what may be meant."""
    known = [name.upper() for name in Settings.model_fields]
    found: list[tuple[str, str | None]] = []
    for variable in sorted(os.environ):
        name = variable.upper().removeprefix(_PREFIX)
        if name != variable.upper() and name not in known and not _OF_A_SERVICE.fullmatch(name):
            close = difflib.get_close_matches(name, known, n=1)
            found.append((variable, _PREFIX + close[0] if close else None))
    return found
