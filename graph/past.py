"""An organization at an instant that is past: what stands now, with what was written since undone.

Only what a question is about is read: the changes since then that wrote it, by their index.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from graph import changes, lookup, rights
from graph.edits import Edit
from graph.errors import InvalidInputError
from graph.forest import Path
from graph.rights import BUILT_IN_ROLES, Capability, Roles
from graph.snapshot import Snapshot, denied
from queries import changes as queries
from queries import organizations
from queries.groups import GroupName
from queries.states import BindingState, GroupState, RoleState, State

_BATCH = 500


def undone(present: Mapping[str, State], edits: Sequence[Edit]) -> dict[str, State]:
    """Return what stood before these edits, given the oldest first. Pure."""
    then = dict(present)
    for edit in reversed(edits):
        if edit.before is None:
            then.pop(edit.subject.id, None)
        else:
            then[edit.before.id] = edit.before
    return then


@dataclass(slots=True)
class Past:
    """One organization as it was at an instant, as far as it was asked for."""

    at: Snapshot
    org: str
    instant: datetime
    _read: set[str] = field(default_factory=set[str])
    _edits: dict[int, list[Edit]] = field(default_factory=dict[int, list[Edit]])

    @classmethod
    async def of(cls, at: Snapshot, org: str, instant: datetime) -> "Past":
        """Go back to an instant. Needs `changes.list` at the root, for it is the log that tells.

        Raises `InvalidInputError` for an instant of which the log is kept no more, or not yet.
        """
        if not await at.may(Capability.CHANGES_LIST, org):
            raise denied(Capability.CHANGES_LIST, f"organization {org}")
        if instant > at.now:
            raise InvalidInputError(f"{instant.isoformat()} is in the future: ask without asOf.")
        past = cls(at, org, instant)
        await past.require_kept()
        return past

    async def require_kept(self) -> None:
        """Raise `InvalidInputError` if changes since the instant are kept no more.

        Asked before the log is read, and after: it may have been pruned meanwhile.
        """
        for pruned in await self.at.run(organizations.read_pruned(org=self.org)):
            if pruned.at is not None and self.instant < pruned.at:
                raise InvalidInputError(
                    f"The changes of {self.org} are kept since {pruned.at.isoformat()}; nobody"
                    f" knows who could at {self.instant.isoformat()}. Ask for that instant or a"
                    f" later one."
                )

    async def path(self, group_id: str) -> Path:
        """Return a group's path as it was; an empty one where there was no such group."""
        forest = await self.at.forest([group_id])
        if group_id in forest:
            # A guess, that it did not move, which saves a query for each group above.
            await self._read_changes(forest.ids(group_id))
        upwards: list[GroupName] = []
        place: str | None = group_id
        while place is not None:
            group = await self._group(place)
            if group is None:
                return ()
            upwards.append(GroupName(group.id, group.org, group.name, group.parent_id))
            place = group.parent_id
        return tuple(reversed(upwards))

    async def bindings(
        self, groups: Collection[str], present: Iterable[BindingState]
    ) -> list[BindingState]:
        """Return the bindings that were at these groups, expired or not, from those there now."""
        await self._read_changes(groups)
        then = undone({each.id: each for each in present}, self._since)
        return [
            each
            for each in then.values()
            if isinstance(each, BindingState) and each.group_id in groups
        ]

    async def roles(self, ids: Iterable[str]) -> Roles:
        """Return the built-in roles, and these custom ones as they were, if they were."""
        custom = sorted(set(ids).difference(BUILT_IN_ROLES))
        await self._read_changes(custom)
        now = await lookup.read_roles(self.at, custom)
        then = undone({role.id: role for role in now if role}, self._since)
        found = [each for each in then.values() if isinstance(each, RoleState)]
        return {**BUILT_IN_ROLES, **{each.id: rights.custom_role(each) for each in found}}

    async def _group(self, group_id: str) -> GroupState | None:
        await self._read_changes([group_id])
        (now,) = await lookup.read_groups(self.at, [group_id])
        then = undone({group_id: now} if now else {}, self._since).get(group_id)
        return then if isinstance(then, GroupState) else None

    @property
    def _since(self) -> list[Edit]:
        """The edits that were read: all since the instant about what was asked for, and others."""
        return [edit for revision in sorted(self._edits) for edit in self._edits[revision]]

    async def _read_changes(self, subjects: Iterable[str]) -> None:
        """Read all that was written to these things since the instant, unless it was read."""
        missing = sorted(set(subjects) - self._read)
        if not missing:
            return
        found = await self.at.run(
            queries.changes_since(
                org_subjects=[f"{self.org} {subject}" for subject in missing],
                after=self.instant.isoformat(),
            )
        )
        rows = [row for row in found if row.revision not in self._edits]
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            edits = await changes.changes_edits(self.at, rows=part)
            self._edits.update(zip((row.revision for row in part), edits, strict=True))
        self._read.update(missing)
