"""What the service must answer about invites: the model's second page, as plain as the first."""

from dataclasses import replace
from math import inf

from tests.model.model import ROLES, Edits, Model, Thing, refuse

_TO_INVITE = {"group_invites.create", "role_bindings.create"}


class Inviting(Model):
    """An invite is a thing with a code (`text`) and a `number` of uses left, -1 for any."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[int] = []  # the hour of each write in the history

    def _write(self, edits: Edits) -> Edits:
        super()._write(edits)
        self.times += [self.now] * (len(self.history) - len(self.times))
        return edits

    def _free(self, like: Thing) -> Thing:
        return like if like.kind == "invite" else super()._free(like)

    def codes(self) -> int:
        """Return how many codes there ever were; they are called by their numbers."""
        ever = [t for _, edits in self.history for _, t in edits if t and t.kind == "invite"]
        return len({invite.text for invite in ever})

    def inactive(self, invite: Thing) -> set[str]:
        reasons = {
            "expired": invite.expires <= self.now,
            "used_up": invite.number == 0,
            "creator_lost_rights": not (
                _TO_INVITE | ROLES[invite.name] <= self.rights(invite.by, invite.key)
            ),
        }
        return {reason for reason, holds in reasons.items() if holds}

    def invite(self, user: str, group: str, role: str, uses: int, hours: int) -> Edits:
        self.may(user, "create", group, "invite")
        self._hold(user, _TO_INVITE | ROLES[role], group)
        left = 1 if role == "owner" and uses < 0 else uses
        key, code, until = self._new("invite"), str(self.codes()), self.now + hours
        made = Thing(key, "invite", group, role, user, code, number=left, expires=until)
        return self._write([(None, made)])

    def rotate(self, user: str, key: str) -> Edits:
        old = self.sees(user, key)
        self._hold(user, _TO_INVITE | ROLES[old.name], key)
        refuse(bool(self.inactive(old)), "CONFLICT")
        return self._write([(old, replace(old, text=str(self.codes())))])

    def redeem(self, user: str, code: str) -> Edits:
        self.keyed = False  # it takes no key
        invite = next((i for i in self.of("invite") if i.text == code), None)
        refuse(invite is None, "NOT_FOUND")
        assert invite is not None
        place, role = invite.place, invite.name
        there = (b for b in self.of("binding", place) if (b.name, b.by) == (role, user))
        same = next(there, None)
        if same and self.now < same.expires:
            return self._write([(same, same), (invite, invite)])
        refuse(bool(self.inactive(invite)) or self.departed(user, invite), "NOT_FOUND")
        new = same or Thing(self._new("binding"), "binding", place, role, user)
        used = replace(invite, number=max(invite.number - 1, -1))
        return self._write([(same, replace(new, expires=inf)), (invite, used)])

    def departed(self, user: str, invite: Thing) -> bool:
        """Tell whether somebody lost anything in the organization since an invite was made."""
        written = list(zip(self.times, self.history, strict=True))
        made = min(
            at for at, (_, edits) in written for old, t in edits if not old and _is(t, invite)
        )
        root = self.path(invite.key)[0]
        lost = [
            edit
            for at, (org, edits) in written
            for edit in edits
            if org == root and at >= made and _cut_down(*edit, user, made)
        ]
        own = [b for g in self.below(root) for b in self.of("binding", g.key) if b.by == user]
        return bool(lost) or any(made < b.expires <= self.now for b in own)


def _is(thing: Thing | None, other: Thing) -> bool:
    return thing is not None and thing.key == other.key


def _cut_down(old: Thing | None, new: Thing | None, user: str, since: int) -> bool:
    if old is None or old.kind != "binding" or old.by != user or old.expires <= since:
        return False
    return new is None or new.expires < old.expires or not ROLES[old.name] <= ROLES[new.name]
