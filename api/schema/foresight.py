"""Ways between things, differences between places, and what a write would change."""

from collections.abc import Sequence
from enum import Enum

import strawberry

from api.context import Ask
from api.schema.clusters import Cluster
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    Strict,
    part,
)
from api.schema.effective import EffectivePolicyEdge
from api.schema.nodes import PathGroup
from api.schema.policies import Policy, policy_edge
from api.schema.users import User
from graph.comparing import Difference
from graph.connecting import Step
from graph.effective import EffectivePolicy
from graph.impact import ClusterImpact, Impact, UserImpact
from graph.paging import DEFAULT_FIRST, PageRequest, by_name
from graph.rights import Capability


@strawberry.enum(description="What stands on a way.")
class StepKind(Enum):
    """What stands on a way."""

    GROUP = "group"
    CLUSTER = "cluster"
    POLICY = "policy"
    USER = "user"


@strawberry.type(description="One thing on a way from one thing to another.")
class PathStep:
    """One thing on a way."""

    kind: StepKind = strawberry.field(description="What it is.")
    id: strawberry.ID = strawberry.field(description="Its id.")
    name: str = strawberry.field(description="What people call it.")

    @classmethod
    def of(cls, step: Step) -> "PathStep":
        """Convert a step."""
        return cls(kind=StepKind(step.kind.value), id=strawberry.ID(step.id), name=step.name)


@strawberry.type(description="A way along which something rolls down.")
class Way:
    """A way along which something rolls down."""

    steps: list[PathStep] = strawberry.field(description="From the one thing to the other.")


@strawberry.type(description="The effective policies of two places compared.")
class PolicyDifference:
    """The effective policies of two places compared."""

    difference: strawberry.Private[Difference]
    asked: strawberry.Private[tuple[str, str]]

    @strawberry.field(description="Those effective at the left place alone.")
    async def left_only(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[EffectivePolicyEdge]:
        """Answer a page."""
        page = PageRequest.of("diff.leftOnly", *self.asked, first=first, after=after, strict=strict)
        return self._page(info, page, self.difference.left_only)

    @strawberry.field(description="Those effective at the right place alone.")
    async def right_only(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[EffectivePolicyEdge]:
        """Answer a page."""
        page = PageRequest.of(
            "diff.rightOnly", *self.asked, first=first, after=after, strict=strict
        )
        return self._page(info, page, self.difference.right_only)

    @strawberry.field(description="Those effective at both, as they arrive at the left place.")
    async def both(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[EffectivePolicyEdge]:
        """Answer a page."""
        page = PageRequest.of("diff.both", *self.asked, first=first, after=after, strict=strict)
        return self._page(info, page, self.difference.both)

    def _page(
        self, info: Ask, page: PageRequest, found: Sequence[EffectivePolicy]
    ) -> Connection[EffectivePolicyEdge]:
        return part(
            info.context, page, found, key=lambda each: each.key, edge=EffectivePolicyEdge.of
        )


@strawberry.type(description="A cluster that would be enforced by other policies, or be gone.")
class ClusterImpactEdge:
    """A cluster that would change."""

    node: Cluster = strawberry.field(description="The cluster.")
    cursor: str = strawberry.field(description="Its place in the list.")
    deleted: bool = strawberry.field(description="Whether the cluster itself would be gone.")
    impact: strawberry.Private[ClusterImpact]

    @classmethod
    def of(cls, impact: ClusterImpact, cursor: str) -> "ClusterImpactEdge":
        """Convert an impact."""
        return cls(
            node=Cluster.of(impact.cluster), cursor=cursor, deleted=impact.deleted, impact=impact
        )

    @strawberry.field(description="Policies no longer effective, by name.")
    async def lost(
        self, info: Ask, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[ListEdge[Policy]]:
        """Answer a page."""
        page = PageRequest.of("impact.lost", self.node.id, first=first, after=after)
        return part(info.context, page, self.impact.lost, key=by_name, edge=policy_edge)

    @strawberry.field(description="Policies newly effective, by name.")
    async def gained(
        self, info: Ask, first: First = DEFAULT_FIRST, after: After = None
    ) -> Connection[ListEdge[Policy]]:
        """Answer a page."""
        page = PageRequest.of("impact.gained", self.node.id, first=first, after=after)
        return part(info.context, page, self.impact.gained, key=by_name, edge=policy_edge)


@strawberry.type(description="A user who would hold other rights at a group and below it.")
class UserImpactEdge:
    """A user who would hold other rights."""

    node: User = strawberry.field(description="The user.")
    cursor: str = strawberry.field(description="Their place in the list.")
    group: PathGroup = strawberry.field(description="Where: here and everywhere below.")
    lost: list[Capability] = strawberry.field(description="What they could no longer do.")
    gained: list[Capability] = strawberry.field(description="What they could newly do.")

    @classmethod
    def of(cls, impact: UserImpact, cursor: str) -> "UserImpactEdge":
        """Convert an impact."""
        return cls(
            node=User.of(impact.user),
            cursor=cursor,
            group=PathGroup.of(impact.place),
            lost=sorted(impact.lost),
            gained=sorted(impact.gained),
        )


@strawberry.type(description="What a deletion or a move would change.")
class ImpactReport:
    """What a deletion or a move would change."""

    impact: strawberry.Private[Impact]
    asked: strawberry.Private[tuple[str, str | None]]

    @strawberry.field(description="The clusters that would change, by name.")
    async def clusters(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ClusterImpactEdge]:
        """Answer a page."""
        page = PageRequest.of(
            "impact.clusters", *self.asked, first=first, after=after, strict=strict
        )
        return part(
            info.context,
            page,
            self.impact.clusters,
            key=lambda each: by_name(each.cluster),
            edge=ClusterImpactEdge.of,
        )

    @strawberry.field(description="The users whose rights would change.")
    async def users(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[UserImpactEdge]:
        """Answer a page."""
        page = PageRequest.of("impact.users", *self.asked, first=first, after=after, strict=strict)
        return part(
            info.context,
            page,
            self.impact.users,
            key=lambda each: (each.user.id, each.place.id),
            edge=UserImpactEdge.of,
        )
