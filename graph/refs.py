"""The only place that knows refs: an id, or a path of names, typed where the kind is not implied.

grp_…   acme/prod   group:acme/prod   cluster:acme/prod/eu-1   grp_…/payments/eu-1
"""

from dataclasses import dataclass

from graph.errors import InvalidInputError
from graph.ids import Kind, kind_of
from graph.snapshot import Snapshot, not_found
from queries import groups

_WITH_PATH = (Kind.GROUP, Kind.CLUSTER, Kind.POLICY, Kind.ROLE)
_LEVELS_A_STEP = 8
_MAX_CHARACTERS = 70_000  # a path of 1,000 names of 63 characters, with room


@dataclass(frozen=True, slots=True)
class Ref:
    """A ref taken apart: an id, or the names of a path."""

    text: str
    kind: Kind
    id: str | None
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.text[:200]!r}"


def parse_ref(text: str, kind: Kind | None = None) -> Ref:
    """Take a ref apart. Raises `InvalidInputError` for one of another kind than is wanted here."""
    if len(text) > _MAX_CHARACTERS or not text.isprintable() or not text.strip():
        raise InvalidInputError(
            "A ref is an id or a path such as acme/prod: printable characters, not empty."
        )
    prefix, colon, rest = text.partition(":")
    stated = Kind(prefix) if colon and prefix in set(Kind) else None
    body = rest if stated else text
    named = kind_of(body)
    found = named or stated or kind
    if found is None:
        raise InvalidInputError(
            f"{text[:200]!r} may be of several kinds. Say which, as in group:{body[:100]}"
            f" or cluster:{body[:100]}."
        )
    for other in (stated, kind):
        if other is not None and other is not found:
            raise InvalidInputError(f"{text[:200]!r} is a {found}; a {other} is wanted here.")
    if named:
        return Ref(text, found, body, ())
    if found not in _WITH_PATH:
        hint = " Look them up by name or e-mail among the users." if found is Kind.USER else ""
        raise InvalidInputError(
            f"{text[:200]!r} is not the id of a {found}; only a whole id will do.{hint}"
        )
    names = tuple(body.split("/"))
    if "" in names:
        raise InvalidInputError(f"The path {text[:200]!r} has an empty name in it.")
    if found is not Kind.GROUP and len(names) == 1:
        raise InvalidInputError(
            f"{text[:200]!r} is one name; the path of a {found} starts with its group's,"
            f" as in acme/prod/{body[:60]}."
        )
    return Ref(text, found, None, names)


async def walk_to_group(at: Snapshot, ref: Ref, names: tuple[str, ...]) -> str:
    """Follow names from a root, given by its name or id, down to a group; return its id.

    It may be one that the caller is not to see. Raises `InvalidInputError` for a root's name that
    several organizations have, and `NotFoundError` for names that lead nowhere.
    """
    group_id = _root(at, ref, names[0])
    below = names[1:]
    for start in range(0, len(below), _LEVELS_A_STEP):
        step = list(below[start : start + _LEVELS_A_STEP])
        met = await at.run(groups.walk_names(start=group_id, names=step))
        if len(met) < len(step):
            raise not_found(str(ref))
        group_id = met[-1]
    return group_id


def _root(at: Snapshot, ref: Ref, name: str) -> str:
    if kind_of(name) is Kind.GROUP:
        return name
    matching = at.viewer.roots_named(name, at.now)
    if len(matching) > 1:
        candidates = ", ".join(matching)
        raise InvalidInputError(
            f"{name!r} is the name of {len(matching)} organizations that you can see: {candidates}."
            f" Start the path with one of these ids, or pin the request to one.",
            details=matching,
        )
    if not matching:
        raise not_found(str(ref))
    return matching[0]
