"""What a policy is effective for. Pure: the semantics of rolling down, once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.forest import Path
from policy import covers_image
from queries.groups import GroupName
from queries.policies import PolicyRow


@dataclass(frozen=True, slots=True)
class EffectivePolicy:
    """A policy as it arrives at a group: through which group, by which way, how far."""

    policy: PolicyRow
    path: Path
    """From the group that the policy is bound to down to the one it is effective for."""
    name_collision: bool
    """Another effective policy has the same name; in a cluster the two are one object."""

    @property
    def via(self) -> GroupName:
        """The group that the policy is bound to."""
        return self.path[0]

    @property
    def key(self) -> tuple[int, str, str]:
        """What lists of effective policies are sorted by: from the root down, then by name."""
        return -self.depth, self.policy.name, self.policy.id

    @property
    def depth(self) -> int:
        """How many groups below `via` it is effective here; 0 for the group's own policy."""
        return len(self.path) - 1


def effective_policies(
    path: Path, bound: Mapping[str, Sequence[PolicyRow]]
) -> list[EffectivePolicy]:
    """Return the policies effective at the end of a path: its own and all that roll down.

    They add up and none overrides another. From the root down, then by name.
    """
    arriving = [
        (index, policy)
        for index, group in enumerate(path)
        for policy in sorted(bound.get(group.id, ()), key=lambda policy: (policy.name, policy.id))
    ]
    names = Counter(policy.name for _, policy in arriving)
    return [
        EffectivePolicy(policy, path[index:], names[policy.name] > 1) for index, policy in arriving
    ]


def covering(found: Iterable[EffectivePolicy], image: str | None) -> list[EffectivePolicy]:
    """Keep the policies whose globs match an image reference; all of them without one."""
    return [
        each for each in found if image is None or covers_image(each.policy.version.images, image)
    ]
