"""Changes and idempotency keys: a repeat answers what was done, and does nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

import pytest

from graph import bindings, clusters, groups, invites, policies, restoring, workloads
from graph.engine import Graph, Written
from graph.errors import ConflictError, InvalidInputError, NotFoundError
from graph.invites import Issued
from graph.snapshot import Caller
from graph.workloads import MatchInput
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    InviteState,
    PolicyState,
    VersionState,
)
from tests.given import (
    ISSUER,
    ISSUERS,
    a_person,
    a_policy,
    an_identity,
    an_organization,
    written,
)
from tests.model.replay import all_changes, assert_whole


class Keyed(Protocol):
    """A write that takes a key."""

    def __call__(self, *, key: str | None) -> Awaitable[Written]: ...


@dataclass(frozen=True)
class Setting:
    """One of each thing, to write to."""

    graph: Graph
    owner: Caller
    friend: Caller
    org: str
    group: str
    empty: str
    cluster: str
    policy: str
    first_version: str
    binding: str
    invite: str
    identity: str
    deleted: str


async def a_setting(graph: Graph) -> Setting:
    owner, friend = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team", "empty", "doomed")
    document = a_policy("p", images=["a/**"])
    cluster = await clusters.create_cluster(graph, caller=owner, group=f"{org}/team", name="c")
    first = await policies.apply_policy(graph, caller=owner, group=org, document=document)
    await policies.apply_policy(graph, caller=owner, group=org, document=a_policy("p"))
    bound = await bindings.create_role_binding(
        graph, caller=owner, group=org, role="viewer", user=friend.user_id
    )
    issued = await invites.create_invite(graph, caller=owner, group=org, role="viewer")
    identity = await an_identity(graph, owner, f"{org}/team")
    await bindings.create_role_binding(
        graph, caller=owner, group=org, role="editor", user=identity.id
    )
    doomed = await groups.delete_group(graph, caller=owner, group=f"{org}/doomed")
    at = await graph.snapshot(owner)
    return Setting(
        graph=graph,
        owner=owner,
        friend=friend,
        org=org,
        group=(await groups.get_group(at, ref=f"{org}/team")).id,
        empty=(await groups.get_group(at, ref=f"{org}/empty")).id,
        cluster=written(cluster, ClusterState).id,
        policy=written(first, PolicyState).id,
        first_version=written(first, VersionState).id,
        binding=written(bound, BindingState).id,
        invite=written(issued.written, InviteState).id,
        identity=identity.id,
        deleted=doomed.change or "",
    )


def _issue(setting: Setting, use_case: Callable[..., Awaitable[Issued]], **asked: object) -> Keyed:
    async def write(*, key: str | None) -> Written:
        issued = await use_case(setting.graph, caller=setting.owner, key=key, **asked)
        return issued.written

    return write


def _write(setting: Setting, use_case: Callable[..., Awaitable[Written]], **asked: object) -> Keyed:
    async def write(*, key: str | None) -> Written:
        return await use_case(setting.graph, caller=setting.owner, key=key, **asked)

    return write


Make = Callable[[Setting], Keyed]

WRITES: dict[str, Make] = {
    "create_group": lambda s: _write(s, groups.create_group, parent=s.org, name="new"),
    "update_group": lambda s: _write(s, groups.update_group, group=s.group, name="renamed"),
    "move_group": lambda s: _write(s, groups.move_group, group=s.group, to=s.empty),
    "delete_group": lambda s: _write(s, groups.delete_group, group=s.group, cascade=True),
    "create_cluster": lambda s: _write(s, clusters.create_cluster, group=s.org, name="new"),
    "update_cluster": lambda s: _write(
        s, clusters.update_cluster, cluster=s.cluster, labels={"a": "b"}
    ),
    "move_cluster": lambda s: _write(s, clusters.move_cluster, cluster=s.cluster, to=s.empty),
    "delete_cluster": lambda s: _write(s, clusters.delete_cluster, cluster=s.cluster),
    "apply_policy": lambda s: _write(
        s, policies.apply_policy, group=s.org, document=a_policy("new")
    ),
    "update_policy": lambda s: _write(
        s, policies.update_policy, policy=s.policy, description="told"
    ),
    "move_policy": lambda s: _write(s, policies.move_policy, policy=s.policy, to=s.empty),
    "activate_policy_version": lambda s: _write(
        s, policies.activate_policy_version, version=s.first_version
    ),
    "delete_policy": lambda s: _write(s, policies.delete_policy, policy=s.policy),
    "create_role_binding": lambda s: _write(
        s, bindings.create_role_binding, group=s.group, role="editor", user=s.friend.user_id
    ),
    "update_role_binding": lambda s: _write(
        s, bindings.update_role_binding, binding=s.binding, role="editor"
    ),
    "delete_role_binding": lambda s: _write(s, bindings.delete_role_binding, binding=s.binding),
    "create_invite": lambda s: _issue(s, invites.create_invite, group=s.group, role="viewer"),
    "rotate_invite": lambda s: _issue(s, invites.rotate_invite, invite=s.invite),
    "delete_invite": lambda s: _write(s, invites.delete_invite, invite=s.invite),
    "create_identity": lambda s: _write(
        s,
        workloads.create_identity,
        group=s.org,
        name="new",
        match=MatchInput(issuer=ISSUER, subject_pattern="job:.*", claims={"ref": "main"}),
        issuers=ISSUERS,
    ),
    "update_identity": lambda s: _write(
        s,
        workloads.update_identity,
        identity=s.identity,
        name="renamed",
        match=MatchInput(subject="another"),
        issuers=ISSUERS,
    ),
    "delete_identity": lambda s: _write(s, workloads.delete_identity, identity=s.identity),
    "restore": lambda s: _write(s, restoring.restore, change=s.deleted),
}


@pytest.mark.parametrize("kind", WRITES)
async def test_repeats_of_a_write_with_its_key_do_it_once_and_all_answer_the_same(
    graph: Graph, kind: str
) -> None:
    setting = await a_setting(graph)
    before = len(await all_changes(graph, setting.org))
    write = WRITES[kind](setting)

    outcomes = await asyncio.gather(*(write(key="k") for _ in range(4)))
    outcomes.append(await write(key="k"))

    assert len({outcome.change for outcome in outcomes}) == 1
    assert all(outcome.revision == outcomes[0].revision for outcome in outcomes)
    assert all(list(outcome.edits) == list(outcomes[0].edits) for outcome in outcomes)
    assert len(await all_changes(graph, setting.org)) == before + 1
    other = WRITES["create_group" if kind != "create_group" else "create_cluster"](setting)
    with pytest.raises(ConflictError, match="idempotency key"):
        await other(key="k")
    await assert_whole(graph, setting.org)


async def test_every_actor_has_keys_of_their_own(graph: Graph) -> None:
    ann, bob = await a_person(graph), await a_person(graph)

    outcomes = [
        await groups.create_group(graph, caller=who, name="acme", key="k") for who in (ann, bob)
    ]

    assert outcomes[0].revision.org != outcomes[1].revision.org


async def test_a_repeat_answers_although_what_it_made_is_gone(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)

    async def create() -> Written:
        return await groups.create_group(graph, caller=owner, parent=org, name="a", key="k")

    first = await create()
    await groups.delete_group(graph, caller=owner, group=written(first, GroupState).id)

    assert (await create()).change == first.change
    assert len(await all_changes(graph, org)) == 3


async def test_concurrent_repeats_make_one_organization(graph: Graph) -> None:
    owner = await a_person(graph)

    outcomes = await asyncio.gather(
        *(groups.create_group(graph, caller=owner, name="acme", key="k") for _ in range(5))
    )

    assert len({outcome.revision for outcome in outcomes}) == 1
    await assert_whole(graph, outcomes[0].revision.org)


async def test_a_repeat_is_refused_once_the_rights_are_lost(graph: Graph) -> None:
    owner, friend = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner)
    bound = await bindings.create_role_binding(
        graph, caller=owner, group=org, role="editor", user=friend.user_id
    )

    async def create() -> Written:
        return await clusters.create_cluster(graph, caller=friend, group=org, name="c", key="k")

    await create()
    await bindings.delete_role_binding(graph, caller=owner, binding=written(bound, BindingState).id)

    with pytest.raises(NotFoundError):
        await create()


async def test_a_key_that_met_a_refusal_is_free(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    with pytest.raises(InvalidInputError):
        await groups.move_group(graph, caller=owner, group=org, to=org, key="k")

    made = await groups.create_group(graph, caller=owner, parent=org, name="a", key="k")

    assert made.change is not None


async def test_a_write_that_changes_nothing_makes_no_change(graph: Graph) -> None:
    setting = await a_setting(graph)
    before = await all_changes(graph, setting.org)

    again = await policies.apply_policy(
        graph, caller=setting.owner, group=setting.org, document=a_policy("p")
    )

    assert again.change is None
    assert again.revision.revision == len(before)
    assert await all_changes(graph, setting.org) == before


async def test_replaying_the_changes_of_every_kind_of_write_gives_the_graph(graph: Graph) -> None:
    setting = await a_setting(graph)
    for kind in (
        "move_group",
        "update_cluster",
        "update_identity",
        "activate_policy_version",
        "restore",
    ):
        await WRITES[kind](setting)(key=None)
        await assert_whole(graph, setting.org)
    gone = await groups.delete_group(graph, caller=setting.owner, group=setting.org, cascade=True)
    await assert_whole(graph, setting.org)
    await restoring.restore(graph, caller=setting.owner, change=gone.change or "")
    await assert_whole(graph, setting.org)
