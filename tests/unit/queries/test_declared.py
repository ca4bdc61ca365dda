"""A query is found by one name: its file's, its function's, the one that the store is told."""

from queries import schema
from queries.loader import load_text
from tests.queries.catalog import catalog


def test_a_query_is_called_what_its_file_is_called() -> None:
    for name, declared in catalog().items():
        folder = declared.__module__.removeprefix("queries.")
        assert name == f"{folder}/{declared.__name__}"
        assert declared.__doc__ == load_text(name)


def test_no_two_queries_are_the_same_text() -> None:
    texts = [load_text(name).partition("\n")[2] for name in catalog()]
    assert len(set(texts)) == len(texts)


def test_every_statement_of_the_layout_may_be_repeated() -> None:
    for name in (schema.CONSTRAINTS, *schema.MIGRATIONS):
        statements = schema.statements(name)
        assert statements
        assert all("IF NOT EXISTS" in statement for statement in statements)
