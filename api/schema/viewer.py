"""Who asks."""

import strawberry

from api.context import Ask
from api.schema.scalars import Revision
from api.schema.users import User
from graph import users


@strawberry.type(description="Who asks, and what they hold.")
class Viewer:
    """Who asks."""

    @strawberry.field(description="The user that the token stands for.")
    async def user(self, info: Ask) -> User:
        """Answer the caller."""
        user = await users.get_user(info.context.at, ref=info.context.caller.user_id)
        return User.of(user)

    @strawberry.field(description="The organizations that the caller is bound in.")
    async def organization_ids(self, info: Ask) -> list[strawberry.ID]:
        """Answer the organizations, the pinned one alone when there is one."""
        return [strawberry.ID(org) for org in info.context.at.viewer.organizations]

    @strawberry.field(description="Where those organizations are.")
    async def revision(self, info: Ask) -> Revision:
        """Answer the revision of this answer."""
        return Revision(info.context.revision)
