"""Who was a member of a group, and who could do what there, at an instant that is past."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from graph import membership
from graph.change_filter import ChangeFilter
from graph.forest import Path
from graph.membership import Decision, Members
from graph.past import Past
from graph.rights import Capability
from graph.snapshot import Snapshot
from queries import bindings, users
from queries.bindings import BoundUser
from queries.states import BindingState, GroupState
from queries.users import UserRow


async def members_then(
    at: Snapshot, *, groups: Sequence[str], instant: datetime
) -> list[Sequence[membership.Member]]:
    """Return for each group who was a member of it, by the bindings that granted something then.

    Nobody was of a group that was not there. Needs `changes.list` at the root of each.
    """
    forest = await at.forest(groups)
    pasts = {
        org: await Past.of(at, org, instant)
        for org in dict.fromkeys(forest.path(group_id)[0].org for group_id in groups)
    }
    answers: list[Sequence[membership.Member]] = []
    for group_id in groups:
        past = pasts[forest.path(group_id)[0].org]
        path = await past.path(group_id)
        ids = [group.id for group in path]
        present = await at.run(bindings.group_bindings(groups=ids))
        bound = await past.bindings(ids, (row.binding for row in present))
        rows = await _with_users(at, bound, (row.user for row in present))
        roles = await past.roles(each.role for each in bound)
        answers.append(Members(path, membership.live_by_group(rows, instant), roles))
    for past in pasts.values():
        await past.require_kept()
    return answers


async def decide_then(
    at: Snapshot, *, user: UserRow, capability: Capability, place: GroupState, instant: datetime
) -> Decision:
    """Decide whether a user could do a thing at a group, and say why. Needs `changes.list`."""
    past = await Past.of(at, place.org, instant)
    path: Path = await past.path(place.id)
    present = await at.run(bindings.user_bindings(users=[user.id]))
    bound = await past.bindings([group.id for group in path], present)
    theirs = [each for each in bound if each.user_id == user.id]
    roles = await past.roles(each.role for each in theirs)
    await past.require_kept()
    return membership.decide(
        user, capability, path, theirs, instant, roles=roles, grantable=list(roles.values())
    )


async def was_ever_bound(at: Snapshot, user: str, org: str) -> bool:
    """Tell whether an organization's log knows a user, for who may list the log."""
    if not await at.may(Capability.CHANGES_LIST, org):
        return False
    wanted = ChangeFilter(subject=user).statement(org, before=None, first=0)
    return (await at.run(wanted)).total > 0


async def _with_users(
    at: Snapshot, bound: Sequence[BindingState], present: Iterable[UserRow]
) -> list[BoundUser]:
    known = {user.id: user for user in present}
    missing = sorted({each.user_id for each in bound} - known.keys())
    if missing:
        known |= {row.id: row for row in await at.run(users.read_users(ids=missing))}
    return [BoundUser(each, known[each.user_id]) for each in bound]
