"""Custom roles: what they grant, where they may be granted, and who may change them."""

import random

import pytest

from graph import bindings, groups, invites, redeeming, restoring, roles, users
from graph.engine import Graph, Written
from graph.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from graph.invites import Inactive
from graph.paging import PageRequest, by_name
from graph.rights import Capability
from graph.snapshot import Caller
from queries.states import BindingState, InviteState, RoleState
from tests.given import Clock, a_person, an_organization, snapshot, written
from tests.model.replay import assert_whole

LISTS = [Capability.GROUPS_LIST, Capability.CLUSTERS_LIST]


async def a_role(
    graph: Graph, owner: Caller, group: str, name: str, *capabilities: Capability
) -> str:
    made = await roles.create_role(
        graph, caller=owner, group=group, name=name, capabilities=capabilities or LISTS
    )
    return written(made, RoleState).id


async def grant(graph: Graph, owner: Caller, group: str, role: str, user: Caller) -> Written:
    return await bindings.create_role_binding(
        graph, caller=owner, group=group, role=role, user=user.user_id
    )


async def may(graph: Graph, caller: Caller, capability: Capability, group: str) -> bool:
    return await (await snapshot(graph, caller)).may(capability, group)


async def test_a_custom_role_grants_what_it_names_at_its_group_and_below(graph: Graph) -> None:
    owner, user = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "a", "a/b", "c")
    role = await a_role(graph, owner, f"{org}/a", "deployer")

    bound = await grant(graph, owner, f"{org}/a/b", "deployer", user)

    assert written(bound, BindingState).role == role
    at = await snapshot(graph, owner)
    b, c = [(await groups.get_group(at, ref=f"{org}/{path}")).id for path in ("a/b", "c")]
    assert await may(graph, user, Capability.CLUSTERS_LIST, b)
    assert not await may(graph, user, Capability.POLICY_LIST, b)
    assert not await may(graph, user, Capability.CLUSTERS_LIST, c)
    (members,) = await bindings.group_members(at, groups=[b])
    assert {member.role.name for member in members} == {"owner", "deployer"}
    with pytest.raises(InvalidInputError, match=r"no role 'deployer' to grant in c"):
        await grant(graph, owner, f"{org}/c", "deployer", user)
    with pytest.raises(InvalidInputError, match="no role"):
        await grant(graph, owner, f"{org}/c", role, user)
    await assert_whole(graph, org)


async def test_a_change_of_a_role_takes_effect_at_once_for_all_who_have_it(graph: Graph) -> None:
    owner, user = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "a")
    role = await a_role(graph, owner, org, "watcher")
    await grant(graph, owner, f"{org}/a", role, user)
    before = await snapshot(graph, user)

    await roles.update_role(
        graph, caller=owner, role=f"{org}/watcher", capabilities=[Capability.GROUPS_LIST]
    )

    (place,) = [grant.group_id for grant in before.viewer.grants]
    assert await before.may(Capability.CLUSTERS_LIST, place)
    assert not await may(graph, user, Capability.CLUSTERS_LIST, place)
    assert await may(graph, user, Capability.GROUPS_LIST, place)


async def test_who_widens_a_role_must_hold_what_it_gains_wherever_it_is_granted(
    graph: Graph,
) -> None:
    owner, editor, user = [await a_person(graph) for _ in range(3)]
    org = await an_organization(graph, owner, "a", "a/b")
    keeper = await a_role(
        graph, owner, org, "keeper", *LISTS, Capability.ROLES_LIST, Capability.ROLES_UPDATE
    )
    role = await a_role(graph, owner, f"{org}/a", "narrow", Capability.GROUPS_LIST)
    await grant(graph, owner, f"{org}/a", keeper, editor)
    wide = [Capability.GROUPS_LIST, Capability.POLICY_DELETE]

    # Granted to nobody it confers nothing, so that anybody who may change it may name anything.
    await roles.update_role(graph, caller=editor, role=role, capabilities=wide)
    await roles.update_role(graph, caller=editor, role=role, capabilities=[Capability.GROUPS_LIST])
    bound = written(await grant(graph, owner, f"{org}/a/b", role, user), BindingState)
    with pytest.raises(PermissionDeniedError, match=r"policy\.delete yourself"):
        await roles.update_role(graph, caller=editor, role=role, capabilities=wide)
    with pytest.raises(PermissionDeniedError, match=r"You need roles\.update"):
        await roles.update_role(graph, caller=editor, role=keeper, capabilities=list(Capability))
    await roles.update_role(graph, caller=editor, role=role, capabilities=LISTS)

    await bindings.delete_role_binding(graph, caller=owner, binding=bound.id)
    issued = await invites.create_invite(graph, caller=owner, group=f"{org}/a/b", role=role)
    with pytest.raises(PermissionDeniedError, match="promised by an invite"):
        await roles.update_role(graph, caller=editor, role=role, capabilities=wide)
    assert written(issued.written, InviteState).role == role


async def test_a_role_in_use_is_not_deleted(graph: Graph) -> None:
    owner, user = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "a")
    role = await a_role(graph, owner, org, "used")
    bound = written(await grant(graph, owner, f"{org}/a", role, user), BindingState)
    issued = await invites.create_invite(graph, caller=owner, group=org, role=role)
    invite = written(issued.written, InviteState).id

    with pytest.raises(ConflictError) as refused:
        await roles.delete_role(graph, caller=owner, role=role)
    assert refused.value.details == (bound.id, invite)
    unbound = await bindings.delete_role_binding(graph, caller=owner, binding=bound.id)
    with pytest.raises(ConflictError):
        await roles.delete_role(graph, caller=owner, role=role)
    await invites.delete_invite(graph, caller=owner, invite=invite)
    deleted = await roles.delete_role(graph, caller=owner, role=role)

    with pytest.raises(ConflictError, match=rf"role {role} of binding {bound.id} is gone"):
        await restoring.restore(graph, caller=owner, change=unbound.change or "")
    await restoring.restore(graph, caller=owner, change=deleted.change or "")
    assert (await roles.get_role(await snapshot(graph, owner), ref=f"{org}/used")).id == role
    await assert_whole(graph, org)


async def test_a_group_does_not_move_away_from_a_role_that_is_granted_in_it(graph: Graph) -> None:
    owner, user = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "a", "a/b", "a/b/c", "d")
    role = await a_role(graph, owner, f"{org}/a", "local")
    bound = written(await grant(graph, owner, f"{org}/a/b/c", role, user), BindingState)

    with pytest.raises(ConflictError, match=rf"not usable in d: local \({role}\)"):
        await groups.move_group(graph, caller=owner, group=f"{org}/a/b", to=f"{org}/d")
    await bindings.update_role_binding(graph, caller=owner, binding=bound.id, role="viewer")
    await groups.move_group(graph, caller=owner, group=f"{org}/a/b", to=f"{org}/d")

    await assert_whole(graph, org)


async def test_a_cascade_takes_roles_along_and_a_restore_brings_them_back(graph: Graph) -> None:
    owner, user = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "a", "a/b")
    role = await a_role(graph, owner, f"{org}/a", "local")
    await grant(graph, owner, f"{org}/a/b", role, user)
    b = (await groups.get_group(await snapshot(graph, owner), ref=f"{org}/a/b")).id

    with pytest.raises(ConflictError, match="role: 1"):
        await groups.delete_group(graph, caller=owner, group=f"{org}/a")
    deleted = await groups.delete_group(graph, caller=owner, group=f"{org}/a", cascade=True)
    assert not await may(graph, user, Capability.GROUPS_LIST, b)
    await assert_whole(graph, org)
    await restoring.restore(graph, caller=owner, change=deleted.change or "")

    assert await may(graph, user, Capability.GROUPS_LIST, b)
    await assert_whole(graph, org)


async def test_roles_are_seen_where_they_are_usable_and_by_who_holds_them(graph: Graph) -> None:
    owner, viewer, holder, stranger = [await a_person(graph) for _ in range(4)]
    org = await an_organization(graph, owner, "a", "a/b", "c")
    role = await a_role(graph, owner, f"{org}/a", "local")
    other = await a_role(graph, owner, f"{org}/c", "other")
    await grant(graph, owner, f"{org}/a/b", "viewer", viewer)
    await grant(graph, owner, f"{org}/a/b", role, holder)

    for caller in (owner, viewer, holder):
        assert (await roles.get_role(await snapshot(graph, caller), ref=role)).name == "local"
    for caller, ref in ((viewer, other), (holder, other), (stranger, role), (stranger, other)):
        with pytest.raises(NotFoundError):
            await roles.get_role(await snapshot(graph, caller), ref=ref)
    at = await snapshot(graph, owner)
    listed: list[str] = []
    page = PageRequest("roles", 2)
    while True:
        found = await roles.list_roles(at, within=None, name=None, page=page)
        listed += [each.name for each in found.items]
        if not found.more:
            break
        page = PageRequest("roles", 2, by_name(found.items[-1]))
    assert listed == ["cluster-agent", "editor", "local", "other", "owner", "viewer"]
    within = await roles.list_roles(at, within=f"{org}/c", name=None, page=PageRequest("roles", 10))
    assert [each.name for each in within.items] == ["other"]


async def test_a_name_that_two_groups_on_the_path_have_is_refused_with_both(graph: Graph) -> None:
    owner, user = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "a")
    above = await a_role(graph, owner, org, "twin")
    below = await a_role(graph, owner, f"{org}/a", "twin")

    with pytest.raises(InvalidInputError) as refused:
        await grant(graph, owner, f"{org}/a", "twin", user)
    assert above in refused.value.message
    assert below in refused.value.message
    await grant(graph, owner, f"{org}/a", f"{org}/a/twin", user)

    with pytest.raises(ConflictError):
        await a_role(graph, owner, org, "twin")
    with pytest.raises(InvalidInputError, match="built-in"):
        await a_role(graph, owner, org, "owner")


async def test_nobody_grants_a_custom_role_that_holds_more_than_they_do(
    graph: Graph, clock: Clock
) -> None:
    owner, hr, guest = [await a_person(graph) for _ in range(3)]
    org = await an_organization(graph, owner, "a")
    people = [
        Capability.GROUPS_LIST,
        Capability.ROLES_LIST,
        Capability.ROLE_BINDINGS_LIST,
        Capability.ROLE_BINDINGS_CREATE,
        Capability.GROUP_INVITES_CREATE,
        Capability.GROUP_INVITES_LIST,
    ]
    hiring = await a_role(graph, owner, org, "hr", *people)
    strong = await a_role(graph, owner, org, "strong", *people, Capability.POLICY_DELETE)
    await grant(graph, owner, org, hiring, hr)

    await grant(graph, hr, f"{org}/a", hiring, guest)
    with pytest.raises(PermissionDeniedError, match=r"policy\.delete"):
        await grant(graph, hr, f"{org}/a", strong, guest)
    with pytest.raises(PermissionDeniedError, match=r"policy\.delete"):
        await invites.create_invite(graph, caller=hr, group=org, role=strong)
    issued = await invites.create_invite(graph, caller=hr, group=org, role=hiring)
    # The owner widens what the inviter's own role does not hold: the invite promises too much.
    await roles.update_role(
        graph, caller=owner, role=hiring, capabilities=[*people, Capability.CLUSTERS_LIST]
    )
    other = await a_person(graph)
    await redeeming.redeem_invite(graph, caller=other, code=issued.code or "")
    (hrs,) = await users.user_bindings(await snapshot(graph, owner), users=[hr.user_id])
    await bindings.update_role_binding(graph, caller=owner, binding=hrs[0].id, role="viewer")
    found = await invites.get_invite(
        await snapshot(graph, owner), invite=written(issued.written, InviteState).id
    )
    assert await invites.why_inactive(await snapshot(graph, owner), invites=[found]) == [
        (Inactive.CREATOR_LOST_RIGHTS,)
    ]
    del clock


async def test_rights_by_random_roles_are_those_of_a_brute_force_count(graph: Graph) -> None:
    chance = random.Random(7)  # noqa: S311 - not a secret
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "a", "a/b", "a/b/c", "d", "d/e")
    at = await snapshot(graph, owner)
    paths = ["", "a", "a/b", "a/b/c", "d", "d/e"]
    ids = {
        path: (await groups.get_group(at, ref=f"{org}/{path}" if path else org)).id
        for path in paths
    }
    made: dict[str, tuple[str, set[Capability]]] = {}
    for number in range(8):
        place, held = chance.choice(paths), set(chance.sample(list(Capability), 6))
        ref = await a_role(graph, owner, ids[place], f"r{number}", *held)
        made[ref] = place, held
    people = [await a_person(graph) for _ in range(4)]
    granted: list[tuple[Caller, str, str]] = []
    for _ in range(14):
        person, ref, path = chance.choice(people), chance.choice(list(made)), chance.choice(paths)
        usable = (path + "/").startswith(made[ref][0] + "/") or not made[ref][0]
        try:
            await grant(graph, owner, ids[path], ref, person)
        except InvalidInputError:
            assert not usable
        else:
            assert usable
            granted.append((person, ref, path))

    for person in people:
        seen = await snapshot(graph, person)
        for path in paths:
            expected = {
                capability
                for whom, ref, place in granted
                if whom == person and ((path + "/").startswith(place + "/") or not place)
                for capability in made[ref][1]
            }
            assert await seen.capabilities(ids[path]) == expected, path
    await assert_whole(graph, org)
