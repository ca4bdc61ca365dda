"""Groups in the schema."""

from datetime import datetime

import strawberry

from api.context import Ask
from api.schema.clusters import Cluster, cluster_edge
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    Strict,
    connection,
    part,
)
from api.schema.effective import EffectivePolicyEdge, Image, effective_connection
from api.schema.identities import Identity, identity_edge
from api.schema.invites import Invite, invite_edge, invite_key
from api.schema.nodes import Node, PathGroup
from api.schema.policies import Policy, policy_edge
from api.schema.roles import Role, role_edge
from api.schema.scalars import AsOf, instant
from api.schema.users import MemberEdge
from graph import bindings, clusters, groups, invites, policies, roles, workloads
from graph.forest import path_text
from graph.paging import DEFAULT_FIRST, PageRequest, by_name
from queries.states import GroupState


@strawberry.type(description="How much a subtree holds, as far as the caller may list it.")
class SubtreeCounts:
    """How much a subtree holds."""

    groups: int = strawberry.field(description="Groups, the group itself included.")
    clusters: int = strawberry.field(description="Clusters.")
    policies: int = strawberry.field(description="Policies.")
    users: int = strawberry.field(description="Users bound to one of the groups, each once.")


@strawberry.type(description="A node of the tree: policies and roles bound to it roll down.")
class Group(Node):
    """A group."""

    name: str = strawberry.field(description="Unique among its siblings.")
    description: str = strawberry.field(description="What people should know of it.")
    created_at: datetime = strawberry.field(description="When it was created.")
    organization_id: strawberry.ID = strawberry.field(description="The root of its tree.")
    parent_id: strawberry.ID | None = strawberry.field(description="The group above; none: a root.")

    @classmethod
    def of(cls, state: GroupState) -> "Group":
        """Convert a group's state."""
        return cls(
            id=strawberry.ID(state.id),
            name=state.name,
            description=state.description,
            created_at=state.created_at,
            organization_id=strawberry.ID(state.org),
            parent_id=strawberry.ID(state.parent_id) if state.parent_id else None,
        )

    @strawberry.field(description="The names from the root down to it, joined by /.")
    async def path(self, info: Ask) -> str:
        """Answer the path as text."""
        return path_text(await info.context.batch(groups.group_paths, "groups", self.id))

    @strawberry.field(description="The groups above it, from the root down.")
    async def ancestors(self, info: Ask) -> list[PathGroup]:
        """Answer the path without the group itself."""
        path = await info.context.batch(groups.group_paths, "groups", self.id)
        return PathGroup.path(path[:-1])

    @strawberry.field(description="The groups right below it, by name.")
    async def children(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge["Group"]]:
        """Answer a page of children."""
        page = PageRequest.of("Group.children", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(groups.group_children, "groups", self.id, page=page)
        return connection(
            info.context, page, found, key=by_name, edge=group_edge, org=self.organization_id
        )

    @strawberry.field(description="All groups below it, by name.")
    async def descendants(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge["Group"]]:
        """Answer a page of descendants."""
        page = PageRequest.of("Group.descendants", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(groups.group_descendants, "groups", self.id, page=page)
        return connection(
            info.context, page, found, key=by_name, edge=group_edge, org=self.organization_id
        )

    @strawberry.field(description="The clusters bound to it, by name.")
    async def clusters(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Cluster]]:
        """Answer a page of its own clusters."""
        page = PageRequest.of("Group.clusters", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(clusters.group_clusters, "groups", self.id, page=page)
        return connection(
            info.context, page, found, key=by_name, edge=cluster_edge, org=self.organization_id
        )

    @strawberry.field(description="The identities of workloads that belong to it, by name.")
    async def identities(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Identity]]:
        """Answer a page of its own identities."""
        page = PageRequest.of("Group.identities", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(workloads.group_identities, "groups", self.id, page=page)
        return connection(
            info.context, page, found, key=by_name, edge=identity_edge, org=self.organization_id
        )

    @strawberry.field(description="The policies bound to it, by name.")
    async def policies(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Policy]]:
        """Answer a page of its own policies."""
        page = PageRequest.of("Group.policies", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(policies.group_policies, "groups", self.id, page=page)
        return connection(
            info.context, page, found, key=by_name, edge=policy_edge, org=self.organization_id
        )

    @strawberry.field(
        description=(
            "The policies effective for it: its own and those of every group above, from the root"
            " down, then by name. Needs policy.list."
        )
    )
    async def effective_policies(
        self,
        info: Ask,
        image: Image = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[EffectivePolicyEdge]:
        """Answer a page of effective policies."""
        page = PageRequest.of(
            "Group.effectivePolicies", self.id, image, first=first, after=after, strict=strict
        )
        return await effective_connection(
            info, self.id, page, image=image, org=self.organization_id
        )

    @strawberry.field(
        description=(
            "Who is a member of it, bound to it or to a group above: one entry for each binding"
            " that grants something, from the root down. Needs role_bindings.list, and changes.list"
            " at the root as well with asOf."
        )
    )
    async def members(
        self,
        info: Ask,
        as_of: AsOf = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[MemberEdge]:
        """Answer a page of members."""
        then = instant(as_of)
        page = PageRequest.of(
            "Group.members",
            self.id,
            then and then.isoformat(),
            first=first,
            after=after,
            strict=strict,
        )
        found = await info.context.batch(bindings.group_members, "groups", self.id, as_of=then)
        return part(
            info.context,
            page,
            found,
            key=lambda member: member.key,
            edge=MemberEdge.of,
            org=self.organization_id,
        )

    @strawberry.field(
        description=(
            "The roles that can be granted in it, by name: the built-in ones, and the custom ones"
            " of it and of the groups above, as far as the caller may list roles here."
        )
    )
    async def roles(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Role]]:
        """Answer a page of the roles."""
        page = PageRequest.of("Group.roles", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(roles.group_roles, "groups", self.id, page=page)
        return connection(
            info.context, page, found, key=by_name, edge=role_edge, org=self.organization_id
        )

    @strawberry.field(description="The invites to it, by id, those that are of no use included.")
    async def invites(
        self,
        info: Ask,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Invite]]:
        """Answer a page of its own invites."""
        page = PageRequest.of("Group.invites", self.id, first=first, after=after, strict=strict)
        found = await info.context.batch(invites.group_invites, "groups", self.id, page=page)
        return connection(
            info.context, page, found, key=invite_key, edge=invite_edge, org=self.organization_id
        )

    @strawberry.field(description="How much its subtree holds.")
    async def counts(self, info: Ask) -> SubtreeCounts:
        """Answer the counts."""
        counts = await info.context.batch(groups.group_counts, "groups", self.id)
        return SubtreeCounts(
            groups=counts.groups,
            clusters=counts.clusters,
            policies=counts.policies,
            users=counts.users,
        )


def group_edge(state: GroupState, cursor: str) -> ListEdge[Group]:
    """Build an entry of a list of groups."""
    return ListEdge(node=Group.of(state), cursor=cursor)
