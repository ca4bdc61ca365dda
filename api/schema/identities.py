"""Identities of workloads in the schema."""

from datetime import datetime

import orjson
import strawberry

from api.context import Ask
from api.schema.connections import ListEdge
from api.schema.nodes import PathGroup
from api.schema.users import User
from graph import groups, users
from queries.states import IdentityState


@strawberry.type(description="A claim that a token must have to stand for an identity.")
class ClaimMatch:
    """A claim that a token must have."""

    name: str = strawberry.field(description="The claim.")
    value: str | None = strawberry.field(description="The very text that it must have.")
    pattern: str | None = strawberry.field(description="Or: what its whole text must match (RE2).")


@strawberry.type(description="A public key that came with an identity and vouches for it alone.")
class IdentityKey:
    """A public key that came with an identity."""

    key_id: str | None = strawberry.field(description="Its `kid`.")
    algorithm: str = strawberry.field(description="What it signs by, such as ES256.")


@strawberry.type(
    description=(
        "What a workload is recognized by. It belongs to a group and has no right in it until it is"
        " bound, as the user of the same id."
    )
)
class Identity:
    """An identity of a workload."""

    id: strawberry.ID = strawberry.field(
        description="Its id, and its user's: what a request names in `Policygraph-Identity`."
    )
    name: str = strawberry.field(description="Unique among the identities of its group.")
    description: str = strawberry.field(description="What people should know of it.")
    issuer: str = strawberry.field(description="The exact `iss` of its tokens.")
    subject: str | None = strawberry.field(description="The exact `sub` of its tokens.")
    subject_pattern: str | None = strawberry.field(
        description="Or: what their whole `sub` must match (RE2)."
    )
    audience: str = strawberry.field(description="The exact `aud` that its tokens must be for.")
    claims: list[ClaimMatch] = strawberry.field(description="What else they must say, by name.")
    keys: list[IdentityKey] = strawberry.field(
        description="The keys that came with it; none: those that its issuer publishes."
    )
    keys_expire_at: datetime | None = strawberry.field(
        description="From this instant on its keys vouch for nothing."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    created_by: strawberry.ID = strawberry.field(description="The user who made it.")
    organization_id: strawberry.ID = strawberry.field(description="The root of its tree.")
    group_id: strawberry.ID = strawberry.field(description="The group it belongs to.")

    @classmethod
    def of(cls, state: IdentityState) -> "Identity":
        """Convert an identity's state."""
        return cls(
            id=strawberry.ID(state.id),
            name=state.name,
            description=state.description,
            issuer=state.issuer,
            subject=state.subject,
            subject_pattern=state.subject_pattern,
            audience=state.audience,
            claims=_claims(state),
            keys=[_key(text) for text in state.keys],
            keys_expire_at=state.keys_expire_at,
            created_at=state.created_at,
            created_by=strawberry.ID(state.created_by),
            organization_id=strawberry.ID(state.org),
            group_id=strawberry.ID(state.group_id),
        )

    @strawberry.field(description="The group it belongs to.")
    async def group(self, info: Ask) -> PathGroup:
        """Answer the last group of its path."""
        path = await info.context.batch(groups.group_paths, "groups", self.group_id)
        return PathGroup.of(path[-1])

    @strawberry.field(description="The user that role bindings bind; none once it was deleted.")
    async def user(self, info: Ask) -> User | None:
        """Answer the user of the same id."""
        row = await info.context.batch(users.get_users, "users", self.id)
        return User.of(row) if row is not None else None


def _claims(state: IdentityState) -> list[ClaimMatch]:
    found = [ClaimMatch(name=name, value=text, pattern=None) for name, text in state.claims.items()]
    found += [
        ClaimMatch(name=name, value=None, pattern=text)
        for name, text in state.claim_patterns.items()
    ]
    return sorted(found, key=lambda claim: claim.name)


def _key(text: str) -> IdentityKey:
    key: dict[str, str] = orjson.loads(text)
    return IdentityKey(key_id=key.get("kid"), algorithm=key["alg"])


def identity_edge(state: IdentityState, cursor: str) -> ListEdge[Identity]:
    """Build an entry of a list of identities."""
    return ListEdge(node=Identity.of(state), cursor=cursor)
