"""The web application: its routes, and nothing else."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api import discovery
from api.authn.dev import DevIssuer
from api.authn.fetching import Fetcher
from api.authn.keys import DiscoveredKeys, KeySet
from api.authn.tokens import TrustedIssuer
from api.endpoint import GraphQLEndpoint
from api.limits import Documents, Limits
from api.schema import graphql_schema
from api.settings import Settings
from graph.engine import Graph

_READY_SECONDS = 2.0
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def create_app(
    graph: Graph,
    settings: Settings,
    dev_issuer: DevIssuer | None,
    *,
    issuers: tuple[TrustedIssuer, ...] | None = None,
) -> ASGIApp:
    """Build the application over an open graph; `issuers` instead of those of the settings."""
    look_up = key_look_up(settings)
    endpoint = GraphQLEndpoint(
        graph,
        settings,
        trusted_issuers(settings, dev_issuer, look_up) if issuers is None else issuers,
        Documents(graphql_schema, _limits(settings)),
        look_up,
    )

    async def livez(_request: Request) -> Response:
        return Response("ok\n", media_type="text/plain")

    async def readyz(_request: Request) -> Response:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await graph.session.check()
        except Exception:  # noqa: BLE001 - whatever it is, the store does not answer
            return Response("the store does not answer\n", 503, media_type="text/plain")
        return Response("ok\n", media_type="text/plain")

    async def described(_request: Request) -> Response:
        return _json(discovery.describe(settings.trusted))

    routes = [
        Route("/graphql", endpoint.__call__, methods=["POST"]),
        Route("/livez", livez),
        Route("/readyz", readyz),
        Route(discovery.PATH, described),
    ]
    if dev_issuer is None:
        return _across_origins(Starlette(routes=routes), settings)
    return OnlyLoopback(Starlette(routes=[*routes, *_dev_routes(settings, dev_issuer)]))


def _across_origins(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Let the web pages of the listed origins call the API, and no others (the CORS protocol)."""
    if not settings.cors_origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "POST"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Policygraph-Organization",
            "Policygraph-Identity",
        ],
        max_age=600,
    )


def key_look_up(settings: Settings) -> Callable[[str], KeySet]:
    """Return how an issuer's keys are looked up, from where the settings permit."""
    fetcher = Fetcher(
        networks=settings.issuer_networks,
        ca_file=settings.issuer_ca_file,
        development=settings.dev,
    )
    return lambda issuer: DiscoveredKeys(issuer, fetch=fetcher.fetch)


def trusted_issuers(
    settings: Settings, dev_issuer: DevIssuer | None, look_up: Callable[[str], KeySet]
) -> tuple[TrustedIssuer, ...]:
    """Return whose tokens are accepted: the configured issuers', and in development our own."""
    found = [
        TrustedIssuer(
            issuer=each.issuer,
            audiences=each.audiences,
            algorithms=each.algorithms,
            keys=look_up(each.issuer),
            max_seconds=each.max_token_seconds,
            people=each.people,
            email_claim=each.email_claim,
            email_domains=each.email_domains,
            name_claim=each.name_claim,
        )
        for each in settings.trusted
    ]
    if dev_issuer is not None:
        found.append(dev_issuer.trusted())
    return tuple(found)


def _limits(settings: Settings) -> Limits:
    return Limits(
        tokens=settings.max_query_tokens,
        depth=settings.max_query_depth,
        fields=settings.max_query_fields,
        directives=settings.max_query_directives,
        aliases=settings.max_query_aliases,
        cost=settings.max_query_cost,
        introspection=settings.introspection or settings.dev,
    )


def _dev_routes(settings: Settings, issuer: DevIssuer) -> list[Route]:
    """Return the development issuer's documents, whose addresses never come from a header."""

    async def configuration(request: Request) -> Response:
        port = request.scope["server"][1]
        return _json(issuer.discovery(f"http://{settings.host}:{port}"))

    async def jwks(_request: Request) -> Response:
        return _json({"keys": issuer.keys})

    return [
        Route("/dev/.well-known/openid-configuration", configuration),
        Route("/dev/jwks", jwks),
    ]


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")


class OnlyLoopback:
    """Refuses, in development, requests that a web page of elsewhere makes a browser send.

    By DNS rebinding such a page can reach a loopback address under a name of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what names a loopback host, and no origin or a loopback one."""
        if scope["type"] == "http" and not self._is_local(dict(scope["headers"])):
            response = Response("Development mode serves this machine only.\n", 403)
            await response(scope, receive, send)
            return
        await self._app(scope, receive, send)

    @staticmethod
    def _is_local(headers: dict[bytes, bytes]) -> bool:
        host = headers.get(b"host", b"").decode("latin-1")
        origin = headers.get(b"origin", b"").decode("latin-1")
        return _is_loopback(host) and (not origin or _is_loopback(origin.partition("://")[2]))


def _is_loopback(host: str) -> bool:
    return host in _LOOPBACK or host.startswith(tuple(f"{name}:" for name in _LOOPBACK))
