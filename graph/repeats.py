"""Who may be told again what a write under an idempotency key did."""

from collections.abc import Sequence

from graph import changes, lookup
from graph.edits import Edit
from graph.rights import Capability
from graph.snapshot import Snapshot, not_found
from queries.changes import ChangeRow
from queries.states import GroupState


async def require_again(at: Snapshot, row: ChangeRow, edits: Sequence[Edit]) -> None:
    """Let pass who still holds the rights that a change took, and still sees what it was about.

    Where a group is gone since, the right counts at the closest group above it that is left. With
    an organization every right in it is gone; who wrote to it may know.
    """
    for need in row.needs:
        capability, _, group_id = need.partition(" ")
        place = await _what_is_left(at, row.org, group_id)
        if place is None:
            at.ask(Capability(capability))
        else:
            await at.require(
                Capability(capability),
                place,
                shown_by=Capability.GROUPS_LIST,
                what=f"group {place}",
            )
    await _require_visible(at, edits)


async def _what_is_left(at: Snapshot, org: str, group_id: str) -> str | None:
    """Return a group, or what is left of those that stood above it when it was deleted."""
    place: str | None = group_id
    while place is not None and place not in await at.forest([place]):
        last = await changes.last_state(at, org, place)
        place = last.parent_id if isinstance(last, GroupState) else None
    return place


async def _require_visible(at: Snapshot, edits: Sequence[Edit]) -> None:
    """Let pass who sees where it is now what the change was about, as far as it still is."""
    kinds = ("group", "cluster", "policy", "identity", "role")
    ids: dict[str, list[str]] = {kind: [] for kind in kinds}
    for edit in edits:
        if edit.subject.kind in ids:
            ids[edit.subject.kind].append(edit.subject.id)
    seen_by = (
        *(
            (group, group.id, Capability.GROUPS_LIST)
            for group in await lookup.read_groups(at, ids["group"])
            if group
        ),
        *(
            (cluster, cluster.group_id, Capability.CLUSTERS_LIST)
            for cluster in await lookup.read_clusters(at, ids["cluster"])
            if cluster
        ),
        *(
            (policy, policy.group_id, Capability.POLICY_LIST)
            for policy in await lookup.read_policies(at, ids["policy"])
            if policy
        ),
        *(
            (identity, identity.group_id, Capability.IDENTITY_LIST)
            for identity in await lookup.read_identities(at, ids["identity"])
            if identity
        ),
        *(
            (role, role.group_id, Capability.ROLES_LIST)
            for role in await lookup.read_roles(at, ids["role"])
            if role
        ),
    )
    await at.forest(place for _, place, _ in seen_by)  # all at once
    for thing, place, capability in seen_by:
        if not await at.may(capability, place):
            raise not_found(thing.id)
