"""Role bindings: who is bound to a group as what, and who may bind whom."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from graph import identities, lookup, membership, past_access, roles, users
from graph.edits import Edit
from graph.engine import Graph, Intent, Written
from graph.errors import ConflictError, InvalidInputError, PermissionDeniedError
from graph.identities import Identity
from graph.ids import Kind, binding_id
from graph.membership import Member
from graph.paging import PageRequest, Slice, trim
from graph.refs import parse_ref
from graph.rights import Capability, Role
from graph.snapshot import Caller, Snapshot, denied, not_found
from queries import bindings as queries
from queries.bindings import BoundUser
from queries.states import BindingState, GroupState


async def list_bindings(
    at: Snapshot,
    *,
    within: str | None,
    role: str | None,
    user: str | None,
    page: PageRequest,
) -> Slice[BoundUser]:
    """Return the role bindings that the caller may list, by id, expired ones included."""
    place, org = await lookup.limit(at, within)
    wanted = parse_ref(user, Kind.USER).id if user is not None else None
    role_id = (await roles.get_role(at, ref=role)).id if role is not None else None
    scopes = await at.scopes(Capability.ROLE_BINDINGS_LIST, place)
    return replace(await _list(at, scopes, page, role=role_id, user=wanted), org=org)


async def role_bindings(
    at: Snapshot, *, roles: Sequence[str], page: PageRequest
) -> list[Slice[BoundUser]]:
    """Return for each role its bindings, as far as the caller may list them, by id."""
    scopes = await at.scopes(Capability.ROLE_BINDINGS_LIST)
    return [await _list(at, scopes, page, role=role, user=None) for role in roles]


async def group_members(
    at: Snapshot, *, groups: Sequence[str], as_of: datetime | None = None
) -> list[Sequence[Member]]:
    """Return for each group its members, inherited ones included, one for each live binding.

    Needs `role_bindings.list` at each group: an empty answer would read as "nobody". With `as_of`
    who was a member then, which needs `changes.list` at the root as well.
    """
    forest = await at.forest(groups)
    for group_id in groups:
        if not await at.may(Capability.ROLE_BINDINGS_LIST, group_id):
            raise denied(Capability.ROLE_BINDINGS_LIST, f"group {group_id}")
    if as_of is not None:
        return await past_access.members_then(at, groups=groups, instant=as_of)
    above = sorted(frozenset[str]().union(*(forest.ids(group_id) for group_id in groups)))
    bound = await at.run(queries.group_bindings(groups=above))
    live = membership.live_by_group(bound, at.now)
    held = await at.roles(row.binding.role for row in bound)
    return [membership.Members(forest.path(group_id), live, held) for group_id in groups]


async def create_role_binding(
    graph: Graph,
    *,
    caller: Caller,
    group: str,
    role: str,
    user: str | None = None,
    identity: Identity | None = None,
    expires_at: datetime | None = None,
    key: str | None = None,
) -> Written:
    """Bind a user, by id or by who they will sign in as, to a group with a role.

    The same user, group and role again answer the binding that is there, with a new expiry if one
    is given.
    """
    if (user is None) == (identity is None):
        raise InvalidInputError("Say who is bound: either `user`, an id, or `identity`.")

    async def plan(at: Snapshot) -> list[Edit]:
        place = await lookup.group_for(at, group, Capability.ROLE_BINDINGS_CREATE)
        granted = await roles.grantable_role(at, place, role)
        await require_holds(at, granted, place.id)
        _require_future(expires_at, at.now)
        bound_id = await _bound_user(graph, at, place.org, user, identity)
        rows = await at.run(queries.user_bindings(users=[bound_id]))
        same = [row for row in rows if (row.group_id, row.role) == (place.id, granted.id)]
        if same:
            if expires_at in (None, same[0].expires_at):
                return [Edit(same[0], same[0])]
            await lookup.group_for(at, group, Capability.ROLE_BINDINGS_UPDATE)
            return [Edit(same[0], replace(same[0], expires_at=expires_at))]
        created = BindingState(
            id=binding_id(bound_id),
            org=place.org,
            group_id=place.id,
            user_id=bound_id,
            role=granted.id,
            expires_at=expires_at,
            created_at=at.now,
            created_by=caller.user_id,
        )
        return [Edit(None, created)]

    intent = Intent(
        caller=caller,
        kind="create_role_binding",
        input={
            "group": group,
            "role": role,
            "user": user,
            "identity": [identity.issuer, identity.subject] if identity else None,
            "expires_at": expires_at,
        },
        key=key,
    )
    return await graph.change(intent, group, Kind.GROUP, plan)


async def update_role_binding(
    graph: Graph,
    *,
    caller: Caller,
    binding: str,
    role: str | None = None,
    expires_at: datetime | None = None,
    never_expires: bool = False,
    key: str | None = None,
) -> Written:
    """Give a binding another role, another expiry, or none (`never_expires`)."""
    if expires_at is not None and never_expires:
        raise InvalidInputError("A binding either expires or it does not: give one of the two.")

    async def plan(at: Snapshot) -> list[Edit]:
        found = await _require(at, binding, Capability.ROLE_BINDINGS_UPDATE)
        new_role = (
            (await at.roles([found.role]))[found.role]
            if role is None
            else await roles.grantable_role(at, await _group_of(at, found), role)
        )
        await require_holds(at, new_role, found.group_id)
        _require_future(expires_at, at.now)
        changed = replace(
            found,
            role=new_role.id,
            expires_at=None if never_expires else expires_at or found.expires_at,
        )
        rows = await at.run(queries.user_bindings(users=[found.user_id]))
        if any(
            (row.group_id, row.role) == (changed.group_id, changed.role) and row.id != found.id
            for row in rows
        ):
            raise ConflictError(
                f"The user is bound there as {new_role.name} already. Delete one of the two."
            )
        return [Edit(found, changed)]

    intent = Intent(
        caller=caller,
        kind="update_role_binding",
        input={
            "binding": binding,
            "role": role,
            "expires_at": expires_at,
            "never_expires": never_expires,
        },
        key=key,
    )
    return await graph.change(intent, binding, Kind.BINDING, plan)


async def delete_role_binding(
    graph: Graph, *, caller: Caller, binding: str, key: str | None = None
) -> Written:
    """Take a user's role at a group away."""

    async def plan(at: Snapshot) -> list[Edit]:
        return [Edit(await _require(at, binding, Capability.ROLE_BINDINGS_DELETE), None)]

    intent = Intent(caller=caller, kind="delete_role_binding", input={"binding": binding}, key=key)
    return await graph.change(intent, binding, Kind.BINDING, plan)


async def require_holds(at: Snapshot, role: Role, group_id: str) -> None:
    """Let pass who holds at a group every capability of a role: nobody grants what they lack."""
    missing = role.capabilities - await at.capabilities(group_id)
    if missing:
        raise PermissionDeniedError(
            f"You cannot grant {role.name}: you do not hold {', '.join(sorted(missing))} there"
            f" yourself."
        )


async def _require(at: Snapshot, binding: str, capability: Capability) -> BindingState:
    """Return a binding that the caller sees, for who may do this at its group."""
    found = await lookup.binding(at, binding)
    if not await at.may(capability, found.group_id):
        raise denied(capability, f"the group of binding {found.id}")
    at.needs.append((capability, found.group_id))
    return found


async def _group_of(at: Snapshot, binding: BindingState) -> GroupState:
    (found,) = await lookup.read_groups(at, [binding.group_id])
    if found is None:
        raise not_found(f"binding {binding.id}")
    return found


async def _bound_user(
    graph: Graph, at: Snapshot, org: str, user: str | None, identity: Identity | None
) -> str:
    """Return the id of whom a binding is to bind; an identity is registered under it.

    A workload's identity is bound within its own organization, where it is deleted.
    """
    if identity is not None:
        row = identities.user_row(graph.user_key, identity)
        await identities.register(at, [row])
        return row.id
    wanted = parse_ref(user or "", Kind.USER).id or ""
    (found,) = await users.get_users(at, users=[wanted])
    (workload,) = await lookup.read_identities(at, [wanted])
    if found is None or (workload is not None and workload.org != org):
        raise not_found(f"user {wanted!r}")
    return wanted


def _require_future(expires_at: datetime | None, now: datetime) -> None:
    if expires_at is not None and expires_at <= now:
        raise InvalidInputError(
            f"The expiry {expires_at.isoformat()} is past. Give a later instant, or none."
        )


async def _list(
    at: Snapshot, scopes: list[str], page: PageRequest, *, role: str | None, user: str | None
) -> Slice[BoundUser]:
    (after,) = page.text_key(1)
    statement = queries.list_bindings(
        scopes=[scopes], role=role, user=user, after_id=after, first=page.fetch
    )
    return trim((await at.run(statement))[0], page)
