"""Every query answers the same on both stores, of what is there and of what is not."""

from typing import Any, LiteralString, cast

import pytest

from graph.engine import Graph
from graph.session import Session
from queries import schema
from tests.queries import cases, cases_of_the_tree
from tests.queries.cases import Case
from tests.queries.catalog import catalog
from tests.queries.given import World, a_world, brief

CASES: dict[str, Case] = {
    f"{folder.lower()}/{name}": case
    for module in (cases, cases_of_the_tree)
    for folder, rows in vars(module).items()
    if folder.isupper() and isinstance(rows, dict)
    for name, case in cast("dict[str, Any]", rows).items()
    if isinstance(case, Case)
}
DECLARED = catalog()


@pytest.fixture(scope="session")
async def world(session: tuple[Session, bytes]) -> World:
    opened, user_key = session
    return await a_world(Graph(opened, user_key=user_key))


def test_every_query_has_a_case() -> None:
    assert set(CASES) == set(DECLARED)


@pytest.mark.parametrize("name", sorted(CASES))
async def test_a_query_answers_what_is_there_and_nothing_of_what_is_not(
    session: tuple[Session, bytes], world: World, name: str
) -> None:
    opened, _ = session
    case, statement = CASES[name], DECLARED[name]
    asked = [(case.of_something(world), case.answer(world))]
    if case.of_nothing is not None:
        asked.append((case.of_nothing, case.answer_of_nothing))
    for parameters, expected in asked:
        async with opened.transaction() as transaction:
            # Never committed, so what a write does here is undone.
            answer = await transaction.run(statement(**parameters))
        if expected is any:
            assert answer
        else:
            assert brief(answer) == expected


async def test_a_second_run_of_the_layouts_statements_changes_nothing(
    session: tuple[Session, bytes],
) -> None:
    opened, _ = session
    for statement in schema.statements(schema.CONSTRAINTS):
        await opened.execute(cast("LiteralString", statement))
