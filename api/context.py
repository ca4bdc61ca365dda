"""What a resolver receives: one caller's snapshot, and use cases that answer many at a time."""

import contextlib
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from graphql import DocumentNode
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from api.revisions import encode_revisions
from graph.engine import Graph, Written
from graph.errors import InvalidInputError, PolicyGraphError
from graph.session import LostRaceError
from graph.snapshot import Caller, Snapshot

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Context:
    """The context of one execution."""

    graph: Graph
    at: Snapshot
    issuers: frozenset[str]
    """The issuers whose tokens are accepted."""
    document: DocumentNode
    """The query, parsed and validated."""
    _loaders: dict[Hashable, DataLoader[Any, Any]] = field(
        default_factory=dict[Hashable, DataLoader[Any, Any]]
    )

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self.at.viewer.caller

    @property
    def revision(self) -> str:
        """The revision that this execution's answers are of."""
        return encode_revisions(self.at.viewer.revisions)

    def require_issuer(self, issuer: str) -> None:
        """Raise `InvalidInputError` for an issuer nobody could ever sign in with."""
        if issuer not in self.issuers:
            raise InvalidInputError(
                f"{issuer[:200]!r} is no issuer of this service; it accepts"
                f" {', '.join(sorted(self.issuers))}."
            )

    async def batch(
        self,
        use_case: Callable[..., Awaitable[Sequence[Answer]]],
        of: str,
        subject: object,
        **arguments: Hashable,
    ) -> Answer:
        """Answer a use case for one subject together with all others that ask in this moment.

        `of` is the name of the argument that takes the subjects; they are told apart by their id.
        """
        key = (use_case, tuple(sorted(arguments.items())))
        if key not in self._loaders:

            async def load(subjects: list[Any]) -> Sequence[Any]:
                return await use_case(self.at, **{of: subjects}, **arguments)

            self._loaders[key] = DataLoader(load_fn=load, cache_key_fn=_identity)
        return cast("Answer", await self._loaders[key].load(subject))

    async def wrote(self, written: Written) -> str:
        """Look again after a write of ours; return the write's revision for its answer."""
        # It is written: that the store went away since must not make it look as if it were not.
        with contextlib.suppress(PolicyGraphError, LostRaceError):
            self.at = await self.graph.snapshot(self.caller)
        self.at.asked.update(written.asked)
        self._loaders.clear()
        return encode_revisions([written.revision])


def _identity(subject: Any) -> Hashable:
    return subject if isinstance(subject, str) else subject.id


Ask = Info[Context, None]
"""The `info` of every resolver."""
