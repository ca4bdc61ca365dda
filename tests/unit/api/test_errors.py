"""One mapper: every error has a code, a status and perhaps words; what is a defect has none."""

import pytest
from graphql import GraphQLError

from api.errors import HTTP_STATUS, RETRYABLE, error_body, format_error, is_internal
from graph import errors
from graph.errors import PolicyGraphError

PRIVATE = "bolt://10.0.0.7 hunter2"


def _all_errors() -> list[type[PolicyGraphError]]:
    """Return every class of the error tree, those of the API included."""
    found = [PolicyGraphError]
    for each in found:
        found += each.__subclasses__()
    return found


@pytest.mark.parametrize("kind", _all_errors())
def test_every_error_of_the_tree_has_a_status(kind: type[PolicyGraphError]) -> None:
    assert kind.code in HTTP_STATUS


def test_the_codes_have_the_statuses_that_were_promised() -> None:
    assert {code: int(status) for code, status in HTTP_STATUS.items()} == {
        "INVALID_INPUT": 400,
        "UNAUTHENTICATED": 401,
        "PERMISSION_DENIED": 403,
        "NOT_FOUND": 404,
        "CONFLICT": 409,
        "INTERNAL": 500,
        "RATE_LIMITED": 429,
        "UNAVAILABLE": 503,
        "TIMEOUT": 504,
    }
    assert {"RATE_LIMITED", "UNAVAILABLE", "TIMEOUT"} == RETRYABLE


@pytest.mark.parametrize(
    "original",
    [
        errors.InvalidInputError("it is wrong", details=["a", "b"]),
        errors.NotFoundError("it is not there"),
        errors.ConflictError("it is in the way", details=["c"]),
        errors.PermissionDeniedError("you may not"),
        errors.UnavailableError("it is away"),
        errors.StoreTimeoutError("it is slow"),
    ],
)
def test_an_expected_error_keeps_its_words_its_place_and_its_details(
    original: PolicyGraphError,
) -> None:
    raised = GraphQLError(str(original), path=["a", 0], original_error=original)
    told = format_error(raised, "r1")
    assert (told["message"], told["path"]) == (original.message, ["a", 0])
    assert told["extensions"]["code"] == original.code
    assert told["extensions"]["requestId"] == "r1"
    assert told["extensions"]["retryable"] is (original.code in RETRYABLE)
    assert told["extensions"].get("details", []) == list(getattr(original, "details", ()))


@pytest.mark.parametrize(
    "original", [KeyError(PRIVATE), RuntimeError(PRIVATE), OSError(PRIVATE), Exception(PRIVATE)]
)
def test_a_defect_is_masked_and_found_in_the_log_by_its_request(original: Exception) -> None:
    raised = GraphQLError(PRIVATE, path=["a"], original_error=original)
    told = format_error(raised, "r1")
    assert is_internal(raised)
    assert "hunter2" not in str(told)
    assert "r1" in told["message"]
    assert told["extensions"] == {"code": "INTERNAL", "retryable": False, "requestId": "r1"}


def test_what_could_not_be_made_an_answer_is_a_defect() -> None:
    raised = GraphQLError(f"Cannot represent {PRIVATE}", path=["a"])
    assert is_internal(raised)
    assert "hunter2" not in str(format_error(raised, "r1"))


@pytest.mark.parametrize(
    "raised",
    [
        GraphQLError("Syntax Error: Unexpected Name."),
        GraphQLError("Cannot query field 'cheese' on type 'Query'."),
        GraphQLError("Argument 'first' has invalid value.", path=["a"]),
    ],
)
def test_graphqls_own_words_are_the_callers_to_read(raised: GraphQLError) -> None:
    told = format_error(raised, "r1")
    assert (told["message"], told["extensions"]["code"]) == (raised.message, "INVALID_INPUT")


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("Cannot query field 'a'. Did you mean 'b'?", "Cannot query field 'a'."),
        ("No 'a'. Did you mean 'b', 'c', or 'd'? Found: 1.", "No 'a'. Found: 1."),
        ("Nothing is meant.", "Nothing is meant."),
    ],
)
def test_what_graphql_suggests_is_left_out(message: str, told: str) -> None:
    assert format_error(GraphQLError(message), "r1")["message"] == told


def test_a_request_that_fails_as_a_whole_has_graphqls_form() -> None:
    body = error_body("TIMEOUT", "Too slow.", "r1")
    assert body == {
        "errors": [
            {
                "message": "Too slow.",
                "extensions": {"code": "TIMEOUT", "retryable": True, "requestId": "r1"},
            }
        ]
    }
