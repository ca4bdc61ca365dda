"""The inputs of the mutations of roles."""

import strawberry

from api.schema.inputs.key import KEY
from api.schema.scalars import Ref
from graph.rights import Capability


@strawberry.input(description="Make a custom role.")
class CreateRoleInput:
    """Make a custom role."""

    group: Ref = strawberry.field(description="Where it can be granted: here and below.")
    name: str = strawberry.field(description="1 to 63 of a-z 0-9 . _ - and blank.")
    capabilities: list[Capability] = strawberry.field(description="What it allows.")
    description: str = strawberry.field(default="", description="What it is for.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Change a custom role; what is left out stays.")
class UpdateRoleInput:
    """Change a custom role."""

    role: Ref = strawberry.field(description="The role, by id or path.")
    name: str | None = strawberry.field(default=None, description="Its new name.")
    description: str | None = strawberry.field(default=None, description="Its new description.")
    capabilities: list[Capability] | None = strawberry.field(
        default=None, description="All that it allows from now on."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Delete a custom role that nobody has.")
class DeleteRoleInput:
    """Delete a custom role."""

    role: Ref = strawberry.field(description="The role, by id or path.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
