"""A thing that stands in the tree, whatever its kind: what is asked of by a typed ref."""

from dataclasses import dataclass

from graph import lookup
from graph.errors import InvalidInputError
from graph.ids import Kind
from graph.refs import parse_ref
from graph.snapshot import Snapshot
from queries.policies import PolicyRow
from queries.states import BindingState, ClusterState, GroupState

Found = GroupState | ClusterState | PolicyRow | BindingState


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing, the group it stands in (itself, for a group), and what people call it."""

    kind: Kind
    id: str
    name: str
    group_id: str
    found: Found


async def find_placed(at: Snapshot, ref: str, *kinds: Kind) -> Placed:
    """Return what a typed ref leads to, if it is of one of these kinds and the caller sees it."""
    kind = parse_ref(ref).kind
    if kind not in kinds:
        wanted = ", ".join(kinds)
        raise InvalidInputError(f"{ref[:200]!r} is a {kind}; wanted here is one of: {wanted}.")
    match kind:
        case Kind.GROUP:
            group = await lookup.group(at, ref)
            return Placed(kind, group.id, group.name, group.id, group)
        case Kind.CLUSTER:
            cluster = await lookup.cluster(at, ref)
            return Placed(kind, cluster.id, cluster.name, cluster.group_id, cluster)
        case Kind.POLICY:
            policy = await lookup.policy(at, ref)
            return Placed(kind, policy.id, policy.name, policy.group_id, policy)
        case _:
            binding = await lookup.binding(at, ref)
            return Placed(kind, binding.id, binding.id, binding.group_id, binding)
