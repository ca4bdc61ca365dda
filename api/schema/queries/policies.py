"""The questions about policies."""

from typing import Annotated

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    NameFilter,
    Strict,
    Within,
    connection,
)
from api.schema.foresight import PolicyDifference
from api.schema.policies import Policy, policy_edge
from api.schema.scalars import Ref, RefArgument
from graph import (
    comparing,
    policies,
)
from graph.paging import DEFAULT_FIRST, PageRequest, by_name
from graph.rights import Capability


@strawberry.type
class PolicyQueries:
    """The questions about policies."""

    @strawberry.field(
        description="One policy, for who may list policies where it is effective.",
        extensions=[needs(Capability.POLICY_LIST, scope="ref")],
    )
    async def policy(self, info: Ask, ref: RefArgument) -> Policy | None:
        """Answer one policy."""
        return Policy.of(await policies.get_policy(info.context.at, ref=ref))

    @strawberry.field(
        description="The policies bound where the caller may list policies, by name.",
        extensions=[needs(Capability.POLICY_LIST)],
    )
    async def policies(
        self,
        info: Ask,
        within: Within = None,
        name: NameFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Policy]] | None:
        """Answer a page of policies."""
        page = PageRequest.of("policies", within, name, first=first, after=after, strict=strict)
        found = await policies.list_policies(info.context.at, within=within, name=name, page=page)
        return connection(info.context, page, found, key=by_name, edge=policy_edge)

    @strawberry.field(
        description="The effective policies of two groups or clusters compared, by typed refs.",
        extensions=[needs(Capability.POLICY_LIST, scope="left")],
    )
    async def diff(
        self,
        info: Ask,
        left: Annotated[Ref, strawberry.argument(description="A group or cluster.")],
        right: Annotated[Ref, strawberry.argument(description="Another one.")],
    ) -> PolicyDifference | None:
        """Answer the difference."""
        found = await comparing.diff(info.context.at, left=left, right=right)
        return PolicyDifference(difference=found, asked=(left, right))
