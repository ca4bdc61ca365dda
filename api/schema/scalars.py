"""The scalars of the schema."""

from datetime import UTC, datetime
from typing import Annotated, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from graph.errors import InvalidInputError

Ref = NewType("Ref", str)
Revision = NewType("Revision", str)
AsOf = Annotated[
    datetime | None,
    strawberry.argument(
        description=(
            "Who could at this instant, by the changes since; a group that was not there had"
            " nobody. As far back as changes are kept."
        )
    ),
]
RefArgument = Annotated[Ref, strawberry.argument(description="Its id or path.")]

SCALARS: dict[object, ScalarDefinition] = {
    Ref: strawberry.scalar(
        name="Ref",
        description=(
            "An id, or a path of names from the root: acme/prod, acme/prod/eu-1. Where the kind is"
            " not implied it is typed: group:acme/prod, cluster:acme/prod/eu-1."
        ),
        serialize=str,
        parse_value=str,
    ),
    Revision: strawberry.scalar(
        name="Revision",
        description=(
            "Where the organizations that an answer is about were when it was made. Opaque: equal"
            " revisions are the same state, and nothing else can be read from one."
        ),
        serialize=str,
        parse_value=str,
    ),
}
"""What the schema needs to know of them."""


def instant(given: datetime | None) -> datetime | None:
    """Return an instant in UTC; raise `InvalidInputError` for one without a time zone."""
    if given is None:
        return None
    if given.tzinfo is None:
        raise InvalidInputError(
            f"{given.isoformat()} has no time zone. Write it as 2030-01-31T12:00:00Z."
        )
    try:
        return given.astimezone(UTC)
    except OverflowError as error:
        raise InvalidInputError(f"{given.isoformat()} is beyond the calendar.") from error
