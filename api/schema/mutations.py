"""The root of all writes."""

from collections.abc import Sequence
from datetime import UTC, datetime

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema import inputs, outcomes
from graph import bindings, clusters, groups, policies, restoring
from graph.errors import InvalidInputError
from graph.identities import Identity
from graph.rights import Capability


@strawberry.type(description="Writes. Each answers the new revision, or says why nothing changed.")
class Mutation:
    """Writes."""

    @strawberry.mutation(
        description="Create a group below another, or an organization.",
        extensions=[needs(Capability.GROUPS_CREATE, scope="input.parent")],
    )
    async def create_group(
        self, info: Ask, input: inputs.CreateGroupInput
    ) -> outcomes.GroupResult | None:
        """Create a group."""
        written = await info.context.once(
            info,
            groups.create_group,
            info.context.graph,
            caller=info.context.caller,
            parent=input.parent,
            name=input.name,
            description=input.description,
            key=input.idempotency_key,
        )
        return outcomes.group_written(info.context, written)

    @strawberry.mutation(
        description="Rename a group, describe it, or both.",
        extensions=[needs(Capability.GROUPS_UPDATE, scope="input.group")],
    )
    async def update_group(
        self, info: Ask, input: inputs.UpdateGroupInput
    ) -> outcomes.GroupResult | None:
        """Update a group."""
        written = await info.context.once(
            info,
            groups.update_group,
            info.context.graph,
            caller=info.context.caller,
            group=input.group,
            name=input.name,
            description=input.description,
            key=input.idempotency_key,
        )
        return outcomes.group_written(info.context, written)

    @strawberry.mutation(
        description=(
            "Move a group with all that is below it. Needs groups.create at the new place too, and"
            " policy.update wherever clusters lose a policy by it."
        ),
        extensions=[needs(Capability.GROUPS_UPDATE, scope="input.group")],
    )
    async def move_group(
        self, info: Ask, input: inputs.MoveGroupInput
    ) -> outcomes.GroupResult | None:
        """Move a group."""
        written = await info.context.once(
            info,
            groups.move_group,
            info.context.graph,
            caller=info.context.caller,
            group=input.group,
            to=input.to,
            key=input.idempotency_key,
        )
        return outcomes.group_written(info.context, written)

    @strawberry.mutation(
        description="Delete a group; with cascade all that is in it.",
        extensions=[needs(Capability.GROUPS_DELETE, scope="input.group")],
    )
    async def delete_group(
        self, info: Ask, input: inputs.DeleteGroupInput
    ) -> outcomes.DeleteResult | None:
        """Delete a group."""
        written = await info.context.once(
            info,
            groups.delete_group,
            info.context.graph,
            caller=info.context.caller,
            group=input.group,
            cascade=input.cascade,
            key=input.idempotency_key,
        )
        return outcomes.deleted(info.context, written)

    @strawberry.mutation(
        description="Bring back what a delete took away. Needs the rights to create it there.",
        extensions=[needs(scope="input.change")],
    )
    async def restore(self, info: Ask, input: inputs.RestoreInput) -> outcomes.RestoreResult | None:
        """Restore a delete."""
        written = await info.context.once(
            info,
            restoring.restore,
            info.context.graph,
            caller=info.context.caller,
            change=input.change,
            key=input.idempotency_key,
        )
        return outcomes.restored(info.context, written)

    @strawberry.mutation(
        description=(
            "Create the policy that a document names, or make the document its new version; the"
            " latter needs policy.update."
        ),
        extensions=[needs(Capability.POLICY_CREATE, Capability.POLICY_UPDATE, scope="input.group")],
    )
    async def apply_policy(
        self, info: Ask, input: inputs.ApplyPolicyInput
    ) -> outcomes.PolicyResult | None:
        """Apply a policy."""
        written = await info.context.once(
            info,
            policies.apply_policy,
            info.context.graph,
            caller=info.context.caller,
            group=input.group,
            document=input.document,
            description=input.description,
            key=input.idempotency_key,
        )
        return await outcomes.policy_written(info.context, written, applied=input.document)

    @strawberry.mutation(
        description="Describe a policy.",
        extensions=[needs(Capability.POLICY_UPDATE, scope="input.policy")],
    )
    async def update_policy(
        self, info: Ask, input: inputs.UpdatePolicyInput
    ) -> outcomes.PolicyResult | None:
        """Describe a policy."""
        written = await info.context.once(
            info,
            policies.update_policy,
            info.context.graph,
            caller=info.context.caller,
            policy=input.policy,
            description=input.description,
            key=input.idempotency_key,
        )
        return await outcomes.policy_written(info.context, written)

    @strawberry.mutation(
        description="Bind a policy to another group. Needs policy.create there.",
        extensions=[needs(Capability.POLICY_UPDATE, scope="input.policy")],
    )
    async def move_policy(
        self, info: Ask, input: inputs.MovePolicyInput
    ) -> outcomes.PolicyResult | None:
        """Move a policy."""
        written = await info.context.once(
            info,
            policies.move_policy,
            info.context.graph,
            caller=info.context.caller,
            policy=input.policy,
            to=input.to,
            key=input.idempotency_key,
        )
        return await outcomes.policy_written(info.context, written)

    @strawberry.mutation(
        description="Put a version of a policy in force.",
        extensions=[needs(Capability.POLICY_UPDATE, scope="input.version")],
    )
    async def activate_policy_version(
        self, info: Ask, input: inputs.ActivatePolicyVersionInput
    ) -> outcomes.PolicyResult | None:
        """Activate a version."""
        written = await info.context.once(
            info,
            policies.activate_policy_version,
            info.context.graph,
            caller=info.context.caller,
            version=input.version,
            key=input.idempotency_key,
        )
        return await outcomes.policy_written(info.context, written)

    @strawberry.mutation(
        description="Delete a policy with its versions.",
        extensions=[needs(Capability.POLICY_DELETE, scope="input.policy")],
    )
    async def delete_policy(
        self, info: Ask, input: inputs.DeletePolicyInput
    ) -> outcomes.DeleteResult | None:
        """Delete a policy."""
        written = await info.context.once(
            info,
            policies.delete_policy,
            info.context.graph,
            caller=info.context.caller,
            policy=input.policy,
            key=input.idempotency_key,
        )
        return outcomes.deleted(info.context, written)

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

    @strawberry.mutation(
        description="Bind a user to a group with a role. Nobody grants what they do not hold.",
        extensions=[needs(Capability.ROLE_BINDINGS_CREATE, scope="input.group")],
    )
    async def create_role_binding(
        self, info: Ask, input: inputs.CreateRoleBindingInput
    ) -> outcomes.RoleBindingResult | None:
        """Bind a user."""
        identity = input.identity
        if identity is not None:
            info.context.require_issuer(identity.issuer)
        written = await info.context.once(
            info,
            bindings.create_role_binding,
            info.context.graph,
            caller=info.context.caller,
            group=input.group,
            role=input.role,
            user=input.user,
            identity=identity and Identity(issuer=identity.issuer, subject=identity.subject),
            expires_at=_instant(input.expires_at),
            key=input.idempotency_key,
        )
        return outcomes.binding_written(info.context, written)

    @strawberry.mutation(
        description="Give a binding another role or expiry.",
        extensions=[needs(Capability.ROLE_BINDINGS_UPDATE, scope="input.binding")],
    )
    async def update_role_binding(
        self, info: Ask, input: inputs.UpdateRoleBindingInput
    ) -> outcomes.RoleBindingResult | None:
        """Update a role binding."""
        written = await info.context.once(
            info,
            bindings.update_role_binding,
            info.context.graph,
            caller=info.context.caller,
            binding=input.binding,
            role=input.role,
            expires_at=_instant(input.expires_at),
            never_expires=input.never_expires,
            key=input.idempotency_key,
        )
        return outcomes.binding_written(info.context, written)

    @strawberry.mutation(
        description="Take a user's role at a group away.",
        extensions=[needs(Capability.ROLE_BINDINGS_DELETE, scope="input.binding")],
    )
    async def delete_role_binding(
        self, info: Ask, input: inputs.DeleteRoleBindingInput
    ) -> outcomes.DeleteResult | None:
        """Delete a role binding."""
        written = await info.context.once(
            info,
            bindings.delete_role_binding,
            info.context.graph,
            caller=info.context.caller,
            binding=input.binding,
            key=input.idempotency_key,
        )
        return outcomes.deleted(info.context, written)


def _labels(labels: Sequence[inputs.LabelInput] | None) -> dict[str, str] | None:
    if labels is None:
        return None
    keys = [label.key for label in labels]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InvalidInputError(f"These labels are given twice: {', '.join(twice)[:400]}.")
    return {label.key: label.value for label in labels}


def _instant(given: datetime | None) -> datetime | None:
    if given is None:
        return None
    if given.tzinfo is None:
        raise InvalidInputError(
            f"{given.isoformat()} has no time zone. Write it as 2030-01-31T12:00:00Z."
        )
    try:
        return given.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInputError(f"{given.isoformat()} is beyond the calendar.") from error
