"""Two places compared: which policies are effective at the one and not at the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.effective import EffectivePolicy
from graph.ids import Kind
from graph.placed import find_placed
from graph.policies import effective_policies
from graph.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Difference:
    """What is effective at the left place alone, at the right one alone, and at both."""

    left_only: Sequence[EffectivePolicy]
    right_only: Sequence[EffectivePolicy]
    both: Sequence[EffectivePolicy]
    """As they arrive at the left place."""


async def diff(at: Snapshot, *, left: str, right: str) -> Difference:
    """Compare the effective policies of two groups or clusters. Needs `policy.list` at both."""
    kinds = (Kind.GROUP, Kind.CLUSTER)
    places = [(await find_placed(at, ref, *kinds)).group_id for ref in (left, right)]
    at_left, at_right = await effective_policies(at, groups=places)
    left_ids = {each.policy.id for each in at_left}
    right_ids = {each.policy.id for each in at_right}
    return Difference(
        left_only=[each for each in at_left if each.policy.id not in right_ids],
        right_only=[each for each in at_right if each.policy.id not in left_ids],
        both=[each for each in at_left if each.policy.id in right_ids],
    )
