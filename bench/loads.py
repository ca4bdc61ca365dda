"""The bulk load, timed."""

import time

from api.authn.dev import DEV_ISSUER
from bench.report import Report
from bench.stores import Store
from graph.loading import load_organization
from graph.organization_file import OrganizationFile


async def load(store: Store, name: str, file: OrganizationFile, report: Report) -> None:
    """Load an organization that is not there yet and report how many objects a second."""
    begun = time.perf_counter()
    loaded = await load_organization(store.graph, file, default_issuer=DEV_ISSUER)
    seconds = time.perf_counter() - begun
    # Users are no objects of the organization, and are written all the same.
    objects = loaded.created + len(file.users)
    report.say(
        f"{store.name}: loaded {name}: {objects:,} objects in {seconds:.1f} s,"
        f" {objects / seconds:,.0f} a second"
    )
    report.figure(
        section="load",
        store=store.name,
        level="graph",
        organization=name,
        objects=objects,
        seconds=seconds,
        objects_per_second=objects / seconds,
    )
