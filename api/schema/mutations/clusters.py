"""The writes of clusters."""

from collections.abc import Sequence

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema import outcomes
from api.schema.inputs import clusters as inputs
from graph import clusters
from graph.errors import InvalidInputError
from graph.rights import Capability


@strawberry.type
class ClusterMutations:
    """The writes of clusters."""

    @strawberry.mutation(
        description="Make a cluster known and bind it to a group.",
        extensions=[needs(Capability.CLUSTERS_CREATE, scope="input.group")],
    )
    async def create_cluster(
        self, info: Ask, input: inputs.CreateClusterInput
    ) -> outcomes.ClusterResult | None:
        """Create a cluster."""
        written = await info.context.once(
            info,
            clusters.create_cluster,
            info.context.graph,
            caller=info.context.caller,
            group=input.group,
            name=input.name,
            description=input.description,
            labels=_labels(input.labels),
            remote_id=input.remote_id,
            kubernetes_version=input.kubernetes_version,
            key=input.idempotency_key,
        )
        return outcomes.cluster_written(info.context, written)

    @strawberry.mutation(
        description="Change what is said of a cluster.",
        extensions=[needs(Capability.CLUSTERS_UPDATE, scope="input.cluster")],
    )
    async def update_cluster(
        self, info: Ask, input: inputs.UpdateClusterInput
    ) -> outcomes.ClusterResult | None:
        """Update a cluster."""
        written = await info.context.once(
            info,
            clusters.update_cluster,
            info.context.graph,
            caller=info.context.caller,
            cluster=input.cluster,
            name=input.name,
            description=input.description,
            labels=_labels(input.labels),
            remote_id=input.remote_id,
            kubernetes_version=input.kubernetes_version,
            key=input.idempotency_key,
        )
        return outcomes.cluster_written(info.context, written)

    @strawberry.mutation(
        description=(
            "Bind a cluster to another group. Needs clusters.create there, and policy.update"
            " wherever it loses a policy by it."
        ),
        extensions=[needs(Capability.CLUSTERS_UPDATE, scope="input.cluster")],
    )
    async def move_cluster(
        self, info: Ask, input: inputs.MoveClusterInput
    ) -> outcomes.ClusterResult | None:
        """Move a cluster."""
        written = await info.context.once(
            info,
            clusters.move_cluster,
            info.context.graph,
            caller=info.context.caller,
            cluster=input.cluster,
            to=input.to,
            key=input.idempotency_key,
        )
        return outcomes.cluster_written(info.context, written)

    @strawberry.mutation(
        description="Forget a cluster.",
        extensions=[needs(Capability.CLUSTERS_DELETE, scope="input.cluster")],
    )
    async def delete_cluster(
        self, info: Ask, input: inputs.DeleteClusterInput
    ) -> outcomes.DeleteResult | None:
        """Delete a cluster."""
        written = await info.context.once(
            info,
            clusters.delete_cluster,
            info.context.graph,
            caller=info.context.caller,
            cluster=input.cluster,
            key=input.idempotency_key,
        )
        return outcomes.deleted(info.context, written)

    @strawberry.mutation(
        description="Note that a cluster was seen just now: telemetry, with no revision.",
        extensions=[needs(Capability.CLUSTERS_ENFORCE, scope="input.cluster")],
    )
    async def record_cluster_seen(
        self, info: Ask, input: inputs.RecordClusterSeenInput
    ) -> outcomes.ClusterSeenResult | None:
        """Note that a cluster was seen."""
        cluster_id = await info.context.once(
            info,
            clusters.record_cluster_seen,
            info.context.graph,
            caller=info.context.caller,
            cluster=input.cluster,
        )
        info.context.at.ask(Capability.CLUSTERS_ENFORCE)
        return outcomes.ClusterSeen(cluster_id=strawberry.ID(cluster_id))


def _labels(labels: Sequence[inputs.LabelInput] | None) -> dict[str, str] | None:
    if labels is None:
        return None
    keys = [label.key for label in labels]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InvalidInputError(f"These labels are given twice: {', '.join(twice)[:400]}.")
    return {label.key: label.value for label in labels}
