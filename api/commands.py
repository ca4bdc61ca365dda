"""The commands of `policygraph` besides `serve`."""

from pathlib import Path

from api.authn.dev import DEV_ISSUER, DevIssuer
from api.serving import open_store
from api.settings import Settings
from graph.embedded import EmbeddedStoreError, holds_store
from graph.loading import Loaded, load_organization
from graph.migrations import layout
from graph.organization_file import read_organization_file
from queries import organizations


async def load(settings: Settings, file: Path) -> Loaded:
    """Load an organization file into the store, or into that of a service that runs on it."""
    organization = read_organization_file(file, require_identities=settings.require_identities)
    people = [each.issuer for each in settings.trusted if each.people]
    issuer = DEV_ISSUER if settings.dev or not people else people[0]
    async with open_store(settings, beside=True) as graph:
        return await load_organization(graph, organization, default_issuer=issuer)


def token(data: Path, email: str) -> str:
    """Return a token of the development issuer for an e-mail address."""
    return DevIssuer(data).token(email)


async def check(settings: Settings) -> str:
    """Open the store, bring its layout up to date, and say how it is."""
    if settings.store_uri is None and not holds_store(settings.data):
        directory = settings.data.expanduser().resolve()
        raise EmbeddedStoreError(
            f"There is no store in {directory}: `policygraph serve` makes one. If yours is"
            f" elsewhere, say where with --data."
        )
    async with open_store(settings, beside=True) as graph:
        count = await graph.session.run(organizations.count_organizations())
    where = settings.store_uri or f"the embedded store in {settings.data}"
    return (
        f"settings: complete\nstore: {where} answers\n"
        f"layout: {layout()}, constraints and indexes are there\n"
        f"organizations: {count} (deleted ones count)\n"
    )
