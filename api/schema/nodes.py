"""What the types of the schema have in common."""

import strawberry

from graph.forest import Path
from queries.groups import GroupName


@strawberry.interface(description="Anything that has an id of ours.")
class Node:
    """Anything that has an id of ours."""

    id: strawberry.ID = strawberry.field(description="Opaque and typed: grp_…, clu_…, pol_….")


@strawberry.type(
    description="A group on a path: what who sees below it may know of it. `group(ref)` shows more."
)
class PathGroup:
    """A group on a path."""

    id: strawberry.ID = strawberry.field(description="The group's id.")
    name: str = strawberry.field(description="The group's name.")

    @classmethod
    def of(cls, group: GroupName) -> "PathGroup":
        """Convert a group's name."""
        return cls(id=strawberry.ID(group.id), name=group.name)

    @classmethod
    def path(cls, path: Path) -> "list[PathGroup]":
        """Convert a path, in its order."""
        return [cls.of(group) for group in path]
