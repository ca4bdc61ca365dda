"""The root of all writes, put together from the modules beside this one."""

import strawberry

from api.schema.mutations.bindings import RoleBindingMutations
from api.schema.mutations.clusters import ClusterMutations
from api.schema.mutations.groups import GroupMutations
from api.schema.mutations.identities import IdentityMutations
from api.schema.mutations.invites import InviteMutations
from api.schema.mutations.policies import PolicyMutations
from api.schema.mutations.roles import RoleMutations


@strawberry.type(description="Writes. Each answers the new revision, or says why nothing changed.")
class Mutation(
    GroupMutations,
    PolicyMutations,
    ClusterMutations,
    IdentityMutations,
    RoleMutations,
    RoleBindingMutations,
    InviteMutations,
):
    """Writes."""
