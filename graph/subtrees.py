"""All that stands in a subtree: what a cascade deletes, and what a loss would touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from graph.ids import Kind
from graph.paging import by_name
from graph.rights import Capability
from graph.snapshot import Snapshot
from queries import bindings, clusters, groups, identities, invites, policies, roles
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    IdentityState,
    InviteState,
    PolicyState,
    RoleState,
    State,
    VersionState,
)

_NAMED = 10


@dataclass(frozen=True, slots=True)
class Contents:
    """A group and all that is below it; `groups` starts with the group itself."""

    groups: Sequence[GroupState]
    roles: Sequence[RoleState]
    clusters: Sequence[ClusterState]
    policies: Sequence[PolicyState]
    versions: Sequence[VersionState]
    identities: Sequence[IdentityState]
    bindings: Sequence[BindingState]
    """Those at its groups, and those elsewhere of its identities."""
    invites: Sequence[InviteState]

    @property
    def states(self) -> list[State]:
        """Everything, the group itself first."""
        return [
            *self.groups,
            *self.roles,
            *self.policies,
            *self.versions,
            *self.clusters,
            *self.identities,
            *self.bindings,
            *self.invites,
        ]

    @property
    def needed_to_delete(self) -> list[Capability]:
        """The capabilities it takes to delete what is inside, besides `groups.delete`."""
        needed: list[Capability] = []
        if self.roles:
            needed.append(Capability.ROLES_DELETE)
        if self.clusters:
            needed.append(Capability.CLUSTERS_DELETE)
        if self.policies:
            needed.append(Capability.POLICY_DELETE)
        if any(identity.cluster_id is None for identity in self.identities):
            needed.append(Capability.IDENTITY_DELETE)
        return needed


@dataclass(frozen=True, slots=True)
class Inside:
    """What makes a group not empty: how many of each kind, and the first few by name."""

    totals: Mapping[str, int]
    named: Sequence[str]

    @property
    def total(self) -> int:
        """How much it is; role bindings and invites alone do not make a group full."""
        return sum(self.totals.values())

    @property
    def summary(self) -> str:
        """All of it in one line."""
        numbers = ", ".join(f"{kind}: {count}" for kind, count in self.totals.items() if count)
        more = " …" if self.total > len(self.named) else ""
        return f"{numbers} ({', '.join(self.named)}{more})"


class _FirstPage(TypedDict):
    name: None
    after_name: None
    after_id: None
    first: int


async def look_inside(at: Snapshot, group_id: str) -> Inside:
    """Count what a subtree holds, and name the first few of what the caller may list."""
    totals: dict[str, int] = {}
    named: list[str] = []
    page: _FirstPage = {"name": None, "after_name": None, "after_id": None, "first": _NAMED}
    scopes = [[group_id]]
    for kind, listed_by, (found,) in (
        (
            Kind.GROUP,
            Capability.GROUPS_LIST,
            await at.run(groups.list_groups(scopes=scopes, omit=[group_id], **page)),
        ),
        (
            Kind.POLICY,
            Capability.POLICY_LIST,
            await at.run(policies.list_policies(scopes=scopes, **page)),
        ),
        (
            Kind.ROLE,
            Capability.ROLES_LIST,
            [await at.run(roles.list_roles(scopes=[group_id], **page))],
        ),
        (
            Kind.CLUSTER,
            Capability.CLUSTERS_LIST,
            await at.run(clusters.list_clusters(scopes=scopes, **page)),
        ),
        (
            "identity",
            Capability.IDENTITY_LIST,
            await at.run(identities.list_identities(scopes=scopes, **page)),
        ),
    ):
        totals[kind] = found.total
        if await at.may(listed_by, group_id):
            named += [f"{kind} {each.name}" for each in found.items]
    return Inside(totals, named[:_NAMED])


async def read_contents(at: Snapshot, group_id: str) -> Contents:
    """Read a whole subtree; for under the lock, where nothing moves meanwhile."""
    found = await at.run(groups.subtree(ids=[group_id]))
    found.sort(key=lambda group: (group.id != group_id, group.name, group.id))
    ids = [group.id for group in found]
    bound = sorted(await at.run(policies.bound_policies(groups=ids)), key=by_name)
    known = sorted(await at.run(identities.bound_identities(groups=ids)), key=by_name)
    held = await at.run(bindings.user_bindings(users=[identity.id for identity in known]))
    here = [row.binding for row in await at.run(bindings.group_bindings(groups=ids))]
    return Contents(
        groups=found,
        roles=sorted(await at.run(roles.bound_roles(groups=ids)), key=by_name),
        clusters=sorted(await at.run(clusters.bound_clusters(groups=ids)), key=by_name),
        policies=[policy.state for policy in bound],
        versions=await at.run(policies.versions_of(policies=[policy.id for policy in bound])),
        identities=known,
        bindings=list({binding.id: binding for binding in (*here, *held)}.values()),
        invites=await at.run(invites.bound_invites(groups=ids)),
    )
