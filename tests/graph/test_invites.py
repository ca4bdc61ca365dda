"""Invites: who may make one, for whom and how long, and what becomes of it."""

from datetime import timedelta

import pytest

from graph import bindings, groups, invites, restoring
from graph.engine import Graph
from graph.errors import (
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    PolicyGraphError,
)
from graph.invites import Inactive, Issued
from graph.paging import PageRequest
from graph.snapshot import Caller
from tests.given import Clock, a_person, an_organization, snapshot
from tests.invited import code, inactive, invite, left, redeem, refusal, state
from tests.model.replay import assert_whole


async def test_an_invite_as_owner_is_for_one_unless_it_says_otherwise(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    one = await invite(graph, owner, org, "owner")
    two = await invites.create_invite(graph, caller=owner, group=org, role="owner", uses=2)
    many = await invite(graph, owner, org, "editor")

    assert [state(each).max_uses for each in (one, two, many)] == [1, 2, None]
    for expected in (1, 0):
        await redeem(graph, await a_person(graph), two)
        assert (await left(graph, owner, two)).uses_left == expected
    assert await inactive(graph, owner, two) == (Inactive.USED_UP,)
    await refusal(graph, await a_person(graph), code(two))
    for _ in range(3):
        await redeem(graph, await a_person(graph), many)


async def test_nobody_invites_to_more_than_they_hold(graph: Graph) -> None:
    owner, editor, guest = await a_person(graph), await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team")
    await bindings.create_role_binding(
        graph, caller=owner, group=org, role="editor", user=editor.user_id
    )

    for kind, role in (("role", "viewer"), ("role", "owner"), ("cluster", None)):
        with pytest.raises(PermissionDeniedError, match=r"group_invites\.create"):
            await invites.create_invite(graph, caller=editor, group=org, kind=kind, role=role)  # pyright: ignore[reportArgumentType]
        with pytest.raises(NotFoundError):
            await invites.create_invite(graph, caller=guest, group=org, kind=kind, role=role)  # pyright: ignore[reportArgumentType]


async def test_a_rotated_invite_has_a_new_code_and_the_old_one_is_dead(graph: Graph) -> None:
    owner, guest = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner)
    issued = await invite(graph, owner, org)

    rotated = await invites.rotate_invite(graph, caller=owner, invite=state(issued).id)

    assert state(rotated).id == state(issued).id
    assert state(rotated).key_id != state(issued).key_id
    await refusal(graph, guest, code(issued))
    await redeem(graph, guest, rotated)


async def test_a_repeat_under_a_key_does_not_repeat_the_code(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)

    async def create() -> Issued:
        return await invites.create_invite(graph, caller=owner, group=org, role="viewer", key="k")

    first, again = await create(), await create()

    assert (state(again), again.code) == (state(first), None)
    assert first.code is not None


async def test_a_restored_invite_works_while_it_would_have(graph: Graph, clock: Clock) -> None:
    owner, one, two = await a_person(graph), await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team")
    issued = await invite(graph, owner, f"{org}/team")
    gone = await groups.delete_group(graph, caller=owner, group=f"{org}/team")
    await refusal(graph, one, code(issued))
    await assert_whole(graph, org)

    await restoring.restore(graph, caller=owner, change=gone.change or "")

    await redeem(graph, one, issued)
    clock.forward(days=8)
    await refusal(graph, two, code(issued))
    await assert_whole(graph, org)


async def test_a_list_holds_the_invites_that_the_caller_may_list_by_pages(graph: Graph) -> None:
    owner, viewer, stranger = [await a_person(graph) for _ in range(3)]
    org = await an_organization(graph, owner, "a", "a/inner", "b")
    made = [
        state(await invite(graph, owner, f"{org}/{path}")).id for path in ("a", "a/inner", "b", "a")
    ]
    await bindings.create_role_binding(
        graph, caller=owner, group=f"{org}/a", role="viewer", user=viewer.user_id
    )

    async def listed(who: Caller, within: str | None = None) -> list[str]:
        found: list[str] = []
        page = PageRequest("invites", 2)
        while True:
            part = await invites.list_invites(await snapshot(graph, who), within=within, page=page)
            found += [each.id for each in part.items]
            if not part.more:
                assert len(found) == part.total
                return found
            page = PageRequest("invites", 2, (found[-1],))

    assert await listed(owner) == sorted(made)
    assert await listed(viewer) == sorted([made[0], made[1], made[3]])
    assert await listed(owner, f"{org}/b") == [made[2]]
    assert await listed(stranger) == []
    at = await snapshot(graph, viewer)
    a = (await groups.get_group(at, ref=f"{org}/a")).id
    (own,) = await invites.group_invites(at, groups=[a], page=PageRequest("g", 10))
    assert [each.id for each in own.items] == sorted([made[0], made[3]])
    with pytest.raises(NotFoundError):
        await invites.get_invite(at, invite=made[2])


@pytest.mark.parametrize(
    ("ttl", "length"),
    [
        ("5d", timedelta(days=5)),
        ("168h0m0s", timedelta(days=7)),
        ("1d12h", timedelta(hours=36)),
        ("90s", timedelta(seconds=90)),
        ("720h", timedelta(days=30)),
    ],
)
async def test_a_time_to_live_is_days_and_what_go_writes(
    graph: Graph, ttl: str, length: timedelta
) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)

    made = state(
        await invites.create_invite(graph, caller=owner, group=org, role="viewer", ttl=ttl)
    )

    assert abs(made.expires_at - made.created_at - length) < timedelta(milliseconds=1)
    assert made.expires_at.microsecond % 1000 == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"ttl": "0s"},
        {"ttl": "31d"},
        {"ttl": "720h1s"},
        {"ttl": ""},
        {"ttl": "5"},
        {"ttl": "-5d"},
        {"ttl": "5d " * 30},
        {"ttl": "\u0665d"},
        {"ttl": "999999999d"},
        {"uses": 0},
        {"uses": 100_001},
        {"email": "kim"},
        {"email": "kim@"},
        {"email": "k m@example.com"},
        {"email": "k" * 260 + "@example.com"},
        {"role": None},
        {"kind": "cluster"},
        {"kind": "cluster", "role": None, "email": "kim@example.com"},
    ],
)
async def test_what_no_invite_can_be_is_refused(graph: Graph, wrong: dict[str, object]) -> None:
    owner = await a_person(graph)
    asked = {"group": "acme", "role": "viewer", **wrong}

    with pytest.raises(InvalidInputError):
        await invites.create_invite(graph, caller=owner, **asked)  # pyright: ignore[reportArgumentType]


async def test_a_role_that_there_is_not_is_refused_with_those_that_there_are(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)

    with pytest.raises(InvalidInputError, match="The roles are cluster-agent, editor, owner"):
        await invites.create_invite(graph, caller=owner, group=org, role="nothing")


async def test_what_cannot_be_rotated_says_why(graph: Graph, clock: Clock) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    issued = await invite(graph, owner, org)
    clock.forward(days=8)

    with pytest.raises(PolicyGraphError, match="expired"):
        await invites.rotate_invite(graph, caller=owner, invite=state(issued).id)
