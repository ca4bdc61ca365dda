"""Rules for putting a thing in a group: its name must be free, and a move must shed no policy."""

from collections.abc import Collection, Sequence

from graph.errors import ConflictError, InvalidInputError, PermissionDeniedError
from graph.forest import path_text
from graph.rights import Capability
from graph.snapshot import Snapshot
from queries import clusters, groups, identities, policies
from queries.policies import PolicyRow
from queries.states import ClusterState, GroupState


async def is_group_name_taken(at: Snapshot, scope: str, name: str) -> bool:
    """Tell whether a group in this scope has this name: a parent, or a creator of roots."""
    return bool(await at.run(groups.walk_names(start=scope, names=[name])))


async def require_free_group_name(at: Snapshot, scope: str, name: str, *, where: str) -> None:
    """Raise `ConflictError` when a sibling has this name. `scope` is the parent, or the creator."""
    if await is_group_name_taken(at, scope, name):
        raise taken("group", name, where)


async def require_free_cluster_name(at: Snapshot, group: GroupState, name: str) -> None:
    """Raise `ConflictError` when a cluster of the group has this name."""
    if await at.run(clusters.find_cluster(group_id=group.id, name=name)):
        raise taken("cluster", name, group.name)


async def require_free_policy_name(at: Snapshot, group: GroupState, name: str) -> None:
    """Raise `ConflictError` when a policy of the group has this name."""
    if await at.run(policies.find_policy(group_id=group.id, name=name)):
        raise taken("policy", name, group.name)


async def require_free_identity_name(at: Snapshot, group: GroupState, name: str) -> None:
    """Raise `ConflictError` when an identity of the group has this name."""
    if await at.run(identities.find_identity(group_id=group.id, name=name)):
        raise taken("identity", name, group.name)


def taken(what: str, name: str, where: str) -> ConflictError:
    """Build the error for a name that a sibling has."""
    return ConflictError(f"There is a {what} {name!r} in {where} already. Choose another name.")


def require_same_organization(thing: GroupState | ClusterState | PolicyRow, to: GroupState) -> None:
    """Raise `InvalidInputError` for a move across organizations."""
    if thing.org != to.org:
        raise InvalidInputError(
            f"{thing.name} cannot move to another organization. Make it anew there and delete it"
            f" here."
        )


async def require_may_lose(at: Snapshot, lost: Collection[str]) -> None:
    """Let pass who may update every policy that clusters lose with these groups above them.

    Otherwise who may move clusters could take them out of a policy's reach.
    """
    losing = await at.run(policies.bound_policies(groups=sorted(lost)))
    refused: list[PolicyRow] = []
    for policy in losing:
        if await at.may(Capability.POLICY_UPDATE, policy.group_id):
            at.needs.append((Capability.POLICY_UPDATE, policy.group_id))
        else:
            refused.append(policy)
    if refused:
        forest = await at.forest(policy.group_id for policy in refused)
        names = _listed([f"{path_text(forest.path(p.group_id))}/{p.name}" for p in refused])
        raise PermissionDeniedError(
            f"By this move clusters would escape {names}. You need {Capability.POLICY_UPDATE} at"
            f" the group of each such policy."
        )


def _listed(names: Sequence[str]) -> str:
    most = 10
    shown = ", ".join(sorted(names)[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
