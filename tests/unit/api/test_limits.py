"""A query that is too large is refused before anything runs, whatever it hides its size in."""

import time
from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode

from api.limits import Documents, Limits
from api.schema import graphql_schema

ROOMY = {
    "tokens": 2000,
    "depth": 15,
    "fields": 500,
    "aliases": 30,
    "directives": 50,
    "cost": 100_000,
}
_NESTED = "{ groups(first: %s) { edges { node { clusters(first: %s) { edges { cursor } } } } } }"


def _documents(*, introspection: bool = False, **changed: int) -> Documents:
    limits = {**ROOMY, **changed}
    return Documents(graphql_schema, Limits(introspection=introspection, **limits))


def _errors(documents: Documents, text: str) -> list[str]:
    return [error.message for error in documents.read(text)[1]]


def _cost(text: str, variables: dict[str, Any] | None = None, *, most: int) -> bool:
    """Tell whether a query is within a cost."""
    documents = _documents(cost=most)
    document, errors = documents.read(text)
    assert not errors
    assert document is not None
    (operation, *_) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    try:
        documents.check_cost(operation, document, variables or {})
    except GraphQLError:
        return False
    return True


def _exact(text: str, variables: dict[str, Any] | None = None) -> int:
    """Return the cost of a query: the least that is enough."""
    low, high = 0, 10**7
    while low < high:
        middle = (low + high) // 2
        if _cost(text, variables, most=middle):
            high = middle
        else:
            low = middle + 1
    return low


DEPTHS = {
    "fields": "{ viewer { user { id } } }",
    "a fragment": "{ viewer { ...A } } fragment A on Viewer { user { id } }",
    "an inline fragment": "{ viewer { ... { user { ... on User { id } } } } }",
    "fragments in fragments": (
        "{ ...A } fragment A on Query { viewer { ...B } } fragment B on Viewer { user { id } }"
    ),
}


@pytest.mark.parametrize("how", DEPTHS)
def test_depth_counts_fields_however_they_are_spread(how: str) -> None:
    assert _errors(_documents(depth=3), DEPTHS[how]) == []
    (said,) = _errors(_documents(depth=2), DEPTHS[how])
    assert "2" in said


@pytest.mark.parametrize(
    "text",
    [
        "{ a: __typename b: __typename c: __typename }",
        "{ ...A ...A ...A } fragment A on Query { a: __typename }",
        "{ a: viewer { b: revision user { c: id } } }",
        "{ ... { a: __typename ... { b: __typename c: __typename } } }",
    ],
)
def test_aliases_count_however_they_are_spread(text: str) -> None:
    assert _errors(_documents(aliases=3), text) == []
    (said,) = _errors(_documents(aliases=2), text)
    assert "2 aliases" in said


def test_directives_and_fields_count() -> None:
    text = "{ a: capabilities @include(if: true) @skip(if: false) { name description } }"
    assert _errors(_documents(directives=2, fields=3), text) == []
    assert _errors(_documents(directives=1), text) != []
    assert _errors(_documents(fields=2), text) != []


def test_a_text_of_too_many_tokens_is_not_even_parsed() -> None:
    text = "{ " + "__typename " * 10 + "}"
    assert _errors(_documents(tokens=12), text) == []
    (said,) = _errors(_documents(tokens=11), text)
    assert "11 tokens" in said


@pytest.mark.parametrize(
    ("text", "variables", "cost"),
    [
        ("{ __typename }", {}, 1),
        ("{ viewer { revision } }", {}, 2),
        (_NESTED % (10, 10), {}, 1 + 10 * (1 + 1 + 1 + 10 * 2)),
        (_NESTED % (10, "$n"), {"n": 10}, 1 + 10 * (1 + 1 + 1 + 10 * 2)),
        (
            (
                "{ groups(first: 10) { edges { node { ...A } } } } fragment A on Group"
                " { clusters(first: 10) { edges { cursor } } }"
            ),
            {},
            1 + 10 * (1 + 1 + 1 + 10 * 2),
        ),
        ("{ groups { edges { cursor } } }", {}, 1 + 50 * 2),
        ("{ groups(first: 0) { edges { cursor } } }", {}, 1 + 2),
        ("{ groups(first: -5) { edges { cursor } } }", {}, 1 + 2),
        ("{ groups(first: 2000) { edges { cursor } } }", {}, 1 + 1000 * 2),
    ],
)
def test_a_cost_multiplies_by_the_size_of_the_page(
    text: str, variables: dict[str, Any], cost: int
) -> None:
    declared = "query($n: Int! = 1000) " if "$n" in text else ""
    assert _exact(f"{declared}{text}", variables) == cost


def test_a_variable_that_is_left_out_costs_its_default() -> None:
    text = "query($n: Int! = 7) { groups(first: $n) { edges { cursor } } }"
    assert _exact(text) == 1 + 7 * 2
    assert _exact(text, {"n": 3}) == 1 + 3 * 2


@pytest.mark.parametrize("given", ["7", 7.0, None, [7], {"a": 7}])
def test_a_variable_that_is_no_number_costs_the_most(given: Any) -> None:
    text = "query($n: Int! = 7) { groups(first: $n) { edges { cursor } } }"
    assert _exact(text, {"n": given}) == 1 + 1000 * 2


def test_edges_under_another_name_cost_the_same() -> None:
    plain = "{ groups(first: 10) { edges { node { id } } } }"
    aliased = "{ g: groups(first: 10) { e: edges { n: node { i: id } } } }"
    spread = (
        "{ groups(first: 10) { ...A } } fragment A on GroupListEdgeConnection {"
        " edges { node { id } } }"
    )
    assert _exact(plain) == _exact(aliased) == _exact(spread)


def test_a_list_that_has_no_pages_costs_more_than_one() -> None:
    assert _exact("{ capabilities { name } }") > _exact("{ viewer { revision } }")


@pytest.mark.parametrize(
    "text",
    [
        "{ ...F0 } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
        + " fragment F60 on Query { __typename }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...A } fragment A on Query { ...A ...A ...A }",
        "{ ...Nowhere }",
    ],
    ids=["doubled sixty times", "a ring", "itself", "nowhere"],
)
def test_fragments_that_grow_without_end_are_refused_at_once(text: str) -> None:
    started = time.monotonic()
    assert _errors(_documents(), text)
    assert time.monotonic() - started < 2


def test_a_query_as_nested_as_its_tokens_allow_is_refused_and_no_crash() -> None:
    for opened, closed in (("{a", "}"), ("{...", "}"), ("{a(b:[", "])}"), ("{a(b:{c:", "})}")):
        text = opened * 900 + "x" + closed * 900
        assert _errors(_documents(tokens=10_000), text)


def test_introspection_is_answered_only_where_it_is_allowed() -> None:
    text = "{ __schema { queryType { name } } }"
    assert _errors(_documents(introspection=True), text) == []
    assert _errors(_documents(), text) != []
    assert _errors(_documents(), "{ viewer { __typename } }") == []


def test_a_document_is_read_once_and_the_oldest_is_forgotten() -> None:
    documents = _documents()
    first = documents.read("{ capabilities { name } }")
    assert documents.read("{ capabilities { name } }") is first
    for number in range(600):
        documents.read(f"{{ a{number}: __typename }}")
    assert documents.read("{ capabilities { name } }") is not first
