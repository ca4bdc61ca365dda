"""The writes of groups."""

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema import outcomes
from api.schema.inputs import groups as inputs
from graph import groups, restoring
from graph.rights import Capability


@strawberry.type
class GroupMutations:
    """The writes of groups."""

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
