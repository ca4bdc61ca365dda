"""Groups: the use cases."""

from collections.abc import Sequence
from dataclasses import replace

from graph import lookup, placement, roles, subtrees
from graph.edits import Edit
from graph.engine import Graph, Intent, Written
from graph.errors import ConflictError, InvalidInputError, PermissionDeniedError
from graph.forest import Path, path_text
from graph.ids import Kind, binding_id, new_id
from graph.names import check_description, check_name
from graph.paging import PageRequest, Slice, trim
from graph.rights import OWNER_ID, Capability
from graph.snapshot import Caller, Snapshot, not_found
from queries import clusters
from queries import groups as groups_queries
from queries.groups import SubtreeCounts
from queries.states import BindingState, GroupState
from queries.users import read_users


async def get_group(at: Snapshot, *, ref: str) -> GroupState:
    """Return one group. Needs `groups.list` there."""
    return await lookup.group(at, ref)


async def list_groups(
    at: Snapshot, *, within: str | None, name: str | None, page: PageRequest
) -> Slice[GroupState]:
    """Return the groups that the caller may list, by name; with `within`, those of its subtree."""
    place, org = await lookup.limit(at, within)
    scopes = await at.scopes(Capability.GROUPS_LIST, place)
    return replace((await list_in(at, [scopes], page, name=name))[0], org=org)


async def group_descendants(
    at: Snapshot, *, groups: Sequence[str], page: PageRequest
) -> list[Slice[GroupState]]:
    """Return for each group what is below it, by name."""
    await at.forest(groups)  # all at once
    scopes = [await at.scopes(Capability.GROUPS_LIST, group_id) for group_id in groups]
    return await list_in(at, scopes, page, omit=list(groups))


async def group_children(
    at: Snapshot, *, groups: Sequence[str], page: PageRequest
) -> list[Slice[GroupState]]:
    """Return for each group what is right below it, by name."""
    await at.forest(groups)  # all at once
    listable = [await at.may(Capability.GROUPS_LIST, group_id) for group_id in groups]
    name, id_ = page.text_key(2)
    statement = groups_queries.list_children(
        ids=[group_id if may else "" for group_id, may in zip(groups, listable, strict=True)],
        after_name=name,
        after_id=id_,
        first=page.fetch,
    )
    return [trim(answered, page) for answered in await at.run(statement)]


async def group_paths(at: Snapshot, *, groups: Sequence[str]) -> list[Path]:
    """Return for each group the path from its root, itself included."""
    forest = await at.forest(groups)
    for group_id in groups:
        if group_id not in forest:
            raise not_found(f"group {group_id}")
    return [forest.path(group_id) for group_id in groups]


async def group_counts(at: Snapshot, *, groups: Sequence[str]) -> list[SubtreeCounts]:
    """Return for each group how much its subtree holds; 0 of what the caller may not list."""
    counted = await at.run(groups_queries.count_below(ids=list(groups)))
    await at.forest(groups)  # all at once
    answers: list[SubtreeCounts] = []
    for group_id, counts in zip(groups, counted, strict=True):
        held = await at.capabilities(group_id)
        answers.append(
            SubtreeCounts(
                groups=counts.groups if Capability.GROUPS_LIST in held else 0,
                clusters=counts.clusters if Capability.CLUSTERS_LIST in held else 0,
                policies=counts.policies if Capability.POLICY_LIST in held else 0,
                users=counts.users if Capability.ROLE_BINDINGS_LIST in held else 0,
            )
        )
    return answers


async def create_group(
    graph: Graph,
    *,
    caller: Caller,
    name: str,
    parent: str | None = None,
    description: str = "",
    key: str | None = None,
) -> Written:
    """Create a group below `parent`, or an organization, whose owner the caller becomes."""
    check_name(name, what="group")
    check_description(description)
    intent = Intent(
        caller=caller,
        kind="create_group",
        input={"parent": parent, "name": name, "description": description},
        key=key,
    )

    async def plan(at: Snapshot) -> list[Edit]:
        if parent is None:
            return await _plan_root(at, intent.organization, name, description)
        above = await lookup.group_for(at, parent, Capability.GROUPS_CREATE)
        await placement.require_free_group_name(at, above.id, name, where=above.name)
        created = GroupState(
            id=new_id(Kind.GROUP),
            org=above.org,
            parent_id=above.id,
            name=name,
            description=description,
            created_at=at.now,
            created_by=caller.user_id,
        )
        return [Edit(None, created)]

    if parent is None:
        made = await graph.create_organization(intent, plan)
        # Anyone may; a repeat under the same key is answered to who still sees what they made.
        return replace(made, asked=made.asked | {Capability.GROUPS_CREATE})
    return await graph.change(intent, parent, Kind.GROUP, plan)


async def _plan_root(at: Snapshot, org: str, name: str, description: str) -> list[Edit]:
    creator = at.viewer.user_id
    at.needs.append((Capability.GROUPS_LIST, org))
    if any(user.kind != "human" for user in await at.run(read_users(ids=[creator]))):
        raise PermissionDeniedError(
            "Only a person can create an organization: it must have a person as its owner."
        )
    await placement.require_free_group_name(at, creator, name, where="your organizations")
    root = GroupState(
        id=org,
        org=org,
        name=name,
        description=description,
        created_at=at.now,
        created_by=creator,
    )
    owner = BindingState(
        id=binding_id(creator),
        org=org,
        group_id=org,
        user_id=creator,
        role=OWNER_ID,
        created_at=at.now,
        created_by=creator,
    )
    return [Edit(None, root), Edit(None, owner)]


async def update_group(
    graph: Graph,
    *,
    caller: Caller,
    group: str,
    name: str | None = None,
    description: str | None = None,
    key: str | None = None,
) -> Written:
    """Rename a group, describe it, or both."""
    if name is not None:
        check_name(name, what="group")
    if description is not None:
        check_description(description)

    async def plan(at: Snapshot) -> list[Edit]:
        found = await lookup.group_for(at, group, Capability.GROUPS_UPDATE)
        changed = replace(
            found,
            name=found.name if name is None else name,
            description=found.description if description is None else description,
        )
        if changed.name != found.name:
            await _require_free_new_name(at, found, changed.name)
        return [Edit(found, changed)]

    intent = Intent(
        caller=caller,
        kind="update_group",
        input={"group": group, "name": name, "description": description},
        key=key,
    )
    return await graph.change(intent, group, Kind.GROUP, plan)


async def _require_free_new_name(at: Snapshot, group: GroupState, name: str) -> None:
    if group.parent_id is not None:
        above = (await at.forest([group.id])).path(group.id)[-2]
        await placement.require_free_group_name(at, above.id, name, where=above.name)
    elif await placement.is_group_name_taken(at, group.created_by, name):
        # By an organization that is the creator's business, which the caller may not be.
        raise ConflictError(f"This organization cannot be called {name!r}. Choose another name.")


async def move_group(
    graph: Graph, *, caller: Caller, group: str, to: str, key: str | None = None
) -> Written:
    """Move a group with all that is below it under another group of its organization."""

    async def plan(at: Snapshot) -> list[Edit]:
        found = await lookup.group_for(at, group, Capability.GROUPS_UPDATE)
        if found.parent_id is None:
            raise InvalidInputError(f"{found.name} is an organization; a root does not move.")
        target = await lookup.group_for(at, to, Capability.GROUPS_CREATE)
        placement.require_same_organization(found, target)
        forest = await at.forest([found.id, target.id])
        if found.id in forest.ids(target.id):
            path = forest.path(target.id)
            ring = path[[step.id for step in path].index(found.id) :]
            raise ConflictError(
                f"{found.name} cannot move below itself: {path_text(ring)}/{found.name} would close"
                f" a ring."
            )
        if target.id == found.parent_id:
            return [Edit(found, found)]
        await placement.require_free_group_name(at, target.id, found.name, where=target.name)
        lost = forest.ids(found.parent_id) - forest.ids(target.id)
        if lost and await _holds_clusters(at, found.id):
            await placement.require_may_lose(at, lost)
        await roles.require_usable_after_move(at, found, lost, target)
        return [Edit(found, replace(found, parent_id=target.id))]

    intent = Intent(caller=caller, kind="move_group", input={"group": group, "to": to}, key=key)
    return await graph.change(intent, group, Kind.GROUP, plan)


async def delete_group(
    graph: Graph, *, caller: Caller, group: str, cascade: bool = False, key: str | None = None
) -> Written:
    """Delete a group; one that is not empty only with `cascade`, with all that is in it.

    Role bindings and invites alone do not make a group full. The edits say what was deleted.
    """

    async def plan(at: Snapshot) -> list[Edit]:
        found = await lookup.group_for(at, group, Capability.GROUPS_DELETE)
        if not cascade:
            inside = await subtrees.look_inside(at, found.id)
            if inside.total:
                raise ConflictError(
                    f"{found.name} is not empty: {inside.summary}. Delete or move what is inside,"
                    f" or ask for cascade to delete it all.",
                    details=inside.named,
                )
        contents = await subtrees.read_contents(at, found.id)
        for capability in contents.needed_to_delete:
            await at.require(
                capability, found.id, shown_by=Capability.GROUPS_LIST, what=f"group {found.name}"
            )
        return [Edit(state, None) for state in contents.states]

    intent = Intent(
        caller=caller, kind="delete_group", input={"group": group, "cascade": cascade}, key=key
    )
    return await graph.change(intent, group, Kind.GROUP, plan)


async def _holds_clusters(at: Snapshot, group_id: str) -> bool:
    statement = clusters.list_clusters(
        scopes=[[group_id]], name=None, after_name=None, after_id=None, first=0
    )
    return (await at.run(statement))[0].total > 0


async def list_in(
    at: Snapshot,
    scopes: list[list[str]],
    page: PageRequest,
    *,
    name: str | None = None,
    omit: list[str] | None = None,
) -> list[Slice[GroupState]]:
    """Return for each list of groups what their subtrees hold, by name."""
    after_name, after_id = page.text_key(2)
    statement = groups_queries.list_groups(
        scopes=scopes,
        omit=omit,
        name=name,
        after_name=after_name,
        after_id=after_id,
        first=page.fetch,
    )
    return [trim(answered, page) for answered in await at.run(statement)]
