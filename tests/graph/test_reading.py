"""Answers that are made while another process of the service writes, which no lock tells of."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from graph import clusters, groups, policies, restoring
from graph.engine import Graph
from graph.paging import PageRequest
from graph.session import BoltTarget
from graph.snapshot import Caller, Snapshot
from queries.organizations import lock_organization
from queries.states import PolicyState
from tests.given import a_person, a_policy, an_organization, snapshot, written
from tests.stores.neo4j_server import DATABASE

Question = Callable[[Snapshot], Awaitable[Any]]
_PAGE = PageRequest("list", 1000)
_MANY = 200


async def answers_beside(
    graph: Graph, caller: Caller, writes: Awaitable[None], questions: list[Question]
) -> list[set[tuple[int, Any]]]:
    """Ask until all is written; return each question's answers, each with its revision."""
    found: list[set[tuple[int, Any]]] = [set() for _ in questions]
    writing = asyncio.ensure_future(writes)

    async def go_on(question: Question, answers: set[tuple[int, Any]]) -> None:
        while not writing.done():
            answer, (at,) = await graph.read(caller, question)
            answers.add((at.revision, answer))

    await asyncio.gather(*(map(go_on, questions, found)), writing)
    return found


def assert_of_one_state(found: list[set[tuple[int, Any]]], *whole: set[Any]) -> None:
    """Check that every answer is one that there can be, and that a revision has one answer."""
    for answers, possible in zip(found, whole, strict=True):
        assert answers
        assert {answer for _, answer in answers} <= possible
        assert max(Counter(revision for revision, _ in answers).values()) == 1


async def test_what_moves_is_read_in_one_place_alone(replicas: tuple[Graph, Graph]) -> None:
    one, two = replicas
    owner = await a_person(one)
    org = await an_organization(one, owner, "a", "b", "a/x", "b/x", "a/moved")
    at = await snapshot(one, owner)
    ids = [(await groups.get_group(at, ref=f"{org}/{p}")).id for p in ("a", "b", "a/x", "b/x")]
    moved = (await groups.get_group(at, ref=f"{org}/a/moved")).id
    applied = await policies.apply_policy(one, caller=owner, group=ids[0], document=a_policy("p"))
    policy = written(applied, PolicyState).id

    async def write() -> None:
        for turn in range(70):
            to = ids[1 - turn % 2]
            await policies.move_policy(two, caller=owner, policy=policy, to=to)
            await groups.move_group(two, caller=owner, group=moved, to=to)
            await groups.update_group(two, caller=owner, group=moved, name=f"moved {turn % 2}")

    async def effective(at: Snapshot) -> tuple[int, ...]:
        return tuple(map(len, await policies.effective_policies(at, groups=ids[2:])))

    async def children(at: Snapshot) -> tuple[Any, ...]:
        pages = await groups.group_children(at, groups=ids[:2], page=_PAGE)
        return tuple(
            (page.total, tuple(group.id == moved for group in page.items)) for page in pages
        )

    async def path_and_below(at: Snapshot) -> tuple[bool, ...]:
        (path,) = await groups.group_paths(at, groups=[moved])
        below = await groups.group_descendants(at, groups=ids[:2], page=_PAGE)
        return tuple(
            (group in {step.id for step in path})
            == (path[-1].name in {each.name for each in page.items})
            for group, page in zip(ids[:2], below, strict=True)
        )

    found = await answers_beside(one, owner, write(), [effective, children, path_and_below])

    there, elsewhere = (2, (True, False)), (1, (False,))
    assert_of_one_state(
        found,
        {(1, 0), (0, 1)},
        {(there, elsewhere), (elsewhere, there)},
        {(True, True)},
    )


async def test_what_is_deleted_and_restored_at_once_is_read_whole_or_not_at_all(
    replicas: tuple[Graph, Graph],
) -> None:
    one, two = replicas
    owner = await a_person(one)
    org = await an_organization(one, owner, "a", "a/full")
    place = (await groups.get_group(await snapshot(one, owner), ref=f"{org}/a")).id
    for number in range(_MANY):
        name = f"c{number}"
        await clusters.create_cluster(one, caller=owner, group=f"{org}/a/full", name=name)

    async def write() -> None:
        for _ in range(12):
            deleted = await groups.delete_group(
                two, caller=owner, group=f"{org}/a/full", cascade=True
            )
            await restoring.restore(two, caller=owner, change=deleted.change or "")

    async def counts(at: Snapshot) -> tuple[int, int]:
        (found,) = await groups.group_counts(at, groups=[place])
        return found.groups, found.clusters

    async def listed(at: Snapshot) -> tuple[int, int]:
        found = await clusters.list_clusters(at, within=place, name=None, page=_PAGE)
        return found.total, len(found.items)

    async def below(at: Snapshot) -> tuple[int, ...]:
        (children,) = await groups.group_children(at, groups=[place], page=_PAGE)
        full = [group.id for group in children.items]
        return tuple(
            page.total for page in await clusters.group_clusters(at, groups=full, page=_PAGE)
        )

    found = await answers_beside(one, owner, write(), [counts, counts, listed, below])

    assert_of_one_state(
        found,
        *[{(1, 0), (2, _MANY)}] * 2,
        {(0, 0), (_MANY, _MANY)},
        {(), (_MANY,)},
    )


async def test_another_process_is_waited_for_once_where_its_commit_may_go_on(
    replicas: tuple[Graph, Graph], store: BoltTarget
) -> None:
    one, two = replicas
    owner = await a_person(one)
    org = await an_organization(two, owner, "a")

    async def children(at: Snapshot) -> int:
        (page,) = await groups.group_children(at, groups=[org], page=_PAGE)
        return page.total

    async with two.session.transaction() as transaction:
        await transaction.run(lock_organization(org=org))
        reading = asyncio.ensure_future(one.read(owner, children))
        await asyncio.wait([reading], timeout=0.5)
        # The embedded store has no such lock; nobody else writes to it.
        assert reading.done() == (store.database != DATABASE)
    assert (await reading)[0] == 1

    async with two.session.transaction() as transaction:
        await transaction.run(lock_organization(org=org))
        assert (await one.read(owner, children))[0] == 1
