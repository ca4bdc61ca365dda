"""Writes of much at once, timed: the bulk load, and a delete with all that is inside."""

import time

from api.authn.dev import DEV_ISSUER
from bench.generate import SHAPES, generate
from bench.report import Report
from bench.stores import Store
from graph import groups, restoring
from graph.ids import user_id
from graph.loading import load_organization
from graph.organization_file import OrganizationFile
from graph.snapshot import Caller


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


async def measure_cascade(store: Store, shape: str, run: str, report: Report) -> None:
    """Delete an organization with all that is in it, and restore it: one transaction each."""
    file = generate(SHAPES[shape], name=f"cascade-{run}")
    loaded = await load_organization(store.graph, file, default_issuer=DEV_ISSUER)
    caller = Caller(user_id(store.graph.user_key, DEV_ISSUER, file.users["owner"].subject))
    begun = time.perf_counter()
    deleted = await groups.delete_group(
        store.graph, caller=caller, group=loaded.organization, cascade=True
    )
    between = time.perf_counter()
    await restoring.restore(store.graph, caller=caller, change=deleted.change or "")
    taken = {"delete": between - begun, "restore": time.perf_counter() - between}
    for what, seconds in taken.items():
        report.say(f"{store.name}: {what} of {len(deleted.edits):,} things in {seconds:.1f} s")
        report.figure(
            section="cascade",
            store=store.name,
            what=what,
            things=len(deleted.edits),
            seconds=seconds,
        )
