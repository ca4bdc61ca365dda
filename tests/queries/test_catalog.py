from pathlib import Path
from typing import LiteralString

import pytest

import queries
from queries import Mode, schema
from queries.loader import load_text
from tests.queries.catalog import catalog, without_values
from tests.queries.conftest import Explain

_FOLDER = Path(queries.__file__).parent
_CATALOG = catalog()

# Statements that look at every node or edge there is, or at a whole index.
_SCANS = (
    "MATCH (n) RETURN n",
    "MATCH (n:Cluster) RETURN n",
    "MATCH (n:User|Cluster) RETURN n",
    "MATCH (n:User&Cluster) RETURN n",
    "MATCH (n:User&!Cluster) RETURN n",
    "MATCH (n:Cluster) WHERE n.id IS NOT NULL RETURN n",
    "MATCH (n:Cluster) WHERE n.id CONTAINS 'a' RETURN n",
    "MATCH ()-[r]->() RETURN r",
    "MATCH ()-[r:BOUND_TO]->() RETURN r",
    "MATCH ()-[r:BOUND_TO]-() RETURN r",
)


def test_every_file_is_declared_and_every_declaration_has_its_file() -> None:
    files = {
        path.relative_to(_FOLDER).with_suffix("").as_posix() for path in _FOLDER.rglob("*.cypher")
    }

    assert files == {*_CATALOG, schema.CONSTRAINTS, *schema.MIGRATIONS}


@pytest.mark.parametrize("name", sorted(_CATALOG))
async def test_no_query_scans_the_store_on_neo4j(explain: Explain, name: str) -> None:
    operators = await explain(load_text(name))

    assert not _scans(operators), operators


@pytest.mark.parametrize("text", _SCANS)
async def test_what_scans_the_store_is_seen_to_on_neo4j(
    explain: Explain, text: LiteralString
) -> None:
    assert _scans(await explain(text))


def test_a_query_that_only_reads_says_so() -> None:
    for name, declared in _CATALOG.items():
        writes = name.split("/")[1].split("_")[0] in {
            "create", "update", "delete", "link", "unlink", "rebind", "put", "bury", "lock",
            "register", "record", "set",
        }  # fmt: skip
        assert (without_values(declared).mode is Mode.WRITE) == writes, name


def _scans(operators: list[str]) -> list[str]:
    """Return the operators of a plan that scan: Neo4j names every one of them so."""
    return [name for name in operators if name.partition("@")[0].endswith("Scan")]
