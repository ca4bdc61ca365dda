"""Keyless authorities that name nobody: a warning, and an error where identities are required."""

from pathlib import Path

import pytest

from graph import documents, policies
from graph.engine import Graph
from graph.errors import InvalidInputError
from graph.loading import load_organization
from graph.organization_file import OrganizationFileError, read_organization_file
from graph.session import Session
from queries.states import VersionState
from tests.given import ISSUER, a_keyless_policy, a_person, an_organization, snapshot, written

ANYBODY = a_keyless_policy("signed")
ADA = a_keyless_policy(
    "signed", identities="identities: [{issuer: 'https://a.example', subject: ada@a.example}]"
)
SAID = "say whose signatures count"


@pytest.fixture
def strict(session: tuple[Session, bytes]) -> Graph:
    """The graph of a service that requires identities."""
    opened, user_key = session
    return Graph(opened, user_key=user_key, require_identities=True)


async def test_a_document_without_identities_is_refused_where_they_are_required(
    graph: Graph, strict: Graph
) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    lax = await policies.apply_policy(graph, caller=owner, group=org, document=ANYBODY)

    with pytest.raises(InvalidInputError, match=SAID):
        await policies.apply_policy(strict, caller=owner, group=org, document=ANYBODY)

    named = await policies.apply_policy(strict, caller=owner, group=org, document=ADA)
    assert written(named, VersionState).number == 2
    # What was applied before they were required is still there, and may come back.
    first = written(lax, VersionState)
    await policies.activate_policy_version(strict, caller=owner, version=first.id)
    found = await policies.get_policy(await snapshot(strict, owner), ref=f"{org}/signed")
    assert found.version.id == first.id
    assert [w.field for w in await documents.version_warnings(first)] != []


async def test_a_load_obeys_it_too(graph: Graph, strict: Graph, tmp_path: Path) -> None:
    name = f"load-{(await a_person(graph)).user_id[-12:].lower()}"
    file = tmp_path / "organization.yaml"
    (tmp_path / "signed.yaml").write_text(ANYBODY, encoding="utf-8")
    file.write_text(
        "users: {ada: {email: ada@acme.example}}\n"
        f"organization: {{name: {name}, bindings: {{owner: [ada]}}, policies: [signed.yaml]}}\n",
        encoding="utf-8",
    )
    with pytest.raises(OrganizationFileError) as refused:
        read_organization_file(file, require_identities=True)
    (told,) = refused.value.details
    assert told.startswith(f"{tmp_path / 'signed.yaml'}:6:")
    assert SAID in told
    organization = read_organization_file(file)

    with pytest.raises(InvalidInputError, match=SAID):
        await load_organization(strict, organization, default_issuer=ISSUER)

    assert (await load_organization(graph, organization, default_issuer=ISSUER)).created > 0
