"""What must hold of the graph whatever is written, and the checker that looks for what does not."""

from collections import Counter
from collections.abc import Iterable, Sequence

from graph.edits import Edit
from graph.errors import ConflictError
from graph.rights import BUILT_IN_ROLES, OWNER_ID
from graph.session import Reader
from graph.snapshot import Snapshot
from queries import bindings, groups
from queries import invariants as queries
from queries.invariants import (
    BindingFacts,
    GroupFacts,
    OrganizationFacts,
    PlacedFacts,
    VersionFacts,
)
from queries.states import BindingState, GroupState


async def check_owners(at: Snapshot, org: str, edits: Sequence[Edit]) -> None:
    """Raise `ConflictError` when these edits leave an organization without an owner.

    An owner in this sense is a person bound at the root as owner, with no expiry.
    """
    if not any(_is_owner(edit.before, org) for edit in edits) or _deletes(edits, org):
        return
    bound = await at.run(bindings.group_bindings(groups=[org]))
    owners = {
        row.binding.id for row in bound if row.user.kind == "human" and _is_owner(row.binding, org)
    }
    for edit in edits:
        if isinstance(edit.before, BindingState) and not _is_owner(edit.after, org):
            owners.discard(edit.before.id)
    if not owners:
        root = (await at.run(groups.read_groups(ids=[org])))[0]
        raise ConflictError(
            f"This would leave {root.name} without an owner. Bind another person as owner of it,"
            f" without an expiry, and try again."
        )


def _is_owner(state: object, org: str) -> bool:
    return (
        isinstance(state, BindingState)
        and state.group_id == org
        and state.role == OWNER_ID
        and state.expires_at is None
    )


def _deletes(edits: Sequence[Edit], org: str) -> bool:
    return any(
        isinstance(edit.before, GroupState) and edit.before.id == org and edit.after is None
        for edit in edits
    )


async def find_violations(reader: Reader, org: str) -> list[str]:
    """Look through an organization for what must never be; return it in words, nothing if whole.

    For an organization that nobody writes meanwhile.
    """
    found = await reader.run(queries.organization_facts(org=org))
    tree = await reader.run(queries.group_facts(org=org))
    placed = await reader.run(queries.placed_facts(org=org))
    versions = await reader.run(queries.version_facts(org=org))
    bound = await reader.run(queries.binding_facts(org=org))
    if len(found) != 1:
        return [f"{org} is {len(found)} organizations"]
    return [
        *_wrong_revisions(found[0]),
        *_wrong_groups(tree, org),
        *_wrong_places(placed, {group.id for group in tree}, org),
        *_wrong_versions(placed, versions),
        *_wrong_bindings(bound, org),
        *_wrong_roles(tree, placed, bound),
        *_wrong_life(found[0], tree, placed, versions, bound),
    ]


def _wrong_revisions(found: OrganizationFacts) -> Iterable[str]:
    revisions = sorted(change.revision for change in found.changes)
    if revisions != list(range(1, found.revision + 1)):
        missing = sorted(set(range(1, found.revision + 1)).difference(revisions))
        twice = [revision for revision, count in Counter(revisions).items() if count > 1]
        yield (
            f"revision {found.revision} with {len(revisions)} changes: {missing} are missing,"
            f" {twice} are there twice, the newest is {max(revisions, default=0)}"
        )


def _wrong_groups(tree: Sequence[GroupFacts], org: str) -> Iterable[str]:
    above: dict[str, str | None] = {}
    for group in tree:
        parents = [parent.id for parent in group.parents]
        above[group.id] = next((parent for parent in parents if parent), None)
        if len(parents) > 1:
            yield f"{group.id} has {len(parents)} parents"
        if group.is_root != (group.id == org) or group.is_root != (group.parent_id is None):
            yield f"{group.id} is a root and is not"
        if parents != ([group.parent_id] if group.parent_id else []):
            yield f"{group.id} says its parent is {group.parent_id}, its edges say {parents}"
        if any(parent.org != org for parent in group.parents):
            yield f"{group.id} stands below another organization"
        if group.name_scope != (group.parent_id or group.created_by):
            yield f"{group.id} has the name scope {group.name_scope}"
    for group in tree:
        yield from _wrong_way(group.id, above, org)
    yield from _twice("group", ((above[group.id], group.name) for group in tree))


def _wrong_way(group_id: str, above: dict[str, str | None], org: str) -> Iterable[str]:
    at: str | None = group_id
    seen: set[str] = set()
    while at is not None and at != org:
        if at in seen:
            yield f"{group_id} lies on or below a ring through {at}"
            return
        seen.add(at)
        at = above.get(at)
    if at is None:
        yield f"{group_id} has no way up to {org}"


def _wrong_places(placed: Sequence[PlacedFacts], tree: set[str], org: str) -> Iterable[str]:
    for thing in placed:
        places = [place.id for place in thing.places]
        if places != [thing.group_id]:
            yield f"{thing.id} says it is bound to {thing.group_id}, its edges say {places}"
        if thing.group_id not in tree or any(place.org != org for place in thing.places):
            yield f"{thing.id} is bound to no group of its organization"
    yield from _twice("place", ((t.kind, t.group_id, t.name) for t in placed))


def _wrong_versions(
    placed: Sequence[PlacedFacts], versions: Sequence[VersionFacts]
) -> Iterable[str]:
    policies = {thing.id: thing.version_id for thing in placed if thing.kind == "policy"}
    owner = {version.id: version.policy_id for version in versions}
    for version in versions:
        if version.policies != [version.policy_id] or version.policy_id not in policies:
            yield f"{version.id} says it is of {version.policy_id}, its edges {version.policies}"
    for policy_id, active in policies.items():
        if owner.get(active or "") != policy_id:
            yield f"the active version {active} of {policy_id} is none of its versions"
    yield from _twice("version", ((version.policy_id, version.number) for version in versions))


def _wrong_bindings(bound: Sequence[BindingFacts], org: str) -> Iterable[str]:
    for each in bound:
        if (each.org, each.user_id, each.group_id) != (org, each.from_user, each.to_group):
            yield f"{each.id} says otherwise than its edge from {each.from_user}"
    yield from _twice("id of a binding", ((each.id,) for each in bound))
    yield from _twice("binding", ((each.user_id, each.group_id, each.role) for each in bound))


def _wrong_roles(
    tree: Sequence[GroupFacts], placed: Sequence[PlacedFacts], bound: Sequence[BindingFacts]
) -> Iterable[str]:
    """Look for a role that is granted elsewhere than at its own group or below."""
    of_group = {thing.id: thing.group_id for thing in placed if thing.kind == "role"}
    above = {group.id: group.parent_id for group in tree}
    for each in bound:
        if each.role in BUILT_IN_ROLES:
            continue
        place: str | None = each.to_group
        seen: set[str] = set()  # of a ring, which is another fault
        while place is not None and place != of_group.get(each.role) and place not in seen:
            seen.add(place)
            place = above.get(place)
        if place is None or place in seen or each.role not in of_group:
            yield f"{each.id} has the role {each.role}, which is not usable at {each.to_group}"


def _wrong_life(
    found: OrganizationFacts,
    tree: Sequence[GroupFacts],
    placed: Sequence[PlacedFacts],
    versions: Sequence[VersionFacts],
    bound: Sequence[BindingFacts],
) -> Iterable[str]:
    if found.name is None:
        rest = len(tree) + len(placed) + len(versions) + len(bound)
        if rest:
            yield f"{found.org} is deleted and {rest} things of it are there"
        return
    if found.org not in {group.id for group in tree}:
        yield f"{found.org} has no root"
    at_root = [each for each in bound if each.group_id == found.org and each.role == OWNER_ID]
    if not any(each.from_kind == "human" and each.expires_at is None for each in at_root):
        yield f"{found.org} has no owner"


def _twice(what: str, keys: Iterable[tuple[object, ...]]) -> Iterable[str]:
    for key, count in Counter(keys).items():
        if count > 1:
            yield f"the {what} {' '.join(map(str, key))} is there {count} times"
