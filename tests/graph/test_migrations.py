from pathlib import Path

import pytest

from graph.engine import Graph
from graph.migrations import NewerStoreError, layout, migrate
from queries import loader, schema


async def _layout(graph: Graph) -> int:
    (row,) = await graph.session.run(schema.read_store())
    return row.schema_version


async def test_a_second_start_changes_nothing_and_finds_the_same_key(graph: Graph) -> None:
    assert await migrate(graph.session) == graph.user_key
    assert await _layout(graph) == layout()


async def test_an_older_store_is_migrated_forward_once(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", ("test/step",))
    steps: list[str] = []

    def load(name: str) -> str:
        steps.append(name)
        return (
            "// A step.\nMERGE (t:TestStep {id: 'one'});\n" if name == "test/step" else _text(name)
        )

    monkeypatch.setattr(schema, "load_text", load)
    try:
        await migrate(graph.session)
        await migrate(graph.session)

        assert await _layout(graph) == layout()
        assert steps.count("test/step") == 1
    finally:
        monkeypatch.undo()
        await graph.session.run(schema.set_schema_version(schema_version=layout()))


async def test_a_newer_store_is_refused_and_left_alone(graph: Graph) -> None:
    await graph.session.run(schema.set_schema_version(schema_version=layout() + 1))
    try:
        with pytest.raises(NewerStoreError, match=f"has layout {layout() + 1}; this version"):
            await migrate(graph.session)

        assert await _layout(graph) == layout() + 1
    finally:
        await graph.session.run(schema.set_schema_version(schema_version=layout()))


def _text(name: str) -> str:
    return (Path(loader.__file__).parent / f"{name}.cypher").read_text()
