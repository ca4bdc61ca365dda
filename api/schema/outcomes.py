"""What a mutation answers: a success with the new revision, or one of the expected refusals."""

from typing import Annotated, TypeVar

import strawberry
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from api.context import Context
from api.schema.clusters import Cluster
from api.schema.groups import Group
from api.schema.identities import Identity
from api.schema.policies import Policy, PolicyVersion, PolicyWarning
from api.schema.roles import Role
from api.schema.scalars import Revision
from api.schema.users import RoleBinding
from graph import documents, errors, policies, rights
from graph.engine import Written
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    IdentityState,
    InviteState,
    PolicyState,
    RoleState,
)

Item = TypeVar(
    "Item",
    GroupState,
    RoleState,
    ClusterState,
    PolicyState,
    IdentityState,
    BindingState,
    InviteState,
)


@strawberry.interface(description="Why a mutation changed nothing.")
class Refusal:
    """Why a mutation changed nothing."""

    message: str = strawberry.field(description="What was wrong with which input, what to do next.")


@strawberry.type(description="The input itself is wrong.")
class InvalidInput(Refusal):
    """The input itself is wrong."""

    details: list[str] = strawberry.field(description="Every problem, where there are several.")


@strawberry.type(description="It does not exist, or the caller may not know that it does.")
class NotFound(Refusal):
    """It does not exist, or the caller may not know."""


@strawberry.type(description="The graph's state forbids it.")
class Conflict(Refusal):
    """The graph's state forbids it."""

    details: list[str] = strawberry.field(description="What stands in the way.")


@strawberry.type(description="The caller sees it, and may not do this to it.")
class PermissionDenied(Refusal):
    """The caller may not."""


@strawberry.interface(description="What every write that succeeded says.")
class Success:
    """What every write that succeeded says."""

    revision: Revision = strawberry.field(description="The organization's revision after it.")
    change_id: strawberry.ID | None = strawberry.field(
        description="Its record; none when all already was as asked."
    )


@strawberry.type(description="A group as it now is.")
class GroupWritten(Success):
    """A group as it now is."""

    group: Group = strawberry.field(description="The group.")


@strawberry.type(description="A cluster as it now is.")
class ClusterWritten(Success):
    """A cluster as it now is."""

    cluster: Cluster = strawberry.field(description="The cluster.")


@strawberry.type(description="A policy as it now is.")
class PolicyWritten(Success):
    """A policy as it now is."""

    policy: Policy = strawberry.field(description="The policy.")
    version: PolicyVersion = strawberry.field(description="Its active version.")
    warnings: list[PolicyWarning] = strawberry.field(description="What is doubtful in it.")


@strawberry.type(description="A custom role as it now is.")
class RoleWritten(Success):
    """A custom role as it now is."""

    role: Role = strawberry.field(description="The role.")


@strawberry.type(description="A role binding as it now is.")
class RoleBindingWritten(Success):
    """A role binding as it now is."""

    binding: RoleBinding = strawberry.field(description="The role binding.")


@strawberry.type(description="An identity as it now is.")
class IdentityWritten(Success):
    """An identity as it now is."""

    identity: Identity = strawberry.field(description="The identity.")


@strawberry.type(description="One thing that was deleted or restored.")
class Subject:
    """One thing that was deleted or restored."""

    kind: str = strawberry.field(
        description="group, cluster, policy, version, identity, binding or invite."
    )
    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str | None = strawberry.field(description="Its name, if its kind has one.")


@strawberry.type(description="All that was deleted; `restore` brings it back by the change's id.")
class Deleted(Success):
    """All that was deleted."""

    subjects: list[Subject] = strawberry.field(description="What is gone.")


@strawberry.type(description="All that was restored.")
class Restored(Success):
    """All that was restored."""

    subjects: list[Subject] = strawberry.field(description="What is back, with the same ids.")


@strawberry.type(description="The cluster was noted as seen.")
class ClusterSeen:
    """The cluster was noted as seen."""

    cluster_id: strawberry.ID = strawberry.field(description="The cluster.")


Refused = InvalidInput | NotFound | Conflict | PermissionDenied
GroupResult = Annotated[GroupWritten | Refused, strawberry.union("GroupResult")]
ClusterResult = Annotated[ClusterWritten | Refused, strawberry.union("ClusterResult")]
PolicyResult = Annotated[PolicyWritten | Refused, strawberry.union("PolicyResult")]
RoleResult = Annotated[RoleWritten | Refused, strawberry.union("RoleResult")]
RoleBindingResult = Annotated[RoleBindingWritten | Refused, strawberry.union("RoleBindingResult")]
IdentityResult = Annotated[IdentityWritten | Refused, strawberry.union("IdentityResult")]
DeleteResult = Annotated[Deleted | Refused, strawberry.union("DeleteResult")]
RestoreResult = Annotated[Restored | Refused, strawberry.union("RestoreResult")]
ClusterSeenResult = Annotated[ClusterSeen | Refused, strawberry.union("ClusterSeenResult")]


class InvalidInputHandler(strawberry.ExceptionHandler[errors.InvalidInputError, InvalidInput]):
    """Answers `InvalidInput`."""

    def handle(
        self, exception: errors.InvalidInputError, *, field: StrawberryField, info: Info
    ) -> InvalidInput:
        """Convert the error."""
        del field, info
        return InvalidInput(message=exception.message, details=list(exception.details))


class NotFoundHandler(strawberry.ExceptionHandler[errors.NotFoundError, NotFound]):
    """Answers `NotFound`."""

    def handle(
        self, exception: errors.NotFoundError, *, field: StrawberryField, info: Info
    ) -> NotFound:
        """Convert the error."""
        del field, info
        return NotFound(message=exception.message)


class ConflictHandler(strawberry.ExceptionHandler[errors.ConflictError, Conflict]):
    """Answers `Conflict`."""

    def handle(
        self, exception: errors.ConflictError, *, field: StrawberryField, info: Info
    ) -> Conflict:
        """Convert the error."""
        del field, info
        return Conflict(message=exception.message, details=list(exception.details))


class PermissionDeniedHandler(
    strawberry.ExceptionHandler[errors.PermissionDeniedError, PermissionDenied]
):
    """Answers `PermissionDenied`."""

    def handle(
        self, exception: errors.PermissionDeniedError, *, field: StrawberryField, info: Info
    ) -> PermissionDenied:
        """Convert the error."""
        del field, info
        return PermissionDenied(message=exception.message)


HANDLERS = [
    InvalidInputHandler(),
    NotFoundHandler(),
    ConflictHandler(),
    PermissionDeniedHandler(),
]
"""Turn what use cases refuse with into members of the unions above."""


def group_written(context: Context, written: Written) -> GroupWritten:
    """Answer a write of a group."""
    revision = Revision(context.wrote(written))
    state = first_of(written, GroupState)
    return GroupWritten(revision=revision, change_id=change_of(written), group=Group.of(state))


def cluster_written(context: Context, written: Written) -> ClusterWritten:
    """Answer a write of a cluster."""
    revision = Revision(context.wrote(written))
    state = first_of(written, ClusterState)
    return ClusterWritten(
        revision=revision, change_id=change_of(written), cluster=Cluster.of(state)
    )


async def policy_written(
    context: Context, written: Written, *, applied: str | None = None
) -> PolicyWritten:
    """Answer a write of a policy; `applied` is the text that it was given."""
    revision = Revision(context.wrote(written))
    state = first_of(written, PolicyState)
    row, version = await policies.active_version(context.at, state, written.edits)
    warnings = await documents.version_warnings(version, applied=applied)
    return PolicyWritten(
        revision=revision,
        change_id=change_of(written),
        policy=Policy.of(row),
        version=PolicyVersion.of(row.version),
        warnings=[PolicyWarning.of(each) for each in warnings],
    )


def role_written(context: Context, written: Written) -> RoleWritten:
    """Answer a write of a role."""
    revision = Revision(context.wrote(written))
    state = first_of(written, RoleState)
    return RoleWritten(
        revision=revision,
        change_id=change_of(written),
        role=Role.of(rights.custom_role(state)),
    )


def binding_written(context: Context, written: Written) -> RoleBindingWritten:
    """Answer a write of a role binding."""
    revision = Revision(context.wrote(written))
    state = first_of(written, BindingState)
    return RoleBindingWritten(
        revision=revision, change_id=change_of(written), binding=RoleBinding.of(state)
    )


def identity_written(context: Context, written: Written) -> IdentityWritten:
    """Answer a write of an identity."""
    revision = Revision(context.wrote(written))
    state = first_of(written, IdentityState)
    return IdentityWritten(
        revision=revision, change_id=change_of(written), identity=Identity.of(state)
    )


def deleted(context: Context, written: Written) -> Deleted:
    """Answer a delete with all that is gone."""
    revision = Revision(context.wrote(written))
    return Deleted(revision=revision, change_id=change_of(written), subjects=_subjects(written))


def restored(context: Context, written: Written) -> Restored:
    """Answer a restore with all that is back."""
    revision = Revision(context.wrote(written))
    return Restored(revision=revision, change_id=change_of(written), subjects=_subjects(written))


def first_of(written: Written, kind: type[Item]) -> Item:
    """Return the state that a write was about: the first of its kind that it leaves."""
    return next(edit.after for edit in written.edits if isinstance(edit.after, kind))


def change_of(written: Written) -> strawberry.ID | None:
    """Return the id of the record of a write, if it wrote anything."""
    return strawberry.ID(written.change) if written.change is not None else None


def _subjects(written: Written) -> list[Subject]:
    return [
        Subject(
            kind=edit.subject.kind,
            id=strawberry.ID(edit.subject.id),
            name=getattr(edit.subject, "name", None),
        )
        for edit in written.edits
    ]
