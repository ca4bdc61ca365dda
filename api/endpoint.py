"""`POST /graphql`: from bytes to an answer. GraphQL over HTTP, with `application/json` bodies."""

import asyncio
import contextlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
import structlog
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from strawberry.types import ExecutionResult

from api.addresses import client_address, source
from api.authn.keys import KeySet
from api.authn.tokens import TrustedIssuer
from api.callers import Callers
from api.context import Context, Writes
from api.errors import (
    BUSY,
    HTTP_STATUS,
    RateLimitedError,
    UnauthenticatedError,
    error_body,
    format_error,
    is_internal,
    masked,
)
from api.guesses import Guesses
from api.limits import Documents
from api.rates import RateLimiter
from api.schema import schema
from api.settings import Settings
from graph.engine import Graph
from graph.errors import (
    PolicyGraphError,
    StoreTimeoutError,
    UnavailableError,
)
from graph.session import LostRaceError
from graph.snapshot import Caller, Snapshot

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_JSON = "application/json"
_GRAPHQL_JSON = "application/graphql-response+json"


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A body that is a GraphQL request, with its operation found."""

    query: str
    document: DocumentNode
    operation: OperationDefinitionNode
    variables: Mapping[str, Any]
    operation_name: str | None


class _HttpError(Exception):
    def __init__(self, status: int, message: str, code: str = "INVALID_INPUT") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


class _DocumentError(Exception):
    """The query text does not parse, is not valid, or is too large."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


class GraphQLEndpoint:
    """Answers GraphQL requests: reads from one state, writes as they come."""

    def __init__(
        self,
        graph: Graph,
        settings: Settings,
        issuers: tuple[TrustedIssuer, ...],
        documents: Documents,
        look_up: Callable[[str], KeySet],
    ) -> None:
        self._graph = graph
        self._settings = settings
        self._callers = Callers(graph, issuers, tuple(settings.workload_issuers), look_up)
        self._documents = documents
        self._by_address = RateLimiter(settings.address_limit())
        self._by_caller = RateLimiter(settings.caller_limit())
        self._guesses = Guesses()

    async def __call__(self, request: Request) -> Response:
        """Answer one HTTP request, always, and by its deadline."""
        request_id = uuid.uuid4().hex[:16]
        structlog.contextvars.bind_contextvars(request_id=request_id)
        media_type = _negotiate(request)
        headers: dict[str, str] = {}
        try:
            async with asyncio.timeout(self._settings.request_seconds):
                return await self._answer(request, request_id, media_type)
        except _HttpError as error:
            status, code, message = error.status, error.code, error.message
        except _DocumentError as error:
            body = {"errors": [format_error(each, request_id) for each in error.errors]}
            return _response(body, 400 if media_type == _GRAPHQL_JSON else 200, media_type)
        except TimeoutError:
            code = StoreTimeoutError.code
            status = HTTP_STATUS[code]
            seconds = self._settings.request_seconds
            message = (
                f"No answer within {seconds:g} s. Try again, or ask for less. A write may have been"
                f" made: with the same idempotency key nothing is done twice."
            )
        except PolicyGraphError as error:
            status, code, message = HTTP_STATUS[error.code], error.code, error.message
            headers = _what_next(error)
        except LostRaceError:
            status, code, message = HTTP_STATUS[BUSY.code], BUSY.code, BUSY.message
        except ClientDisconnect:
            return Response(status_code=499)
        except Exception:
            log.exception("request_failed")
            status, code, message = 500, "INTERNAL", masked(request_id)
        return _response(error_body(code, message, request_id), status, media_type, headers)

    async def _answer(self, request: Request, request_id: str, media_type: str) -> Response:
        address = client_address(request.scope, self._settings.proxies)
        self._by_address.take(source(address), "requests from your address")
        caller = await self._callers.find(request, address)
        self._by_caller.take(caller.user_id, "requests of yours")
        asked = self._read(await self._body(request))
        if asked.operation.operation is OperationType.QUERY:
            result = await self._query(asked, caller, Writes(done=True))
        else:
            result = await self._mutate(asked, caller)
        for error in result.errors or ():
            if is_internal(error):
                log.error("resolver_failed", path=error.path, exc_info=error.original_error)
        body: dict[str, Any] = {"data": result.data}
        if result.errors:
            body["errors"] = [format_error(error, request_id) for error in result.errors]
        return _response(body, 200, media_type)

    async def _body(self, request: Request) -> bytes:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
            raise _HttpError(415, f"Send the request as {_JSON}.")
        most = self._settings.max_body_bytes
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise _HttpError(413, f"The body is larger than {most} bytes.")
        return bytes(body)

    def _read(self, body: bytes) -> GraphQLRequest:
        query, name, variables = _parts(body)
        document, errors = self._documents.read(query)
        if errors or document is None:
            raise _DocumentError(errors)
        operation = _operation(document, name)
        try:
            self._documents.check_cost(operation, document, variables)
        except GraphQLError as error:
            raise _DocumentError([error]) from error
        return GraphQLRequest(query, document, operation, variables, name)

    async def _mutate(self, asked: GraphQLRequest, caller: Caller) -> ExecutionResult:
        """Do the writes, then read what is asked below them from one state."""
        writes, before = Writes(), await self._graph.snapshot(caller)
        await self._execute(asked, before, writes)
        writes.done = True
        if not writes.store_was_away:
            with contextlib.suppress(UnavailableError, StoreTimeoutError):
                return await self._query(asked, caller, writes)
        # What was written is told even so, with an error for what had to be read.
        return await self._execute(asked, before, writes)

    async def _query(
        self, asked: GraphQLRequest, caller: Caller, writes: Writes
    ) -> ExecutionResult:
        """Answer a request from one state: what a write met is read again."""

        async def answer(at: Snapshot) -> ExecutionResult:
            result = await self._execute(asked, at, writes)
            for error in result.errors or ():
                if isinstance(error.original_error, LostRaceError):
                    raise error.original_error
            return result

        return (await self._graph.read(caller, answer))[0]

    async def _execute(
        self, asked: GraphQLRequest, at: Snapshot, writes: Writes
    ) -> ExecutionResult:
        context = Context(
            self._graph, at, self._callers.known, asked.document, writes, self._guesses
        )
        return await schema.execute(
            asked.query,
            variable_values=dict(asked.variables),
            context_value=context,
            operation_name=asked.operation_name,
        )


def _parts(body: bytes) -> tuple[str, str | None, dict[str, Any]]:
    """Return a request's query, operation name and variables."""
    try:
        values: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _HttpError(400, f"The body is not JSON in UTF-8: {error}.") from error
    if not isinstance(values, dict):
        raise _HttpError(400, "The body must be a JSON object with a `query`.")
    given = cast("dict[str, Any]", values)
    query, name = given.get("query"), given.get("operationName")
    if not isinstance(query, str):
        raise _HttpError(400, "`query` must be a text.")
    if not (name is None or isinstance(name, str)):
        raise _HttpError(400, "`operationName` must be a text.")
    if name == "":
        raise _HttpError(400, "`operationName` is empty: leave it out, or name an operation.")
    for member in ("variables", "extensions"):
        if not isinstance(given.get(member), dict | None):
            raise _HttpError(400, f"`{member}` must be an object.")
    return query, name, given.get("variables") or {}


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [
        node
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
        and (name is None or (node.name is not None and node.name.value == name))
    ]
    if len(found) != 1:
        raise _DocumentError(
            [GraphQLError("`operationName` must name one of the document's operations.")]
        )
    return found[0]


def _negotiate(request: Request) -> str:
    accept = request.headers.get("accept", "")
    return _GRAPHQL_JSON if _GRAPHQL_JSON in accept else _JSON


def _what_next(error: PolicyGraphError) -> dict[str, str]:
    """Return the headers by which HTTP tells what a refused caller may do."""
    match error:
        case UnauthenticatedError():
            return {"WWW-Authenticate": "Bearer"}
        case RateLimitedError():
            return {"Retry-After": str(error.seconds)}
        case _:
            return {}


def _response(
    body: dict[str, Any], status: int, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        orjson.dumps(body),
        status_code=status,
        media_type=f"{media_type}; charset=utf-8",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
