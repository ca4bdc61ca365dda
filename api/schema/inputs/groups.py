"""The inputs of the mutations of groups."""

import strawberry

from api.schema.inputs.key import KEY
from api.schema.scalars import Ref


@strawberry.input(description="Create a group, or an organization.")
class CreateGroupInput:
    """Create a group."""

    name: str = strawberry.field(description="1 to 63 of a-z 0-9 . _ - and blank.")
    parent: Ref | None = strawberry.field(
        default=None, description="The group above; none makes an organization, and you its owner."
    )
    description: str = strawberry.field(default="", description="What people should know of it.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Rename or describe a group.")
class UpdateGroupInput:
    """Rename or describe a group."""

    group: Ref = strawberry.field(description="The group.")
    name: str | None = strawberry.field(default=None, description="Its new name.")
    description: str | None = strawberry.field(default=None, description="Its new description.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Move a group with all that is below it.")
class MoveGroupInput:
    """Move a group."""

    group: Ref = strawberry.field(description="The group.")
    to: Ref = strawberry.field(description="Its new parent, in the same organization.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Delete a group.")
class DeleteGroupInput:
    """Delete a group."""

    group: Ref = strawberry.field(description="The group.")
    cascade: bool = strawberry.field(
        default=False, description="With everything in it; without, it must be empty."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Bring back what a delete took away.")
class RestoreInput:
    """Bring back what a delete took away."""

    change: strawberry.ID = strawberry.field(description="The change of the delete: chg_….")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
