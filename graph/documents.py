"""A policy's document: what it is held to, the version it makes, and what is doubtful in it."""

import asyncio
from dataclasses import asdict

import orjson

from graph.errors import InvalidInputError
from graph.ids import Kind, new_id
from graph.names import check_name
from graph.snapshot import Snapshot
from policy import (
    ImageReferenceError,
    PolicyDocument,
    PolicyDocumentError,
    Problem,
    Severity,
    normalize_image,
    parse_policy,
)
from queries.states import VersionState


def read_document(document: str, *, require_identities: bool) -> PolicyDocument:
    """Parse a policy document; raise `InvalidInputError` with every problem it has.

    Its name stands in paths, so our rule for names holds, which allows less than Kubernetes.
    """
    try:
        parsed = parse_policy(document, require_identities=require_identities)
    except PolicyDocumentError as error:
        problems = [str(problem) for problem in error.problems]
        raise InvalidInputError(
            f"The policy document is not accepted. {'; '.join(problems)}"[:4000],
            details=problems,
        ) from error
    check_name(parsed.name, what="policy")
    return parsed


def new_version(
    at: Snapshot,
    parsed: PolicyDocument,
    *,
    org: str,
    policy_id: str,
    number: int,
    previous: VersionState | None = None,
) -> VersionState:
    """Build the version of a policy that a document makes.

    Who reads a document, edits it and applies it again sends no Secrets, since none are answered:
    the keys that it still refers to stay those of the `previous` version.
    """
    kept = [
        text
        for text in (previous.secrets if previous else ())
        if orjson.loads(text)["name"] in parsed.unresolved_secrets
    ]
    return VersionState(
        id=new_id(Kind.VERSION),
        org=org,
        policy_id=policy_id,
        number=number,
        mode=parsed.mode.value,
        images=list(parsed.images),
        document=parsed.document_without_secrets,
        secrets=sorted([*kept, *(orjson.dumps(asdict(key)).decode() for key in parsed.secrets)]),
        created_at=at.now,
        created_by=at.viewer.user_id,
    )


async def version_warnings(version: VersionState, *, applied: str | None = None) -> list[Problem]:
    """Return what is doubtful in a version's document; in the text `applied`, Secrets included."""
    parsed = await asyncio.to_thread(parse_policy, applied or version.document)
    known = {orjson.loads(text)["name"] for text in version.secrets}
    missing = [name for name in parsed.unresolved_secrets if name not in known]
    return [*parsed.warnings, *(_secret_missing(name) for name in missing)]


def _secret_missing(name: str) -> Problem:
    return Problem(
        Severity.WARNING,
        f"a `secretRef` refers to the Secret {name!r}, which was never applied with this policy",
    )


def check_image(image: str) -> None:
    """Raise `InvalidInputError` for what is no image reference."""
    try:
        normalize_image(image)
    except ImageReferenceError as error:
        raise InvalidInputError(str(error)[:500]) from error
