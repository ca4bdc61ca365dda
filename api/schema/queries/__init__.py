"""The root of all questions, put together from the modules beside this one."""

import strawberry

from api.schema.queries.changes import ChangeQueries
from api.schema.queries.clusters import ClusterQueries
from api.schema.queries.finding import FindingQueries
from api.schema.queries.groups import GroupQueries
from api.schema.queries.identities import IdentityQueries
from api.schema.queries.invites import InviteQueries
from api.schema.queries.policies import PolicyQueries
from api.schema.queries.roles import RoleQueries
from api.schema.queries.users import UserQueries


@strawberry.type(description="Questions.")
class Query(
    UserQueries,
    GroupQueries,
    ClusterQueries,
    PolicyQueries,
    RoleQueries,
    InviteQueries,
    IdentityQueries,
    ChangeQueries,
    FindingQueries,
):
    """Questions."""
