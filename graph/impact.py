"""What a deletion or a move would change, for which clusters and users, before it is done."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from graph import lookup, rights, users
from graph.errors import InvalidInputError
from graph.forest import Path
from graph.ids import Kind
from graph.placed import Placed, find_placed
from graph.placement import require_same_organization
from graph.rights import Capability
from graph.snapshot import Snapshot, denied
from queries import bindings, clusters, groups, policies
from queries.groups import GroupName
from queries.policies import PolicyRow
from queries.states import BindingState, ClusterState, GroupState
from queries.users import UserRow

_LISTED = (Capability.CLUSTERS_LIST, Capability.POLICY_LIST, Capability.ROLE_BINDINGS_LIST)


@dataclass(frozen=True, slots=True)
class ClusterImpact:
    """A cluster that would be enforced by other policies, or be gone."""

    cluster: ClusterState
    lost: Sequence[PolicyRow]
    gained: Sequence[PolicyRow]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class UserImpact:
    """A user who would hold other rights at a group, and everywhere below it."""

    user: UserRow
    place: GroupName
    lost: frozenset[Capability]
    gained: frozenset[Capability]


@dataclass(frozen=True, slots=True)
class Impact:
    """All that a deletion or a move would change."""

    clusters: Sequence[ClusterImpact] = field(default_factory=list[ClusterImpact])
    users: Sequence[UserImpact] = field(default_factory=list[UserImpact])


async def impact(at: Snapshot, *, ref: str, to: str | None = None) -> Impact:
    """Say what deleting this would change, or with `to` moving it there.

    Needs the rights to list clusters, policies and role bindings at the places in question; an
    answer that left some out would be worse than none.
    """
    thing = await find_placed(at, ref, Kind.GROUP, Kind.CLUSTER, Kind.POLICY, Kind.BINDING)
    await _require_listing(at, thing.group_id, what=f"the group of {thing.kind} {thing.name!r}")
    target = await lookup.group(at, to) if to is not None else None
    if target is not None:
        await _require_listing(at, target.id, what=f"group {target.name!r}")
        _check_move(thing, target)
    match thing.found:
        case PolicyRow() as policy:
            return await _of_policy(at, policy, target)
        case ClusterState() as cluster:
            return await _of_cluster(at, cluster, target)
        case BindingState() as binding:
            return await _of_binding(at, binding)
        case GroupState() as group:
            if target is None:
                return await _of_deleted_group(at, group)
            return await _of_moved_group(at, group, target)


def _check_move(thing: Placed, target: GroupState) -> None:
    if isinstance(thing.found, BindingState):
        raise InvalidInputError("A role binding does not move; delete it and bind the user anew.")
    require_same_organization(thing.found, target)
    if isinstance(thing.found, GroupState) and thing.found.parent_id is None:
        raise InvalidInputError(f"{thing.name} is an organization; a root does not move.")


async def _require_listing(at: Snapshot, group_id: str, *, what: str) -> None:
    """Let pass who may list at a group all that could change; that it is there is no secret."""
    for capability in _LISTED:
        if not await at.may(capability, group_id):
            raise denied(capability, f"{what}, to see all that would change")


async def _of_policy(at: Snapshot, policy: PolicyRow, target: GroupState | None) -> Impact:
    before = {cluster.id: cluster for cluster in await _clusters_below(at, policy.group_id)}
    after = (
        {cluster.id: cluster for cluster in await _clusters_below(at, target.id)} if target else {}
    )
    losing = [ClusterImpact(before[id_], [policy], []) for id_ in before.keys() - after.keys()]
    gaining = [ClusterImpact(after[id_], [], [policy]) for id_ in after.keys() - before.keys()]
    return Impact(clusters=_sorted([*losing, *gaining]))


async def _of_cluster(at: Snapshot, cluster: ClusterState, target: GroupState | None) -> Impact:
    before = (await at.forest([cluster.group_id])).ids(cluster.group_id)
    if target is None:
        lost = await _bound(at, before)
        return Impact(clusters=[ClusterImpact(cluster, lost, [], deleted=True)])
    after = (await at.forest([target.id])).ids(target.id)
    lost, gained = await _bound(at, before - after), await _bound(at, after - before)
    return Impact(clusters=_changed([cluster], lost, gained))


async def _of_deleted_group(at: Snapshot, group: GroupState) -> Impact:
    below = await at.run(groups.subtree(ids=[group.id]))
    forest = await at.forest([each.id for each in below])
    found = await at.run(clusters.bound_clusters(groups=[each.id for each in below]))
    policies_above = await _bound(
        at, frozenset[str]().union(*(forest.ids(each.id) for each in below))
    )
    lost: dict[str, list[PolicyRow]] = {}
    for each in below:
        above = forest.ids(each.id)
        lost[each.id] = [policy for policy in policies_above if policy.group_id in above]
    affected = [
        ClusterImpact(cluster, lost[cluster.group_id], [], deleted=True) for cluster in found
    ]
    rows = await at.run(bindings.group_bindings(groups=[each.id for each in below]))
    held = await at.roles(row.binding.role for row in rows)
    bound = {(row.user.id, row.binding.group_id): row.user for row in rows}
    losing: list[UserImpact] = []
    for user_id, place in sorted(bound):
        own = [row.binding for row in rows if row.user.id == user_id]
        if lost_rights := rights.capabilities_at(own, {place}, at.now, held):
            user, step = bound[user_id, place], forest.path(place)[-1]
            losing.append(UserImpact(user, step, lost_rights, frozenset()))
    return Impact(clusters=_sorted(affected), users=losing)


async def _of_moved_group(at: Snapshot, group: GroupState, target: GroupState) -> Impact:
    forest = await at.forest([group.id, target.id])
    if group.id in forest.ids(target.id):
        raise InvalidInputError(f"{group.name} cannot move below itself.")
    before = forest.path(group.id)
    after = (*forest.path(target.id), before[-1])
    old, new = {step.id for step in before}, {step.id for step in after}
    lost, gained = await _bound(at, old - new), await _bound(at, new - old)
    affected = _changed(await _clusters_below(at, group.id), lost, gained)
    return Impact(clusters=affected, users=await _users_between(at, before, after))


async def _users_between(at: Snapshot, before: Path, after: Path) -> list[UserImpact]:
    """Return who holds other rights at the end of the one path than at that of the other."""
    old, new = {step.id for step in before}, {step.id for step in after}
    rows = await at.run(bindings.group_bindings(groups=sorted(old | new)))
    held = await at.roles(row.binding.role for row in rows)
    known = {row.user.id: row.user for row in rows}
    affected: list[UserImpact] = []
    for user_id in sorted(known):
        own = [row.binding for row in rows if row.user.id == user_id]
        had = rights.capabilities_at(own, old, at.now, held)
        has = rights.capabilities_at(own, new, at.now, held)
        if had != has:
            affected.append(UserImpact(known[user_id], before[-1], had - has, has - had))
    return affected


async def _of_binding(at: Snapshot, binding: BindingState) -> Impact:
    (user,) = await users.get_users(at, users=[binding.user_id])
    path = (await at.forest([binding.group_id])).path(binding.group_id)
    ids = {step.id for step in path}
    own = await at.run(bindings.user_bindings(users=[binding.user_id]))
    held = await at.roles(row.role for row in own)
    had = rights.capabilities_at(own, ids, at.now, held)
    has = rights.capabilities_at([row for row in own if row.id != binding.id], ids, at.now, held)
    if user is None or had == has:
        return Impact()
    return Impact(users=[UserImpact(user, path[-1], had - has, frozenset())])


async def _clusters_below(at: Snapshot, group_id: str) -> list[ClusterState]:
    below = await at.run(groups.subtree(ids=[group_id]))
    return await at.run(clusters.bound_clusters(groups=[group.id for group in below]))


async def _bound(at: Snapshot, group_ids: Collection[str]) -> list[PolicyRow]:
    found = await at.run(policies.bound_policies(groups=sorted(group_ids)))
    return sorted(found, key=lambda policy: (policy.name, policy.id))


def _changed(
    found: Sequence[ClusterState], lost: Sequence[PolicyRow], gained: Sequence[PolicyRow]
) -> list[ClusterImpact]:
    if not lost and not gained:
        return []
    return _sorted([ClusterImpact(cluster, lost, gained) for cluster in found])


def _sorted(affected: Sequence[ClusterImpact]) -> list[ClusterImpact]:
    return sorted(affected, key=lambda each: (each.cluster.name, each.cluster.id))
