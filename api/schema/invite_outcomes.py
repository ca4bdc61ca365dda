"""What the mutations of invites answer: the only place where a code is shown, and once."""

from typing import Annotated

import strawberry

from api.context import Context
from api.schema.invites import Invite
from api.schema.outcomes import Refused, Success, change_of, first_of
from api.schema.scalars import Revision
from api.schema.users import RoleBinding
from graph.invites import Issued
from graph.redeeming import Redeemed
from queries.states import BindingState, InviteState


@strawberry.type(description="An invite with its code.")
class InviteWritten(Success):
    """An invite with its code."""

    invite: Invite = strawberry.field(description="The invite.")
    code: str | None = strawberry.field(
        description=(
            "What to give to whom it is for. It is answered this once and kept nowhere: none when"
            " the mutation is repeated under its idempotency key. rotateInvite makes a new one."
        )
    )


@strawberry.type(description="The caller is bound as the invite said.")
class InviteRedeemed(Success):
    """The caller is bound as the invite said."""

    binding: RoleBinding = strawberry.field(description="What they hold by it.")
    already_bound: bool = strawberry.field(
        description="Whether they held it before, so that nothing was done."
    )


InviteResult = Annotated[InviteWritten | Refused, strawberry.union("InviteResult")]
RedeemResult = Annotated[InviteRedeemed | Refused, strawberry.union("RedeemResult")]


def issued(context: Context, outcome: Issued) -> InviteWritten:
    """Answer an invite that was made, or given a new code."""
    return InviteWritten(
        revision=Revision(context.wrote(outcome.written)),
        change_id=change_of(outcome.written),
        invite=Invite.of(first_of(outcome.written, InviteState)),
        code=outcome.code,
    )


def redeemed(context: Context, outcome: Redeemed) -> InviteRedeemed:
    """Answer a code that was redeemed."""
    return InviteRedeemed(
        revision=Revision(context.wrote(outcome.written)),
        change_id=change_of(outcome.written),
        binding=RoleBinding.of(first_of(outcome.written, BindingState)),
        already_bound=outcome.already_bound,
    )
