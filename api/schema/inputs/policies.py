"""The inputs of the mutations of policies."""

import strawberry

from api.schema.inputs.key import KEY
from api.schema.scalars import Ref


@strawberry.input(description="Create a policy, or make a document its new version.")
class ApplyPolicyInput:
    """Create a policy, or make a document its new version."""

    group: Ref = strawberry.field(description="The group that it is bound to.")
    document: str = strawberry.field(
        description="A ClusterImagePolicy in YAML, at most 1 MiB; metadata.name is its name."
    )
    description: str | None = strawberry.field(
        default=None, description="What people should know of it."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Describe a policy.")
class UpdatePolicyInput:
    """Describe a policy."""

    policy: Ref = strawberry.field(description="The policy.")
    description: str = strawberry.field(description="Its new description.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Bind a policy to another group.")
class MovePolicyInput:
    """Bind a policy to another group."""

    policy: Ref = strawberry.field(description="The policy.")
    to: Ref = strawberry.field(description="The group, in the same organization.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Put a version of a policy in force.")
class ActivatePolicyVersionInput:
    """Put a version of a policy in force."""

    version: strawberry.ID = strawberry.field(description="The version: ver_….")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Delete a policy with its versions.")
class DeletePolicyInput:
    """Delete a policy."""

    policy: Ref = strawberry.field(description="The policy.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
