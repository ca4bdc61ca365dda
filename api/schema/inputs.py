"""The inputs of the mutations: one each."""

from datetime import datetime

import strawberry

from api.schema.scalars import Ref

_KEY = (
    "A text of your choice, yours alone. A repeat with the same key and input answers the first"
    " outcome and does nothing again."
)


@strawberry.input(description="A label.")
class LabelInput:
    """A label."""

    key: str = strawberry.field(description="The key.")
    value: str = strawberry.field(description="The value, perhaps empty.")


@strawberry.input(description="Who somebody will sign in as.")
class IdentityInput:
    """Who somebody will sign in as."""

    issuer: str = strawberry.field(description="Who vouches for them: a configured issuer.")
    subject: str = strawberry.field(description="Their name with the issuer.")


@strawberry.input(description="Create a group, or an organization.")
class CreateGroupInput:
    """Create a group."""

    name: str = strawberry.field(description="1 to 63 of a-z 0-9 . _ - and blank.")
    parent: Ref | None = strawberry.field(
        default=None, description="The group above; none makes an organization, and you its owner."
    )
    description: str = strawberry.field(default="", description="What people should know of it.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Rename or describe a group.")
class UpdateGroupInput:
    """Rename or describe a group."""

    group: Ref = strawberry.field(description="The group.")
    name: str | None = strawberry.field(default=None, description="Its new name.")
    description: str | None = strawberry.field(default=None, description="Its new description.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Move a group with all that is below it.")
class MoveGroupInput:
    """Move a group."""

    group: Ref = strawberry.field(description="The group.")
    to: Ref = strawberry.field(description="Its new parent, in the same organization.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Delete a group.")
class DeleteGroupInput:
    """Delete a group."""

    group: Ref = strawberry.field(description="The group.")
    cascade: bool = strawberry.field(
        default=False, description="With everything in it; without, it must be empty."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Bring back what a delete took away.")
class RestoreInput:
    """Bring back what a delete took away."""

    change: strawberry.ID = strawberry.field(description="The change of the delete: chg_….")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


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
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Describe a policy.")
class UpdatePolicyInput:
    """Describe a policy."""

    policy: Ref = strawberry.field(description="The policy.")
    description: str = strawberry.field(description="Its new description.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Bind a policy to another group.")
class MovePolicyInput:
    """Bind a policy to another group."""

    policy: Ref = strawberry.field(description="The policy.")
    to: Ref = strawberry.field(description="The group, in the same organization.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Put a version of a policy in force.")
class ActivatePolicyVersionInput:
    """Put a version of a policy in force."""

    version: strawberry.ID = strawberry.field(description="The version: ver_….")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Delete a policy with its versions.")
class DeletePolicyInput:
    """Delete a policy."""

    policy: Ref = strawberry.field(description="The policy.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Make a cluster known.")
class CreateClusterInput:
    """Make a cluster known."""

    group: Ref = strawberry.field(description="The group that it is bound to.")
    name: str = strawberry.field(description="1 to 63 of a-z 0-9 . _ - and blank.")
    description: str = strawberry.field(default="", description="What people should know of it.")
    labels: list[LabelInput] | None = strawberry.field(default=None, description="Its labels.")
    remote_id: str | None = strawberry.field(
        default=None, description="A UUID: the uid of its namespace kube-system."
    )
    kubernetes_version: str | None = strawberry.field(default=None, description="Such as v1.31.4.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Change what is said of a cluster; what is left out stays.")
class UpdateClusterInput:
    """Change what is said of a cluster."""

    cluster: Ref = strawberry.field(description="The cluster.")
    name: str | None = strawberry.field(default=None, description="Its new name.")
    description: str | None = strawberry.field(default=None, description="Its new description.")
    labels: list[LabelInput] | None = strawberry.field(
        default=None, description="All of its labels, instead of those it has."
    )
    remote_id: str | None = strawberry.field(default=None, description="Empty removes it.")
    kubernetes_version: str | None = strawberry.field(default=None, description="Empty removes it.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Bind a cluster to another group.")
class MoveClusterInput:
    """Bind a cluster to another group."""

    cluster: Ref = strawberry.field(description="The cluster.")
    to: Ref = strawberry.field(description="The group, in the same organization.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Forget a cluster.")
class DeleteClusterInput:
    """Forget a cluster."""

    cluster: Ref = strawberry.field(description="The cluster.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Note that a cluster was seen.")
class RecordClusterSeenInput:
    """Note that a cluster was seen."""

    cluster: Ref = strawberry.field(description="The cluster.")


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
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Give a binding another role or expiry.")
class UpdateRoleBindingInput:
    """Give a binding another role or expiry."""

    binding: strawberry.ID = strawberry.field(description="The binding: bnd_….")
    role: str | None = strawberry.field(default=None, description="Its new role.")
    expires_at: datetime | None = strawberry.field(default=None, description="Its new expiry.")
    never_expires: bool = strawberry.field(default=False, description="Take its expiry away.")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)


@strawberry.input(description="Take a user's role at a group away.")
class DeleteRoleBindingInput:
    """Take a user's role at a group away."""

    binding: strawberry.ID = strawberry.field(description="The binding: bnd_….")
    idempotency_key: str | None = strawberry.field(default=None, description=_KEY)
