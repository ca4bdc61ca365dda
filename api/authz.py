"""Which right each root field takes, and at what: an annotation that execution holds it to.

The checks themselves are `Snapshot`'s, where both reads and writes pass. This makes sure that none
was forgotten: a field whose annotated right was never asked for answers an error, not data.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.schema_directive import Location
from strawberry.types import Info
from strawberry.types.field import StrawberryField

from api.context import Context
from graph.rights import Capability
from graph.snapshot import noting_asked


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    description=(
        "The capability that a field takes (one of several, where it depends on the input), and the"
        " argument that says where it must be held. Without a scope the answer holds only what the"
        " caller may list; without a capability the field is open to whoever is signed in."
    ),
)
class Access:
    """The annotation as the schema shows it."""

    capabilities: list[str]
    scope: str | None


class UncheckedError(RuntimeError):
    """A field answered without the right that it is annotated with having been asked for."""


@dataclass
class _Access(FieldExtension):
    capabilities: tuple[Capability, ...]
    scope: str | None

    def apply(self, field: StrawberryField) -> None:
        """Show the annotation in the schema."""
        directive = Access(
            capabilities=[capability.value for capability in self.capabilities], scope=self.scope
        )
        field.directives = [*field.directives, directive]

    async def resolve_async(
        self, next_: Callable[..., Any], source: Any, info: Info[Context, None], **kwargs: Any
    ) -> Any:
        """Answer the field, then see that its right was asked for."""
        with noting_asked() as asked:
            answer = await next_(source, info, **kwargs)
        if self.capabilities and asked.isdisjoint(self.capabilities):
            raise UncheckedError(f"{info.field_name} never asked for {self.capabilities}")
        return answer


def needs(*capabilities: Capability, scope: str | None = None) -> FieldExtension:
    """Annotate a root field with the right it takes and the argument that scopes it."""
    return _Access(capabilities, scope)


def annotation_of(field: StrawberryField) -> tuple[tuple[Capability, ...], str | None]:
    """Return what a root field is annotated with; raise `LookupError` where it is not once."""
    found = [each for each in field.extensions if isinstance(each, _Access)]
    if len(found) != 1:
        raise LookupError(f"{field.python_name} has {len(found)} access annotations, not one")
    return found[0].capabilities, found[0].scope
