"""Roles: the built-in ones, and custom ones, each of a group, usable there and below."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from graph import lookup, placement, rights
from graph.edits import Edit
from graph.engine import Graph, Intent, Written
from graph.errors import ConflictError, InvalidInputError, PermissionDeniedError
from graph.ids import Kind, kind_of, new_id
from graph.names import check_description, check_name
from graph.paging import PageRequest, Slice, by_name, cut
from graph.rights import BUILT_IN_ROLES, Capability, Role, built_in_role
from graph.snapshot import Caller, Snapshot, denied, not_found
from queries import bindings, invites
from queries import roles as queries
from queries.states import GroupState, Page, RoleState

_NAMED = 10
_BUILT_IN = sorted(BUILT_IN_ROLES.values(), key=lambda role: role.name)


async def get_role(at: Snapshot, *, ref: str) -> Role:
    """Return a built-in role, or a custom one: by its id, or its path from a root.

    A custom role is for who may list roles where it is usable, and for who holds it.
    """
    return built_in_role(ref) or rights.custom_role(await lookup.role(at, ref))


async def get_roles(at: Snapshot, *, roles: Sequence[str]) -> list[Role]:
    """Return roles whose bindings the caller was shown."""
    known = await at.roles(roles)
    for role in roles:
        if role not in known:
            raise not_found(f"role {role}")
    return [known[role] for role in roles]


async def list_roles(
    at: Snapshot, *, within: str | None, name: str | None, page: PageRequest
) -> Slice[Role]:
    """Return the roles that the caller may list, by name; with `within` only those of its subtree.

    The built-in ones are of no subtree.
    """
    place, org = await lookup.limit(at, within)
    scopes = await at.scopes(Capability.ROLES_LIST, place)
    after_name, after_id = page.text_key(2)
    found: Page[RoleState] = await at.run(
        queries.list_roles(
            scopes=scopes, name=name, after_name=after_name, after_id=after_id, first=page.fetch
        )
    )
    custom = [rights.custom_role(state) for state in found.items]
    built_in = [role for role in _BUILT_IN if place is None and (name or "") in role.name]
    left = [role for role in built_in if page.after is None or by_name(role) > page.after]
    merged = sorted([*left, *custom], key=by_name)
    total = found.total + len(built_in)
    return Slice(merged[: page.first], total, len(merged) > page.first, org)


async def group_roles(
    at: Snapshot, *, groups: Sequence[str], page: PageRequest
) -> list[Slice[Role]]:
    """Return for each group the roles that can be granted there, by name."""
    await at.forest(groups)  # all at once
    return [cut(await grantable(at, group_id), page, key=by_name) for group_id in groups]


async def grantable(at: Snapshot, group_id: str) -> list[Role]:
    """Return the roles that can be granted at a group, by name: as far as the caller knows them.

    The custom ones of its path are for who may list roles there, and for who holds them.
    """
    above = (await at.forest([group_id])).ids(group_id)
    held = {role.id for role in at.viewer.custom_roles}
    listable = await at.may(Capability.ROLES_LIST, group_id)
    custom = [
        rights.custom_role(state)
        for state in await at.run(queries.bound_roles(groups=sorted(above)))
        if listable or state.id in held
    ]
    return sorted([*_BUILT_IN, *custom], key=by_name)


async def grantable_role(at: Snapshot, group: GroupState, ref: str) -> Role:
    """Return the role that somebody means who grants it at a group: by id, name or path.

    Raises `InvalidInputError` for one that cannot be granted there, or a name that several have.
    """
    if (built_in := built_in_role(ref)) is not None:
        return built_in
    usable = await grantable(at, group.id)
    if kind_of(ref) is not Kind.ROLE and ("/" in ref or ":" in ref):
        ref = (await lookup.role(at, ref)).id
    found = [role for role in usable if ref in (role.id, role.name)]
    if len(found) > 1:
        candidates = [f"{role.id} (of {role.group_id})" for role in found]
        raise InvalidInputError(
            f"{len(found)} roles are called {ref!r} there: {', '.join(candidates)}. Give the id of"
            f" one.",
            details=candidates,
        )
    if not found:
        names = ", ".join(dict.fromkeys(role.name for role in usable))
        raise InvalidInputError(
            f"There is no role {ref[:80]!r} to grant in {group.name}. The roles are {names[:1000]}."
        )
    return found[0]


async def create_role(
    graph: Graph,
    *,
    caller: Caller,
    group: str,
    name: str,
    capabilities: Collection[Capability],
    description: str = "",
    key: str | None = None,
) -> Written:
    """Make a custom role of a group. To make one grants nothing: who grants it must hold it."""
    _check_role_name(name)
    check_description(description)
    named = _sorted_names(capabilities)

    async def plan(at: Snapshot) -> list[Edit]:
        place = await lookup.group_for(at, group, Capability.ROLES_CREATE)
        await _require_free_name(at, place.id, name, where=place.name)
        created = RoleState(
            id=new_id(Kind.ROLE),
            org=place.org,
            group_id=place.id,
            name=name,
            description=description,
            capabilities=named,
            created_at=at.now,
            created_by=caller.user_id,
        )
        return [Edit(None, created)]

    intent = Intent(
        caller=caller,
        kind="create_role",
        input={"group": group, "name": name, "description": description, "capabilities": named},
        key=key,
    )
    return await graph.change(intent, group, Kind.GROUP, plan)


async def update_role(
    graph: Graph,
    *,
    caller: Caller,
    role: str,
    name: str | None = None,
    description: str | None = None,
    capabilities: Collection[Capability] | None = None,
    key: str | None = None,
) -> Written:
    """Change a custom role, at once for all who hold it.

    Who widens it grants what it gains wherever it is granted or promised, so must hold that there.
    """
    if name is not None:
        _check_role_name(name)
    if description is not None:
        check_description(description)
    named = _sorted_names(capabilities) if capabilities is not None else None

    async def plan(at: Snapshot) -> list[Edit]:
        found = await _require(at, role, Capability.ROLES_UPDATE)
        changed = replace(
            found,
            name=found.name if name is None else name,
            description=found.description if description is None else description,
            capabilities=found.capabilities if named is None else named,
        )
        if changed.name != found.name:
            await _require_free_name(at, found.group_id, changed.name, where="its group")
        await _require_may_widen(at, found, changed)
        return [Edit(found, changed)]

    intent = Intent(
        caller=caller,
        kind="update_role",
        input={"role": role, "name": name, "description": description, "capabilities": named},
        key=key,
    )
    return await graph.change(intent, role, Kind.ROLE, plan)


async def delete_role(
    graph: Graph, *, caller: Caller, role: str, key: str | None = None
) -> Written:
    """Delete a custom role that nobody holds or is promised, by a binding or an invite."""

    async def plan(at: Snapshot) -> list[Edit]:
        found = await _require(at, role, Capability.ROLES_DELETE)
        uses = await _uses(at, found)
        if uses:
            raise ConflictError(
                f"The role {found.name!r} is in use. Give those who have it another role, or delete"
                f" their bindings and invites.",
                details=uses,
            )
        return [Edit(found, None)]

    intent = Intent(caller=caller, kind="delete_role", input={"role": role}, key=key)
    return await graph.change(intent, role, Kind.ROLE, plan)


async def require_usable_after_move(
    at: Snapshot, group: GroupState, lost: Iterable[str], to: GroupState
) -> None:
    """Raise `ConflictError` if a role is granted in a subtree that would not be usable any more."""
    for state in await at.run(queries.bound_roles(groups=sorted(lost))):
        if await _uses(at, state, below=group.id):
            known = await at.may(Capability.ROLES_LIST, group.id)
            raise ConflictError(
                f"In {group.name} a role is granted that is not usable in {to.name}"
                f"{f': {state.name} ({state.id})' if known else ''}. Grant a role of {to.name}, or"
                f" a built-in one, instead."
            )


async def _require(at: Snapshot, ref: str, capability: Capability) -> RoleState:
    """Return a custom role that the caller sees, for who may do this at its group."""
    found = await lookup.role(at, ref)
    if not await at.may(capability, found.group_id):
        raise denied(capability, f"the group of role {found.id}")
    at.needs.append((capability, found.group_id))
    return found


async def _require_may_widen(at: Snapshot, before: RoleState, after: RoleState) -> None:
    gained = rights.custom_role(after).capabilities - rights.custom_role(before).capabilities
    if not gained:
        return
    held = await at.run(queries.held_at(role=before.id, group=before.group_id))
    promised = await at.run(invites.invites_with_role(role=before.id, group=before.group_id))
    places = {each.group_id for each in [*held, *promised] if rights.is_live(each, at.now)}
    await at.forest(places)  # all at once
    missing = frozenset[Capability]().union(
        *[gained - await at.capabilities(place) for place in places]
    )
    if missing:
        raise PermissionDeniedError(
            f"You cannot widen {before.name}: you do not hold {', '.join(sorted(missing))} yourself"
            f" wherever it is granted or promised by an invite."
        )


async def _uses(at: Snapshot, role: RoleState, *, below: str | None = None) -> list[str]:
    """Return the ids of the first bindings and invites with a role; the caller's to know or not.

    Whoever may delete the role is told that it is in use, and by what only as far as they may list.
    """
    place = below or role.group_id
    (bound,) = await at.run(
        bindings.list_bindings(
            scopes=[[place]], role=role.id, user=None, after_id=None, first=_NAMED
        )
    )
    promised = await at.run(invites.invites_with_role(role=role.id, group=place))
    shown = [
        row.binding.id if await at.may(Capability.ROLE_BINDINGS_LIST, row.binding.group_id) else ""
        for row in bound.items
    ]
    shown += [
        row.id if await at.may(Capability.GROUP_INVITES_LIST, row.group_id) else ""
        for row in promised[:_NAMED]
    ]
    return [id_ or "one that you may not list" for id_ in shown]


async def _require_free_name(at: Snapshot, group_id: str, name: str, *, where: str) -> None:
    if await at.run(queries.find_role(group_id=group_id, name=name)):
        raise placement.taken("role", name, where)


def _check_role_name(name: str) -> None:
    check_name(name, what="role")
    if built_in_role(name) is not None:
        raise InvalidInputError(f"{name!r} is a built-in role. Choose another name.")


def _sorted_names(capabilities: Collection[Capability]) -> list[str]:
    if not capabilities:
        raise InvalidInputError("A role has at least one capability. Name what it is to allow.")
    return sorted({capability.value for capability in capabilities})
