"""The only reader of the environment: what an operator may set, checked once at the start."""

import difflib
import json
import os
import re
import ssl
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from graph.session import BoltTarget, StoreLimits

Flow = Literal["authorization_code", "device_code"]
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Signatures that are accepted: asymmetric ones alone."""

_ALGORITHMS: list[Algorithm] = ["RS256", "ES256", "EdDSA"]
_DAY_SECONDS = 86_400


def _listed(given: Any) -> Any:
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
    if found is None or int(found["port"] or 0) > _LAST_PORT:
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
    if given and not given.startswith("https://"):
        raise ValueError(f"the issuer {given!r} must be an https:// URL")
    return given


def _workload_issuer(given: str) -> str:
    """Hold a text to an https URL with a host: a bare `https://` would be every issuer there is."""
    if not re.fullmatch(r"https://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", given):
        raise ValueError(f"the issuer {given!r} must be an https:// URL with a host")
    return given


_Issuer = Annotated[str, AfterValidator(_issuer)]
_WorkloadIssuer = Annotated[str, AfterValidator(_workload_issuer)]
_Words = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]
_StoreUri = Annotated[str, AfterValidator(_store_uri)]
_CaFile = Annotated[str | None, AfterValidator(_certificates)]
_Heap = Annotated[str, _matching(r"\d+[kmg]", "an amount of memory such as 512m or 2g")]


_PREFIX = "POLICYGRAPH_"
_LAST_PORT = 65535
_STORE_URI = re.compile(
    r"(neo4j|bolt)(\+s|\+ssc)?://(\[[0-9A-Fa-f:.]+\]|[^\s/@:?#\[\]]+)(:(?P<port>\d{1,5}))?"
    r"(\?[^\s@#]*)?"
)
# What Kubernetes sets in each pod for a Service named policygraph.
_OF_A_SERVICE = re.compile(r"SERVICE_.*|PORT_\d+_.*")


class IssuerSettings(BaseModel):
    """An issuer whose tokens are accepted, as `POLICYGRAPH_ISSUERS` lists them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[_Issuer, Field(min_length=1)]
    """The exact `iss`."""
    audiences: _Words
    """A token must be for one of these."""
    algorithms: Annotated[list[Algorithm], Field(min_length=1)] = _ALGORITHMS
    """How its tokens may be signed."""
    max_token_seconds: Annotated[int, Field(gt=0)] = _DAY_SECONDS
    """A token that lives longer is refused."""
    people: bool = True
    """Whether whoever it vouches for is a person here; else its tokens are for workloads alone."""
    email_claim: str = "email"
    """Which claim is shown as the e-mail address; it counts with `email_verified` alone."""
    email_domains: _Words | None = None
    """The domains that its e-mail addresses count for; all of them without a list."""
    name_claim: str = "name"
    """Which claim is shown as the display name."""
    client_id: str | None = None
    """By which client people sign in, told to command lines; none: they do not sign in here."""
    scopes: _Words = ["openid", "email", "profile"]
    """What that client asks for."""
    flows: list[Flow] = ["authorization_code", "device_code"]
    """How that client may sign people in."""


class Settings(BaseSettings):
    """Settings of the service, from variables `POLICYGRAPH_…`. Times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=0, le=_LAST_PORT)] = 8080
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
    store_ca_file: _CaFile = None
    """Certificates to trust the store's TLS by, instead of the system's."""
    store_pool_size: Annotated[int, Field(ge=1, le=1000)] = 32
    store_connect_seconds: Annotated[float, Field(gt=0)] = 3.0
    store_acquire_seconds: Annotated[float, Field(gt=0)] = 5.0
    store_query_seconds: Annotated[float, Field(gt=0)] = 8.0
    store_heap: _Heap = "512m"
    """The memory of the embedded store's server."""

    issuer: _Issuer | None = None
    """Whose tokens are accepted: the exact `iss`, an https URL."""
    audience: str | None = None
    """The `aud` that a token must be for."""
    issuers: Annotated[list[IssuerSettings], NoDecode, BeforeValidator(_listed)] = []
    """Further issuers, or those that need more to be said of them."""
    workload_issuers: Annotated[list[_WorkloadIssuer], NoDecode, BeforeValidator(_listed)] = []
    """Issuers whose keys are looked up for identities that name them; `/` at the end: all below."""
    cors_origins: Annotated[list[str], NoDecode, BeforeValidator(_listed)] = []
    """The origins whose web pages may call the API."""

    require_identities: bool = False
    """Refuse policy documents whose keyless authorities do not say whose signatures count."""

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
        if bool(self.issuer) != bool(self.audience) or not (self.dev or self.trusted):
            raise ValueError(
                "POLICYGRAPH_ISSUER and POLICYGRAPH_AUDIENCE must both be set, or"
                " POLICYGRAPH_ISSUERS, or no token could be told from any other. To try the"
                " service, start it with --dev."
            )
        names = [each.issuer for each in self.trusted]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"these issuers are given twice: {', '.join(twice)}")
        scheme = (self.store_uri or "").partition("://")[0]
        if self.store_ca_file and scheme.endswith("+ssc"):
            raise ValueError(
                f"POLICYGRAPH_STORE_CA_FILE does not go with {scheme}, which takes any certificate:"
                f" leave it out, or use {scheme.removesuffix('sc')}"
            )
        return self

    @property
    def trusted(self) -> list[IssuerSettings]:
        """The issuers whose tokens are accepted, but for the development issuer."""
        if not (self.issuer and self.audience):
            return self.issuers
        return [IssuerSettings(issuer=self.issuer, audiences=[self.audience]), *self.issuers]

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
            **asdict(self.store_limits()),
        )

    def store_limits(self) -> StoreLimits:
        """Return by how many connections, and how long, any store is to be reached."""
        return StoreLimits(
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
