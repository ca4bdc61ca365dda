"""The inputs of the mutations of role bindings."""

from datetime import datetime

import strawberry

from api.schema.inputs.key import KEY
from api.schema.scalars import Ref


@strawberry.input(description="Who somebody will sign in as.")
class IdentityInput:
    """Who somebody will sign in as."""

    issuer: str = strawberry.field(description="Who vouches for them: a configured issuer.")
    subject: str = strawberry.field(description="Their name with the issuer.")


@strawberry.input(description="Bind a user to a group with a role.")
class CreateRoleBindingInput:
    """Bind a user."""

    group: Ref = strawberry.field(description="Where: here and in every group below.")
    role: str = strawberry.field(description="The role, by name or id.")
    user: Ref | None = strawberry.field(default=None, description="Whom, by id.")
    identity: IdentityInput | None = strawberry.field(
        default=None, description="Whom, by who they sign in as, perhaps for the first time yet."
    )
    expires_at: datetime | None = strawberry.field(
        default=None, description="From this instant on it grants nothing."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Give a binding another role or expiry.")
class UpdateRoleBindingInput:
    """Give a binding another role or expiry."""

    binding: strawberry.ID = strawberry.field(description="The binding: bnd_….")
    role: str | None = strawberry.field(default=None, description="Its new role.")
    expires_at: datetime | None = strawberry.field(default=None, description="Its new expiry.")
    never_expires: bool = strawberry.field(default=False, description="Take its expiry away.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Take a user's role at a group away.")
class DeleteRoleBindingInput:
    """Take a user's role at a group away."""

    binding: strawberry.ID = strawberry.field(description="The binding: bnd_….")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
