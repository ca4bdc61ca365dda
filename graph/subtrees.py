"""All that stands in a subtree: what a cascade deletes, and what a loss would touch."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from graph.rights import Capability
from graph.snapshot import Snapshot
from queries import bindings, clusters, groups, policies
from queries.policies import PolicyRow
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    PolicyState,
    State,
    VersionState,
)

_NAMED = 10


@dataclass(frozen=True, slots=True)
class Contents:
    """A group and all that is below it; `groups` starts with the group itself."""

    groups: Sequence[GroupState]
    clusters: Sequence[ClusterState]
    policies: Sequence[PolicyState]
    versions: Sequence[VersionState]
    bindings: Sequence[BindingState]

    @property
    def states(self) -> list[State]:
        """Everything, the group itself first."""
        return [*self.groups, *self.policies, *self.versions, *self.clusters, *self.bindings]

    @property
    def inside(self) -> list[str]:
        """What makes the group not empty, as `kind name`; bindings alone do not."""
        return [
            f"{state.kind} {state.name}"
            for state in (*self.groups[1:], *self.policies, *self.clusters)
        ]

    @property
    def summary(self) -> str:
        """What is inside in one line: how many of each kind, and the first few names."""
        counts = Counter(line.partition(" ")[0] for line in self.inside)
        numbers = ", ".join(f"{kind}: {count}" for kind, count in counts.items())
        named = ", ".join(self.inside[:_NAMED])
        return f"{numbers} ({named}{' …' if len(self.inside) > _NAMED else ''})"

    @property
    def needed_to_delete(self) -> list[Capability]:
        """The capabilities it takes to delete what is inside, besides `groups.delete`."""
        needed: list[Capability] = []
        if self.clusters:
            needed.append(Capability.CLUSTERS_DELETE)
        if self.policies:
            needed.append(Capability.POLICY_DELETE)
        return needed


async def read_contents(at: Snapshot, group_id: str) -> Contents:
    """Read a whole subtree; for under the lock, where nothing moves meanwhile."""
    found = await at.run(groups.subtree(ids=[group_id]))
    found.sort(key=lambda group: (group.id != group_id, group.name, group.id))
    ids = [group.id for group in found]
    bound = sorted(await at.run(policies.bound_policies(groups=ids)), key=_by_name)
    return Contents(
        groups=found,
        clusters=sorted(await at.run(clusters.bound_clusters(groups=ids)), key=_by_name),
        policies=[state_of(policy) for policy in bound],
        versions=await at.run(policies.versions_of(policies=[policy.id for policy in bound])),
        bindings=[row.binding for row in await at.run(bindings.group_bindings(groups=ids))],
    )


def _by_name(state: ClusterState | PolicyState) -> tuple[str, str]:
    return state.name, state.id


def state_of(policy: PolicyRow) -> PolicyState:
    """Return the state of a policy that was read together with its active version."""
    return PolicyState(
        id=policy.id,
        org=policy.org,
        group_id=policy.group_id,
        name=policy.name,
        description=policy.description,
        version_id=policy.version_id,
        created_at=policy.created_at,
        created_by=policy.created_by,
    )
