"""Asks how things bear on each other, what a write would change, and what a text may mean.

Each is compared with what follows from the model's other answers.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby, product

from graph import comparing, connecting, impact
from graph import search as searching
from graph.ids import Kind
from graph.snapshot import Snapshot
from queries.policies import PolicyRow
from tests.model.asking import arrived, known_by, same
from tests.model.model import ROLES, Model, RefusedError, Thing
from tests.model.pair import PEOPLE, TREE, Pair, kind_of

FORMS = ("name", "id", "typed id", "path", "typed path")
"""How a text to search for may name a thing."""

_Impact = tuple[set[tuple[object, ...]], set[tuple[object, ...]]]

# What rolls down from a thing of one kind arrives at things of the other.
_ROLLS = {
    *product(["user"], TREE),
    *product(["policy", "group"], ["group", "cluster"]),
}


async def compare(pair: Pair, at: Snapshot, user: str, left: str, right: str) -> None:
    """Compare the difference of two groups or clusters."""

    async def answer() -> list[list[tuple[str, str, str, int, bool]]]:
        found = await comparing.diff(at, left=_ref(pair, left), right=_ref(pair, right))
        sides = (found.left_only, found.right_only, found.both)
        return [[arrived(pair, each) for each in side] for side in sides]

    def expected() -> list[list[tuple[str, str, str, int, bool]]]:
        model = pair.model
        places = [_group(model.sees(user, key)) for key in (left, right)]
        ours, theirs = (model.effective(user, place) for place in places)
        here, there = ({each[0] for each in side} for side in (ours, theirs))
        return [
            [each for each in ours if each[0] not in there],
            [each for each in theirs if each[0] not in here],
            [each for each in ours if each[0] in there],
        ]

    await same(answer(), expected)


async def trace(pair: Pair, at: Snapshot, user: str, source: str, target: str) -> None:
    """Compare the ways from a thing or a person to another."""

    async def answer() -> list[list[str]]:
        ways = await connecting.paths(at, source=_ref(pair, source), target=_ref(pair, target))
        return sorted([pair.key(step.id) for step in way] for way in ways)

    def expected() -> list[list[str]]:
        model, starts, ends = pair.model, _ends(pair, user, source), _ends(pair, user, target)
        kinds, ways = (_kind(source), _kind(target)), list[list[str]]()
        for start, end in product(starts, ends):
            if kinds in _ROLLS and start in model.path(end):
                down = model.path(end)[model.path(end).index(start) :]
                ways.append([source, *down, target])
            elif kinds[::-1] in _ROLLS and end in model.path(start):
                down = model.path(start)[model.path(start).index(end) :]
                ways.append([source, *reversed(down), target])
        return sorted([step for step, _ in groupby(way)] for way in ways)

    await same(answer(), expected)


async def foresee(pair: Pair, at: Snapshot, user: str, key: str, to: str | None) -> None:
    """Compare what would change if a thing were deleted, or moved to a group."""

    async def answer() -> _Impact:
        where = pair.ids[to] if to else None
        found = await impact.impact(at, ref=_ref(pair, key), to=where)
        return (
            {
                (pair.key(c.cluster.id), _keys(pair, c.lost), _keys(pair, c.gained), c.deleted)
                for c in found.clusters
            },
            {(pair.key(u.user.id), pair.key(u.place.id), u.lost, u.gained) for u in found.users},
        )

    def expected() -> _Impact:
        model = pair.model
        thing = model.sees(user, key)
        _listing(model, user, _group(thing))
        after = Model()
        after.now = model.now
        if to is None:
            after.things = {k: t for k, t in model.things.items() if key not in model.path(k)}
        else:
            _listing(model, user, model.sees(user, to).key)
            ends = not thing.place or thing.kind == "binding" or key in model.path(to)
            if ends or model.path(thing.place)[0] != model.path(to)[0]:
                raise RefusedError("INVALID_INPUT")
            after.things = model.things | {key: replace(thing, place=to)}
        return _clusters(model, after), _people(model, after, thing)

    await same(answer(), expected)


async def search(
    pair: Pair, at: Snapshot, user: str, key: str, form: str, cut: bool, kinds: set[str], first: int
) -> None:
    """Compare what a text may mean: the start of a name, an id or a path, the latter two typed."""
    model, name, names = pair.model, pair.last[key].name, pair.model.names(key)
    typed = f"{kind_of(key)}:" if "typed" in form else ""
    text = typed + ("/".join(names) if "path" in form and names else pair.ids[key])
    if form == "name" or text == name:
        text = name[: 1 if cut else None]
    among = sorted(kinds) or TREE

    async def answer() -> list[tuple[str, str]]:
        wanted = tuple(Kind(kind) for kind in sorted(kinds))
        found = await searching.resolve(at, text=text, kinds=wanted, first=first)
        return [(pair.key(match.id), match.path) for match in found]

    def expected() -> list[tuple[str, str]]:
        if name.startswith(text):
            listed = [t for kind in among for t in model.listed(user, kind)]
            found = [t for t in listed if t.name.startswith(text)]
            if len(found) > first:
                raise RefusedError("INVALID_INPUT")
        elif "path" in form and names:
            meant = [kind for kind in among if not typed or kind == kind_of(key)]
            found = [t for kind in meant for t in _at(model, user, names, kind)]
        else:
            there = [t for t in model.things.values() if t.key == key and t.kind in among]
            found = [t for t in there if model.visible(user, t)]
        paths = {t.key: "/".join(model.names(t.key)) for t in found}
        if name.startswith(text):
            found.sort(key=lambda t: (t.name != text, paths[t.key], t.kind, pair.ids[t.key]))
        return [(t.key, paths[t.key]) for t in found]

    await same(answer(), expected)


def _ref(pair: Pair, key: str) -> str:
    return (
        f"user:{pair.callers[key].user_id}" if key in PEOPLE else f"{kind_of(key)}:{pair.ids[key]}"
    )


def _kind(key: str) -> str:
    return "user" if key in PEOPLE else kind_of(key)


def _keys(pair: Pair, policies: Iterable[PolicyRow]) -> frozenset[str]:
    return frozenset(pair.key(policy.id) for policy in policies)


def _group(thing: Thing) -> str:
    return thing.key if thing.kind == "group" else thing.place


def _ends(pair: Pair, user: str, key: str) -> set[str]:
    """Return the groups at which a way begins or ends: of a person, those they are bound to."""
    model = pair.model
    if key not in PEOPLE:
        return {_group(model.sees(user, key))}
    return {b.place for b in known_by(model, user, key) if b in model.granting(b.place)}


def _listing(model: Model, user: str, group: str) -> None:
    """Refuse who does not see all that could change at a group."""
    if not {"clusters.list", "policy.list", "role_bindings.list"} <= model.rights(user, group):
        raise RefusedError("PERMISSION_DENIED")


def _clusters(model: Model, after: Model) -> set[tuple[object, ...]]:
    """Return each cluster that is enforced by other policies after, or gone."""

    def enforced(then: Model, cluster: str) -> frozenset[str]:
        return frozenset(p.key for g in then.path(cluster) for p in then.of("policy", g))

    return {
        (c.key, had - has, has - had, c.key not in after.things)
        for c in model.of("cluster")
        for had, has in [(enforced(model, c.key), enforced(after, c.key))]
        if had != has or c.key not in after.things
    }


def _people(model: Model, after: Model, thing: Thing) -> set[tuple[object, ...]]:
    """Return who holds other rights at a thing's group after; if it goes, who is bound in it."""
    changed: set[tuple[object, ...]] = set()
    if thing.kind == "group" and thing.key not in after.things:
        for group in model.below(thing.key):
            for name in PEOPLE:
                own = [b for b in model.of("binding", group.key) if b.by == name]
                live = [b for b in own if model.now < b.expires]
                lost = frozenset[str]().union(*(ROLES[b.name] for b in live))
                changed |= {(name, group.key, lost, frozenset[str]())} if lost else set()
        return changed
    place = _group(thing)
    for name in PEOPLE:
        had, has = model.rights(name, place), after.rights(name, place)
        if had != has:
            changed.add((name, place, frozenset(had - has), frozenset(has - had)))
    return changed


def _at(model: Model, user: str, names: list[str], kind: str) -> list[Thing]:
    """Return the thing at a path, if there is one that somebody sees."""
    try:
        return [model.sees(user, model.resolve(user, names, kind))]
    except RefusedError as error:
        if str(error) == "NOT_FOUND":
            return []
        raise
