"""The root of all questions."""

from enum import Enum
from typing import Annotated

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema.changes import Change, change_edge
from api.schema.clusters import Cluster, cluster_edge
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    NameFilter,
    Strict,
    Within,
    by_name,
    connection,
)
from api.schema.foresight import ImpactReport, PathStep, PolicyDifference, Way
from api.schema.groups import Group, group_edge
from api.schema.nodes import Node
from api.schema.policies import Policy, PolicyVersion, policy_edge
from api.schema.scalars import Ref
from api.schema.users import (
    AccessDecision,
    Role,
    RoleBinding,
    User,
    binding_edge,
    binding_key,
    user_edge,
)
from api.schema.viewer import Viewer
from graph import (
    bindings,
    changes,
    clusters,
    comparing,
    connecting,
    groups,
    impact,
    nodes,
    policies,
    rights,
    search,
    users,
)
from graph.ids import Kind
from graph.paging import DEFAULT_FIRST, PageRequest
from graph.rights import Capability
from queries.changes import ChangeRow
from queries.policies import PolicyRow
from queries.states import BindingState, ClusterState, GroupState, VersionState
from queries.users import UserRow

RefArgument = Annotated[Ref, strawberry.argument(description="Its id or path.")]


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


@strawberry.type(description="Questions.")
class Query:
    """Questions."""

    @strawberry.field(description="Who asks, and what they hold.", extensions=[needs()])
    async def viewer(self) -> Viewer:
        """Answer the caller."""
        return Viewer()

    @strawberry.field(
        description="One group.", extensions=[needs(Capability.GROUPS_LIST, scope="ref")]
    )
    async def group(self, info: Ask, ref: RefArgument) -> Group | None:
        """Answer one group."""
        return Group.of(await groups.get_group(info.context.at, ref=ref))

    @strawberry.field(
        description="The groups that the caller may list, by name.",
        extensions=[needs(Capability.GROUPS_LIST)],
    )
    async def groups(
        self,
        info: Ask,
        within: Within = None,
        name: NameFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Group]] | None:
        """Answer a page of groups."""
        page = PageRequest.of("groups", within, name, first=first, after=after, strict=strict)
        found = await groups.list_groups(info.context.at, within=within, name=name, page=page)
        return connection(info.context, page, found, key=by_name, edge=group_edge)

    @strawberry.field(
        description="One cluster.", extensions=[needs(Capability.CLUSTERS_LIST, scope="ref")]
    )
    async def cluster(self, info: Ask, ref: RefArgument) -> Cluster | None:
        """Answer one cluster."""
        return Cluster.of(await clusters.get_cluster(info.context.at, ref=ref))

    @strawberry.field(
        description="The clusters that the caller may list, by name.",
        extensions=[needs(Capability.CLUSTERS_LIST)],
    )
    async def clusters(
        self,
        info: Ask,
        within: Within = None,
        name: NameFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Cluster]] | None:
        """Answer a page of clusters."""
        page = PageRequest.of("clusters", within, name, first=first, after=after, strict=strict)
        found = await clusters.list_clusters(info.context.at, within=within, name=name, page=page)
        return connection(info.context, page, found, key=by_name, edge=cluster_edge)

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
        description="One user: oneself, or one bound where the caller may list role bindings.",
        extensions=[needs()],
    )
    async def user(self, info: Ask, ref: RefArgument) -> User | None:
        """Answer one user."""
        return User.of(await users.get_user(info.context.at, ref=ref))

    @strawberry.field(
        description=(
            "The users bound, expired bindings included, where the caller may list role bindings,"
            " and above; by id."
        ),
        extensions=[needs(Capability.ROLE_BINDINGS_LIST)],
    )
    async def users(
        self,
        info: Ask,
        within: Within = None,
        name: Annotated[
            str | None,
            strawberry.argument(
                description="Only who has this in their e-mail, display name or subject."
            ),
        ] = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[User]] | None:
        """Answer a page of users."""
        page = PageRequest.of("users", within, name, first=first, after=after, strict=strict)
        found = await users.list_users(info.context.at, within=within, name=name, page=page)
        return connection(info.context, page, found, key=lambda row: (row.id,), edge=user_edge)

    @strawberry.field(description="The built-in roles.", extensions=[needs()])
    async def roles(self) -> list[Role]:
        """Answer the roles."""
        return [Role.of(role) for role in rights.BUILT_IN_ROLES.values()]

    @strawberry.field(
        description="The role bindings that the caller may list, by id, expired ones included.",
        extensions=[needs(Capability.ROLE_BINDINGS_LIST)],
    )
    async def role_bindings(
        self,
        info: Ask,
        within: Within = None,
        role: Annotated[
            str | None, strawberry.argument(description="Only with this role, by id or name.")
        ] = None,
        user: Annotated[Ref | None, strawberry.argument(description="Only of this user.")] = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[RoleBinding]] | None:
        """Answer a page of role bindings."""
        page = PageRequest.of(
            "roleBindings", within, role, user, first=first, after=after, strict=strict
        )
        found = await bindings.list_bindings(
            info.context.at, within=within, role=role, user=user, page=page
        )
        return connection(info.context, page, found, key=binding_key, edge=binding_edge)

    @strawberry.field(
        description="What was written to an organization, the newest first.",
        extensions=[needs(Capability.CHANGES_LIST, scope="organization")],
    )
    async def changes(
        self,
        info: Ask,
        organization: RefArgument,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Change]] | None:
        """Answer a page of changes."""
        page = PageRequest.of("changes", organization, first=first, after=after, strict=strict)
        found = await changes.list_changes(info.context.at, organization=organization, page=page)
        return connection(
            info.context, page, found, key=lambda row: (row.revision,), edge=change_edge
        )

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
            "Whether a user may do something at a group, and because of which bindings, or what it"
            " would take. Needs role_bindings.list there, but for questions about oneself."
        ),
        extensions=[needs(Capability.GROUPS_LIST, scope="group")],
    )
    async def access(
        self,
        info: Ask,
        user: Annotated[Ref, strawberry.argument(description="The user's id.")],
        capability: Annotated[
            Capability, strawberry.argument(description="The thing in question.")
        ],
        group: Annotated[Ref, strawberry.argument(description="The group in question.")],
    ) -> AccessDecision | None:
        """Answer the decision."""
        decision = await users.access(
            info.context.at, user=user, capability=capability, group=group
        )
        return AccessDecision.of(decision)

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
        case UserRow():
            return User.of(found)
        case rights.Role():
            return Role.of(found)
        case ChangeRow():
            return Change.of(found)
        case VersionState():
            return PolicyVersion.of(found)
