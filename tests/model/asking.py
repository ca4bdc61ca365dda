"""Asks the service everything that the model can answer, as one viewer, and compares."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Protocol, TypeVar

from graph import (
    bindings,
    changes,
    clusters,
    groups,
    invites,
    lookup,
    nodes,
    policies,
    reach,
    users,
)
from graph.effective import EffectivePolicy
from graph.membership import Member
from graph.paging import PageRequest, Slice
from graph.rights import Capability
from graph.snapshot import Snapshot
from queries.bindings import BoundUser
from queries.changes import ChangeRow
from queries.states import InviteState
from queries.users import UserRow
from tests.model.model import ROLES, Model, RefusedError, Thing
from tests.model.pair import PEOPLE, TREE, Pair, outcome

Answer = TypeVar("Answer")
_FIRST = PageRequest("list", 2)


class Named(Protocol):
    """Something with an id."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True)
class Wanted:
    """What lists are limited to, and what effective policies are."""

    within: str | None = None
    name: str | None = None
    image: str | None = None


async def ask(pair: Pair, at: Snapshot, user: str, wanted: Wanted, about: Iterable[str]) -> None:
    """Compare the answers to some of the questions."""
    for question in about:
        await QUESTIONS[question](pair, at, user, wanted)


async def see(pair: Pair, user: str, key: str) -> None:
    """Report a cluster as seen, which is no write: no revision moves."""
    caller, model = pair.callers[user], pair.model
    expected = key
    if "clusters.enforce" not in model.rights(user, key):
        seen = modelled(lambda: model.sees(user, key))
        expected = seen if isinstance(seen, str) else "PERMISSION_DENIED"
    else:
        pair.seen[key] = pair.instant(0)
    _, before = await pair.graph.read(caller, _nothing)
    found = await outcome(
        clusters.record_cluster_seen(pair.graph, caller=caller, cluster=pair.ids[key])
    )
    _, after = await pair.graph.read(caller, _nothing)
    assert (pair.key(found) if found.startswith("clu_") else found) == expected
    assert before == after


async def _nothing(at: Snapshot) -> None:
    pass


async def look(pair: Pair, at: Snapshot, user: str, key: str) -> None:
    """Compare whether somebody sees a thing by its id."""

    async def answer() -> str:
        return pair.key((await nodes.get_node(at, id_=pair.ids[key])).id)

    await same(answer(), lambda: pair.model.sees(user, key).key)


async def follow(pair: Pair, at: Snapshot, user: str, names: list[str]) -> None:
    """Compare where a path from the name of a root leads to."""

    async def answer() -> str:
        return pair.key((await lookup.find_group(at, "/".join(names))).id)

    await same(answer(), lambda: pair.model.resolve(user, names))


async def same(answer: Awaitable[Answer], expected: Callable[[], Answer]) -> None:
    """Compare what one question is answered, or the code with which it is refused."""
    assert await outcome(answer) == modelled(expected)


def modelled(answer: Callable[[], Answer]) -> Answer | str:
    """Return an answer of the model, or the code with which it refuses."""
    try:
        return answer()
    except RefusedError as error:
        return str(error)


async def _paged(ask_page: Callable[[PageRequest], Awaitable[Slice[Any]]]) -> list[Any]:
    """Read a whole list by pages of two."""
    return await _read_on(await ask_page(_FIRST), ask_page)


async def _nested(
    ask_page: Callable[[list[Any], PageRequest], Awaitable[list[Slice[Any]]]], subjects: list[Any]
) -> list[list[Any]]:
    """Read a whole list of each subject by pages of two, the first pages together."""

    def one(subject: Any) -> Callable[[PageRequest], Awaitable[Slice[Any]]]:
        async def ask_one(page: PageRequest) -> Slice[Any]:
            (answered,) = await ask_page([subject], page)
            return answered

        return ask_one

    firsts = await ask_page(subjects, _FIRST)
    together = zip(firsts, subjects, strict=True)
    return [await _read_on(first, one(subject)) for first, subject in together]


async def _read_on(
    page: Slice[Any], ask_page: Callable[[PageRequest], Awaitable[Slice[Any]]]
) -> list[Any]:
    """Read the pages after this one, and check that they agree and are in order."""
    items, total = [*page.items], page.total
    while page.more:
        assert len(page.items) == _FIRST.first
        page = await ask_page(PageRequest("list", _FIRST.first, _keyset(items[-1])))
        assert page.total == total
        items += page.items
    assert len(items) == total
    keysets = [_keyset(item) for item in items]
    assert keysets == sorted(set(keysets), reverse=isinstance(next(iter(items), 0), ChangeRow))
    return items


def _keyset(item: Any) -> tuple[Any, ...]:
    """Return what the lists of such items are sorted by."""
    match item:
        case BoundUser():
            return (item.binding.id,)
        case UserRow() | InviteState():
            return (item.id,)
        case ChangeRow():
            return (item.revision,)
        case _:
            return (item.name, item.id)


async def _lists(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    for kind, listing in (
        ("group", groups.list_groups),
        ("cluster", clusters.list_clusters),
        ("policy", policies.list_policies),
    ):

        async def page(
            request: PageRequest,
            listing: Callable[..., Awaitable[Slice[Any]]] = listing,
        ) -> Slice[Any]:
            ref = pair.ids[wanted.within] if wanted.within else None
            return await listing(at, within=ref, name=wanted.name, page=request)

        found = await outcome(_paged(page))
        expected = modelled(lambda kind=kind: pair.model.listed(user, kind, wanted.within))
        if isinstance(found, str) or isinstance(expected, str):
            assert found == expected
        else:
            matching = {each.key for each in expected if (wanted.name or "") in each.name}
            assert keys(pair, found) == matching


async def _invites(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    async def page(request: PageRequest) -> Slice[Any]:
        ref = pair.ids[wanted.within] if wanted.within else None
        return await invites.list_invites(at, within=ref, page=request)

    async def answer() -> set[tuple[Thing, frozenset[str]]]:
        found = await _paged(page)
        why = await invites.why_inactive(at, invites=found)
        return {
            (pair.thing(invite), frozenset(map(str, reasons)))
            for invite, reasons in zip(found, why, strict=True)
        }

    def expected() -> set[tuple[Thing, frozenset[str]]]:
        there = pair.model.listed(user, "invite", wanted.within)
        return {(invite, frozenset(pair.model.inactive(invite))) for invite in there}

    await same(answer(), expected)


async def _memberships(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    ref = pair.ids[wanted.within] if wanted.within else None
    # "-" ends a person's name in an e-mail address.
    part = None if wanted.name is None else f"{wanted.name[-1]}-"

    async def bound(request: PageRequest) -> Slice[Any]:
        return await bindings.list_bindings(at, within=ref, role=None, user=None, page=request)

    async def known(request: PageRequest) -> Slice[Any]:
        return await users.list_users(at, within=ref, name=part, page=request)

    async def of_roles(roles: list[str], page: PageRequest) -> list[Slice[Any]]:
        return await bindings.role_bindings(at, roles=roles, page=page)

    rows = await outcome(_paged(bound))
    listed = modelled(lambda: pair.model.listed(user, "binding", wanted.within))
    assert (rows if isinstance(rows, str) else _bindings(pair, rows)) == (
        listed if isinstance(listed, str) else {t.key for t in listed}
    )
    people = await outcome(_paged(known))
    expected = modelled(lambda: pair.model.users(user, wanted.within))
    assert (people if isinstance(people, str) else keys(pair, people)) == (
        expected
        if isinstance(expected, str)
        else {name for name in expected if (part or "-") in f"{name}-"}
    )
    everywhere = pair.model.listed(user, "binding")
    roles = await _nested(of_roles, [f"rol_{role}" for role in ROLES])
    for found, role in zip(roles, ROLES, strict=True):
        assert _bindings(pair, found) == {b.key for b in everywhere if b.name == role}


async def _of_groups(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    model = pair.model
    seen = [group.key for group in model.listed(user, "group")]
    ids = [pair.ids[key] for key in seen]
    effective = await policies.effective_policies(at, groups=ids, image=wanted.image)
    members = await bindings.group_members(at, groups=ids)
    counts = await groups.group_counts(at, groups=ids)
    paths = await groups.group_paths(at, groups=ids)
    for n, key in enumerate(seen):
        assert [arrived(pair, each) for each in effective[n]] == [
            each
            for each in model.effective(user, key)
            if _covers(model.things[each[1]], wanted.image)
        ]
        assert {
            (pair.key(m.binding.id), pair.key(m.user.id), pair.key(m.via.id)) for m in members[n]
        } == model.members(user, key)
        # What somebody may count is what they may list.
        inside = [len(model.listed(user, kind, key)) for kind in TREE]
        bound = {b.by for b in model.listed(user, "binding", key)}
        each = counts[n]
        assert [each.groups, each.clusters, each.policies, each.users] == [*inside, len(bound)]
        assert [pair.key(step.id) for step in paths[n]] == model.path(key)


async def _inside_groups(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    del wanted
    model = pair.model
    seen = [group.key for group in model.listed(user, "group")]
    ids = [pair.ids[key] for key in seen]
    for kind, listing in (
        ("group", groups.group_children),
        ("cluster", clusters.group_clusters),
        ("policy", policies.group_policies),
        ("", groups.group_descendants),
    ):

        async def page(
            subjects: list[str],
            request: PageRequest,
            listing: Callable[..., Awaitable[list[Slice[Any]]]] = listing,
        ) -> list[Slice[Any]]:
            return await listing(at, groups=subjects, page=request)

        for key, found in zip(seen, await _nested(page, ids), strict=True):
            right_there = model.of(kind, key) if kind else model.below(key)
            assert keys(pair, found) == {t.key for t in right_there} - {key}


async def _of_policies(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    del wanted
    model = pair.model
    seen = [p.key for p in model.of("policy") if model.visible(user, p)]
    rows = [await policies.get_policy(at, ref=pair.ids[key]) for key in seen]

    async def reached(subjects: list[Any], page: PageRequest) -> list[Slice[Any]]:
        return await reach.policy_clusters(at, policies=subjects, page=page)

    # A policy reaches the clusters that it is effective for.
    effective = {
        cluster.key: {each[0] for each in model.effective(user, cluster.place)}
        for cluster in model.listed(user, "cluster")
    }
    found = await _nested(reached, rows)
    versions = await policies.policy_versions(at, policies=rows)
    for n, key in enumerate(seen):
        assert keys(pair, found[n]) == {c for c, arriving in effective.items() if key in arriving}
        assert [pair.key(version.id) for version in versions[n]] == model.versions(user, key)


async def _of_people(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    del wanted
    model = pair.model
    ids = [pair.callers[name].user_id for name in PEOPLE]

    async def joined(subjects: list[str], page: PageRequest) -> list[Slice[Any]]:
        return await users.user_groups(at, users=subjects, page=page)

    bound = await users.user_bindings(at, users=ids)
    access = await users.user_access(at, users=ids)
    reached = await _nested(joined, ids)
    for n, name in enumerate(PEOPLE):
        known = modelled(lambda name=name: known_by(model, user, name))
        found = await outcome(users.get_user(at, ref=ids[n]))
        assert (found if isinstance(found, str) else pair.key(found.id)) == (
            known if isinstance(known, str) else name
        )
        theirs = [] if isinstance(known, str) else known
        assert keys(pair, bound[n]) == {b.key for b in theirs}
        live = {b.key for b in theirs if b in model.granting(b.place)}
        assert _bindings(pair, access[n]) == live
        assert keys(pair, reached[n]) == model.groups_of(user, name)


async def _seen(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    del wanted
    listed = [cluster.key for cluster in pair.model.listed(user, "cluster")]
    ids, telemetry = [pair.ids[key] for key in listed], pair.graph.telemetry
    found = await clusters.clusters_last_seen(at, clusters=ids, telemetry=telemetry)
    assert found == [pair.seen.get(key) for key in listed]


async def _changes(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    model = pair.model
    listed = model.listed(user, "group")
    roots = [group.key for group in listed if not group.place]
    others = [group.key for group in listed if group.place]
    for key in {*roots, *others[:1], wanted.within} - {None}:

        async def page(request: PageRequest, org: str = pair.ids[key or ""]) -> Slice[Any]:
            return await changes.list_changes(at, organization=org, page=request)

        found = await outcome(_paged(page))
        expected = modelled(lambda key=key: model.may(user, "list", key or "", "change"))
        if isinstance(expected, str):
            assert found == expected
        elif expected.place:
            assert found == "INVALID_INPUT"  # a group, and no organization
        else:
            assert not isinstance(found, str), found
            written = [
                (change, {t.key for edit in edits for t in edit if t})
                for change, (root, edits) in zip(pair.changes, model.history, strict=True)
                if root == key
            ]
            assert [(row.id, {pair.key(id_) for id_ in row.subjects}) for row in found] == [
                *reversed(written)
            ]


async def _of_access(pair: Pair, at: Snapshot, user: str, wanted: Wanted) -> None:
    model, group = pair.model, wanted.within or ""
    for whom, needed in product(
        PEOPLE if group else (), ("groups.create", "clusters.update", "policy.list")
    ):

        def expected(whom: str = whom, needed: str = needed) -> set[str]:
            because = model.access(user, whom, needed, group)
            known_by(model, user, whom)
            return because

        found = await outcome(
            users.access(
                at,
                user=pair.callers[whom].user_id,
                capability=Capability(needed),
                group=pair.ids[group],
            )
        )
        because = found if isinstance(found, str) else _bindings(pair, found.because)
        assert because == modelled(expected)


QUESTIONS: Mapping[str, Callable[[Pair, Snapshot, str, Wanted], Awaitable[None]]] = {
    "lists": _lists,
    "invites": _invites,
    "memberships": _memberships,
    "groups": _of_groups,
    "what is in groups": _inside_groups,
    "policies": _of_policies,
    "people": _of_people,
    "seen": _seen,
    "changes": _changes,
    "access": _of_access,
}


def arrived(pair: Pair, found: EffectivePolicy) -> tuple[str, str, str, int, bool]:
    """Return an effective policy as the model has it."""
    named = map(pair.key, (found.policy.id, found.policy.version.id, found.via.id))
    policy, version, via = named
    return policy, version, via, found.depth, found.name_collision


def _covers(version: Thing, image: str | None) -> bool:
    """Tell whether a document's glob, `**` or `a/**`, matches an image, if one is asked for."""
    return image is None or "'**'" in version.text or image.startswith("a/")


def keys(pair: Pair, items: Iterable[Named]) -> set[str]:
    """Return what the model calls these things, each there once."""
    found = [pair.key(item.id) for item in items]
    assert len(found) == len(set(found))
    return set(found)


def known_by(model: Model, user: str, whom: str) -> list[Thing]:
    """Return the bindings by which somebody knows another, who is a stranger without any."""
    known = [b for b in model.of("binding") if b.by == whom and model.visible(user, b)]
    if not known and user != whom:
        raise RefusedError("NOT_FOUND")
    return known


def _bindings(pair: Pair, rows: Iterable[BoundUser | Member]) -> set[str]:
    return keys(pair, (row.binding for row in rows))
