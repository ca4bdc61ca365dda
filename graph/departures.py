"""Whether somebody lost a role in an organization since an instant: its changes tell."""

from datetime import datetime

from graph import changes
from graph.change_filter import ChangeFilter
from graph.edits import Edit
from graph.rights import Roles
from graph.snapshot import Snapshot
from queries.states import BindingState

_BATCH = 100


async def has_lost_since(at: Snapshot, *, org: str, user: str, since: datetime) -> bool:
    """Tell whether a user's bindings were taken away or cut down, with a group or one by one."""
    before: int | None = None
    while True:
        only = ChangeFilter(subject=user, since=since)
        page = await at.run(only.statement(org, before=before, first=_BATCH))
        for edits in await changes.changes_edits(at.reader, rows=page.items):
            ends = [end for edit in edits for end in (edit.before, edit.after)]
            roles = await at.roles(end.role for end in ends if isinstance(end, BindingState))
            if any(_cuts_down(edit, user, since, roles) for edit in edits):
                return True
        if len(page.items) < _BATCH:
            return False
        before = page.items[-1].revision


def _cuts_down(edit: Edit, user: str, since: datetime, roles: Roles) -> bool:
    match edit.before, edit.after:
        case BindingState() as was, _ if was.user_id != user or _ended(was, since):
            return False
        case BindingState() as was, BindingState() as now:
            return _is_narrower(now, was, roles) or _ends_earlier(now, was)
        case BindingState(), None:
            return True
        case _:
            return False


def _is_narrower(one: BindingState, other: BindingState, roles: Roles) -> bool:
    if one.role == other.role:
        return False
    # Of a custom role that is gone nobody knows what it allowed.
    if one.role not in roles or other.role not in roles:
        return True
    return not roles[other.role].capabilities <= roles[one.role].capabilities


def _ended(binding: BindingState, since: datetime) -> bool:
    """Tell whether a binding granted nothing any more by then."""
    return binding.expires_at is not None and binding.expires_at <= since


def _ends_earlier(one: BindingState, other: BindingState) -> bool:
    if one.expires_at is None:
        return False
    return other.expires_at is None or one.expires_at < other.expires_at
