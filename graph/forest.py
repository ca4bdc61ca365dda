"""A part of the tree, as far as a question needs it: groups with all that is above them. Pure."""

from collections.abc import Iterable

from queries.groups import GroupName

Path = tuple[GroupName, ...]
"""Groups from a root down, each the parent of the next."""


class Forest:
    """Groups by id, closed upwards: with a group come all of its ancestors."""

    def __init__(self, groups: Iterable[GroupName] = ()) -> None:
        self._groups: dict[str, GroupName] = {}
        self._paths: dict[str, Path] = {}
        self.add(groups)

    def __contains__(self, group_id: str) -> bool:
        return group_id in self._groups

    def add(self, groups: Iterable[GroupName]) -> None:
        """Add groups; whoever calls adds their ancestors as well."""
        self._groups.update((group.id, group) for group in groups)

    def path(self, group_id: str) -> Path:
        """Return the path from the root down to a group, itself included.

        Raises `KeyError` for a group that is not here.
        """
        known = self._paths.get(group_id)
        if known is None:
            upwards: list[GroupName] = []
            at: str | None = group_id
            while at is not None:
                group = self._groups[at]
                upwards.append(group)
                at = group.parent_id
            known = self._paths[group_id] = tuple(reversed(upwards))
        return known

    def ids(self, group_id: str) -> frozenset[str]:
        """Return the ids on the path to a group."""
        return frozenset(group.id for group in self.path(group_id))

    def tops(self, group_ids: Iterable[str]) -> list[str]:
        """Leave out of these groups those that lie below another of them."""
        given = set(group_ids)
        return sorted(
            group_id
            for group_id in given
            if not any(group.id in given for group in self.path(group_id)[:-1])
        )


def path_text(path: Path) -> str:
    """Return a path as people write it: `acme/prod/payments`."""
    return "/".join(group.name for group in path)
