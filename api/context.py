"""What a resolver receives: one caller's snapshot, and use cases that answer many at a time."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar, cast

from graphql import DocumentNode
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from api.guesses import Guesses
from api.revisions import encode_revisions
from graph.engine import Graph, Written
from graph.errors import InvalidInputError, StoreTimeoutError, UnavailableError
from graph.matching import KnownIssuers
from graph.snapshot import Caller, Snapshot

Answer = TypeVar("Answer")
Parameters = ParamSpec("Parameters")


class PostponedError(Exception):
    """Ends the first execution of a mutation's field: its answer is for the second."""


@dataclass(slots=True)
class Writes:
    """What the mutations of one request did.

    A mutation is executed twice: first its writes are done, one after the other; then all that it
    asks for is read from one state, like any question, as often as it takes.
    """

    outcomes: dict[tuple[str | int, ...], object] = field(
        default_factory=dict[tuple[str | int, ...], object]
    )
    done: bool = False

    @property
    def store_was_away(self) -> bool:
        """Tell whether one of them failed for want of an answer from the store."""
        away = (UnavailableError, StoreTimeoutError)
        return any(isinstance(outcome, away) for outcome in self.outcomes.values())


@dataclass(slots=True)
class Context:
    """The context of one execution."""

    graph: Graph
    at: Snapshot
    issuers: KnownIssuers
    """The issuers whose tokens are accepted, and those whose keys may be looked up."""
    document: DocumentNode
    """The query, parsed and validated."""
    writes: Writes
    guesses: Guesses
    """Counts the codes of invites that are wrong."""
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

    def revision_of(self, org: str | None) -> str:
        """Return the revision of what is of one organization, or perhaps of all."""
        own = [each for each in self.at.viewer.revisions if each.org == org]
        return encode_revisions(own or self.at.viewer.revisions)

    def require_issuer(self, issuer: str) -> None:
        """Raise `InvalidInputError` for an issuer nobody could ever sign in with."""
        if issuer not in self.issuers.configured:
            raise InvalidInputError(
                f"{issuer[:200]!r} is no issuer of this service; it accepts"
                f" {', '.join(sorted(self.issuers.configured))}."
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

    async def once(
        self,
        info: "Ask",
        use_case: Callable[Parameters, Awaitable[Answer]],
        *arguments: Parameters.args,
        **options: Parameters.kwargs,
    ) -> Answer:
        """Do a write the first time that its field is executed; answer its outcome the second."""
        field_ = tuple(info.path.as_list())
        if not self.writes.done:
            self.writes.outcomes[field_] = await _outcome(use_case(*arguments, **options))
            raise PostponedError
        outcome = self.writes.outcomes[field_]
        if isinstance(outcome, Exception):
            raise outcome
        return cast("Answer", outcome)

    def wrote(self, written: Written) -> str:
        """Note which rights a write asked for; return its revision for its answer."""
        self.at.ask(*written.asked)
        return encode_revisions([written.revision])


async def _outcome(write: Awaitable[object]) -> object:
    try:
        return await write
    except Exception as error:  # noqa: BLE001 - raised again where it is answered
        return error


def _identity(subject: Any) -> Hashable:
    return subject if isinstance(subject, str) else subject.id


Ask = Info[Context, None]
"""The `info` of every resolver."""
