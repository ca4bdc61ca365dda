"""A query file and its signature are held to each other when they are imported."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from queries import loader
from queries.loader import Mode, QueryError, read, write

GOOD = "// What is this?\nMATCH (n:Group {id: $id})\nRETURN collect(n {.*}) AS answer\n"

Written = Callable[[str], str]


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    """Write a query file; return its name."""

    def files(_package: str) -> Path:
        return tmp_path

    monkeypatch.setattr(loader.resources, "files", files)

    def write_file(text: str) -> str:
        name = f"query-{len(list(tmp_path.iterdir()))}-{tmp_path.name}"
        (tmp_path / f"{name}.cypher").write_text(text, encoding="utf-8")
        return name

    return write_file


def one(*, id: str) -> None: ...  # noqa: A002 - a property's name


def test_a_statement_has_the_files_text_and_the_given_parameters(written: Written) -> None:
    name = written(GOOD)
    statement = read(name, list[int])(one)(id="x")
    assert (statement.name, statement.text, statement.mode) == (name, GOOD, Mode.READ)
    assert statement.parameters == {"id": "x"}
    assert statement.decode([1]) == [1]


def test_a_declared_query_is_documented_by_its_text(written: Written) -> None:
    assert inspect.getdoc(read(written(GOOD), list[int])(one)) == GOOD.strip()


def test_an_answer_of_another_shape_is_refused(written: Written) -> None:
    statement = read(written(GOOD), list[int])(one)(id="x")
    with pytest.raises(ValidationError):
        statement.decode("not a list")


def test_parameters_go_by_name_alone(written: Written) -> None:
    declared: Any = read(written(GOOD), list[int])(one)
    with pytest.raises(TypeError, match="keyword arguments only"):
        declared("x")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("$id", "$other"), r"uses \$\['other'\], its signature \['id'\]"),
        (GOOD.replace("$id", "'fixed'"), r"uses \$\[\]"),
        (GOOD.replace("id: $id", "id: $id, name: $name"), r"uses \$\['id', 'name'\]"),
        (GOOD.replace("$id", "'$id'"), r"uses \$\[\]"),
        (GOOD.replace("$id", "1 // $id\n"), r"uses \$\[\]"),
        (GOOD.replace("RETURN", "SET n.a = 1\nRETURN"), "declared as read"),
        (GOOD.replace("RETURN", "REMOVE n.a\nRETURN"), "declared as read"),
        (GOOD.replace("RETURN", "DETACH DELETE n\nRETURN"), "declared as read"),
        (GOOD.replace("MATCH", "MERGE"), "declared as read"),
        (GOOD.replace("MATCH", "CREATE"), "declared as read"),
        (GOOD.removeprefix("// What is this?\n"), "start with a comment"),
        (f"\n{GOOD}", "start with a comment"),
        (GOOD.replace("AS answer", "AS found"), "AS answer"),
        (GOOD.replace(" AS answer", ""), "AS answer"),
        (GOOD + "LIMIT 1\n", "AS answer"),
        (GOOD.replace("AS answer", "AS found // AS answer"), "AS answer"),
    ],
)
def test_a_file_that_a_reading_signature_disagrees_with_is_refused(
    written: Written, text: str, says: str
) -> None:
    name = written(text)
    with pytest.raises(QueryError, match=says):
        read(name, list[int])(one)


def test_a_file_that_only_reads_is_not_declared_as_a_write(written: Written) -> None:
    with pytest.raises(QueryError, match="declared as write"):
        write(written(GOOD), list[int])(one)


def test_a_writing_file_is_declared_as_a_write(written: Written) -> None:
    text = GOOD.replace("RETURN", "SET n.a = 1\nRETURN")
    assert write(written(text), list[int])(one)(id="x").mode is Mode.WRITE


def test_words_of_a_write_within_names_and_texts_write_nothing(written: Written) -> None:
    text = GOOD.replace("RETURN", "WHERE n.created_by <> 'SET' AND n.SETTING = 1\nRETURN")
    assert read(written(text), list[int])(one)(id="x").mode is Mode.READ


def test_a_file_that_is_not_there_is_an_error_at_import() -> None:
    with pytest.raises(FileNotFoundError):
        loader.load_text("no/such_query")
