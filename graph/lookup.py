"""Reads one thing by its ref: `find_…` whoever asks, the others only for who may see it."""

from collections.abc import Sequence
from typing import TypeVar

from graph.errors import NotFoundError
from graph.ids import Kind, user_of_binding
from graph.refs import Ref, parse_ref, walk_to_group
from graph.rights import Capability
from graph.snapshot import Snapshot, not_found
from queries import bindings, clusters, groups, identities, invites, policies, roles
from queries.policies import PolicyRow
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    IdentityState,
    InviteState,
    RoleState,
    VersionState,
)

Item = TypeVar("Item")


async def group(at: Snapshot, ref: str) -> GroupState:
    """Return the group a ref leads to. Needs `groups.list` there."""
    found = await find_group(at, ref)
    if not await at.may(Capability.GROUPS_LIST, found.id):
        raise _missing(ref, Kind.GROUP)
    return found


async def group_for(at: Snapshot, ref: str, capability: Capability) -> GroupState:
    """Return the group a ref leads to, for who may do this there."""
    found = await group(at, ref)
    await at.require(
        capability, found.id, shown_by=Capability.GROUPS_LIST, what=f"group {ref[:200]!r}"
    )
    return found


async def limit(at: Snapshot, within: str | None) -> tuple[str | None, str | None]:
    """Return the group to whose subtree a list is limited, and its organization, if it is."""
    if within is None:
        return None, None
    found = await group(at, within)
    return found.id, found.org


async def cluster(at: Snapshot, ref: str) -> ClusterState:
    """Return the cluster a ref leads to. Needs `clusters.list` at its group."""
    found = await find_cluster(at, ref)
    if not await at.may(Capability.CLUSTERS_LIST, found.group_id):
        raise _missing(ref, Kind.CLUSTER)
    return found


async def policy(at: Snapshot, ref: str) -> PolicyRow:
    """Return the policy a ref leads to, for who may list policies where it is effective."""
    found = await find_policy(at, ref)
    if not await policy_visible(at, found.group_id):
        raise _missing(ref, Kind.POLICY)
    return found


async def policy_visible(at: Snapshot, group_id: str) -> bool:
    """Tell whether the caller may list policies at a group, or anywhere below it.

    What rolls down is visible where it arrives.
    """
    return bool(await at.scopes(Capability.POLICY_LIST, group_id))


async def version(at: Snapshot, version_id: str) -> VersionState:
    """Return a version: the active one for who sees the policy, any for who may list it there."""
    found = await find_version(at, version_id)
    (of,) = await read_policies(at, [found.policy_id])
    if of is not None and await at.may(Capability.POLICY_LIST, of.group_id):
        return found
    if of is not None and of.version_id == found.id and await policy_visible(at, of.group_id):
        return found
    raise _missing(version_id, Kind.VERSION)


async def identity(at: Snapshot, identity_id: str) -> IdentityState:
    """Return an identity. Needs `identity.list` at its group."""
    found = await find_identity(at, identity_id)
    if not await at.may(Capability.IDENTITY_LIST, found.group_id):
        raise _missing_identity(identity_id)
    return found


async def binding(at: Snapshot, binding_id: str) -> BindingState:
    """Return a binding: the caller's own, or one that arrives where they may list bindings."""
    found = await find_binding(at, binding_id)
    if found.user_id == at.viewer.user_id or await binding_visible(at, found.group_id):
        return found
    raise _missing(binding_id, Kind.BINDING)


async def binding_visible(at: Snapshot, group_id: str) -> bool:
    """Tell whether the caller may list role bindings at a group, or anywhere below it."""
    return bool(await at.scopes(Capability.ROLE_BINDINGS_LIST, group_id))


async def invite(at: Snapshot, invite_id: str) -> InviteState:
    """Return an invite. Needs `group_invites.list` at its group."""
    found = await find_invite(at, invite_id)
    if not await at.may(Capability.GROUP_INVITES_LIST, found.group_id):
        raise _missing(invite_id, Kind.INVITE)
    return found


async def role(at: Snapshot, ref: str) -> RoleState:
    """Return a custom role: one that the caller holds, or that they may list where it is usable."""
    found = await find_role(at, ref)
    if found in at.viewer.custom_roles or await at.scopes(Capability.ROLES_LIST, found.group_id):
        return found
    raise _missing(ref, Kind.ROLE)


async def find_group(at: Snapshot, ref: str) -> GroupState:
    """Return the group a ref leads to, whoever asks."""
    parsed = parse_ref(ref, Kind.GROUP)
    (found,) = await read_groups(at, [parsed.id or await walk_to_group(at, parsed, parsed.names)])
    return _there(found, ref, Kind.GROUP)


async def find_cluster(at: Snapshot, ref: str) -> ClusterState:
    """Return the cluster a ref leads to, whoever asks."""
    parsed = parse_ref(ref, Kind.CLUSTER)
    if parsed.id is not None:
        (found,) = await read_clusters(at, [parsed.id])
        return _there(found, ref, Kind.CLUSTER)
    place, name = await _place_and_name(at, parsed)
    rows = await at.run(clusters.find_cluster(group_id=place, name=name))
    return _there(rows[0] if rows else None, ref, Kind.CLUSTER)


async def find_policy(at: Snapshot, ref: str) -> PolicyRow:
    """Return the policy a ref leads to, whoever asks."""
    parsed = parse_ref(ref, Kind.POLICY)
    if parsed.id is not None:
        (found,) = await read_policies(at, [parsed.id])
        return _there(found, ref, Kind.POLICY)
    place, name = await _place_and_name(at, parsed)
    rows = await at.run(policies.find_policy(group_id=place, name=name))
    return _there(rows[0] if rows else None, ref, Kind.POLICY)


async def find_role(at: Snapshot, ref: str) -> RoleState:
    """Return the custom role a ref leads to, whoever asks."""
    parsed = parse_ref(ref, Kind.ROLE)
    if parsed.id is not None:
        (found,) = await read_roles(at, [parsed.id])
        return _there(found, ref, Kind.ROLE)
    place, name = await _place_and_name(at, parsed)
    rows = await at.run(roles.find_role(group_id=place, name=name))
    return _there(rows[0] if rows else None, ref, Kind.ROLE)


async def find_version(at: Snapshot, version_id: str) -> VersionState:
    """Return a version, whoever asks."""
    (found,) = await read_versions(at, [parse_ref(version_id, Kind.VERSION).id or ""])
    return _there(found, version_id, Kind.VERSION)


async def find_identity(at: Snapshot, identity_id: str) -> IdentityState:
    """Return an identity, which has its user's id, whoever asks."""
    (found,) = await read_identities(at, [parse_ref(identity_id, Kind.USER).id or ""])
    if found is None:
        raise _missing_identity(identity_id)
    return found


async def find_binding(at: Snapshot, binding_id: str) -> BindingState:
    """Return a binding, whoever asks."""
    (found,) = await read_bindings(at, [parse_ref(binding_id, Kind.BINDING).id or ""])
    return _there(found, binding_id, Kind.BINDING)


async def find_invite(at: Snapshot, invite_id: str) -> InviteState:
    """Return an invite, whoever asks."""
    (found,) = await read_invites(at, [parse_ref(invite_id, Kind.INVITE).id or ""])
    return _there(found, invite_id, Kind.INVITE)


async def organization_of(at: Snapshot, ref: str, kind: Kind) -> str:
    """Return the organization of the thing a ref leads to: where a write takes its lock."""
    match kind:
        case Kind.GROUP:
            found = await find_group(at, ref)
        case Kind.CLUSTER:
            found = await find_cluster(at, ref)
        case Kind.POLICY:
            found = await find_policy(at, ref)
        case Kind.ROLE:
            found = await find_role(at, ref)
        case Kind.VERSION:
            found = await find_version(at, ref)
        case Kind.BINDING:
            found = await find_binding(at, ref)
        case Kind.INVITE:
            found = await find_invite(at, ref)
        case Kind.USER:
            found = await find_identity(at, ref)
        case _:
            raise ValueError(f"a {kind} is in no organization")
    return found.org


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


async def read_roles(at: Snapshot, ids: Sequence[str]) -> list[RoleState | None]:
    """Return these custom roles in this order; None where there is none."""
    found = {row.id: row for row in await at.run(roles.read_roles(ids=sorted(set(ids))))}
    return [found.get(id_) for id_ in ids]


async def read_versions(at: Snapshot, ids: Sequence[str]) -> list[VersionState | None]:
    """Return these versions in this order, documents included; None where there is none."""
    found = {row.id: row for row in await at.run(policies.read_versions(ids=sorted(set(ids))))}
    return [found.get(id_) for id_ in ids]


async def read_identities(at: Snapshot, ids: Sequence[str]) -> list[IdentityState | None]:
    """Return these identities in this order; None where there is none."""
    found = {row.id: row for row in await at.run(identities.read_identities(ids=sorted(set(ids))))}
    return [found.get(id_) for id_ in ids]


async def read_bindings(at: Snapshot, ids: Sequence[str]) -> list[BindingState | None]:
    """Return these bindings in this order; None where there is none."""
    rows = [{"id": id_, "user_id": user_of_binding(id_)} for id_ in sorted(set(ids))]
    found = {row.id: row for row in await at.run(bindings.read_bindings(rows=rows))}
    return [found.get(id_) for id_ in ids]


async def read_invites(at: Snapshot, ids: Sequence[str]) -> list[InviteState | None]:
    """Return these invites in this order; None where there is none."""
    found = {row.id: row for row in await at.run(invites.read_invites(ids=sorted(set(ids))))}
    return [found.get(id_) for id_ in ids]


async def _place_and_name(at: Snapshot, ref: Ref) -> tuple[str, str]:
    return await walk_to_group(at, ref, ref.names[:-1]), ref.names[-1]


def _there(found: Item | None, ref: str, kind: Kind) -> Item:
    if found is None:
        raise _missing(ref, kind)
    return found


def _missing(ref: str, kind: Kind) -> NotFoundError:
    return not_found(f"{kind} {ref[:200]!r}")


def _missing_identity(identity_id: str) -> NotFoundError:
    return not_found(f"identity {identity_id[:200]!r}")
