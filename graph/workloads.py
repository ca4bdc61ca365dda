"""Identities of workloads: the use cases. Being of a group gives an identity no right in it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from graph import lookup, placement, rights
from graph.edits import Edit
from graph.engine import Graph, Intent, Written
from graph.errors import InvalidInputError, PermissionDeniedError
from graph.ids import Kind, new_id
from graph.matching import KnownIssuers, Match, given_keys
from graph.names import check_description, check_name
from graph.paging import PageRequest, Slice, trim
from graph.rights import Capability
from graph.snapshot import Caller, Snapshot
from queries import bindings
from queries import identities as queries
from queries.states import IdentityState


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchInput:
    """By what an identity is to be recognized, as a caller says it; None leaves a thing as it is.

    `keys` is a JWKS; an empty text takes them away.
    """

    issuer: str | None = None
    subject: str | None = None
    subject_pattern: str | None = None
    audience: str | None = None
    claims: Mapping[str, str] | None = None
    claim_patterns: Mapping[str, str] | None = None
    keys: str | None = None
    keys_expire_at: datetime | None = None


async def get_identity(at: Snapshot, *, identity: str) -> IdentityState:
    """Return one identity. Needs `identity.list` at its group."""
    return await lookup.identity(at, identity)


async def list_identities(
    at: Snapshot, *, within: str | None, name: str | None, page: PageRequest
) -> Slice[IdentityState]:
    """Return the identities that the caller may list, by name; with `within`, of its subtree."""
    place, org = await lookup.limit(at, within)
    scopes = await at.scopes(Capability.IDENTITY_LIST, place)
    after_name, after_id = page.text_key(2)
    statement = queries.list_identities(
        scopes=[scopes], name=name, after_name=after_name, after_id=after_id, first=page.fetch
    )
    return trim((await at.run(statement))[0], page, org=org)


async def group_identities(
    at: Snapshot, *, groups: Sequence[str], page: PageRequest
) -> list[Slice[IdentityState]]:
    """Return for each group its identities, by name; none where the caller may not list them."""
    await at.forest(groups)  # all at once
    listable = [await at.may(Capability.IDENTITY_LIST, group_id) for group_id in groups]
    name, id_ = page.text_key(2)
    statement = queries.list_group_identities(
        ids=[group_id if may else "" for group_id, may in zip(groups, listable, strict=True)],
        after_name=name,
        after_id=id_,
        first=page.fetch,
    )
    return [trim(answered, page) for answered in await at.run(statement)]


async def create_identity(
    graph: Graph,
    *,
    caller: Caller,
    group: str,
    name: str,
    match: MatchInput,
    issuers: KnownIssuers,
    description: str = "",
    key: str | None = None,
) -> Written:
    """Make an identity for a workload. It may do nothing until it is bound."""
    check_name(name, what="identity")
    check_description(description)
    own_id = new_id(Kind.USER)
    rule = _changed(Match(issuer="", audience=own_id), match)
    rule.check(issuers)

    async def plan(at: Snapshot) -> list[Edit]:
        place = await lookup.group_for(at, group, Capability.IDENTITY_CREATE)
        await placement.require_free_identity_name(at, place, name)
        rule.check_expiry(at.now)
        created = IdentityState(
            id=own_id,
            org=place.org,
            group_id=place.id,
            name=name,
            description=description,
            created_at=at.now,
            created_by=caller.user_id,
            **_fields(rule),
        )
        return [Edit(None, created)]

    intent = Intent(
        caller=caller,
        kind="create_identity",
        input={"group": group, "name": name, "description": description, "match": _said(match)},
        key=key,
    )
    return await graph.change(intent, group, Kind.GROUP, plan)


async def update_identity(
    graph: Graph,
    *,
    caller: Caller,
    identity: str,
    match: MatchInput,
    issuers: KnownIssuers,
    name: str | None = None,
    description: str | None = None,
    key: str | None = None,
) -> Written:
    """Change what an identity is called or recognized by; None leaves a thing as it is.

    Who says by what it is recognized says who can act as it: that takes all that it may do.
    """
    if name is not None:
        check_name(name, what="identity")
    check_description(description or "")

    async def plan(at: Snapshot) -> list[Edit]:
        found = await _require(at, identity, Capability.IDENTITY_UPDATE)
        rule = _changed(Match.of(found), match)
        if rule != Match.of(found):
            rule.check(issuers)
            if rule.keys != found.keys or rule.keys_expire_at != found.keys_expire_at:
                rule.check_expiry(at.now)
            await _require_holds_all_of(at, found)
        changed = replace(
            found,
            name=found.name if name is None else name,
            description=found.description if description is None else description,
            **_fields(rule),
        )
        if changed.name != found.name:
            (place,) = await lookup.read_groups(at, [found.group_id])
            if place is not None:
                await placement.require_free_identity_name(at, place, changed.name)
        return [Edit(found, changed)]

    intent = Intent(
        caller=caller,
        kind="update_identity",
        input={
            "identity": identity,
            "name": name,
            "description": description,
            "match": _said(match),
        },
        key=key,
    )
    return await graph.change(intent, identity, Kind.USER, plan)


async def delete_identity(
    graph: Graph, *, caller: Caller, identity: str, key: str | None = None
) -> Written:
    """Forget an identity, with all that it is bound to: from then on nobody can act as it."""

    async def plan(at: Snapshot) -> list[Edit]:
        found = await _require(at, identity, Capability.IDENTITY_DELETE)
        bound = await at.run(bindings.user_bindings(users=[found.id]))
        bound.sort(key=lambda binding: binding.id)
        return [Edit(found, None), *(Edit(binding, None) for binding in bound)]

    intent = Intent(caller=caller, kind="delete_identity", input={"identity": identity}, key=key)
    return await graph.change(intent, identity, Kind.USER, plan)


async def _require(at: Snapshot, identity: str, capability: Capability) -> IdentityState:
    """Return a workload's identity that the caller sees, for who may do this at its group."""
    found = await lookup.identity(at, identity)
    await at.require(
        capability,
        found.group_id,
        shown_by=Capability.IDENTITY_LIST,
        what=f"identity {identity[:200]!r}",
    )
    return found


async def _require_holds_all_of(at: Snapshot, identity: IdentityState) -> None:
    """Let pass who holds, wherever an identity is bound, every capability that it has there.

    The message does not say where that is: the caller may not be one who sees it.
    """
    bound = await at.run(bindings.user_bindings(users=[identity.id]))
    await at.forest(binding.group_id for binding in bound)  # all at once
    roles = await at.roles(binding.role for binding in bound)
    for binding in bound:
        held = await at.capabilities(binding.group_id)
        if rights.is_live(binding, at.now) and roles[binding.role].capabilities - held:
            raise PermissionDeniedError(
                f"You cannot change by what {identity.name} is recognized: it is bound with"
                f" capabilities that you do not hold there yourself. Ask somebody who does, or"
                f" make another identity."
            )


def _changed(rule: Match, match: MatchInput) -> Match:
    """Return a rule with what a caller says of it; raise `InvalidInputError` for bad keys."""
    if match.subject and match.subject_pattern:
        raise InvalidInputError("Give either a subject or a pattern of subjects.")
    by_subject = match.subject is not None or match.subject_pattern is not None
    keys = rule.keys if match.keys is None else given_keys(match.keys)
    expire = rule.keys_expire_at if match.keys_expire_at is None else match.keys_expire_at
    return Match(
        issuer=rule.issuer if match.issuer is None else match.issuer,
        subject=match.subject if by_subject else rule.subject,
        subject_pattern=match.subject_pattern if by_subject else rule.subject_pattern,
        audience=rule.audience if match.audience is None else match.audience,
        claims=rule.claims if match.claims is None else match.claims,
        claim_patterns=(
            rule.claim_patterns if match.claim_patterns is None else match.claim_patterns
        ),
        keys=keys,
        keys_expire_at=None if match.keys == "" else expire,
    )


def _fields(rule: Match) -> dict[str, Any]:
    """Return a rule as an identity's state holds it."""
    return {
        "issuer": rule.issuer,
        "subject": rule.subject,
        "subject_pattern": rule.subject_pattern,
        "audience": rule.audience,
        "claims": dict(rule.claims),
        "claim_patterns": dict(rule.claim_patterns),
        "keys": list(rule.keys),
        "keys_expire_at": rule.keys_expire_at,
    }


def _said(match: MatchInput) -> dict[str, Any]:
    """Return what a caller said, to tell the same input from another one."""
    return asdict(match)
