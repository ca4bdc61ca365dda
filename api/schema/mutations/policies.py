"""The writes of policies."""

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema import outcomes
from api.schema.inputs import policies as inputs
from graph import policies
from graph.rights import Capability


@strawberry.type
class PolicyMutations:
    """The writes of policies."""

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
