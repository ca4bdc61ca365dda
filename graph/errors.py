"""The error tree: everything that a use case may refuse with, and nothing else.

Each class has one code; `api/errors.py` maps codes to GraphQL and HTTP. A message says what was
wrong with which input and what to do next.
"""

from collections.abc import Sequence
from typing import ClassVar

from graph.invite_codes import without_codes


class PolicyGraphError(Exception):
    """Base of all expected failures. A message repeats no invite's code, wherever it was given."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str) -> None:
        self.message = without_codes(message)
        super().__init__(self.message)


class InvalidInputError(PolicyGraphError):
    """The input itself is wrong; the same call never succeeds. `details` lists every problem."""

    code = "INVALID_INPUT"

    def __init__(self, message: str, *, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)


class NotFoundError(PolicyGraphError):
    """There is no such thing, or the caller may not know that there is."""

    code = "NOT_FOUND"


class CodeRefusedError(NotFoundError):
    """The code of an invite is not accepted. One message, whatever the reason."""

    def __init__(self) -> None:
        super().__init__(
            "This invite code is not accepted. See that it is whole and current and meant for you;"
            " if it is, ask whoever sent it for a new one."
        )


class ConflictError(PolicyGraphError):
    """The graph's state forbids it. `details` lists what stands in the way."""

    code = "CONFLICT"

    def __init__(self, message: str, *, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.details = tuple(details)


class PermissionDeniedError(PolicyGraphError):
    """The caller sees the thing but may not do this to it."""

    code = "PERMISSION_DENIED"


class UnavailableError(PolicyGraphError):
    """The store cannot be reached; the same call may succeed later."""

    code = "UNAVAILABLE"


class StoreTimeoutError(PolicyGraphError):
    """The store did not answer within the deadline; the same call may succeed later."""

    code = "TIMEOUT"
