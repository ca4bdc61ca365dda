"""Bodies and queries that are no questions: a clear error, never a 5xx."""

from typing import Any

import orjson
import pytest

from api.settings import Settings
from tests.api.client import Api

VIEWER = "{ viewer { user { id } } }"
DEEP = 10_000


def _query(text: str, **more: Any) -> bytes:
    return orjson.dumps({"query": text, **more})


BODIES = {
    "nothing": b"",
    "no JSON": b"hello",
    "no UTF-8": b'{"query": "\xff\xfe"}',
    "UTF-16": '{"query": "{ viewer { user { id } } }"}'.encode("utf-16"),
    "null": b"null",
    "a number": b"17",
    "a text": b'"{ viewer { user { id } } }"',
    "a list": b"[]",
    "a batch": b'[{"query": "{ viewer { user { id } } }"}]',
    "an empty object": b"{}",
    "a query that is null": b'{"query": null}',
    "a query that is a number": b'{"query": 1}',
    "a lone surrogate": b'{"query": "{ group(ref: \\"\\ud800\\") { id } }"}',
    "a lone surrogate in the variables": (
        b'{"query": "query($r: Ref!) { group(ref: $r) { id } }", "variables": {"r": "\\udfff"}}'
    ),
    "nested lists": b"[" * DEEP + b"]" * DEEP,
    "nested objects": b'{"query":' * DEEP + b"1" + b"}" * DEEP,
    "variables that are nested": b'{"query": "{ capabilities { name } }", "variables": {"a": '
    + b"[" * DEEP
    + b"]" * DEEP
    + b"}}",
    "variables that are a list": _query(VIEWER, variables=[1]),
    "variables that are a text": _query(VIEWER, variables="{}"),
    "extensions that are a list": _query(VIEWER, extensions=[1]),
    "a name that is a number": _query(VIEWER, operationName=1),
    "half of it": b'{"query": "{ viewer',
    "trailing bytes": _query(VIEWER) + b"}",
    "NaN": b'{"query": "{ viewer { user { id } } }", "variables": {"a": NaN}}',
}
NESTED = "{ group(ref: " + "[" * 900 + "]" * 900 + ") { id } }"
QUERIES = {
    "empty": ("", "Syntax Error"),
    "a comment": ("# hello", "Syntax Error"),
    "a NUL": ("{ viewer\x00 }", "Syntax Error"),
    "unclosed": ("{ viewer { user { id }", "Syntax Error"),
    "an unknown field": ("{ cheese }", "cheese"),
    "an unknown argument": ('{ group(ref: "a", cheese: 1) { id } }', "cheese"),
    "a missing argument": ("{ group { id } }", "ref"),
    "a missing selection": ("{ viewer }", "viewer"),
    "an argument of another type": ("{ groups(first: true) { totalCount } }", "true"),
    "a fragment that spreads itself": (
        "{ viewer { ...A } } fragment A on Viewer { ...A revision }",
        "spread",
    ),
    "fragments that spread each other": (
        "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }",
        "spread",
    ),
    "an unknown fragment": ("{ viewer { ...A } }", "A"),
    "two operations and no name": (
        "query A { capabilities { name } } query B { capabilities { name } }",
        "operationName",
    ),
    "a subscription": ("subscription { viewer { revision } }", "subscription"),
    "an introspection": ("{ __schema { types { name } } }", "introspection"),
    "an introspection of one type": ('{ __type(name: "Group") { name } }', "introspection"),
    "too deep": (
        '{ group(ref: "a") ' + "{ children { edges { node " * 5 + "{ id }" + " } } }" * 5 + " }",
        "more than 15",
    ),
    "too deep by fragments": (
        '{ group(ref: "a") { ...F1 } } '
        + " ".join(
            f"fragment F{n} on Group {{ children {{ edges {{ node {{ ...F{n + 1} }} }} }} }}"
            for n in range(1, 6)
        )
        + " fragment F6 on Group { id }",
        "more than 15",
    ),
    "too many aliases": (
        "{ " + " ".join(f"a{n}: __typename" for n in range(31)) + " }",
        "more than 30 aliases",
    ),
    "too many aliases by fragments": (
        "{ ...A ...A ...A ...A } fragment A on Query { "
        + " ".join(f"a{n}: __typename" for n in range(8))
        + " }",
        "more than 30 aliases",
    ),
    "too long": ("{ " + "__typename " * 2000 + "}", "2000 tokens"),
    "too costly": (
        "{ groups(first: 999) { edges { node { clusters(first: 999) { edges { cursor } } } } } }",
        "100000 fields",
    ),
    "nested values": (NESTED, ""),
    "a number that is too large": ("{ groups(first: 99999999999) { totalCount } }", "32-bit"),
    "too many directives": (
        "{ viewer " + "@include(if: true) " * 51 + "{ revision } }",
        "50 directives",
    ),
}


@pytest.mark.parametrize("what", BODIES)
async def test_a_body_that_is_no_request_is_the_callers_fault(lasting_api: Api, what: str) -> None:
    response = await lasting_api.post(BODIES[what], token=lasting_api.issuer.token("tester"))
    assert response.status_code in {200, 400}, response.text
    (error, *_) = response.json()["errors"]
    assert error["extensions"]["code"] in {"INVALID_INPUT", "NOT_FOUND"}
    assert error["extensions"]["retryable"] is False


@pytest.mark.parametrize("what", QUERIES)
async def test_a_query_that_cannot_be_answered_says_why(lasting_api: Api, what: str) -> None:
    text, says = QUERIES[what]
    response = await lasting_api.post(_query(text), token=lasting_api.issuer.token("tester"))
    assert response.status_code == 200, response.text
    errors = response.json()["errors"]
    assert len(errors) <= 6
    assert {error["extensions"]["code"] for error in errors} == {"INVALID_INPUT"}
    assert any(says in error["message"] for error in errors), errors


async def test_a_variable_counts_in_the_cost_as_the_number_it_is(lasting_api: Api) -> None:
    text = """query($n: Int!) { groups(first: $n) { edges { node { clusters(first: $n) {
      edges { node { id } } } } } } }"""
    token = lasting_api.issuer.token("tester")
    for number, answered in ((10, True), (1000, False)):
        response = await lasting_api.post(_query(text, variables={"n": number}), token=token)
        assert ("errors" not in response.json()) is answered


@pytest.mark.parametrize("first", [None, "ten", 1.5, True, [1], {"a": 1}, -1, 2**40])
async def test_a_page_size_of_another_type_is_the_callers_fault(
    lasting_api: Api, first: Any
) -> None:
    text = "query($n: Int!) { groups(first: $n) { totalCount } }"
    body = _query(text, variables={"n": first})
    response = await lasting_api.post(body, token=lasting_api.issuer.token("tester"))
    assert response.status_code == 200
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/graphql", "multipart/form-data; boundary=x", "text/json"],
)
async def test_another_content_type_is_refused(lasting_api: Api, content_type: str) -> None:
    response = await lasting_api.post(
        _query(VIEWER),
        token=lasting_api.issuer.token("tester"),
        headers={"Content-Type": content_type},
    )
    assert response.status_code == 415
    assert "application/json" in response.json()["errors"][0]["message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
async def test_another_method_is_not_allowed(lasting_api: Api, method: str) -> None:
    response = await lasting_api.http.request(
        method, "/graphql", params={"query": VIEWER}, headers={"Authorization": "Bearer x"}
    )
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_a_body_that_is_too_large_is_refused(lasting_api: Api, settings: Settings) -> None:
    body = _query(VIEWER + " " * settings.max_body_bytes)
    response = await lasting_api.post(body, token=lasting_api.issuer.token("tester"))
    assert response.status_code == 413
    assert str(settings.max_body_bytes) in response.json()["errors"][0]["message"]


async def test_the_media_type_of_graphql_is_answered_to_who_asks_for_it(lasting_api: Api) -> None:
    token = lasting_api.issuer.token("tester")
    accept = {"Accept": "application/graphql-response+json, application/json;q=0.9"}
    for text, status in ((VIEWER, 200), ("{ cheese }", 400)):
        response = await lasting_api.post(_query(text), token=token, headers=accept)
        assert response.status_code == status
        assert response.headers["content-type"].startswith("application/graphql-response+json")


async def test_what_is_answered_is_not_to_be_stored(lasting_api: Api) -> None:
    response = await lasting_api.post(_query(VIEWER), token=lasting_api.issuer.token("tester"))
    assert response.headers["cache-control"] == "no-store"


async def test_a_named_operation_is_the_one_that_is_answered(lasting_api: Api) -> None:
    text = "query A { capabilities { name } } query B { viewer { revision } }"
    token = lasting_api.issuer.token("tester")
    response = await lasting_api.post(_query(text, operationName="B"), token=token)
    assert list(response.json()["data"]) == ["viewer"]
    wrong = await lasting_api.post(_query(text, operationName="C"), token=token)
    assert "operationName" in wrong.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("member", "value", "says"),
    [
        ("variables", [], "`variables` must be an object."),
        ("variables", "", "`variables` must be an object."),
        ("variables", 0, "`variables` must be an object."),
        ("variables", False, "`variables` must be an object."),
        ("extensions", [], "`extensions` must be an object."),
        ("operationName", "", "`operationName` is empty: leave it out, or name an operation."),
    ],
)
async def test_what_is_empty_is_not_what_is_left_out(
    lasting_api: Api, member: str, value: Any, says: str
) -> None:
    token = lasting_api.issuer.token("tester")
    wrong = await lasting_api.post(_query(VIEWER, **{member: value}), token=token)
    assert (wrong.status_code, wrong.json()["errors"][0]["message"]) == (400, says)
    for nothing in ({}, {member: None}):
        right = await lasting_api.post(_query(VIEWER, **nothing), token=token)
        assert "errors" not in right.json()


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("{ viewr { id } groupz }", {}),
        ('{ group(reff: "a") { id } }', {}),
        ("{ ...A } fragment A on Groupz { id }", {}),
        ('{ access(user: "a", group: "a", capability: POLICY_LST) { allowed } }', {}),
        (
            'query($c: Capability!) { access(user: "a", group: "a", capability: $c) { allowed } }',
            {"c": "POLICY_LST"},
        ),
        (
            "mutation($i: DeleteGroupInput!) { deleteGroup(input: $i) { __typename } }",
            {"i": {"group": "a", "cascad": True}},
        ),
    ],
)
async def test_names_are_never_suggested(
    lasting_api: Api, text: str, variables: dict[str, Any]
) -> None:
    token = lasting_api.issuer.token("tester")
    response = await lasting_api.post(_query(text, variables=variables), token=token)
    assert response.json()["errors"]
    assert "Did you mean" not in response.text
