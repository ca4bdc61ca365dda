"""How one thing comes to bear on another: by which bindings, down which groups."""

from dataclasses import dataclass

from graph import rights, users
from graph.forest import Path
from graph.ids import Kind
from graph.placed import find_placed
from graph.refs import parse_ref
from graph.snapshot import Snapshot

_PLACED = (Kind.GROUP, Kind.CLUSTER, Kind.POLICY)

# What rolls down from a thing arrives at these.
_ARRIVES_AT = {
    Kind.USER: {Kind.GROUP, Kind.CLUSTER, Kind.POLICY},
    Kind.POLICY: {Kind.GROUP, Kind.CLUSTER},
    Kind.GROUP: {Kind.GROUP, Kind.CLUSTER},
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing on the way."""

    kind: Kind
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _End:
    """An end of a way: the thing, and each group that it is bound to."""

    step: Step
    groups: tuple[str, ...]


async def paths(at: Snapshot, *, source: str, target: str) -> list[list[Step]]:
    """Return every way from one thing to another along which something rolls down.

    Things are users, policies, clusters and groups, each by a typed ref. What is bound to a group
    comes to bear on all below it; where the target rolls down to the source, the ways lead upwards.
    """
    start, end = await _end(at, source), await _end(at, target)
    forest = await at.forest([*start.groups, *end.groups])
    ways: list[list[Step]] = []
    for upper in start.groups:
        for lower in end.groups:
            if _rolls(start, end) and upper in forest.ids(lower):
                ways.append([start.step, *_between(forest.path(lower), upper), end.step])
            elif _rolls(end, start) and lower in forest.ids(upper):
                down = _between(forest.path(upper), lower)
                ways.append([start.step, *reversed(down), end.step])
    return [_without_repeats(way) for way in ways]


def _rolls(from_: _End, to: _End) -> bool:
    """Tell whether what rolls down from a thing of one kind arrives at things of another."""
    return to.step.kind in _ARRIVES_AT.get(from_.step.kind, set())


async def _end(at: Snapshot, ref: str) -> _End:
    if parse_ref(ref).kind is Kind.USER:
        user = await users.get_user(at, ref=ref)
        (bound,) = await users.user_bindings(at, users=[user.id])
        groups = dict.fromkeys(row.group_id for row in bound if rights.is_live(row, at.now))
        name = user.email or user.display_name or user.subject
        return _End(Step(Kind.USER, user.id, name), tuple(groups))
    placed = await find_placed(at, ref, *_PLACED)
    return _End(Step(placed.kind, placed.id, placed.name), (placed.group_id,))


def _between(path: Path, upper: str) -> list[Step]:
    """Return the groups of a path from `upper` down."""
    start = [group.id for group in path].index(upper)
    return [Step(Kind.GROUP, group.id, group.name) for group in path[start:]]


def _without_repeats(way: list[Step]) -> list[Step]:
    """Drop the group that is an end of the way and its first or last step at once."""
    return [step for index, step in enumerate(way) if index == 0 or step != way[index - 1]]
