"""The one mapper: from the error tree to GraphQL codes and HTTP statuses. The rest is masked."""

import re
from http import HTTPStatus
from typing import Any

from graphql import GraphQLError

from graph.errors import PolicyGraphError, UnavailableError
from graph.invite_codes import without_codes
from graph.session import LostRaceError

HTTP_STATUS = {
    "INVALID_INPUT": HTTPStatus.BAD_REQUEST,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "CONFLICT": HTTPStatus.CONFLICT,
    "UNAUTHENTICATED": HTTPStatus.UNAUTHORIZED,
    "PERMISSION_DENIED": HTTPStatus.FORBIDDEN,
    "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    "TIMEOUT": HTTPStatus.GATEWAY_TIMEOUT,
    "INTERNAL": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The status of a request that fails as a whole; within a GraphQL answer it is 200."""

_SUGGESTION = re.compile(r" Did you mean [^?]*\?")

BUSY = UnavailableError(
    "The store was busy with other writes. Ask again; what a mutation has written stays."
)

RETRYABLE = frozenset({"RATE_LIMITED", "UNAVAILABLE", "TIMEOUT"})


class UnauthenticatedError(PolicyGraphError):
    """The request's token is missing or is not accepted; the message never says why in detail."""

    code = "UNAUTHENTICATED"


class RateLimitedError(PolicyGraphError):
    """Somebody asks more often than they may; after so many `seconds` there is room again."""

    code = "RATE_LIMITED"

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


def error_body(code: str, message: str, request_id: str) -> dict[str, Any]:
    """Return the answer to a request that fails as a whole, in GraphQL's form."""
    return {"errors": [{"message": message, "extensions": _extensions(code, request_id)}]}


def format_error(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """Return an error of a GraphQL answer; what is no fault of the caller's is masked."""
    formatted: dict[str, Any] = dict(error.formatted)
    original = BUSY if isinstance(error.original_error, LostRaceError) else error.original_error
    if isinstance(original, PolicyGraphError):
        extensions = _extensions(original.code, request_id)
        details = getattr(original, "details", ())
        if details:
            extensions["details"] = list(details)
        return formatted | {"message": original.message, "extensions": extensions}
    if not is_internal(error):
        # Parsing, validation, or a value of the wrong type: GraphQL's own words, but for what they
        # suggest, which would tell the schema to who may not ask for it, and a code they repeat.
        message = without_codes(_SUGGESTION.sub("", error.message))
        return formatted | {
            "message": message,
            "extensions": _extensions("INVALID_INPUT", request_id),
        }
    return formatted | {
        "message": masked(request_id),
        "extensions": _extensions("INTERNAL", request_id),
    }


def is_internal(error: GraphQLError) -> bool:
    """Tell whether an error is a defect of ours, to be logged with its cause."""
    original = error.original_error
    if original is not None and not isinstance(original, GraphQLError):
        return not isinstance(original, PolicyGraphError | LostRaceError)
    # With a path, GraphQL could not make an answer of what we gave it; unless it was the argument
    # that could not be read.
    return error.path is not None and not error.message.startswith("Argument ")


def masked(request_id: str) -> str:
    """Return what a caller is told of a defect."""
    return f"Something went wrong on our side. An operator finds it in the log as {request_id}."


def _extensions(code: str, request_id: str) -> dict[str, Any]:
    return {"code": code, "retryable": code in RETRYABLE, "requestId": request_id}
