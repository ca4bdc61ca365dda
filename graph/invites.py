"""Invites: a code that binds whoever redeems it to a group. `redeeming` is what comes of one."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from graph import bindings, lookup, rights, roles
from graph.durations import parse_duration
from graph.edits import Edit
from graph.engine import Graph, Intent, Written
from graph.errors import ConflictError, InvalidInputError
from graph.ids import Kind, new_id
from graph.invite_codes import Code, new_code
from graph.names import check_text
from graph.paging import PageRequest, Slice, trim
from graph.rights import BUILT_IN_ROLES, OWNER_ID, Capability, Role
from graph.snapshot import Caller, Snapshot, denied
from queries import bindings as binding_queries
from queries import invites as queries
from queries.states import GroupState, InviteState

InviteKind = Literal["role", "cluster"]

DEFAULT_TTL = "168h0m0s"
_MAX_TTL = timedelta(days=30)
_MAX_USES = 100_000
_MAX_EMAIL = 254
_CLUSTER_ROLE = "rol_cluster-agent"


class Inactive(StrEnum):
    """Why an invite's code is not accepted."""

    EXPIRED = "expired"
    USED_UP = "used_up"
    CREATOR_LOST_RIGHTS = "creator_lost_rights"


@dataclass(frozen=True, slots=True)
class Issued:
    """An invite that was written. A repeat of the write does not know the code any more."""

    written: Written
    code: str | None = field(repr=False)


def rights_to_invite(kind: InviteKind) -> tuple[Capability, ...]:
    """Return what it takes to invite, besides every capability of the role."""
    both = (Capability.GROUP_INVITES_CREATE, Capability.ROLE_BINDINGS_CREATE)
    return (*both, Capability.CLUSTERS_CREATE) if kind == "cluster" else both


async def get_invite(at: Snapshot, *, invite: str) -> InviteState:
    """Return one invite. Needs `group_invites.list` at its group."""
    return await lookup.invite(at, invite)


async def list_invites(
    at: Snapshot, *, within: str | None, page: PageRequest
) -> Slice[InviteState]:
    """Return the invites that the caller may list, by id, inactive ones included."""
    place, org = await lookup.limit(at, within)
    scopes = await at.scopes(Capability.GROUP_INVITES_LIST, place)
    (after,) = page.text_key(1)
    found = await at.run(queries.list_invites(scopes=scopes, after_id=after, first=page.fetch))
    return trim(found, page, org=org)


async def group_invites(
    at: Snapshot, *, groups: Sequence[str], page: PageRequest
) -> list[Slice[InviteState]]:
    """Return for each group the invites to it, by id; none where the caller may not list them."""
    await at.forest(groups)  # all at once
    listable = [await at.may(Capability.GROUP_INVITES_LIST, group_id) for group_id in groups]
    (after,) = page.text_key(1)
    statement = queries.list_group_invites(
        ids=[group_id if may else "" for group_id, may in zip(groups, listable, strict=True)],
        after_id=after,
        first=page.fetch,
    )
    return [trim(answered, page) for answered in await at.run(statement)]


async def why_inactive(
    at: Snapshot, *, invites: Sequence[InviteState]
) -> list[tuple[Inactive, ...]]:
    """Return for each invite why its code is not accepted; nothing if it is."""
    creators = sorted({invite.created_by for invite in invites})
    bound = await at.run(binding_queries.user_bindings(users=creators))
    forest = await at.forest(invite.group_id for invite in invites)
    known = await at.roles([row.role for row in [*bound, *invites]])
    answers: list[tuple[Inactive, ...]] = []
    for invite in invites:
        own = [binding for binding in bound if binding.user_id == invite.created_by]
        held = rights.capabilities_at(own, forest.ids(invite.group_id), at.now, known)
        needed = {*rights_to_invite(invite.invite_kind), *known[invite.role].capabilities}
        reasons = {
            Inactive.EXPIRED: not rights.is_live(invite, at.now),
            Inactive.USED_UP: invite.uses_left == 0,
            Inactive.CREATOR_LOST_RIGHTS: not needed <= held,
        }
        answers.append(tuple(reason for reason, holds in reasons.items() if holds))
    return answers


async def create_invite(
    graph: Graph,
    *,
    caller: Caller,
    group: str,
    kind: InviteKind = "role",
    role: str | None = None,
    ttl: str = DEFAULT_TTL,
    email: str | None = None,
    uses: int | None = None,
    key: str | None = None,
) -> Issued:
    """Invite to a group: people with a role, or clusters. The code is answered once, here.

    Without `uses` any number may use it; an invite as owner is for one, unless it says otherwise.
    """
    _check_role(kind, role)
    lifetime = parse_duration(ttl, what="The time to live of an invite", most=_MAX_TTL)
    _check_limits(kind, email, uses)
    code = new_code()

    async def plan(at: Snapshot) -> list[Edit]:
        place = await lookup.group_for(at, group, Capability.GROUP_INVITES_CREATE)
        granted = await _role(at, place, role)
        await _require_may_invite(at, kind, granted, place.id, what=f"group {group[:200]!r}")
        most = 1 if uses is None and granted.id == OWNER_ID else uses
        now = at.now.replace(microsecond=at.now.microsecond // 1000 * 1000)
        invite = InviteState(
            id=new_id(Kind.INVITE),
            org=place.org,
            group_id=place.id,
            invite_kind=kind,
            role=granted.id,
            key_id=code.key_id,
            secret_hash=code.secret_hash,
            email=email,
            max_uses=most,
            uses_left=most,
            expires_at=now + lifetime,
            created_at=at.now,
            created_by=caller.user_id,
        )
        return [Edit(None, invite)]

    intent = Intent(
        caller=caller,
        kind="create_invite",
        input={
            "group": group,
            "kind": kind,
            "role": role,
            "ttl": lifetime.total_seconds(),
            "email": email,
            "uses": uses,
        },
        key=key,
    )
    return _issued(await graph.change(intent, group, Kind.GROUP, plan), code)


async def rotate_invite(
    graph: Graph, *, caller: Caller, invite: str, key: str | None = None
) -> Issued:
    """Give an invite a new code, for one that was lost; the code that it had is dead."""
    code = new_code()

    async def plan(at: Snapshot) -> list[Edit]:
        found = await lookup.invite(at, invite)
        role = (await at.roles([found.role]))[found.role]
        await _require_may_invite(
            at, found.invite_kind, role, found.group_id, what=f"the group of invite {found.id}"
        )
        (reasons,) = await why_inactive(at, invites=[found])
        if reasons:
            raise ConflictError(
                f"No code of this invite would be accepted ({', '.join(reasons)}). Create another"
                f" invite, and delete this one.",
                details=reasons,
            )
        changed = replace(found, key_id=code.key_id, secret_hash=code.secret_hash)
        return [Edit(found, changed)]

    intent = Intent(caller=caller, kind="rotate_invite", input={"invite": invite}, key=key)
    return _issued(await graph.change(intent, invite, Kind.INVITE, plan), code)


async def delete_invite(
    graph: Graph, *, caller: Caller, invite: str, key: str | None = None
) -> Written:
    """Revoke an invite: its code is dead. Who redeemed it stays bound."""

    async def plan(at: Snapshot) -> list[Edit]:
        found = await lookup.invite(at, invite)
        await at.require(
            Capability.GROUP_INVITES_DELETE,
            found.group_id,
            shown_by=Capability.GROUP_INVITES_LIST,
            what=f"the group of invite {found.id}",
        )
        return [Edit(found, None)]

    intent = Intent(caller=caller, kind="delete_invite", input={"invite": invite}, key=key)
    return await graph.change(intent, invite, Kind.INVITE, plan)


async def _require_may_invite(
    at: Snapshot, kind: InviteKind, role: Role, group_id: str, *, what: str
) -> None:
    """Let pass who may invite to a group that they see, and holds there what the role grants."""
    for capability in rights_to_invite(kind):
        if not await at.may(capability, group_id):
            raise denied(capability, what)
        at.needs.append((capability, group_id))
    await bindings.require_holds(at, role, group_id)


def _check_role(kind: InviteKind, role: str | None) -> None:
    """Raise `InvalidInputError` for a role too many, or one that lacks."""
    if kind == "cluster" and role is not None:
        raise InvalidInputError("A cluster's role is given: leave `role` out.")
    if kind == "role" and role is None:
        raise InvalidInputError("Say as what the invite binds people: `role`, by name or id.")


async def _role(at: Snapshot, place: GroupState, role: str | None) -> Role:
    """Return what an invite grants: the role named, or that of clusters."""
    if role is None:
        return BUILT_IN_ROLES[_CLUSTER_ROLE]
    return await roles.grantable_role(at, place, role)


def _check_limits(kind: InviteKind, email: str | None, uses: int | None) -> None:
    """Raise `InvalidInputError` for limits that nobody could meet."""
    if uses is not None and not 1 <= uses <= _MAX_USES:
        raise InvalidInputError(f"An invite is for 1 to {_MAX_USES} uses; {uses} is not.")
    if email is None:
        return
    if kind == "cluster":
        raise InvalidInputError("A cluster has no e-mail address: leave `email` out.")
    check_text(email, what="An e-mail address", most=_MAX_EMAIL)
    name, at, domain = email.rpartition("@")
    if not (name and at and domain) or email.split() != [email]:
        raise InvalidInputError(f"{email[:80]!r} is not an e-mail address.")


def _issued(written: Written, code: Code) -> Issued:
    """Return what was written, with the code if it is this one's and not of a write before."""
    (edit,) = written.edits
    ours = isinstance(edit.after, InviteState) and code.opens(edit.after.secret_hash)
    return Issued(written, code.text if ours else None)
