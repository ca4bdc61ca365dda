"""The questions about things of any kind."""

from enum import Enum
from typing import Annotated

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema.changes import Change
from api.schema.clusters import Cluster
from api.schema.connections import (
    First,
)
from api.schema.foresight import ImpactReport, PathStep, Way
from api.schema.groups import Group
from api.schema.invites import Invite
from api.schema.nodes import Node
from api.schema.policies import Policy, PolicyVersion
from api.schema.roles import Role
from api.schema.scalars import Ref
from api.schema.users import (
    RoleBinding,
    User,
)
from graph import (
    connecting,
    impact,
    nodes,
    rights,
    search,
)
from graph.ids import Kind
from graph.paging import DEFAULT_FIRST
from graph.rights import Capability
from queries.changes import ChangeRow
from queries.policies import PolicyRow
from queries.states import BindingState, ClusterState, GroupState, InviteState, VersionState
from queries.users import UserRow


@strawberry.enum(description="What a text may be resolved to.")
class MatchKind(Enum):
    """What a text may be resolved to."""

    GROUP = "group"
    CLUSTER = "cluster"
    POLICY = "policy"


@strawberry.type(description="Something that a text may mean.")
class Match:
    """Something that a text may mean."""

    kind: MatchKind = strawberry.field(description="What it is.")
    id: strawberry.ID = strawberry.field(description="Its id.")
    path: str = strawberry.field(description="Its path.")


@strawberry.type
class FindingQueries:
    """The questions about things of any kind."""

    @strawberry.field(description="Anything by its id.", extensions=[needs()])
    async def node(
        self,
        info: Ask,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its id.")],
    ) -> Node | None:
        """Answer whatever has this id."""
        return _as_node(await nodes.get_node(info.context.at, id_=str(id)))

    @strawberry.field(
        description="What a name, a prefix of one, an id or a path may mean, the closest first.",
        extensions=[needs()],
    )
    async def resolve(
        self,
        info: Ask,
        text: Annotated[str, strawberry.argument(description="What somebody typed.")],
        kinds: Annotated[
            list[MatchKind] | None, strawberry.argument(description="Only these kinds.")
        ] = None,
        first: First = DEFAULT_FIRST,
    ) -> list[Match] | None:
        """Answer what the text may mean."""
        wanted = tuple(Kind(kind.value) for kind in kinds or [])
        found = await search.resolve(info.context.at, text=text, kinds=wanted, first=first)
        return [
            Match(kind=MatchKind(match.kind.value), id=strawberry.ID(match.id), path=match.path)
            for match in found
        ]

    @strawberry.field(
        description=(
            "Every way from one thing to another along which something rolls down: from a user or a"
            " policy to a group or cluster, say. Typed refs."
        ),
        extensions=[needs()],
    )
    async def paths(
        self,
        info: Ask,
        from_: Annotated[
            Ref, strawberry.argument(name="from", description="Where the ways begin.")
        ],
        to: Annotated[Ref, strawberry.argument(description="Where the ways end.")],
    ) -> list[Way] | None:
        """Answer the ways."""
        found = await connecting.paths(info.context.at, source=from_, target=to)
        return [Way(steps=[PathStep.of(step) for step in way]) for way in found]

    @strawberry.field(
        description=(
            "What deleting a group, cluster, policy or role binding would change, or with `to`"
            " moving it there, before it is done. Needs to list all that could change."
        ),
        extensions=[needs(Capability.CLUSTERS_LIST, scope="ref")],
    )
    async def impact(
        self,
        info: Ask,
        ref: Annotated[Ref, strawberry.argument(description="What, by a typed ref.")],
        to: Annotated[
            Ref | None, strawberry.argument(description="The group to move it to.")
        ] = None,
    ) -> ImpactReport | None:
        """Answer what would change."""
        return ImpactReport(
            impact=await impact.impact(info.context.at, ref=ref, to=to), asked=(ref, to)
        )


def _as_node(found: nodes.Found) -> Node:  # noqa: PLR0911 - one line a kind
    match found:
        case GroupState():
            return Group.of(found)
        case ClusterState():
            return Cluster.of(found)
        case PolicyRow():
            return Policy.of(found)
        case BindingState():
            return RoleBinding.of(found)
        case InviteState():
            return Invite.of(found)
        case UserRow():
            return User.of(found)
        case rights.Role():
            return Role.of(found)
        case ChangeRow():
            return Change.of(found)
        case VersionState():
            return PolicyVersion.of(found)
