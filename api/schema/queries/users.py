"""The questions about who may do what."""

from typing import Annotated

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    Strict,
    Within,
    connection,
)
from api.schema.scalars import AsOf, Ref, RefArgument, instant
from api.schema.users import (
    AccessDecision,
    RoleBinding,
    User,
    binding_edge,
    binding_key,
    user_edge,
)
from api.schema.viewer import Viewer
from graph import (
    bindings,
    users,
)
from graph.paging import DEFAULT_FIRST, PageRequest
from graph.rights import Capability


@strawberry.type
class UserQueries:
    """The questions about who may do what."""

    @strawberry.field(description="Who asks, and what they hold.", extensions=[needs()])
    async def viewer(self) -> Viewer:
        """Answer the caller."""
        return Viewer()

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
        description=(
            "Whether a user may do something at a group, and because of which bindings, or what it"
            " would take. Needs role_bindings.list there, but for questions about oneself, and"
            " changes.list at the root as well with asOf."
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
        as_of: AsOf = None,
    ) -> AccessDecision | None:
        """Answer the decision."""
        decision = await users.access(
            info.context.at,
            user=user,
            capability=capability,
            group=group,
            as_of=instant(as_of),
        )
        return AccessDecision.of(decision)
