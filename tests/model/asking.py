"""Asks the service everything that the model can answer, as one viewer, and compares."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from graph import bindings, clusters, groups, lookup, nodes, policies, reach, users
from graph.errors import PolicyGraphError
from graph.paging import PageRequest, Slice
from graph.rights import Capability
from graph.snapshot import Snapshot
from tests.model.model import RefusedError
from tests.model.pair import PEOPLE, Pair

Answer = TypeVar("Answer")
_WHOLE = PageRequest("all", 1000)


class Named(Protocol):
    """Something with an id."""

    @property
    def id(self) -> str: ...


async def ask(pair: Pair, user: str, within: str | None) -> None:
    """Compare all answers; of lists, the whole ones and those of one subtree."""

    async def answer(at: Snapshot) -> None:
        for place in {None, within}:
            await _lists(pair, at, user, place)
        await _of_groups(pair, at, user)
        await _of_policies(pair, at, user)
        await _of_people(pair, at, user)
        if within is not None:
            await _of_access(pair, at, user, within)

    await pair.graph.read(pair.callers[user], answer)


async def look(pair: Pair, user: str, key: str) -> None:
    """Compare whether somebody sees a thing by its id."""

    async def answer(at: Snapshot) -> str:
        found = await nodes.get_node(at, id_=pair.ids[key])
        return pair.key(found.id)

    await _same(pair, user, answer, lambda: pair.model.sees(user, key).key)


async def follow(pair: Pair, user: str, names: list[str]) -> None:
    """Compare where a path from the name of a root leads to."""

    async def answer(at: Snapshot) -> str:
        return pair.key((await lookup.find_group(at, "/".join(names))).id)

    await _same(pair, user, answer, lambda: pair.model.resolve(user, names))


async def _same(
    pair: Pair,
    user: str,
    answer: Callable[[Snapshot], Awaitable[Answer]],
    modelled: Callable[[], Answer],
) -> None:
    async def read(at: Snapshot) -> Answer | str:
        return await _outcome(answer(at))

    found, _ = await pair.graph.read(pair.callers[user], read)
    assert found == _modelled(modelled)


async def _outcome(answer: Awaitable[Answer]) -> Answer | str:
    try:
        return await answer
    except PolicyGraphError as error:
        return error.code


def _modelled(answer: Callable[[], Answer]) -> Answer | str:
    try:
        return answer()
    except RefusedError as error:
        return str(error)


async def _paged(
    ask_page: Callable[[PageRequest], Awaitable[Slice[Any]]], *, named: bool
) -> list[Any]:
    """Read a whole list by pages of two, and check that the pages agree on how long it is."""
    items: list[Any] = []
    after: tuple[str, ...] | None = None
    while True:
        page = await ask_page(PageRequest("list", 2, after))
        items += page.items
        if not page.more:
            assert page.total == len(items)
            return items
        last = items[-1]
        after = (last.name, last.id) if named else ((getattr(last, "binding", None) or last).id,)


async def _lists(pair: Pair, at: Snapshot, user: str, within: str | None) -> None:
    ref = pair.ids[within] if within else None
    for kind, listing in (
        ("group", groups.list_groups),
        ("cluster", clusters.list_clusters),
        ("policy", policies.list_policies),
    ):

        async def page(
            request: PageRequest,
            listing: Callable[..., Awaitable[Slice[Any]]] = listing,
        ) -> Slice[Any]:
            return await listing(at, within=ref, name=None, page=request)

        found = await _outcome(_paged(page, named=True))
        expected = _modelled(lambda kind=kind: pair.model.listed(user, kind, within))
        if isinstance(found, str) or isinstance(expected, str):
            assert found == expected
            continue
        assert [each.name for each in found] == [each.name for each in expected]
        assert {pair.key(each.id) for each in found} == {each.key for each in expected}
        assert [(each.name, each.id) for each in found] == sorted(
            (each.name, each.id) for each in found
        )

    async def bound(request: PageRequest) -> Slice[Any]:
        return await bindings.list_bindings(at, within=ref, role=None, user=None, page=request)

    async def known(request: PageRequest) -> Slice[Any]:
        return await users.list_users(at, within=ref, name=None, page=request)

    rows = await _outcome(_paged(bound, named=False))
    listed = _modelled(lambda: pair.model.listed(user, "binding", within))
    if isinstance(rows, str) or isinstance(listed, str):
        assert rows == listed
    else:
        assert sorted(pair.key(row.binding.id) for row in rows) == sorted(t.key for t in listed)
    people = await _outcome(_paged(known, named=False))
    expected_people = _modelled(lambda: pair.model.users(user, within))
    assert (people if isinstance(people, str) else _keys(pair, people)) == expected_people


async def _of_groups(pair: Pair, at: Snapshot, user: str) -> None:
    model = pair.model
    seen = [group.key for group in model.listed(user, "group", None)]
    ids = [pair.ids[key] for key in seen]
    effective = await policies.effective_policies(at, groups=ids)
    members = await bindings.group_members(at, groups=ids)
    counts = await groups.group_counts(at, groups=ids)
    paths = await groups.group_paths(at, groups=ids)
    children = await groups.group_children(at, groups=ids, page=_WHOLE)
    below = await groups.group_descendants(at, groups=ids, page=_WHOLE)
    own = await policies.group_policies(at, groups=ids, page=_WHOLE)
    bound = await clusters.group_clusters(at, groups=ids, page=_WHOLE)
    for n, key in enumerate(seen):
        assert [
            (
                *map(pair.key, (e.policy.id, e.policy.version.id, e.via.id)),
                e.depth,
                e.name_collision,
            )
            for e in effective[n]
        ] == model.effective(user, key)
        assert {
            (pair.key(m.binding.id), pair.key(m.user.id), pair.key(m.via.id)) for m in members[n]
        } == model.members(user, key)
        each = counts[n]
        assert (each.groups, each.clusters, each.policies, each.users) == model.counts(user, key)
        assert [pair.key(step.id) for step in paths[n]] == model.path(key)
        assert _keys(pair, children[n].items) == {t.key for t in model.of("group", key)}
        assert _keys(pair, below[n].items) == {t.key for t in model.below(key)} - {key}
        assert _keys(pair, own[n].items) == {t.key for t in model.of("policy", key)}
        assert _keys(pair, bound[n].items) == {t.key for t in model.of("cluster", key)}


async def _of_policies(pair: Pair, at: Snapshot, user: str) -> None:
    model = pair.model
    seen = [p.key for p in model.of("policy") if model.visible(user, p)]
    rows = [await policies.get_policy(at, ref=pair.ids[key]) for key in seen]
    reached = await reach.policy_clusters(at, policies=rows, page=_WHOLE)
    versions = await policies.policy_versions(at, policies=rows)
    for n, key in enumerate(seen):
        assert _keys(pair, reached[n].items) == model.reach(user, key)
        assert [pair.key(version.id) for version in versions[n]] == model.versions(user, key)


async def _of_people(pair: Pair, at: Snapshot, user: str) -> None:
    model = pair.model
    ids = [pair.callers[name].user_id for name in PEOPLE]
    bound = await users.user_bindings(at, users=ids)
    access = await users.user_access(at, users=ids)
    reached = await users.user_groups(at, users=ids, page=_WHOLE)
    for n, name in enumerate(PEOPLE):
        known = [b for b in model.of("binding") if b.by == name and model.visible(user, b)]
        assert _keys(pair, bound[n]) == {b.key for b in known}
        live = {b.key for b in known if b in model.granting(b.place)}
        assert {pair.key(member.binding.id) for member in access[n]} == live
        assert _keys(pair, reached[n].items) == model.groups_of(user, name)
        found = await _outcome(users.get_user(at, ref=ids[n]))
        assert (found == "NOT_FOUND") == (user != name and not known)


async def _of_access(pair: Pair, at: Snapshot, user: str, group: str) -> None:
    for name in PEOPLE:
        for right in ("groups.create", "clusters.update", "policy.list"):
            found = await _outcome(
                users.access(
                    at,
                    user=pair.callers[name].user_id,
                    capability=Capability(right),
                    group=pair.ids[group],
                )
            )
            because = (
                found
                if isinstance(found, str)
                else {pair.key(member.binding.id) for member in found.because}
            )
            assert because == _modelled(
                lambda name=name, right=right: pair.model.access(user, name, right, group)
            )


def _keys(pair: Pair, items: Any) -> set[str]:
    found = [pair.key(item.id) for item in items]
    assert len(found) == len(set(found))
    return set(found)
