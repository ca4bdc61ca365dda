"""The inputs of the mutations of identities."""

from datetime import datetime

import strawberry

from api.schema.inputs.key import KEY
from api.schema.scalars import Ref

_ISSUER = "The exact `iss` of its tokens, an https URL."
_PATTERN = "Or: what their whole `sub` must match (RE2)."
_KEYS = (
    "Public keys as a JWKS, a JSON text, for an issuer that cannot be reached. They vouch for this"
    " identity alone, and never for an issuer of this service."
)
_EXPIRY = "With `keys`: until when they count, at most 30 days from now."


@strawberry.input(description="A claim that a token must have: with a value, or by a pattern.")
class ClaimInput:
    """A claim that a token must have."""

    name: str = strawberry.field(description="The claim.")
    value: str | None = strawberry.field(default=None, description="The very text it must have.")
    pattern: str | None = strawberry.field(
        default=None, description="Or: what its whole text must match (RE2)."
    )


@strawberry.input(description="Make an identity for a workload.")
class CreateIdentityInput:
    """Make an identity for a workload."""

    group: Ref = strawberry.field(description="The group that it belongs to.")
    name: str = strawberry.field(description="1 to 63 of a-z 0-9 . _ - and blank.")
    description: str = strawberry.field(default="", description="What people should know of it.")
    issuer: str = strawberry.field(description=_ISSUER)
    subject: str | None = strawberry.field(
        default=None, description="The exact `sub` of its tokens."
    )
    subject_pattern: str | None = strawberry.field(default=None, description=_PATTERN)
    audience: str | None = strawberry.field(
        default=None, description="The exact `aud` its tokens must be for; its own id unless said."
    )
    claims: list[ClaimInput] | None = strawberry.field(
        default=None, description="What else they must say."
    )
    keys: str | None = strawberry.field(default=None, description=_KEYS)
    keys_expire_at: datetime | None = strawberry.field(default=None, description=_EXPIRY)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Change an identity; what is left out stays.")
class UpdateIdentityInput:
    """Change an identity."""

    identity: strawberry.ID = strawberry.field(description="The identity: usr_….")
    name: str | None = strawberry.field(default=None, description="Its new name.")
    description: str | None = strawberry.field(default=None, description="Its new description.")
    issuer: str | None = strawberry.field(default=None, description=_ISSUER)
    subject: str | None = strawberry.field(
        default=None, description="The exact `sub` of its tokens, instead of any pattern."
    )
    subject_pattern: str | None = strawberry.field(default=None, description=_PATTERN)
    audience: str | None = strawberry.field(
        default=None, description="The exact `aud` that its tokens must be for."
    )
    claims: list[ClaimInput] | None = strawberry.field(
        default=None, description="All that else they must say, instead of what it was."
    )
    keys: str | None = strawberry.field(default=None, description=f"{_KEYS} Empty removes them.")
    keys_expire_at: datetime | None = strawberry.field(default=None, description=_EXPIRY)
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Forget an identity, with its role bindings.")
class DeleteIdentityInput:
    """Forget an identity."""

    identity: strawberry.ID = strawberry.field(description="The identity: usr_….")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)
