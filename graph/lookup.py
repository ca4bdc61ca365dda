"""Reads things by id or ref, whatever their kind, and shows each only to who may see it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from graph import refs
from graph.ids import Kind, user_of_binding
from graph.rights import Capability
from graph.snapshot import Snapshot, not_found
from queries import bindings, clusters, groups, policies
from queries.policies import PolicyRow
from queries.states import BindingState, ClusterState, GroupState, VersionState

Item = TypeVar("Item", GroupState, ClusterState, PolicyRow, VersionState, BindingState)


async def group(at: Snapshot, ref: str) -> GroupState:
    """Return the group a ref leads to. Needs `groups.list` there."""
    return await _visible(at, ref, Kind.GROUP, read_groups, Capability.GROUPS_LIST)


async def cluster(at: Snapshot, ref: str) -> ClusterState:
    """Return the cluster a ref leads to. Needs `clusters.list` at its group."""
    return await _visible(at, ref, Kind.CLUSTER, read_clusters, Capability.CLUSTERS_LIST)


async def policy(at: Snapshot, ref: str) -> PolicyRow:
    """Return the policy a ref leads to, for who may list policies where it is effective."""
    found = await _one(at, ref, Kind.POLICY, read_policies)
    if not await policy_visible(at, found.group_id):
        raise not_found(f"policy {ref[:200]!r}")
    return found


async def policy_visible(at: Snapshot, group_id: str) -> bool:
    """Tell whether the caller may list policies at a group, or anywhere below it.

    What rolls down is visible where it arrives.
    """
    return bool(await at.scopes(Capability.POLICY_LIST, group_id))


async def version(at: Snapshot, version_id: str) -> VersionState:
    """Return a version: the active one for who sees the policy, any for who may list it there."""
    found = await _one(at, version_id, Kind.VERSION, read_versions)
    (of,) = await read_policies(at, [found.policy_id])
    if of is not None and await at.may(Capability.POLICY_LIST, of.group_id):
        return found
    if of is not None and of.version_id == found.id and await policy_visible(at, of.group_id):
        return found
    raise not_found(f"version {version_id[:200]!r}")


async def binding(at: Snapshot, binding_id: str) -> BindingState:
    """Return a binding: the caller's own, or one that arrives where they may list bindings."""
    found = await _one(at, binding_id, Kind.BINDING, read_bindings)
    if found.user_id == at.viewer.user_id or await binding_visible(at, found.group_id):
        return found
    raise not_found(f"binding {binding_id[:200]!r}")


async def binding_visible(at: Snapshot, group_id: str) -> bool:
    """Tell whether the caller may list role bindings at a group, or anywhere below it."""
    return bool(await at.scopes(Capability.ROLE_BINDINGS_LIST, group_id))


async def organization_of(at: Snapshot, ref: str, kind: Kind) -> str:
    """Return the organization of the thing a ref leads to: where a write takes its lock."""
    match kind:
        case Kind.GROUP:
            return (await _one(at, ref, kind, read_groups)).org
        case Kind.CLUSTER:
            return (await _one(at, ref, kind, read_clusters)).org
        case Kind.POLICY:
            return (await _one(at, ref, kind, read_policies)).org
        case Kind.VERSION:
            return (await _one(at, ref, kind, read_versions)).org
        case Kind.BINDING:
            return (await _one(at, ref, kind, read_bindings)).org
        case _:
            raise ValueError(f"a {kind} is in no organization")


async def read_groups(at: Snapshot, ids: Sequence[str]) -> list[GroupState | None]:
    """Return these groups in this order; None where there is none."""
    found = {row.id: row for row in await at.run(groups.read_groups(ids=sorted(set(ids))))}
    return [found.get(id_) for id_ in ids]


async def read_clusters(at: Snapshot, ids: Sequence[str]) -> list[ClusterState | None]:
    """Return these clusters in this order; None where there is none."""
    found = {row.id: row for row in await at.run(clusters.read_clusters(ids=sorted(set(ids))))}
    return [found.get(id_) for id_ in ids]


async def read_policies(at: Snapshot, ids: Sequence[str]) -> list[PolicyRow | None]:
    """Return these policies in this order; None where there is none."""
    found = {row.id: row for row in await at.run(policies.read_policies(ids=sorted(set(ids))))}
    return [found.get(id_) for id_ in ids]


async def read_versions(at: Snapshot, ids: Sequence[str]) -> list[VersionState | None]:
    """Return these versions in this order, documents included; None where there is none."""
    found = {row.id: row for row in await at.run(policies.read_versions(ids=sorted(set(ids))))}
    return [found.get(id_) for id_ in ids]


async def read_bindings(at: Snapshot, ids: Sequence[str]) -> list[BindingState | None]:
    """Return these bindings in this order; None where there is none."""
    rows = [{"id": id_, "user_id": user_of_binding(id_)} for id_ in sorted(set(ids))]
    found = {row.id: row for row in await at.run(bindings.read_bindings(rows=rows))}
    return [found.get(id_) for id_ in ids]


async def _one(
    at: Snapshot,
    ref: str,
    kind: Kind,
    read: Callable[[Snapshot, Sequence[str]], Awaitable[list[Item | None]]],
) -> Item:
    (found,) = await read(at, [await refs.resolve(at, ref, kind)])
    if found is None:
        raise not_found(f"{kind} {ref[:200]!r}")
    return found


async def _visible(
    at: Snapshot,
    ref: str,
    kind: Kind,
    read: Callable[[Snapshot, Sequence[str]], Awaitable[list[Item | None]]],
    capability: Capability,
) -> Item:
    found = await _one(at, ref, kind, read)
    place = found.id if isinstance(found, GroupState) else getattr(found, "group_id", "")
    if not await at.may(capability, place):
        raise not_found(f"{kind} {ref[:200]!r}")
    return found
