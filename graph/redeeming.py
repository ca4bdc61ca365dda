"""What a code is good for: the only place that tells whether one is accepted, and that uses one up.

Whatever is wrong with a code, the answer is one and the same, and so is the work until its secret
is known to be right: nobody learns which codes there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from graph import invites, rights, users
from graph.departures import has_lost_since
from graph.edits import Edit
from graph.engine import Graph, Intent, Written
from graph.errors import CodeRefusedError
from graph.ids import binding_id
from graph.invite_codes import parse_code
from graph.invites import InviteKind
from graph.session import Reader
from graph.snapshot import Caller, Snapshot
from queries import bindings as binding_queries
from queries import invites as queries
from queries.states import BindingState, InviteState


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A code that was redeemed, by somebody who may have been bound already."""

    written: Written
    already_bound: bool


async def organization_of_code(graph: Graph, code: str, kind: InviteKind) -> str:
    """Return the organization in whose write a code is to be opened. Raises `CodeRefusedError`."""
    return (await _known(graph.session, code, kind)).org


async def redeem_invite(graph: Graph, *, caller: Caller, code: str) -> Redeemed:
    """Bind the caller as an invite says. Who is bound so already is told so, whatever became of it.

    Takes no right of the caller's: those of who made the invite count, as they are now.
    """
    org = await organization_of_code(graph, code, "role")

    async def plan(at: Snapshot) -> list[Edit]:
        invite = await _known(at.reader, code, "role")
        at.needs += [(each, invite.group_id) for each in invites.rights_to_invite("role")]
        rows = await at.run(binding_queries.user_bindings(users=[caller.user_id]))
        same = [r for r in rows if (r.group_id, r.role) == (invite.group_id, invite.role)]
        if same and rights.is_live(same[0], at.now):
            return [Edit(same[0], same[0]), Edit(invite, invite)]
        await _require_active(at, invite)
        await _require_meant_for(at, invite, caller)
        await _require_not_departed(at, invite, rows)
        binding = BindingState(
            id=same[0].id if same else binding_id(caller.user_id),
            org=invite.org,
            group_id=invite.group_id,
            user_id=caller.user_id,
            role=invite.role,
            created_at=same[0].created_at if same else at.now,
            created_by=same[0].created_by if same else invite.created_by,
        )
        return [Edit(same[0] if same else None, binding), _used(invite)]

    intent = Intent(caller=caller, kind="redeem_invite", input={})
    written = await graph.change_organization(intent, org, plan)
    return Redeemed(written, already_bound=written.change is None)


async def _known(reader: Reader, code: str, kind: InviteKind) -> InviteState:
    """Return the invite of this kind whose code this is, if there is one."""
    parsed = parse_code(code)
    if parsed is None:
        raise CodeRefusedError
    found = await reader.run(queries.find_invite(key_id=parsed.key_id))
    right = parsed.opens(found[0].secret_hash if found else None)
    if not right or found[0].invite_kind != kind:
        raise CodeRefusedError
    return found[0]


def _used(invite: InviteState) -> Edit:
    """Return the edit that uses an invite once."""
    left = invite.uses_left
    return Edit(invite, invite if left is None else replace(invite, uses_left=left - 1))


async def _require_active(at: Snapshot, invite: InviteState) -> None:
    (reasons,) = await invites.why_inactive(at, invites=[invite])
    if reasons:
        raise CodeRefusedError


async def _require_meant_for(at: Snapshot, invite: InviteState, caller: Caller) -> None:
    """Let pass whom an invite is for."""
    (user,) = await users.get_users(at, users=[caller.user_id])
    if user is None or user.kind != "human":
        raise CodeRefusedError  # a workload is bound by who may bind it, in its organization
    if invite.email is not None and _mailbox(invite.email) != _mailbox(caller.email or ""):
        raise CodeRefusedError


async def _require_not_departed(
    at: Snapshot, invite: InviteState, bound: Sequence[BindingState]
) -> None:
    """Let pass who lost nothing in the organization since the invite was made.

    Otherwise whoever is sent away would come back by an invite of before.
    """
    since, user = invite.created_at, at.viewer.user_id
    expired = any(
        each.org == invite.org and each.expires_at and since < each.expires_at <= at.now
        for each in bound
    )
    if expired or await has_lost_since(at, org=invite.org, user=user, since=since):
        raise CodeRefusedError


def _mailbox(email: str) -> tuple[str, str]:
    """Return what makes two addresses one: all but the case of the domain (RFC 5321, 2.4)."""
    name, _, domain = email.rpartition("@")
    return name, domain.lower() if domain.isascii() else domain
