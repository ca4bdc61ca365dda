"""Users: who they are, what they may do where, and whom a caller may know of."""

from collections.abc import Sequence
from datetime import datetime

from graph import lookup, membership, past_access, rights, roles
from graph.groups import list_in as list_groups_in
from graph.ids import Kind
from graph.membership import Decision, Member
from graph.paging import PageRequest, Slice, trim
from graph.refs import parse_ref
from graph.rights import Capability
from graph.snapshot import Snapshot, denied, not_found
from queries import bindings
from queries import users as queries
from queries.states import BindingState, GroupState
from queries.users import UserRow

_MAX_TEXT = 255


async def get_users(at: Snapshot, *, users: Sequence[str]) -> list[UserRow | None]:
    """Return these users in this order, for whoever was shown their ids; None for an unknown id."""
    found = {row.id: row for row in await at.run(queries.read_users(ids=sorted(set(users))))}
    return [found.get(user) for user in users]


async def get_user(at: Snapshot, *, ref: str) -> UserRow:
    """Return one user: oneself, or one bound where the caller may list role bindings."""
    wanted = parse_ref(ref, Kind.USER).id or ""
    (found,) = await get_users(at, users=[wanted])
    if found is not None and (
        wanted == at.viewer.user_id or any((await user_bindings(at, users=[wanted]))[0])
    ):
        return found
    raise not_found(f"user {ref[:200]!r}")


async def list_users(
    at: Snapshot, *, within: str | None, name: str | None, page: PageRequest
) -> Slice[UserRow]:
    """Return the users that are members of a group where the caller may list role bindings."""
    place, org = await lookup.limit(at, within)
    scopes = await at.scopes(Capability.ROLE_BINDINGS_LIST, place)
    forest = await at.forest(scopes)
    above = sorted(frozenset[str]().union(*(forest.ids(scope) for scope in scopes)) - set(scopes))
    (after,) = page.text_key(1)
    statement = queries.list_users(
        scopes=scopes, above=above, name=name, after_id=after, first=page.fetch
    )
    return trim(await at.run(statement), page, org=org)


async def user_bindings(at: Snapshot, *, users: Sequence[str]) -> list[list[BindingState]]:
    """Return for each user the bindings that the caller may know of, expired ones included."""
    rows = await at.run(bindings.user_bindings(users=sorted(set(users))))
    await at.forest(row.group_id for row in rows)  # all at once
    visible = [
        row
        for row in rows
        if row.user_id == at.viewer.user_id or await lookup.binding_visible(at, row.group_id)
    ]
    visible.sort(key=lambda row: row.id)
    return [[row for row in visible if row.user_id == user] for user in users]


async def user_access(at: Snapshot, *, users: Sequence[str]) -> list[list[Member]]:
    """Return for each user where they may do what: their bindings that grant something."""
    known = await get_users(at, users=users)
    bound = await user_bindings(at, users=users)
    forest = await at.forest(row.group_id for rows in bound for row in rows)
    held = await at.roles(row.role for rows in bound for row in rows)
    return [
        [
            Member(user, row, held[row.role], forest.path(row.group_id)[-1:])
            for row in rows
            if rights.is_live(row, at.now)
        ]
        if user is not None
        else []
        for user, rows in zip(known, bound, strict=True)
    ]


async def user_groups(
    at: Snapshot, *, users: Sequence[str], page: PageRequest
) -> list[Slice[GroupState]]:
    """Return for each user the groups they are a member of, inherited ones included, by name.

    Only those of which the caller may list groups and, but for their own, role bindings.
    """
    scopes: list[list[str]] = []
    for user, rows in zip(users, await user_bindings(at, users=users), strict=True):
        reached: list[str] = []
        for row in rows:
            if not rights.is_live(row, at.now):
                continue
            if user == at.viewer.user_id:
                shown = [row.group_id]
            else:
                shown = await at.scopes(Capability.ROLE_BINDINGS_LIST, row.group_id)
            for place in shown:
                reached += await at.scopes(Capability.GROUPS_LIST, place)
        scopes.append((await at.forest(reached)).tops(reached))
    return await list_groups_in(at, scopes, page)


async def access(
    at: Snapshot,
    *,
    user: str,
    capability: Capability,
    group: str,
    as_of: datetime | None = None,
) -> Decision:
    """Decide whether a user may do a thing at a group, and say why.

    Needs `role_bindings.list` there, but for questions about oneself. With `as_of` whether they
    could then, which needs `changes.list` at the root as well.
    """
    place = await lookup.group(at, group)
    wanted = parse_ref(user, Kind.USER).id or ""
    if wanted != at.viewer.user_id and not await at.may(Capability.ROLE_BINDINGS_LIST, place.id):
        raise denied(Capability.ROLE_BINDINGS_LIST, f"group {group[:200]!r}")
    if as_of is not None and await past_access.was_ever_bound(at, wanted, place.org):
        (row,) = await get_users(at, users=[wanted])
        found = row or await get_user(at, ref=user)
    else:
        found = await get_user(at, ref=user)
    if as_of is not None:
        return await past_access.decide_then(
            at, user=found, capability=capability, place=place, instant=as_of
        )
    rows = await at.run(bindings.user_bindings(users=[wanted]))
    path = (await at.forest([place.id])).path(place.id)
    return membership.decide(
        found,
        capability,
        path,
        rows,
        at.now,
        roles=await at.roles(row.role for row in rows),
        grantable=await roles.grantable(at, place.id),
    )
