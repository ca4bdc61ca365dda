"""The inputs of the mutations of clusters."""

import strawberry

from api.schema.inputs.key import KEY
from api.schema.scalars import Ref


@strawberry.input(description="A label.")
class LabelInput:
    """A label."""

    key: str = strawberry.field(description="The key.")
    value: str = strawberry.field(description="The value, perhaps empty.")


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
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


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
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Bind a cluster to another group.")
class MoveClusterInput:
    """Bind a cluster to another group."""

    cluster: Ref = strawberry.field(description="The cluster.")
    to: Ref = strawberry.field(description="The group, in the same organization.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Forget a cluster.")
class DeleteClusterInput:
    """Forget a cluster."""

    cluster: Ref = strawberry.field(description="The cluster.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Note that a cluster was seen.")
class RecordClusterSeenInput:
    """Note that a cluster was seen."""

    cluster: Ref = strawberry.field(description="The cluster.")
