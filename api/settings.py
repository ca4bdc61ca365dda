"""The only reader of the environment: what an operator may set, checked once at the start."""

import difflib
import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from api.addresses import is_loopback
from api.connections import ConnectionLimits
from api.rates import Rate
from api.setting_values import (
    LAST_PORT,
    CaFile,
    Heap,
    Issuer,
    StoreUri,
    Words,
    WorkloadIssuer,
    listed,
)
from api.tls import server_context
from graph.session import BoltTarget, StoreLimits

Flow = Literal["authorization_code", "device_code"]
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Signatures that are accepted: asymmetric ones alone."""

_ALGORITHMS: list[Algorithm] = ["RS256", "ES256", "EdDSA"]
_DAY_SECONDS = 86_400


_PREFIX = "POLICYGRAPH_"
# What Kubernetes sets in each pod for a Service named policygraph.
_OF_A_SERVICE = re.compile(r"SERVICE_.*|PORT_\d+_.*")


class IssuerSettings(BaseModel):
    """An issuer whose tokens are accepted, as `POLICYGRAPH_ISSUERS` lists them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[Issuer, Field(min_length=1)]
    """The exact `iss`."""
    audiences: Words
    """A token must be for one of these."""
    algorithms: Annotated[list[Algorithm], Field(min_length=1)] = _ALGORITHMS
    """How its tokens may be signed."""
    max_token_seconds: Annotated[int, Field(gt=0)] = _DAY_SECONDS
    """A token that lives longer is refused."""
    people: bool = True
    """Whether whoever it vouches for is a person here; else its tokens are for workloads alone."""
    email_claim: str = "email"
    """Which claim is shown as the e-mail address; it counts with `email_verified` alone."""
    email_domains: Words | None = None
    """The domains that its e-mail addresses count for; all of them without a list."""
    name_claim: str = "name"
    """Which claim is shown as the display name."""
    client_id: str | None = None
    """By which client people sign in, told to command lines; none: they do not sign in here."""
    scopes: Words = ["openid", "email", "profile"]
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
    port: Annotated[int, Field(ge=0, le=LAST_PORT)] = 8080
    """The port to listen on; 0 takes any free one."""
    tls_certificate: Path | None = None
    """A certificate chain in PEM, to serve TLS by; read again when the file changes."""
    tls_key: Path | None = None
    """Its key."""
    tls_at_proxy: bool = False
    """Something before the service ends TLS, so it may listen beyond this machine without."""
    data: Path = Path("data")
    """The directory of the embedded store and, in development, of the signing keys."""
    dev: bool = False
    """Development: an issuer of our own, introspection; listens on loopback only."""

    store_uri: StoreUri | None = None
    """A Neo4j store, such as neo4j+s://db.example:7687; without one the embedded store is used."""
    store_user: str = "neo4j"
    store_password: SecretStr = SecretStr("")
    store_database: str | None = None
    store_ca_file: CaFile = None
    """Certificates to trust the store's TLS by, instead of the system's."""
    store_pool_size: Annotated[int, Field(ge=1, le=1000)] = 32
    store_connect_seconds: Annotated[float, Field(gt=0)] = 3.0
    store_acquire_seconds: Annotated[float, Field(gt=0)] = 5.0
    store_query_seconds: Annotated[float, Field(gt=0)] = 8.0
    store_heap: Heap = "512m"
    """The memory of the embedded store's server."""

    issuer: Issuer | None = None
    """Whose tokens are accepted: the exact `iss`, an https URL."""
    audience: str | None = None
    """The `aud` that a token must be for."""
    issuers: Annotated[list[IssuerSettings], NoDecode, BeforeValidator(listed)] = []
    """Further issuers, or those that need more to be said of them."""
    workload_issuers: Annotated[list[WorkloadIssuer], NoDecode, BeforeValidator(listed)] = []
    """Issuers whose keys are looked up for identities that name them; `/` at the end: all below."""
    issuer_networks: Annotated[list[IPvAnyNetwork], NoDecode, BeforeValidator(listed)] = []
    """Networks without public addresses in which issuers may be, such as 10.0.0.0/8."""
    issuer_ca_file: CaFile = None
    """Certificates to trust the issuers' TLS by, besides the system's."""
    cors_origins: Annotated[list[str], NoDecode, BeforeValidator(listed)] = []
    """The origins whose web pages may call the API."""

    proxies: Annotated[list[IPvAnyNetwork], NoDecode, BeforeValidator(listed)] = []
    """The networks of the proxies before us, whose `X-Forwarded-For` says who calls."""
    keep_changes_days: Annotated[int, Field(ge=31, le=36_500)] = 400
    """For how long changes are kept; invites, which last 30 days, lean on them."""

    require_identities: bool = False
    """Refuse policy documents whose keyless authorities do not say whose signatures count."""

    request_seconds: Annotated[float, Field(gt=0)] = 10.0
    """How long a request may take before it ends in TIMEOUT."""
    address_rate: Annotated[float, Field(ge=0)] = 200.0
    """Requests a second from one address in the long run; 0: any number."""
    address_burst: Annotated[int, Field(gt=0)] = 2000
    """How many of them at once."""
    caller_rate: Annotated[float, Field(ge=0)] = 100.0
    caller_burst: Annotated[int, Field(gt=0)] = 1000
    shutdown_seconds: Annotated[int, Field(ge=0)] = 10
    """How long requests that run may take to end when the service is to end."""
    client_seconds: Annotated[float, Field(gt=0)] = 10.0
    """How long a client may take to send a request, or to read what waits for it."""
    max_connections: Annotated[int, Field(gt=0)] = 1000
    max_headers: Annotated[int, Field(gt=0)] = 100
    max_header_bytes: Annotated[int, Field(gt=0)] = 32 * 1024
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
        if self.dev and not is_loopback(self.host):
            raise ValueError(
                f"development mode listens on loopback only, not on {self.host}: leave out --dev,"
                " and set POLICYGRAPH_ISSUER and POLICYGRAPH_AUDIENCE"
            )
        self._check_tls()
        if bool(self.issuer) != bool(self.audience) or not (self.dev or self.trusted):
            raise ValueError(
                "POLICYGRAPH_ISSUER and POLICYGRAPH_AUDIENCE must both be set, or"
                " POLICYGRAPH_ISSUERS, or no token could be told from any other. To try the"
                " service, start it with --dev."
            )
        names = [each.issuer for each in self.trusted]
        if plain := [name for name in names if not self.dev and not name.startswith("https://")]:
            raise ValueError(
                f"the issuer {plain[0]!r} must be an https:// URL: with --dev alone it may be an"
                " http:// one, on this machine"
            )
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"these issuers are given twice: {', '.join(twice)}")
        scheme = (self.store_uri or "").partition("://")[0]
        if self.store_ca_file and scheme.endswith("+ssc"):
            raise ValueError(
                f"POLICYGRAPH_STORE_CA_FILE does not go with {scheme}, which takes any certificate:"
                f" leave it out, or use {scheme.removesuffix('sc')}"
            )
        return self

    def _check_tls(self) -> None:
        if bool(self.tls_certificate) != bool(self.tls_key):
            raise ValueError(
                "POLICYGRAPH_TLS_CERTIFICATE and POLICYGRAPH_TLS_KEY go together: set both or none"
            )
        if self.tls_certificate and self.tls_key:
            if self.dev:
                raise ValueError("development mode serves without TLS: leave out the certificate")
            server_context(self.tls_certificate, self.tls_key)
        elif not (self.tls_at_proxy or is_loopback(self.host)):
            raise ValueError(
                f"{self.host} is not of this machine alone, and without TLS tokens could be read on"
                " the way: set POLICYGRAPH_TLS_CERTIFICATE and POLICYGRAPH_TLS_KEY, or"
                " POLICYGRAPH_TLS_AT_PROXY=true where something before the service ends TLS"
            )

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

    def connection_limits(self) -> ConnectionLimits:
        """Return what the connections of clients may take."""
        return ConnectionLimits(
            connections=self.max_connections,
            header_bytes=self.max_header_bytes,
            headers=self.max_headers,
            seconds=self.client_seconds,
        )

    def address_limit(self) -> Rate:
        """Return how often one address may call."""
        return Rate(self.address_rate, self.address_burst)

    def caller_limit(self) -> Rate:
        """Return how often one caller may call, from wherever."""
        return Rate(self.caller_rate, self.caller_burst)

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
