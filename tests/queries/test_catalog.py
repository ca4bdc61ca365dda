from pathlib import Path

import pytest

import queries
from graph.engine import Graph
from queries import Mode, schema
from tests.queries.catalog import catalog, sample
from tests.queries.conftest import Explain

_FOLDER = Path(queries.__file__).parent
_CATALOG = catalog()

# Queries whose plan may hold a scan of a label, and why.
_MAY_SCAN = {
    "organizations/count_organizations": "counts organizations, from the store's counters",
}
_SCANS = ("AllNodesScan", "NodeByLabelScan", "AllRelationshipsScan", "RelationshipTypeScan")


def test_every_file_is_declared_and_every_declaration_has_its_file() -> None:
    files = {
        path.relative_to(_FOLDER).with_suffix("").as_posix() for path in _FOLDER.rglob("*.cypher")
    }

    assert files == {*_CATALOG, schema.CONSTRAINTS, *schema.MIGRATIONS}


@pytest.mark.parametrize("name", sorted(_CATALOG))
async def test_a_query_that_meets_nothing_answers_so(graph: Graph, name: str) -> None:
    statement = sample(_CATALOG[name])
    async with graph.session.transaction() as transaction:  # rolled back
        await transaction.run(statement)


@pytest.mark.parametrize("name", sorted(_CATALOG))
async def test_no_query_scans_the_store_on_neo4j(explain: Explain, name: str) -> None:
    operators = await explain(sample(_CATALOG[name]))

    scans = [operator for operator in operators if operator.startswith(_SCANS)]
    assert not scans or name in _MAY_SCAN, operators


def test_a_query_that_only_reads_says_so() -> None:
    for name, declared in _CATALOG.items():
        writes = name.split("/")[1].split("_")[0] in {
            "create", "update", "delete", "link", "unlink", "rebind", "put", "bury", "lock",
            "register", "record", "set",
        }  # fmt: skip
        assert (sample(declared).mode is Mode.WRITE) == writes, name
