"""Anything by its id, for who may see it."""

from graph import changes, lookup, roles, users
from graph.errors import InvalidInputError
from graph.ids import Kind, kind_of
from graph.rights import Role
from graph.snapshot import Snapshot, not_found
from queries.changes import ChangeRow
from queries.policies import PolicyRow
from queries.states import BindingState, ClusterState, GroupState, InviteState, VersionState
from queries.users import UserRow

Found = (
    GroupState
    | ClusterState
    | PolicyRow
    | VersionState
    | BindingState
    | InviteState
    | UserRow
    | Role
    | ChangeRow
)


async def get_node(at: Snapshot, *, id_: str) -> Found:  # noqa: C901, PLR0911 - one line a kind
    """Return what has this id. Raises `InvalidInputError` for a text that is no id of ours."""
    match kind_of(id_):
        case Kind.GROUP:
            return await lookup.group(at, id_)
        case Kind.CLUSTER:
            return await lookup.cluster(at, id_)
        case Kind.POLICY:
            return await lookup.policy(at, id_)
        case Kind.VERSION:
            return await lookup.version(at, id_)
        case Kind.BINDING:
            return await lookup.binding(at, id_)
        case Kind.INVITE:
            return await lookup.invite(at, id_)
        case Kind.USER:
            return await users.get_user(at, ref=id_)
        case Kind.ROLE:
            return await roles.get_role(at, ref=id_)
        case Kind.CHANGE:
            return await changes.get_change(at, change_id=id_)
        case None:
            raise InvalidInputError(
                f"{id_[:80]!r} is not an id. Ids start with grp_, clu_, pol_, usr_ and the like;"
                f" `resolve` finds one by name."
            )
        case _:
            raise not_found(f"node {id_}")
