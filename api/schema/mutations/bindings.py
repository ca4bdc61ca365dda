"""The writes of role bindings."""

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema import outcomes
from api.schema.inputs import bindings as inputs
from api.schema.scalars import instant
from graph import bindings
from graph.identities import Identity
from graph.rights import Capability


@strawberry.type
class RoleBindingMutations:
    """The writes of role bindings."""

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
            expires_at=instant(input.expires_at),
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
            expires_at=instant(input.expires_at),
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
