"""The writes of invites."""

from functools import partial

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema import invite_outcomes, outcomes
from api.schema.inputs import invites as inputs
from graph import invites, redeeming
from graph.rights import Capability


@strawberry.type
class InviteMutations:
    """The writes of invites."""

    @strawberry.mutation(
        description=(
            "Invite people or clusters to a group. Also needs role_bindings.create there, and for"
            " clusters clusters.create. Nobody grants what they do not hold."
        ),
        extensions=[needs(Capability.GROUP_INVITES_CREATE, scope="input.group")],
    )
    async def create_invite(
        self, info: Ask, input: inputs.CreateInviteInput
    ) -> invite_outcomes.InviteResult | None:
        """Create an invite."""
        issued = await info.context.once(
            info,
            invites.create_invite,
            info.context.graph,
            caller=info.context.caller,
            group=input.group,
            kind=input.kind.value,
            role=input.role,
            ttl=input.ttl,
            email=input.email,
            uses=input.uses,
            key=input.idempotency_key,
        )
        return invite_outcomes.issued(info.context, issued)

    @strawberry.mutation(
        description=(
            "Give an invite a new code, for one that was lost or seen; the one that it had is dead."
            " Takes what creating it takes."
        ),
        extensions=[needs(Capability.GROUP_INVITES_CREATE, scope="input.invite")],
    )
    async def rotate_invite(
        self, info: Ask, input: inputs.RotateInviteInput
    ) -> invite_outcomes.InviteResult | None:
        """Rotate an invite."""
        issued = await info.context.once(
            info,
            invites.rotate_invite,
            info.context.graph,
            caller=info.context.caller,
            invite=input.invite,
            key=input.idempotency_key,
        )
        return invite_outcomes.issued(info.context, issued)

    @strawberry.mutation(
        description="Revoke an invite: its code is dead. Who redeemed it stays bound.",
        extensions=[needs(Capability.GROUP_INVITES_DELETE, scope="input.invite")],
    )
    async def delete_invite(
        self, info: Ask, input: inputs.DeleteInviteInput
    ) -> outcomes.DeleteResult | None:
        """Delete an invite."""
        written = await info.context.once(
            info,
            invites.delete_invite,
            info.context.graph,
            caller=info.context.caller,
            invite=input.invite,
            key=input.idempotency_key,
        )
        return outcomes.deleted(info.context, written)

    @strawberry.mutation(
        description=(
            "Accept an invite: the caller is bound as it says. Repeating it is safe, without a key"
            " and however late. Every code that is not accepted is NOT_FOUND, whatever the reason."
        ),
        extensions=[needs()],
    )
    async def redeem_invite(
        self, info: Ask, input: inputs.RedeemInviteInput
    ) -> invite_outcomes.RedeemResult | None:
        """Redeem an invite."""
        caller, code = info.context.caller, input.code
        attempt = partial(redeeming.redeem_invite, info.context.graph, caller=caller, code=code)
        redeemed = await info.context.once(
            info, info.context.guesses.counted, attempt, caller=caller, code=code
        )
        return invite_outcomes.redeemed(info.context, redeemed)
