"""Connections (the Relay cursor specification), the same for every list."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from api.context import Context
from api.schema.scalars import Ref, Revision
from graph.paging import DEFAULT_FIRST, MAX_FIRST, PageRequest, Slice, cursor, cut

Node = TypeVar("Node")
Edge = TypeVar("Edge")
Item = TypeVar("Item")

First = Annotated[
    int,
    strawberry.argument(
        description=f"How many to answer: 0 to {MAX_FIRST}, {DEFAULT_FIRST} unless said."
    ),
]
After = Annotated[
    str | None, strawberry.argument(description="Continue behind this cursor of the same list.")
]
Strict = Annotated[
    bool,
    strawberry.argument(
        description=(
            "Fail with CONFLICT when its organization was written to since the page before it."
        )
    ),
]
Within = Annotated[
    Ref | None,
    strawberry.argument(description="Only what is in the subtree of this group."),
]
NameFilter = Annotated[
    str | None,
    strawberry.argument(description="Only those whose name contains this text, case-sensitively."),
]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(description="Whether a page came before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` for the next page.")


@strawberry.type(description="One entry of a list.")
class ListEdge(Generic[Node]):
    """One entry of a list."""

    node: Node = strawberry.field(description="The thing itself.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(
    description="A page of a list. Pages of equal revision together are the exact list."
)
class Connection(Generic[Edge]):
    """A page of a list."""

    edges: list[Edge] = strawberry.field(description="The entries of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: int = strawberry.field(description="How long the whole list is.")
    revision: Revision = strawberry.field(description="The revision that this page is of.")


def connection(
    context: Context,
    page: PageRequest,
    found: Slice[Item],
    *,
    key: Callable[[Item], tuple[Any, ...]],
    edge: Callable[[Item, str], Edge],
    org: str | None = None,
) -> Connection[Edge]:
    """Build the page that is answered; `key` is the keyset that the list is sorted by.

    `org` is the organization that the list is of; without one it may be of all that are seen.
    """
    revision = context.revision_of(org or found.org)
    page.require_unmoved(revision)
    cursors = [cursor(page.list, key(item), revision) for item in found.items]
    edges = [edge(item, at) for item, at in zip(found.items, cursors, strict=True)]
    info = PageInfo(
        has_next_page=found.more,
        has_previous_page=page.after is not None,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
    return Connection(
        edges=edges, page_info=info, total_count=found.total, revision=Revision(revision)
    )


def part(
    context: Context,
    page: PageRequest,
    items: Sequence[Item],
    *,
    key: Callable[[Item], tuple[Any, ...]],
    edge: Callable[[Item, str], Edge],
    org: str | None = None,
) -> Connection[Edge]:
    """Build a page of a list that was computed whole and is sorted by `key`."""
    return connection(context, page, cut(items, page, key=key), key=key, edge=edge, org=org)
