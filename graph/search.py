"""Finds things by a name, a prefix of one, an id or a path: for people, who do not type ids."""

from dataclasses import dataclass

from graph import lookup
from graph.errors import InvalidInputError, NotFoundError
from graph.forest import path_text
from graph.ids import Kind, kind_of
from graph.paging import MAX_FIRST
from graph.rights import Capability
from graph.snapshot import Snapshot
from queries import search as queries
from queries.search import Candidate

_MAX_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Match:
    """A thing that a text may mean, with the path by which it is known."""

    kind: Kind
    id: str
    path: str


async def resolve(at: Snapshot, *, text: str, kinds: tuple[Kind, ...], first: int) -> list[Match]:
    """Return what the caller can see that a text may mean, the closest first.

    An id, a path or a typed ref means one thing; any other text everything whose name starts with
    it, whole names before prefixes. At most `first`; raises `InvalidInputError` rather than cut the
    answer.
    """
    if not text or len(text) > _MAX_TEXT:
        raise InvalidInputError(f"The text to resolve has 1 to {_MAX_TEXT} characters.")
    if not 0 < first <= MAX_FIRST:
        raise InvalidInputError(f"first is {first}; it must be between 1 and {MAX_FIRST}.")
    wanted = kinds or (Kind.GROUP, Kind.CLUSTER, Kind.POLICY)
    if kind_of(text) or "/" in text or ":" in text:  # which no name has
        return [match for kind in wanted for match in await _exact(at, text, kind)]
    found: list[Candidate] = []
    for kind, capability, statement in (
        (Kind.GROUP, Capability.GROUPS_LIST, queries.find_groups),
        (Kind.CLUSTER, Capability.CLUSTERS_LIST, queries.find_clusters),
        (Kind.POLICY, Capability.POLICY_LIST, queries.find_policies),
    ):
        if kind in wanted:
            found += await at.run(statement(scopes=await at.scopes(capability), text=text))
    if len(found) > first:
        raise InvalidInputError(
            f"{text!r} may mean {len(found)} things, more than the {first} asked for. Type more of"
            f" the name, or its path."
        )
    forest = await at.forest(candidate.group_id for candidate in found)
    matches = [
        Match(
            Kind(candidate.kind),
            candidate.id,
            path_text(forest.path(candidate.group_id))
            + ("" if candidate.kind == Kind.GROUP else f"/{candidate.name}"),
        )
        for candidate in found
    ]
    exact = {candidate.id for candidate in found if candidate.name == text}
    return sorted(
        matches, key=lambda match: (match.id not in exact, match.path, match.kind, match.id)
    )


async def _exact(at: Snapshot, text: str, kind: Kind) -> list[Match]:
    """Return the one thing of a kind that an id or a path leads to, if the caller sees it."""
    try:
        match kind:
            case Kind.GROUP:
                found, place, name = await lookup.group(at, text), None, ""
            case Kind.CLUSTER:
                cluster = await lookup.cluster(at, text)
                found, place, name = cluster, cluster.group_id, f"/{cluster.name}"
            case Kind.POLICY:
                policy = await lookup.policy(at, text)
                found, place, name = policy, policy.group_id, f"/{policy.name}"
            case _:
                return []
    except NotFoundError:
        return []
    except InvalidInputError as error:
        if error.details:
            raise  # several organizations have the name that the path starts with
        return []  # a ref of another kind
    path = (await at.forest([place or found.id])).path(place or found.id)
    return [Match(kind, found.id, path_text(path) + name)]
