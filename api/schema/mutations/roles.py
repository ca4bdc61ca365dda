"""The writes of roles."""

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema import outcomes
from api.schema.inputs import roles as inputs
from graph import roles
from graph.rights import Capability


@strawberry.type
class RoleMutations:
    """The writes of roles."""

    @strawberry.mutation(
        description=(
            "Make a custom role of a group, to be granted there and below by who holds all that it"
            " allows."
        ),
        extensions=[needs(Capability.ROLES_CREATE, scope="input.group")],
    )
    async def create_role(
        self, info: Ask, input: inputs.CreateRoleInput
    ) -> outcomes.RoleResult | None:
        """Create a role."""
        written = await info.context.once(
            info,
            roles.create_role,
            info.context.graph,
            caller=info.context.caller,
            group=input.group,
            name=input.name,
            capabilities=input.capabilities,
            description=input.description,
            key=input.idempotency_key,
        )
        return outcomes.role_written(info.context, written)

    @strawberry.mutation(
        description=(
            "Change a custom role, at once for all who have it. To widen it you must hold what it"
            " gains wherever it is granted or promised by an invite."
        ),
        extensions=[needs(Capability.ROLES_UPDATE, scope="input.role")],
    )
    async def update_role(
        self, info: Ask, input: inputs.UpdateRoleInput
    ) -> outcomes.RoleResult | None:
        """Update a role."""
        written = await info.context.once(
            info,
            roles.update_role,
            info.context.graph,
            caller=info.context.caller,
            role=input.role,
            name=input.name,
            description=input.description,
            capabilities=input.capabilities,
            key=input.idempotency_key,
        )
        return outcomes.role_written(info.context, written)

    @strawberry.mutation(
        description="Delete a custom role that no binding and no invite has.",
        extensions=[needs(Capability.ROLES_DELETE, scope="input.role")],
    )
    async def delete_role(
        self, info: Ask, input: inputs.DeleteRoleInput
    ) -> outcomes.DeleteResult | None:
        """Delete a role."""
        written = await info.context.once(
            info,
            roles.delete_role,
            info.context.graph,
            caller=info.context.caller,
            role=input.role,
            key=input.idempotency_key,
        )
        return outcomes.deleted(info.context, written)
