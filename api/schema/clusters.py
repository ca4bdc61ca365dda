"""Clusters in the schema."""

from datetime import datetime

import strawberry

from api.context import Ask
from api.schema.connections import After, Connection, First, ListEdge, Strict
from api.schema.effective import EffectivePolicyEdge, Image, effective_connection
from api.schema.nodes import Node, PathGroup
from graph import clusters, groups
from graph.forest import path_text
from graph.paging import DEFAULT_FIRST, PageRequest
from queries.states import ClusterState


@strawberry.type(description="A Kubernetes label.")
class Label:
    """A Kubernetes label."""

    key: str = strawberry.field(description="The key, perhaps with a DNS prefix.")
    value: str = strawberry.field(description="The value, perhaps empty.")


@strawberry.type(description="A Kubernetes cluster, bound to one group.")
class Cluster(Node):
    """A cluster."""

    name: str = strawberry.field(description="Unique among the clusters of its group.")
    description: str = strawberry.field(description="What people should know of it.")
    labels: list[Label] = strawberry.field(description="Its labels, by key.")
    remote_id: str | None = strawberry.field(description="The uid of its namespace kube-system.")
    kubernetes_version: str | None = strawberry.field(description="As last told, such as v1.31.4.")
    created_at: datetime = strawberry.field(description="When it was made known.")
    organization_id: strawberry.ID = strawberry.field(description="The root of its tree.")
    group_id: strawberry.ID = strawberry.field(description="The group it is bound to.")

    @classmethod
    def of(cls, state: ClusterState) -> "Cluster":
        """Convert a cluster's state."""
        return cls(
            id=strawberry.ID(state.id),
            name=state.name,
            description=state.description,
            labels=[Label(key=key, value=state.labels[key]) for key in sorted(state.labels)],
            remote_id=state.remote_id,
            kubernetes_version=state.kubernetes_version,
            created_at=state.created_at,
            organization_id=strawberry.ID(state.org),
            group_id=strawberry.ID(state.group_id),
        )

    @strawberry.field(description="The group it is bound to.")
    async def group(self, info: Ask) -> PathGroup:
        """Answer the last group of its path."""
        path = await info.context.batch(groups.group_paths, "groups", self.group_id)
        return PathGroup.of(path[-1])

    @strawberry.field(description="The names from the root down to it, joined by /.")
    async def path(self, info: Ask) -> str:
        """Answer the path as text."""
        path = await info.context.batch(groups.group_paths, "groups", self.group_id)
        return f"{path_text(path)}/{self.name}"

    @strawberry.field(description="When its agent was last heard of; none: never.")
    async def last_seen(self, info: Ask) -> datetime | None:
        """Answer telemetry."""
        return await info.context.batch(
            clusters.clusters_last_seen,
            "clusters",
            self.id,
            telemetry=info.context.graph.telemetry,
        )

    @strawberry.field(
        description=(
            "The policies that it is enforced by: those of its group and of every group above, from"
            " the root down, then by name. Needs policy.list."
        )
    )
    async def effective_policies(
        self,
        info: Ask,
        image: Image = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[EffectivePolicyEdge]:
        """Answer a page of effective policies."""
        page = PageRequest.of(
            "Cluster.effectivePolicies", self.id, image, first=first, after=after, strict=strict
        )
        return await effective_connection(
            info, self.group_id, page, image=image, org=self.organization_id
        )


def cluster_edge(state: ClusterState, cursor: str) -> ListEdge[Cluster]:
    """Build an entry of a list of clusters."""
    return ListEdge(node=Cluster.of(state), cursor=cursor)
