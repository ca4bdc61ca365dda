"""Codes of invites: what one is good for, and what a lost one can do."""

import asyncio
import contextlib
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from graph import bindings, groups, invites, redeeming
from graph.engine import Graph
from graph.errors import (
    ConflictError,
    NotFoundError,
    StoreTimeoutError,
    UnavailableError,
)
from graph.identities import Identity, register, user_row
from graph.invites import Inactive
from graph.snapshot import Caller
from queries.states import BindingState
from queries.users import UserKind
from tests.given import ISSUER, Clock, a_person, an_organization, snapshot, written
from tests.invited import code, inactive, invite, left, redeem, refusal, state
from tests.model.replay import assert_whole


async def test_who_redeems_is_bound_as_the_invite_says(graph: Graph) -> None:
    owner, guest = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team")
    issued = await invite(graph, owner, f"{org}/team")

    bound = await redeem(graph, guest, issued)

    assert (bound.user_id, bound.role) == (guest.user_id, "rol_viewer")
    assert (bound.group_id, bound.created_by) == (state(issued).group_id, owner.user_id)
    assert (await groups.get_group(await snapshot(graph, guest), ref=f"{org}/team")).name == "team"
    with pytest.raises(NotFoundError):
        await groups.get_group(await snapshot(graph, guest), ref=org)
    await assert_whole(graph, org)


async def test_a_repeat_says_that_the_caller_is_bound_already_however_late(
    graph: Graph, clock: Clock
) -> None:
    owner, guest = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner)
    issued = await invites.create_invite(graph, caller=owner, group=org, role="viewer", uses=1)
    first = await redeeming.redeem_invite(graph, caller=guest, code=code(issued))

    for days in (0, 40):
        clock.forward(days=days)
        again = await redeeming.redeem_invite(graph, caller=guest, code=code(issued))

        assert not first.already_bound
        assert again.already_bound
        assert again.written.change is None
        assert written(again.written, BindingState) == written(first.written, BindingState)
    assert (await left(graph, owner, issued)).uses_left == 0


async def test_every_code_that_is_not_accepted_is_answered_alike(
    graph: Graph, clock: Clock
) -> None:
    owner, guest, other = await a_person(graph), await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team")
    revoked, rotated, expiring = [await invite(graph, owner, org) for _ in range(3)]
    used = await invites.create_invite(graph, caller=owner, group=org, role="viewer", uses=1)
    personal = await invites.create_invite(
        graph, caller=owner, group=org, role="viewer", email="kim@example.com"
    )
    for_clusters = await invites.create_invite(graph, caller=owner, group=org, kind="cluster")
    lost = await invite(graph, owner, f"{org}/team")
    await invites.delete_invite(graph, caller=owner, invite=state(revoked).id)
    await invites.rotate_invite(graph, caller=owner, invite=state(rotated).id)
    await groups.delete_group(graph, caller=owner, group=f"{org}/team")
    await redeem(graph, other, used)
    good = code(expiring)
    clock.forward(days=6, hours=23)
    right_in_time = await a_person(graph)
    await redeem(graph, right_in_time, expiring)
    clock.forward(hours=1)

    codes = [
        code(each) for each in (revoked, rotated, expiring, used, personal, for_clusters, lost)
    ]
    codes += ["", "pgi_", "x" * 100_000, good[:-1], good[:-1] + "W", good.upper(), f"{good}\x00"]
    codes += [good[:-1] + ("0" if good[-1] != "0" else "1"), good.replace("pgi", "pgj")]
    messages = {await refusal(graph, guest, text) for text in codes}

    (message,) = messages
    assert not any(text in message for text in codes if text)
    await assert_whole(graph, org)


async def test_a_code_may_be_pasted_with_blanks_around_it(graph: Graph) -> None:
    owner, guest = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner)
    issued = await invite(graph, owner, org)

    done = await redeeming.redeem_invite(graph, caller=guest, code=f" {code(issued)}\n")

    assert not done.already_bound


@pytest.mark.parametrize(
    ("said", "verified", "accepted"),
    [
        ("kim@example.com", "kim@example.com", True),
        ("kim@example.com", "kim@Example.COM", True),
        ("kim@example.com", "Kim@example.com", False),
        ("kim@example.com", "kim@example.com.evil.example", False),
        ("kim@bank.example", "kim@ban\u212a.example", False),
        ("kim@example.com", None, False),
    ],
)
async def test_an_invite_for_an_address_is_for_who_signs_in_with_it(
    graph: Graph, said: str, verified: str | None, accepted: bool
) -> None:
    owner, guest = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner)
    issued = await invites.create_invite(graph, caller=owner, group=org, role="viewer", email=said)
    guest = replace(guest, email=verified)

    if accepted:
        await redeem(graph, guest, issued)
    else:
        await refusal(graph, guest, code(issued))


async def test_the_creators_rights_count_as_they_are_when_it_is_redeemed(graph: Graph) -> None:
    owner, second, guest = await a_person(graph), await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team")
    bound = await bindings.create_role_binding(
        graph, caller=owner, group=org, role="owner", user=second.user_id
    )
    issued = await invite(graph, second, f"{org}/team")
    await bindings.update_role_binding(
        graph, caller=owner, binding=written(bound, BindingState).id, role="editor"
    )

    assert await inactive(graph, owner, issued) == (Inactive.CREATOR_LOST_RIGHTS,)
    await refusal(graph, guest, code(issued))
    with pytest.raises(ConflictError, match="creator_lost_rights"):
        await invites.rotate_invite(graph, caller=owner, invite=state(issued).id)

    await bindings.create_role_binding(
        graph, caller=owner, group=f"{org}/team", role="owner", user=second.user_id
    )
    assert await inactive(graph, owner, issued) == ()
    await redeem(graph, guest, issued)


async def test_an_invite_to_a_moved_group_counts_the_creators_rights_where_it_is_now(
    graph: Graph,
) -> None:
    owner, second, guest = await a_person(graph), await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "a", "b", "a/inner")
    await bindings.create_role_binding(
        graph, caller=owner, group=f"{org}/a", role="owner", user=second.user_id
    )
    issued = await invite(graph, second, f"{org}/a/inner")
    await groups.move_group(graph, caller=owner, group=f"{org}/a/inner", to=f"{org}/b")

    assert await inactive(graph, owner, issued) == (Inactive.CREATOR_LOST_RIGHTS,)
    await refusal(graph, guest, code(issued))
    await assert_whole(graph, org)


async def test_who_was_limited_to_a_time_keeps_it_and_does_not_come_back_after_it(
    graph: Graph, clock: Clock
) -> None:
    owner, guest = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner)
    until = clock() + timedelta(days=1)
    await bindings.create_role_binding(
        graph, caller=owner, group=org, role="viewer", user=guest.user_id, expires_at=until
    )
    before = await invite(graph, owner, org)

    assert (await redeem(graph, guest, before)).expires_at == until
    clock.forward(days=2)
    await refusal(graph, guest, code(before))
    after = await invite(graph, owner, org)
    assert (await redeem(graph, guest, after)).expires_at is None
    await assert_whole(graph, org)


@pytest.mark.parametrize("how", ["removed", "narrowed", "limited", "with its group", "elsewhere"])
async def test_who_was_sent_away_does_not_come_back_by_an_invite_of_before(
    graph: Graph, clock: Clock, how: str
) -> None:
    owner, guest, other = await a_person(graph), await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team", "doomed")
    place = {"with its group": f"{org}/doomed", "elsewhere": f"{org}/team"}.get(how, org)
    bound = written(
        await bindings.create_role_binding(
            graph, caller=owner, group=place, role="editor", user=guest.user_id
        ),
        BindingState,
    )
    before = await invite(graph, owner, org)
    if how == "narrowed":
        await bindings.update_role_binding(
            graph, caller=owner, binding=bound.id, role="cluster-agent"
        )
    elif how == "limited":
        until = clock() + timedelta(hours=1)
        await bindings.update_role_binding(graph, caller=owner, binding=bound.id, expires_at=until)
    elif how == "with its group":
        await groups.delete_group(graph, caller=owner, group=place, cascade=True)
    else:
        await bindings.delete_role_binding(graph, caller=owner, binding=bound.id)
    after = await invite(graph, owner, org)

    await refusal(graph, guest, code(before))
    await redeem(graph, other, before)
    assert (await redeem(graph, guest, after)).role == "rol_viewer"
    await assert_whole(graph, org)


async def test_what_was_lost_in_another_organization_or_gained_in_this_one_stops_nobody(
    graph: Graph,
) -> None:
    owner, guest = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team")
    elsewhere = await an_organization(graph, owner, name="elsewhere")
    issued = await invite(graph, owner, org)
    bind = bindings.create_role_binding
    for place in (elsewhere, f"{org}/team"):
        bound = written(
            await bind(graph, caller=owner, group=place, role="viewer", user=guest.user_id),
            BindingState,
        )
        if place == elsewhere:
            await bindings.delete_role_binding(graph, caller=owner, binding=bound.id)
        else:
            await bindings.update_role_binding(graph, caller=owner, binding=bound.id, role="owner")

    assert (await redeem(graph, guest, issued)).role == "rol_viewer"


async def test_an_invite_for_people_binds_no_machine(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    issued = await invite(graph, owner, org)
    kinds: tuple[UserKind, ...] = ("workload", "cluster")
    for kind in kinds:
        identity = Identity(issuer=ISSUER, subject=uuid.uuid4().hex)
        row = user_row(graph.user_key, identity, kind=kind)
        await register(graph.session, [row])

        await refusal(graph, Caller(row.id), code(issued))


async def a_crowd(graph: Graph, count: int) -> list[Caller]:
    """Make people known, many at a time."""
    issuer = f"{ISSUER}/{uuid.uuid4().hex}"
    rows = [
        user_row(graph.user_key, Identity(issuer=issuer, subject=str(number)))
        for number in range(count)
    ]
    await register(graph.session, rows)
    return [Caller(row.id) for row in rows]


async def test_of_a_thousand_who_redeem_a_single_use_invite_at_once_one_wins(
    replicas: tuple[Graph, Graph],
) -> None:
    one, two = replicas
    owner = await a_person(one)
    org = await an_organization(one, owner)
    issued = await invites.create_invite(one, caller=owner, group=org, role="viewer", uses=1)
    guests = await a_crowd(one, 1000)

    async def attempt(graph: Graph, guest: Caller) -> Caller | None:
        while True:  # as any client: what was not answered is asked again
            with contextlib.suppress(UnavailableError, StoreTimeoutError):
                try:
                    await redeem(graph, guest, issued)
                except NotFoundError:
                    return None
                return guest

    ends = await asyncio.gather(
        *(attempt(replicas[n % 2], guest) for n, guest in enumerate(guests))
    )

    (winner,) = [end for end in ends if end is not None]
    assert (await left(one, owner, issued)).uses_left == 0
    assert (await redeeming.redeem_invite(two, caller=winner, code=code(issued))).already_bound
    at = await snapshot(one, owner)
    (members,) = await bindings.group_members(at, groups=[org])
    assert {member.user.id for member in members} == {owner.user_id, winner.user_id}
    await assert_whole(one, org)
