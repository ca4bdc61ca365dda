"""Makes the graph hold what an organization file says: the operator's bulk load.

What is there already stays; what differs is changed; what the file does not name is left alone. So
a second load of the same file writes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from graph import identities, subtrees
from graph.documents import new_version, read_document
from graph.edits import Edit
from graph.engine import Graph, Intent
from graph.errors import UnavailableError
from graph.identities import Identity
from graph.ids import Kind, binding_id, new_id
from graph.organization_file import (
    BindingEntry,
    ClusterEntry,
    GroupEntry,
    OrganizationFile,
    PolicyEntry,
    walk,
)
from graph.rights import find_built_in_role
from graph.snapshot import OPERATOR, Snapshot
from graph.subtrees import Contents
from queries import groups, organizations
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    PolicyState,
)
from queries.users import UserRow

_BATCH = 1000
_USERS_A_STATEMENT = 1000
_ATTEMPTS = 5
_NOTHING = Contents((), (), (), (), (), (), (), ())


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: the organization, and how many things it created and changed."""

    organization: str
    created: int
    updated: int


class _MovedError(Exception):
    """Somebody else wrote to the organization between two batches."""


async def load_organization(
    graph: Graph, organization: OrganizationFile, *, default_issuer: str
) -> Loaded:
    """Load a file. Up to 1,000 objects make one transaction with one revision and one change."""
    rows = {
        key: identities.user_row(
            graph.user_key,
            Identity(
                issuer=user.issuer or default_issuer,
                subject=user.subject,
                email=user.email,
                display_name=user.name,
            ),
            kind=user.kind,
        )
        for key, user in organization.users.items()
    }
    known = list(rows.values())
    for start in range(0, len(known), _USERS_A_STATEMENT):
        await identities.register(graph.session, known[start : start + _USERS_A_STATEMENT])
    created = updated = 0
    for _ in range(_ATTEMPTS):
        draft = await _draft(graph, organization.root, rows)
        try:
            for batch, revision in _batches(draft):
                await _write(graph, draft, batch, revision)
                created += sum(1 for edit in batch if edit.before is None)
                updated += sum(1 for edit in batch if edit.before is not None)
        except _MovedError:
            continue
        return Loaded(draft.org, created, updated)
    raise UnavailableError("Others kept writing to the organization during the load. Try again.")


@dataclass(slots=True)
class _Draft:
    """The difference between the file and the graph, in units that must be written together."""

    org: str
    exists: bool
    revision: int
    now: datetime
    at: Snapshot
    require_identities: bool
    units: list[list[Edit]] = field(default_factory=list[list[Edit]])


async def _draft(graph: Graph, root: GroupEntry, rows: dict[str, UserRow]) -> _Draft:
    at = await graph.snapshot(OPERATOR)
    met = await at.run(groups.walk_names(start=OPERATOR.user_id, names=[root.name]))
    if met:
        (revision,) = await at.run(organizations.read_revisions(orgs=met))
        org, exists, number = met[0], True, revision.revision
        present = await subtrees.read_contents(at, met[0])
    else:
        org, exists, number = new_id(Kind.GROUP), False, 0
        present = _NOTHING
    draft = _Draft(org, exists, number, at.now, at, graph.require_identities)
    _compare(draft, root, rows, _Present(present))
    return draft


class _Present:
    """What the graph holds, by what the file knows it by."""

    def __init__(self, contents: Contents) -> None:
        self.groups = {(group.parent_id, group.name): group for group in contents.groups}
        self.clusters = {(c.group_id, c.name): c for c in contents.clusters}
        self.policies = {(policy.group_id, policy.name): policy for policy in contents.policies}
        self.versions = {version.id: version for version in contents.versions}
        self.latest: dict[str, int] = {}
        for version in contents.versions:
            number = max(version.number, self.latest.get(version.policy_id, 0))
            self.latest[version.policy_id] = number
        self.bindings = {(b.group_id, b.user_id, b.role): b for b in contents.bindings}


def _compare(draft: _Draft, root: GroupEntry, rows: dict[str, UserRow], present: _Present) -> None:
    ids: list[str] = []
    for step in walk(root):
        parent = None if step.parent is None else ids[step.parent]
        group = _group(draft, step.group, parent, present)
        ids.append(group.after.id if group.after else "")
        bound = [_binding(draft, entry, ids[-1], rows, present) for entry in step.group.bindings]
        if parent is None:
            # A root and its owners come together: it is never without one.
            draft.units.append([group, *bound])
        else:
            draft.units.append([group])
            draft.units += [[edit] for edit in bound]
        for policy in step.group.policies:
            draft.units.append(_policy(draft, policy, ids[-1], present))
        draft.units += [
            [_cluster(draft, cluster, ids[-1], present)] for cluster in step.group.clusters
        ]


def _group(draft: _Draft, entry: GroupEntry, parent: str | None, present: _Present) -> Edit:
    found = present.groups.get((parent, entry.name))
    if found is not None:
        return Edit(found, replace(found, description=entry.description))
    created = GroupState(
        id=draft.org if parent is None else new_id(Kind.GROUP),
        org=draft.org,
        parent_id=parent,
        name=entry.name,
        description=entry.description,
        created_at=draft.now,
        created_by=OPERATOR.user_id,
    )
    return Edit(None, created)


def _cluster(draft: _Draft, entry: ClusterEntry, group_id: str, present: _Present) -> Edit:
    found = present.clusters.get((group_id, entry.name))
    created = ClusterState(
        id=found.id if found else new_id(Kind.CLUSTER),
        org=draft.org,
        group_id=group_id,
        name=entry.name,
        description=entry.description,
        labels=dict(entry.labels),
        remote_id=entry.remote_id,
        kubernetes_version=entry.kubernetes_version,
        created_at=found.created_at if found else draft.now,
        created_by=found.created_by if found else OPERATOR.user_id,
    )
    return Edit(found, created)


def _policy(draft: _Draft, entry: PolicyEntry, group_id: str, present: _Present) -> list[Edit]:
    parsed = read_document(entry.document, require_identities=draft.require_identities)
    found = present.policies.get((group_id, parsed.name))
    policy_id = found.id if found else new_id(Kind.POLICY)
    number = present.latest.get(policy_id, 0) + 1
    active = present.versions[found.version_id] if found else None
    version = new_version(
        draft.at, parsed, org=draft.org, policy_id=policy_id, number=number, previous=active
    )
    if found is None or active is None:
        created = PolicyState(
            id=policy_id,
            org=draft.org,
            group_id=group_id,
            name=parsed.name,
            description=entry.description,
            version_id=version.id,
            created_at=draft.now,
            created_by=OPERATOR.user_id,
        )
        return [Edit(None, created), Edit(None, version)]
    described = replace(found, description=entry.description)
    if (active.document, active.secrets) == (version.document, version.secrets):
        return [Edit(found, described)]
    return [Edit(found, replace(described, version_id=version.id)), Edit(None, version)]


def _binding(
    draft: _Draft,
    entry: BindingEntry,
    group_id: str,
    rows: dict[str, UserRow],
    present: _Present,
) -> Edit:
    user_id, role = rows[entry.user].id, find_built_in_role(entry.role).id
    found = present.bindings.get((group_id, user_id, role))
    if found is not None:
        return Edit(found, replace(found, expires_at=entry.expires))
    created = BindingState(
        id=binding_id(user_id),
        org=draft.org,
        group_id=group_id,
        user_id=user_id,
        role=role,
        expires_at=entry.expires,
        created_at=draft.now,
        created_by=OPERATOR.user_id,
    )
    return Edit(None, created)


def _batches(draft: _Draft) -> Iterator[tuple[Sequence[Edit], int]]:
    """Yield what is to be written, and after which revision each batch comes."""
    revision = draft.revision
    batch: list[Edit] = []
    for unit in draft.units:
        changed = [edit for edit in unit if edit.changes]
        if batch and len(batch) + len(changed) > _BATCH:
            yield batch, revision
            batch, revision = [], revision + 1
        batch += changed
    if batch:
        yield batch, revision


async def _write(graph: Graph, draft: _Draft, batch: Sequence[Edit], revision: int) -> None:
    intent = Intent(caller=OPERATOR, kind="load", input={}, organization=draft.org)

    async def plan(at: Snapshot) -> Sequence[Edit]:
        (found,) = await at.run(organizations.read_revisions(orgs=[draft.org]))
        if found.revision != revision + 1:
            raise _MovedError
        return batch

    if draft.exists or revision > 0:
        await graph.change_organization(intent, draft.org, plan)
    else:
        await graph.create_organization(intent, plan)
