"""Which of an organization's changes are wanted: the one place that knows their indexes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from graph.edits import Edit
from graph.errors import InvalidInputError
from graph.ids import Kind, kind_of
from graph.snapshot import OPERATOR
from queries import Statement, changes
from queries.changes import ChangeRow
from queries.states import BindingState, Page

_BEFORE_ALL = ""
_AFTER_ALL = "~"


class ChangeKind(StrEnum):
    """What was done: the mutation, or the operator's command."""

    ACTIVATE_POLICY_VERSION = "activate_policy_version"
    APPLY_POLICY = "apply_policy"
    CREATE_CLUSTER = "create_cluster"
    CREATE_GROUP = "create_group"
    CREATE_IDENTITY = "create_identity"
    CREATE_INVITE = "create_invite"
    CREATE_ROLE = "create_role"
    CREATE_ROLE_BINDING = "create_role_binding"
    DELETE_CLUSTER = "delete_cluster"
    DELETE_GROUP = "delete_group"
    DELETE_IDENTITY = "delete_identity"
    DELETE_INVITE = "delete_invite"
    DELETE_POLICY = "delete_policy"
    DELETE_ROLE = "delete_role"
    DELETE_ROLE_BINDING = "delete_role_binding"
    LOAD = "load"
    MOVE_CLUSTER = "move_cluster"
    MOVE_GROUP = "move_group"
    MOVE_POLICY = "move_policy"
    REDEEM_INVITE = "redeem_invite"
    RESTORE = "restore"
    ROTATE_INVITE = "rotate_invite"
    UPDATE_CLUSTER = "update_cluster"
    UPDATE_GROUP = "update_group"
    UPDATE_IDENTITY = "update_identity"
    UPDATE_POLICY = "update_policy"
    UPDATE_ROLE = "update_role"
    UPDATE_ROLE_BINDING = "update_role_binding"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Only the changes that somebody made, of a kind, about a thing, in a time."""

    actor: str | None = None
    kind: ChangeKind | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what no change could ever meet for want of being an id."""
        if self.subject is not None and kind_of(self.subject) is None:
            raise InvalidInputError(
                f"{self.subject[:80]!r} is not an id. A change is found by the id of what was"
                f" written, or of a user who was bound: what is gone has no path any more."
            )
        actor = self.actor
        if actor not in (None, OPERATOR.user_id) and kind_of(actor) is not Kind.USER:
            raise InvalidInputError(
                f"{actor[:80]!r} is no actor: give a user's id (usr_…), or {OPERATOR.user_id}."
            )

    @property
    def texts(self) -> tuple[str | None, ...]:
        """Return what tells this filter from others, for the cursors of its list."""
        since, until = (each and each.isoformat() for each in (self.since, self.until))
        return self.actor, self.kind, self.subject, since, until

    def statement(self, org: str, *, before: int | None, first: int) -> Statement[Page[ChangeRow]]:
        """Return the query whose index leaves the least to be read."""
        since = self.since.isoformat() if self.since else _BEFORE_ALL
        until = self.until.isoformat() if self.until else _AFTER_ALL
        if self.subject is not None:
            return changes.list_changes_about(
                org_subject=f"{org} {self.subject}",
                actor=self.actor,
                kind=self.kind,
                since=since,
                until=until,
                before=before,
                first=first,
            )
        if self.actor is not None:
            return changes.list_changes_by_actor(
                org_actor=f"{org} {self.actor}",
                kind=self.kind,
                since=since,
                until=until,
                before=before,
                first=first,
            )
        if self.kind is not None:
            return changes.list_changes_by_kind(
                org_kind=f"{org} {self.kind}", since=since, until=until, before=before, first=first
            )
        if self.since is not None or self.until is not None:
            return changes.list_changes_between(
                since=f"{org} {since}", until=f"{org} {until}", before=before, first=first
            )
        return changes.list_changes(org=org, before=before, first=first)


ANY_CHANGE = ChangeFilter()


def filed(row: ChangeRow) -> dict[str, str]:
    """Return the properties that a change is found by.

    Each holds the organization and one thing more: the embedded store looks up one property.
    """
    return {
        "org_actor": f"{row.org} {row.actor}",
        "org_kind": f"{row.org} {row.kind}",
        "org_at": f"{row.org} {row.at.isoformat()}",
    }


def about(edits: Iterable[Edit]) -> list[str]:
    """Return the ids by which a change is found: what it wrote, and whom it bound to what."""
    found: dict[str, None] = {}
    for edit in edits:
        found[edit.subject.id] = None
        if isinstance(edit.subject, BindingState):
            found[edit.subject.user_id] = None
            found[edit.subject.group_id] = None
    return list(found)
