"""What tests of invites have in common: an invite made, redeemed, refused, looked at."""

import pytest

from graph import invites, redeeming
from graph.engine import Graph
from graph.errors import (
    NotFoundError,
)
from graph.invites import Inactive, Issued
from graph.snapshot import Caller
from queries.states import BindingState, InviteState
from tests.given import snapshot, written


def state(issued: Issued) -> InviteState:
    return written(issued.written, InviteState)


def code(issued: Issued) -> str:
    assert issued.code is not None
    return issued.code


async def invite(graph: Graph, owner: Caller, group: str, role: str = "viewer") -> Issued:
    return await invites.create_invite(graph, caller=owner, group=group, role=role)


async def redeem(graph: Graph, caller: Caller, issued: Issued) -> BindingState:
    done = await redeeming.redeem_invite(graph, caller=caller, code=code(issued))
    return written(done.written, BindingState)


async def refusal(graph: Graph, caller: Caller, text: str) -> str:
    with pytest.raises(NotFoundError) as refused:
        await redeeming.redeem_invite(graph, caller=caller, code=text)
    return refused.value.message


async def left(graph: Graph, owner: Caller, issued: Issued) -> InviteState:
    return await invites.get_invite(await snapshot(graph, owner), invite=state(issued).id)


async def inactive(graph: Graph, owner: Caller, issued: Issued) -> tuple[Inactive, ...]:
    found = await left(graph, owner, issued)
    (reasons,) = await invites.why_inactive(await snapshot(graph, owner), invites=[found])
    return reasons
