from collections.abc import Callable

import pytest

from queries import loader
from queries.loader import QueryError, read, write

_GOOD = "// Who is it?\nMATCH (u:User {id: $id})\nRETURN u.name AS answer\n"


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def be(text: str) -> None:
        def load(name: str) -> str:
            del name
            return text

        monkeypatch.setattr(loader, "load_text", load)

    return be


def test_a_query_that_agrees_with_its_signature_is_a_statement(file: Callable[[str], None]) -> None:
    file(_GOOD)

    @read("users/who", str)
    def who(*, id: str) -> None: ...  # noqa: A002

    statement = who(id="usr_1")
    assert (statement.name, statement.parameters) == ("users/who", {"id": "usr_1"})
    assert statement.decode("Ada") == "Ada"
    assert who.__doc__ == _GOOD


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (_GOOD.replace("$id", "$other"), r"uses \$\['other'\], its signature \['id'\]"),
        (_GOOD.replace("// Who is it?\n", ""), "must start with a comment"),
        (_GOOD.replace("AS answer", "AS name"), "must end with one column: AS answer"),
        (_GOOD.replace("RETURN", "SET u.seen = true\nRETURN"), "is declared as read and does"),
    ],
)
def test_a_file_that_disagrees_with_its_signature_is_refused_at_import(
    file: Callable[[str], None], text: str, message: str
) -> None:
    file(text)

    with pytest.raises(QueryError, match=message):

        @read("users/who", str)
        def who(*, id: str) -> None: ...  # noqa: A002


def test_a_write_that_only_reads_is_refused(file: Callable[[str], None]) -> None:
    file(_GOOD)

    with pytest.raises(QueryError, match="is declared as write and does the other"):

        @write("users/who", str)
        def who(*, id: str) -> None: ...  # noqa: A002


def test_words_in_comments_and_texts_do_not_make_a_write(file: Callable[[str], None]) -> None:
    file("// SET and $id are words here.\nMATCH (u:User)\nWHERE u.x = 'CREATE'\nRETURN 1 AS answer")

    @read("users/who", int)
    def who() -> None: ...

    assert who().parameters == {}


def test_an_answer_of_another_type_is_drift(file: Callable[[str], None]) -> None:
    file(_GOOD)

    @read("users/who", int)
    def who(*, id: str) -> None: ...  # noqa: A002

    with pytest.raises(ValueError, match="valid integer"):
        who(id="usr_1").decode("Ada")
