"""Who could, then: what is told of an instant that is past is what was told at that instant."""

import contextlib
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import pytest

from graph import bindings, groups, restoring, users
from graph.edits import Edit
from graph.engine import Graph, Written
from graph.errors import InvalidInputError, NotFoundError, PermissionDeniedError, PolicyGraphError
from graph.forest import path_text
from graph.membership import Member
from graph.paging import PageRequest
from graph.past import undone
from graph.rights import Capability
from graph.snapshot import Caller, Snapshot
from queries.states import BindingState, GroupState
from tests.given import Clock, a_person, an_organization, written

_ASKED = (Capability.CLUSTERS_UPDATE, Capability.POLICY_LIST)
_ROLES = ("owner", "editor", "viewer", "cluster-agent")

Told = tuple[str, str, str, datetime | None, str]


def _told(members: list[Member]) -> list[Told]:
    return [
        (
            member.user.id,
            member.binding.id,
            member.role.name,
            member.binding.expires_at,
            path_text(member.path),
        )
        for member in members
    ]


@dataclass(frozen=True)
class Recorded:
    """What was told at an instant: of each group its members, and who might do what there."""

    instant: datetime
    members: dict[str, list[Told]]
    allowed: dict[tuple[str, Capability, str], list[str]]


async def _tell(
    at: Snapshot, ids: list[str], people: list[str], as_of: datetime | None = None
) -> Recorded:
    members = await bindings.group_members(at, groups=ids, as_of=as_of)
    allowed: dict[tuple[str, Capability, str], list[str]] = {}
    for who, what, where in product(people, _ASKED, ids):
        with contextlib.suppress(NotFoundError):  # who is bound nowhere yet
            decision = await users.access(at, user=who, capability=what, group=where, as_of=as_of)
            allowed[who, what, where] = [each.binding.id for each in decision.because]
    told = {group: _told(list(each)) for group, each in zip(ids, members, strict=True)}
    return Recorded(as_of or at.now, told, allowed)


class History:
    """Random writes to the groups and bindings of one organization, an hour apart."""

    def __init__(self, graph: Graph, clock: Clock, owner: Caller, org: str, seed: int) -> None:
        self.graph, self.clock, self.owner, self.org = graph, clock, owner, org
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.deleted: list[str] = []
        self.recorded: list[Recorded] = []

    async def groups(self) -> list[str]:
        at = await self.graph.snapshot(self.owner)
        page = PageRequest("list", 1000)
        found = await groups.list_groups(at, within=self.org, name=None, page=page)
        return [group.id for group in found.items]

    async def write(self, people: list[str]) -> None:
        """Do something, or meet a refusal."""
        self.clock.forward(hours=1)
        there, draw = await self.groups(), self.random
        group, other = draw.choice(there), draw.choice(there)
        (members,) = await bindings.group_members(
            await self.graph.snapshot(self.owner), groups=[group]
        )
        # But not the owner's own, who goes on telling.
        others = [m.binding.id for m in members if m.user.id != self.owner.user_id]
        binding = draw.choice(others or [self.org])
        hours = draw.choice([0, 0, 0.5, 2.5, 6.5])
        expires = self.clock() + timedelta(hours=hours) if hours else None
        role, graph, owner = draw.choice(_ROLES), self.graph, self.owner
        name = draw.choice("abc")
        does = draw.choices(
            ["create", "rename", "move", "delete", "restore", "bind", "rebind", "unbind"],
            [3, 1, 3, 1, 2, 4, 2, 2],
        )[0]
        with contextlib.suppress(PolicyGraphError):
            match does:
                case "create":
                    await groups.create_group(graph, caller=owner, parent=group, name=name)
                case "rename":
                    await groups.update_group(graph, caller=owner, group=group, name=name)
                case "move":
                    await groups.move_group(graph, caller=owner, group=group, to=other)
                case "delete" if group != self.org:
                    self._note(
                        await groups.delete_group(graph, caller=owner, group=group, cascade=True)
                    )
                case "restore" if self.deleted:
                    change = draw.choice(self.deleted)
                    await restoring.restore(graph, caller=owner, change=change)
                case "bind":
                    await bindings.create_role_binding(
                        graph,
                        caller=owner,
                        group=group,
                        role=role,
                        user=draw.choice(people),
                        expires_at=expires,
                    )
                case "rebind":
                    await bindings.update_role_binding(
                        graph, caller=owner, binding=binding, role=role, expires_at=expires
                    )
                case _:
                    self._note(
                        await bindings.delete_role_binding(graph, caller=owner, binding=binding)
                    )

    def _note(self, gone: Written) -> None:
        self.deleted.append(gone.change or "")

    async def record(self, people: list[str]) -> None:
        ids = await self.groups()
        self.recorded.append(await _tell(await self.graph.snapshot(self.owner), ids, people))


@pytest.mark.parametrize("seed", range(3))
async def test_what_is_told_of_the_past_is_what_was_told_then(
    graph: Graph, clock: Clock, seed: int
) -> None:
    owner = await a_person(graph)
    people = [(await a_person(graph)).user_id for _ in range(2)]
    org = await an_organization(graph, owner, "a", "b", "a/b", "a/b/c")
    history = History(graph, clock, owner, org, seed)
    for _ in range(20):
        await history.write(people)
        await history.record(people)
    there = await history.groups()
    at = await graph.snapshot(owner)

    for recorded in history.recorded:
        told = await _tell(at, there, people, recorded.instant)
        for group in there:
            assert told.members[group] == recorded.members.get(group, [])
        for asked, because in told.allowed.items():
            assert because == recorded.allowed.get(asked, [])


async def _bound(graph: Graph, owner: Caller, group: str, user: Caller, role: str) -> BindingState:
    outcome = await bindings.create_role_binding(
        graph, caller=owner, group=group, role=role, user=user.user_id
    )
    return written(outcome, BindingState)


async def test_before_there_was_the_group_nobody_was_a_member(graph: Graph, clock: Clock) -> None:
    owner, before = await a_person(graph), clock()
    clock.forward(hours=1)
    org = await an_organization(graph, owner)
    at = await graph.snapshot(owner)

    (members,) = await bindings.group_members(at, groups=[org], as_of=before)
    decision = await users.access(
        at, user=owner.user_id, capability=Capability.GROUPS_LIST, group=org, as_of=before
    )

    assert (list(members), decision.allowed, decision.path) == ([], False, ())


async def test_of_somebody_who_left_it_is_told_what_they_could(graph: Graph, clock: Clock) -> None:
    owner, friend = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner)
    bound = await _bound(graph, owner, org, friend, "editor")
    then = clock()
    clock.forward(hours=1)
    await bindings.delete_role_binding(graph, caller=owner, binding=bound.id)
    at = await graph.snapshot(owner)

    async def could(as_of: datetime | None) -> bool:
        decision = await users.access(
            at,
            user=friend.user_id,
            capability=Capability.CLUSTERS_UPDATE,
            group=org,
            as_of=as_of,
        )
        return decision.allowed

    assert await could(then)
    assert not await could(at.now)
    with pytest.raises(NotFoundError):
        await could(None)


async def test_the_past_takes_the_right_to_list_changes_at_the_root(
    graph: Graph, clock: Clock
) -> None:
    owner, friend = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team")
    at = await graph.snapshot(owner)
    team = (await groups.get_group(at, ref=f"{org}/team")).id
    await _bound(graph, owner, team, friend, "owner")
    at = await graph.snapshot(friend)
    assert len((await bindings.group_members(at, groups=[team]))[0]) == 2

    with pytest.raises(PermissionDeniedError, match=r"changes\.list"):
        await bindings.group_members(at, groups=[team], as_of=clock())
    with pytest.raises(PermissionDeniedError, match=r"changes\.list"):
        await users.access(
            at,
            user=friend.user_id,
            capability=Capability.GROUPS_LIST,
            group=team,
            as_of=clock(),
        )


async def test_nobody_knows_the_future(graph: Graph, clock: Clock) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    at = await graph.snapshot(owner)

    with pytest.raises(InvalidInputError, match="future"):
        await bindings.group_members(at, groups=[org], as_of=clock() + timedelta(hours=1))


def test_undoing_edits_gives_what_stood_before_them() -> None:
    now = Clock()()

    def group(name: str) -> GroupState:
        return GroupState(
            id="grp_x", org="grp_x", name=name, description="", created_at=now, created_by="usr_x"
        )

    made, renamed = Edit(None, group("a")), Edit(group("a"), group("b"))
    gone, back = Edit(group("b"), None), Edit(None, group("b"))

    assert undone({"grp_x": group("b")}, [renamed, gone, back]) == {"grp_x": group("a")}
    assert undone({}, [gone]) == {"grp_x": group("b")}
    assert undone({"grp_x": group("b")}, [made, renamed, gone, back]) == {}
