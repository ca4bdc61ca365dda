"""What a policy reaches."""

from collections.abc import Sequence

from graph.clusters import clusters_in
from graph.paging import PageRequest, Slice
from graph.rights import Capability
from graph.snapshot import Snapshot
from queries.policies import PolicyRow
from queries.states import ClusterState


async def policy_clusters(
    at: Snapshot, *, policies: Sequence[PolicyRow], page: PageRequest
) -> list[Slice[ClusterState]]:
    """Return for each policy the clusters it is effective for, as far as one may list them."""
    await at.forest(policy.group_id for policy in policies)  # all at once
    scopes = [await at.scopes(Capability.CLUSTERS_LIST, policy.group_id) for policy in policies]
    return await clusters_in(at, scopes, page)
