"""The queries in the documentation are valid, and get the answers that it says."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.docs.pages import PAGES, ROOT, Known, agrees, blocks, examples, pretty
from tests.docs.service import Service, serving

_SCHEMA = build_schema((ROOT / "schema.graphql").read_text())


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_query_is_valid(page: Path) -> None:
    for block in blocks(page.read_text()):
        if block.language == "graphql":
            errors = validate(_SCHEMA, parse(block.text))

            assert errors == [], f"{page.name}:{block.line}"


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(examples(page))], ids=lambda page: page.name
)
def test_every_query_gets_the_answer_below_it(page: Path, service: Service) -> None:
    known = Known()
    for example in examples(page):
        query = example.query.text
        by = example.query.words.get("as", "ada")
        given = service.ask(query, known.variables(query), by=by)
        known.learn(given)

        in_order = example.query.words.get("order") != "any"

        assert agrees(json.loads(example.answer.text), given, in_order=in_order), (
            f"{example.name} says otherwise; `python -m tests.docs.answers` writes the answers"
            f" anew. It answers now:\n{pretty(given)}"
        )


def test_every_question_and_mutation_has_an_example() -> None:
    text = "".join(each.query.text for each in examples(ROOT / "docs" / "api.md"))
    assert _SCHEMA.query_type is not None
    assert _SCHEMA.mutation_type is not None
    names = [*_SCHEMA.query_type.fields, *_SCHEMA.mutation_type.fields]

    assert [name for name in names if name not in text] == []


def test_an_answer_agrees_only_with_what_it_says() -> None:
    said = {"id": "grp_…", "list": [1, "…"], "n": 1}

    assert agrees(said, {"id": "grp_1", "list": [1, 2], "n": 1})
    assert not agrees(said, {"id": "clu_1", "list": [1, 2], "n": 1})
    assert not agrees(said, {"id": "grp_1", "list": [1], "n": 1})
    assert not agrees(said, {"id": "grp_1", "list": [1, 2], "n": 1, "more": 0})
    assert not agrees({"n": 1}, {"n": True})
    assert not agrees([1, 2], [2, 1])
    assert agrees([1, 2], [2, 1], in_order=False)
