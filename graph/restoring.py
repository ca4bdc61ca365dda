"""Brings back what a delete took away, with the same ids, in one transaction."""

from collections.abc import Sequence

from graph import bindings, changes, invites, lookup, placement, retention, rights
from graph.edits import Edit
from graph.engine import Graph, Intent, Written
from graph.errors import ConflictError, InvalidInputError
from graph.ids import Kind, kind_of
from graph.rights import Capability, Role, Roles
from graph.snapshot import Caller, Snapshot, not_found
from queries import bindings as binding_queries
from queries import clusters, groups, policies
from queries import identities as identity_queries
from queries import roles as role_queries
from queries.changes import ChangeRow
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    IdentityState,
    InviteState,
    PolicyState,
    RoleState,
    State,
    VersionState,
)
from queries.users import GrantRow, read_users

_NAMED = 10

_CREATE = {
    "group": Capability.GROUPS_CREATE,
    "role": Capability.ROLES_CREATE,
    "cluster": Capability.CLUSTERS_CREATE,
    "policy": Capability.POLICY_CREATE,
    "identity": Capability.IDENTITY_CREATE,
    "binding": Capability.ROLE_BINDINGS_CREATE,
    "invite": Capability.GROUP_INVITES_CREATE,
}


async def restore(graph: Graph, *, caller: Caller, change: str, key: str | None = None) -> Written:
    """Restore all that the delete of this change took away.

    Takes the rights to create it there. Raises `ConflictError` that lists what is in the way. A
    deleted organization is restored by who was its owner.
    """
    if kind_of(change) is not Kind.CHANGE:
        raise InvalidInputError(f"{change[:80]!r} is not the id of a change (chg_…).")
    row = await changes.find(graph.session, change)
    if row is None:
        raise await retention.missing(await graph.snapshot(caller), change)
    found = row

    async def plan(at: Snapshot) -> list[Edit]:
        deleted = _deleted(await changes.read_edits(at, found))
        await _authorize(at, found, deleted)
        if not deleted:
            raise InvalidInputError(f"{change} deleted nothing (it is a {found.kind}).")
        conflicts = await _conflicts(at, deleted)
        if conflicts:
            raise ConflictError(
                f"{change} cannot be restored: {'; '.join(conflicts[:_NAMED])}"
                f"{'; …' if len(conflicts) > _NAMED else '.'}",
                details=conflicts,
            )
        return [Edit(None, state) for state in deleted]

    intent = Intent(caller=caller, kind="restore", input={"change": change}, key=key)
    return await graph.change_organization(intent, found.org, plan)


def _deleted(edits: Sequence[Edit]) -> list[State]:
    return [edit.before for edit in edits if edit.before is not None and edit.after is None]


async def _authorize(at: Snapshot, row: ChangeRow, deleted: Sequence[State]) -> None:
    """Let pass who may create each of these things at what stands above it all."""
    parents = _parents(deleted)
    if row.org in parents:
        await _require_former_owner(at, row, deleted)
        return
    of_policy = {state.id: state.group_id for state in deleted if isinstance(state, PolicyState)}
    # Of a change that deleted nothing, only who may see it is told so.
    needed = [] if deleted else [(Capability.CHANGES_LIST, row.org)]
    granted: list[tuple[Role, str]] = []
    roles = await _roles(at, deleted)
    for state in deleted:
        place = _outside(_place(state, of_policy), parents)
        if place is None:
            raise not_found(f"change {row.id}")
        kind = "policy" if isinstance(state, VersionState) else state.kind
        needed.append((_CREATE[kind], place))
        if isinstance(state, InviteState):
            needed += [(each, place) for each in invites.rights_to_invite(state.invite_kind)]
        if (
            isinstance(state, BindingState | InviteState)
            and rights.is_live(state, at.now)
            and state.role in roles  # without it there is a conflict
        ):
            granted.append((roles[state.role], place))
    forest = await at.forest(place for _, place in needed)
    for need, place in dict.fromkeys(needed):
        # A place that is gone as well is a conflict, which who may see the change is told.
        there = place in forest
        await at.require(
            need if there else Capability.CHANGES_LIST,
            place if there else row.org,
            shown_by=Capability.CHANGES_LIST,
            what=f"change {row.id}",
        )
    for role, place in granted:
        if place in forest:
            await bindings.require_holds(at, role, place)


async def _require_former_owner(at: Snapshot, row: ChangeRow, deleted: Sequence[State]) -> None:
    """Let pass who held every right at a deleted root: nobody holds any there now."""
    grants = tuple(
        GrantRow(state.id, state.org, state.group_id, state.role, state.expires_at, "", "", 0)
        for state in deleted
        if isinstance(state, BindingState) and state.user_id == at.viewer.user_id
    )
    roles = await _roles(at, deleted)
    if rights.capabilities_at(grants, {row.org}, at.now, roles) != frozenset(Capability):
        raise not_found(f"change {row.id}")
    at.ask(Capability.GROUPS_CREATE)
    at.needs.append((Capability.GROUPS_CREATE, row.org))


def _parents(deleted: Sequence[State]) -> dict[str, str | None]:
    """Return of the groups that come back what stood above each."""
    return {state.id: state.parent_id for state in deleted if isinstance(state, GroupState)}


def _outside(place: str | None, parents: dict[str, str | None]) -> str | None:
    """Return the closest group above that does not come back with the rest."""
    while place is not None and place in parents:
        place = parents[place]
    return place


async def _roles(at: Snapshot, deleted: Sequence[State]) -> Roles:
    """Return the roles that there are, or will be again."""
    back = {
        state.id: rights.custom_role(state) for state in deleted if isinstance(state, RoleState)
    }
    granted = [state.role for state in deleted if isinstance(state, BindingState | InviteState)]
    return {**await at.roles(set(granted).difference(back)), **back}


def _place(state: State, of_policy: dict[str, str]) -> str | None:
    """Return the group in which a thing stood."""
    match state:
        case GroupState():
            return state.parent_id
        case VersionState():
            return of_policy.get(state.policy_id)
        case _:
            return state.group_id


async def _conflicts(at: Snapshot, deleted: Sequence[State]) -> list[str]:
    """Say what stands in the way: something is back already, its place is gone, its name taken."""
    conflicts = [f"{kind} {id_} is there already" for kind, id_ in await _present(at, deleted)]
    inner = {state.id for state in deleted}
    conflicts += await _lost_users(at, deleted)
    for state in deleted:
        if isinstance(state, VersionState) or (place := _place(state, {})) in inner:
            continue  # it stands in something that comes back with it
        if place is None:
            if isinstance(state, GroupState) and await placement.is_group_name_taken(
                at, state.created_by, state.name
            ):
                conflicts.append(f"the organization cannot be called {state.name!r} any more")
            continue
        (group,) = await lookup.read_groups(at, [place])
        if group is None:
            conflicts.append(f"the group {place} of {state.kind} {state.id} is gone")
        else:
            conflicts += await _name_conflict(at, state, group.id, group.name)
    return conflicts + await _role_conflicts(at, deleted)


async def _role_conflicts(at: Snapshot, deleted: Sequence[State]) -> list[str]:
    """Say which bindings and invites have a role that is gone, or not usable there any more."""
    parents, roles = _parents(deleted), await _roles(at, deleted)
    back = {state.id for state in deleted}
    conflicts: list[str] = []
    for state in deleted:
        if not isinstance(state, BindingState | InviteState) or state.role in back:
            continue
        role, outside = roles.get(state.role), _outside(state.group_id, parents)
        above = (await at.forest([outside])).ids(outside) if outside else frozenset[str]()
        if role is None:
            conflicts.append(f"the role {state.role} of {state.kind} {state.id} is gone")
        elif role.group_id is not None and role.group_id not in above:
            conflicts.append(f"the role {role.id} of {state.kind} {state.id} is of another branch")
    return conflicts


async def _lost_users(at: Snapshot, deleted: Sequence[State]) -> list[str]:
    """Say which bindings bind nobody any more: an identity takes its user along."""
    bound = [state for state in deleted if isinstance(state, BindingState)]
    there = {state.id for state in deleted if isinstance(state, IdentityState)}
    there |= {row.id for row in await at.run(read_users(ids=sorted({b.user_id for b in bound})))}
    return [
        f"the identity {state.user_id} of binding {state.id} is gone"
        for state in bound
        if state.user_id not in there
    ]


async def _present(at: Snapshot, deleted: Sequence[State]) -> list[tuple[str, str]]:
    """Return what of this exists, as (kind, id)."""
    ids: dict[str, list[str]] = {kind: [] for kind in _CREATE}
    for state in deleted:
        if state.kind in ids:
            ids[state.kind].append(state.id)
    found = (
        *await lookup.read_groups(at, ids["group"]),
        *await lookup.read_roles(at, ids["role"]),
        *await lookup.read_clusters(at, ids["cluster"]),
        *await lookup.read_policies(at, ids["policy"]),
        *await lookup.read_identities(at, ids["identity"]),
        *await lookup.read_bindings(at, ids["binding"]),
        *await lookup.read_invites(at, ids["invite"]),
    )
    return [(state.kind, state.id) for state in found if state is not None]


async def _name_conflict(at: Snapshot, state: State, place: str, where: str) -> list[str]:
    match state:
        case GroupState():
            taken = await at.run(groups.walk_names(start=place, names=[state.name]))
        case ClusterState():
            taken = await at.run(clusters.find_cluster(group_id=place, name=state.name))
        case RoleState():
            taken = await at.run(role_queries.find_role(group_id=place, name=state.name))
        case PolicyState():
            taken = await at.run(policies.find_policy(group_id=place, name=state.name))
        case IdentityState():
            taken = await at.run(identity_queries.find_identity(group_id=place, name=state.name))
        case BindingState():
            return await _binding_conflict(at, state, where)
        case VersionState() | InviteState():
            return []
    return [f"there is another {state.kind} {state.name!r} in {where}"] if taken else []


async def _binding_conflict(at: Snapshot, state: BindingState, where: str) -> list[str]:
    rows = await at.run(binding_queries.user_bindings(users=[state.user_id]))
    if any((row.group_id, row.role) == (state.group_id, state.role) for row in rows):
        return [f"user {state.user_id} is bound to {where} as {state.role} again"]
    return []
