"""The inputs of the mutations of invites."""

import strawberry

from api.schema.inputs.key import KEY
from api.schema.invites import InviteKind
from api.schema.scalars import Ref
from graph.invites import DEFAULT_TTL


@strawberry.input(description="Invite people, or clusters, to a group.")
class CreateInviteInput:
    """Invite people, or clusters."""

    group: Ref = strawberry.field(description="Where to: there and every group below.")
    kind: InviteKind = strawberry.field(default=InviteKind.ROLE, description="Whom.")
    role: str | None = strawberry.field(
        default=None,
        description="As what, by name or id; for people, whom nothing else says it of.",
    )
    ttl: str = strawberry.field(
        default=DEFAULT_TTL,
        description="For how long, as in 5d or 168h0m0s; 30 days at most.",
    )
    email: str | None = strawberry.field(
        default=None,
        description=(
            "Only for who signs in with this address, verified by their issuer. It is compared as"
            " it is written, but for the case of the domain."
        ),
    )
    uses: int | None = strawberry.field(
        default=None,
        description="For how many; unless said, for one as owner, and otherwise for any number.",
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description=f"{KEY} The code is not answered again: it is null."
    )


@strawberry.input(description="Give an invite a new code, and end the one it has.")
class RotateInviteInput:
    """Give an invite a new code."""

    invite: strawberry.ID = strawberry.field(description="The invite: inv_….")
    idempotency_key: str | None = strawberry.field(
        default=None, description=f"{KEY} The code is not answered again: it is null."
    )


@strawberry.input(description="Revoke an invite.")
class DeleteInviteInput:
    """Revoke an invite."""

    invite: strawberry.ID = strawberry.field(description="The invite: inv_….")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Accept an invite.")
class RedeemInviteInput:
    """Accept an invite."""

    code: str = strawberry.field(
        description="Its code: pgi_…. Send it as a variable, so that no copy of the query holds it."
    )
