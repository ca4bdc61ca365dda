"""Effective policies in the schema: the policy as node, where it comes from on the edge."""

from typing import Annotated

import strawberry

from api.context import Ask
from api.schema.connections import Connection, part
from api.schema.nodes import PathGroup
from api.schema.policies import Mode, Policy, PolicyVersion
from graph import policies
from graph.effective import EffectivePolicy
from graph.paging import PageRequest

Image = Annotated[
    str | None,
    strawberry.argument(description="Only the policies whose globs match this image reference."),
]


@strawberry.type(description="A policy as it arrives at a group or cluster.")
class EffectivePolicyEdge:
    """A policy as it arrives at a group or cluster."""

    node: Policy = strawberry.field(description="The policy.")
    cursor: str = strawberry.field(description="Its place in the list.")
    via: PathGroup = strawberry.field(description="The group that the policy is bound to.")
    path: list[PathGroup] = strawberry.field(
        description="From `via` down to the group that it is effective for."
    )
    depth: int = strawberry.field(description="How many groups below `via`; 0 for its own group.")
    version: PolicyVersion = strawberry.field(description="The version that is in force.")
    mode: Mode = strawberry.field(description="What a failed check does.")
    name_collision: bool = strawberry.field(
        description="Another effective policy has the same name; in a cluster they are one object."
    )

    @classmethod
    def of(cls, effective: EffectivePolicy, cursor: str) -> "EffectivePolicyEdge":
        """Convert an effective policy."""
        version = PolicyVersion.of(effective.policy.version)
        return cls(
            node=Policy.of(effective.policy),
            cursor=cursor,
            via=PathGroup.of(effective.via),
            path=PathGroup.path(effective.path),
            depth=effective.depth,
            version=version,
            mode=version.mode,
            name_collision=effective.name_collision,
        )


async def effective_connection(
    info: Ask, group_id: str, page: PageRequest, *, image: str | None, org: str
) -> Connection[EffectivePolicyEdge]:
    """Answer a page of the policies effective at a group."""
    found = await info.context.batch(policies.effective_policies, "groups", group_id, image=image)
    return part(
        info.context,
        page,
        found,
        key=lambda each: each.key,
        edge=EffectivePolicyEdge.of,
        org=org,
    )
