"""The writes of identities of workloads."""

from collections.abc import Sequence

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema import outcomes
from api.schema.inputs import identities as inputs
from api.schema.scalars import instant
from graph import workloads
from graph.errors import InvalidInputError
from graph.rights import Capability
from graph.workloads import MatchInput


@strawberry.type
class IdentityMutations:
    """The writes of identities of workloads."""

    @strawberry.mutation(
        description="Make an identity for a workload. It may do nothing until it is bound.",
        extensions=[needs(Capability.IDENTITY_CREATE, scope="input.group")],
    )
    async def create_identity(
        self, info: Ask, input: inputs.CreateIdentityInput
    ) -> outcomes.IdentityResult | None:
        """Create an identity."""
        written = await info.context.once(
            info,
            workloads.create_identity,
            info.context.graph,
            caller=info.context.caller,
            issuers=info.context.issuers,
            group=input.group,
            name=input.name,
            description=input.description,
            match=_match(input),
            key=input.idempotency_key,
        )
        return outcomes.identity_written(info.context, written)

    @strawberry.mutation(
        description=(
            "Change what an identity is called, or by what it is recognized: the latter takes every"
            " capability that it has wherever it is bound."
        ),
        extensions=[needs(Capability.IDENTITY_UPDATE, scope="input.identity")],
    )
    async def update_identity(
        self, info: Ask, input: inputs.UpdateIdentityInput
    ) -> outcomes.IdentityResult | None:
        """Update an identity."""
        written = await info.context.once(
            info,
            workloads.update_identity,
            info.context.graph,
            caller=info.context.caller,
            issuers=info.context.issuers,
            identity=input.identity,
            name=input.name,
            description=input.description,
            match=_match(input),
            key=input.idempotency_key,
        )
        return outcomes.identity_written(info.context, written)

    @strawberry.mutation(
        description="Forget an identity, with its role bindings: nobody can act as it any more.",
        extensions=[needs(Capability.IDENTITY_DELETE, scope="input.identity")],
    )
    async def delete_identity(
        self, info: Ask, input: inputs.DeleteIdentityInput
    ) -> outcomes.DeleteResult | None:
        """Delete an identity."""
        written = await info.context.once(
            info,
            workloads.delete_identity,
            info.context.graph,
            caller=info.context.caller,
            identity=input.identity,
            key=input.idempotency_key,
        )
        return outcomes.deleted(info.context, written)


def _match(given: inputs.CreateIdentityInput | inputs.UpdateIdentityInput) -> MatchInput:
    texts, patterns = _claims(given.claims)
    return MatchInput(
        issuer=given.issuer,
        subject=given.subject,
        subject_pattern=given.subject_pattern,
        audience=given.audience,
        claims=texts,
        claim_patterns=patterns,
        keys=given.keys,
        keys_expire_at=instant(given.keys_expire_at),
    )


def _claims(
    claims: Sequence[inputs.ClaimInput] | None,
) -> tuple[dict[str, str] | None, dict[str, str] | None]:
    if claims is None:
        return None, None
    names = [claim.name for claim in claims]
    for claim in claims:
        if (claim.value is None) == (claim.pattern is None) or names.count(claim.name) > 1:
            raise InvalidInputError(
                f"Give the claim {claim.name[:80]!r} once, with either a value or a pattern."
            )
    texts = {claim.name: claim.value for claim in claims if claim.value is not None}
    patterns = {claim.name: claim.pattern for claim in claims if claim.pattern is not None}
    return texts, patterns
