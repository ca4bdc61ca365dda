"""What the service must answer, said as plainly as possible: one dictionary, brute force.

Written from the rules, not from the service: it shares no code with it. It knows things by keys
of its own, instants as whole hours, and refuses with the code of the error alone.
"""

from dataclasses import dataclass, replace
from math import inf

_KINDS = ("groups", "roles", "role_bindings", "clusters", "policy", "identity", "group_invites")
_SEE = {f"{what}.list" for what in (*_KINDS, "changes")}
_EDIT = _SEE | {"clusters.create", "clusters.update", "clusters.delete"}
_CHANGE = {f"{what}.{verb}" for what in _KINDS for verb in ("create", "update", "delete")}
_OWN = _SEE | _CHANGE - {"group_invites.update"} | {"clusters.enforce"}
ROLES = {"owner": _OWN, "editor": _EDIT, "viewer": _SEE, "cluster-agent": {"clusters.enforce"}}


def right(kind: str, verb: str) -> str:
    named = {"policy": "policy", "version": "policy", "binding": "role_bindings"}
    named |= {"invite": "group_invites"}
    return f"{named.get(kind, f'{kind}s')}.{verb}"


class RefusedError(Exception):
    """The write or question is refused; its text is the code of the service's error."""


def refuse(condition: bool, code: str) -> None:
    if condition:
        raise RefusedError(code)


@dataclass(frozen=True, slots=True)
class Thing:
    """A group, cluster, policy, binding or the like. `place` is where it stands: "" for a root."""

    key: str
    kind: str
    place: str
    name: str = ""  # a binding's or invite's is its role
    by: str = ""  # who created a root or invite; whom a binding binds
    text: str = ""  # a description; a version's document
    labels: str = ""  # a cluster's, and so are the next two
    remote_id: str = ""
    version: str = ""  # of its Kubernetes
    active: str = ""  # a policy's version
    number: int = 0  # a version's
    expires: float = inf  # the hour from which a binding grants nothing


Edits = list[tuple[Thing | None, Thing | None]]


class Model:
    def __init__(self) -> None:
        self.now = 0
        self.things: dict[str, Thing] = {}
        self.history: list[tuple[str, Edits]] = []  # the organization, and what was written
        self.keyed = False  # is a write recorded even if it changes nothing, for its key?
        self.took: list[tuple[str, str]] = []  # each right that was asked for, and at what

    # The tree, the rights that roll down it, and who sees what.

    def of(self, kind: str, place: str | None = None) -> list[Thing]:
        return [t for t in self.things.values() if t.kind == kind and place in (None, t.place)]

    def path(self, key: str) -> list[str]:
        return [*self.path(self.things[key].place), key] if key in self.things else []

    def names(self, key: str) -> list[str]:
        return [self.things[step].name for step in self.path(key)]

    def below(self, key: str, kind: str = "group") -> list[Thing]:
        """Return what is inside a thing, itself included; everything for ""."""
        return [t for t in self.of(kind) if key in ("", *self.path(t.key))]

    def granting(self, key: str) -> list[Thing]:
        return [b for g in self.path(key) for b in self.of("binding", g) if self.now < b.expires]

    def rights(self, user: str, key: str) -> set[str]:
        return set[str]().union(*(ROLES[b.name] for b in self.granting(key) if b.by == user))

    def visible(self, user: str, thing: Thing) -> bool:
        """Policies, their active versions and bindings are seen wherever they arrive."""
        above = self.things.get(thing.place)
        if above and above.active == thing.key:
            return self.visible(user, above)
        shown_at = self.below(thing.place) if thing.kind in ("policy", "binding") else [thing]
        listed = any(right(thing.kind, "list") in self.rights(user, t.key) for t in shown_at)
        return listed or (thing.kind == "binding" and thing.by == user)

    def sees(self, user: str, key: str) -> Thing:
        refuse(key not in self.things or not self.visible(user, self.things[key]), "NOT_FOUND")
        return self.things[key]

    def _hold(self, user: str, rights: set[str], key: str) -> None:
        refuse(not rights <= self.rights(user, key), "PERMISSION_DENIED")
        self.took += [(each, key) for each in rights]

    def may(self, user: str, verb: str, key: str, kind: str = "") -> Thing:
        """Return a thing that somebody sees and may do this to, or to things of a kind there."""
        found = self.sees(user, key)
        self._hold(user, {right(kind or found.kind, verb)}, key)
        return found

    def resolve(self, user: str, names: list[str], kind: str = "group") -> str:
        mine = {self.path(g.key)[0] for g in self.of("group") if self.rights(user, g.key)}
        roots = [root for root in mine if self.things[root].name == names[0]]
        refuse(len(roots) > 1, "INVALID_INPUT")
        at = [t.key for root in roots for t in self.below(root, kind) if self.names(t.key) == names]
        refuse(not at, "NOT_FOUND")
        return at[0]

    # Writes: each returns what it edits, or refuses.

    def create(self, user: str, kind: str, place: str, name: str) -> Edits:
        """Create a group or a cluster; without a place a root, which its creator owns."""
        if place:
            self.may(user, "create", place, kind)
        made = self._free(Thing(self._new(kind), kind, place, name, by="" if place else user))
        owner = Thing(self._new("binding"), "binding", made.key, "owner", user)
        return self._write([(None, made)] if place else [(None, made), (None, owner)])

    def apply(self, user: str, place: str, name: str, document: str) -> Edits:
        old = next((p for p in self.of("policy", place) if p.name == name), None)
        self.may(user, "update" if old else "create", place, "policy")
        if old and self.things[old.active].text == document:
            return self._write([(old, old)])
        policy = old or Thing(self._new("policy"), "policy", place, name)
        number = len(self.of("version", policy.key)) + 1
        version = Thing(self._new("version"), "version", policy.key, text=document, number=number)
        return self._write([(old, replace(policy, active=version.key)), (None, version)])

    def update(self, user: str, key: str, **said: str | float) -> Edits:
        """Say what a thing is, or which version of a policy is active, otherwise."""
        old = self.may(user, "update", key)
        new = replace(old, **said)
        if old.kind == "binding":
            self._hold(user, ROLES[new.name], key)
            refuse("expires" in said and new.expires <= self.now, "INVALID_INPUT")
        return self._write([(old, self._free(new))])

    def move(self, user: str, key: str, to: str) -> Edits:
        old = self.may(user, "update", key)
        refuse(not old.place, "INVALID_INPUT")
        self.may(user, "create", to, old.kind)
        above, path = self.path(old.place), self.path(to)
        refuse(above[0] != path[0], "INVALID_INPUT")
        refuse(key in path, "CONFLICT")
        new = self._free(replace(old, place=to))
        escaped = [p for p in self.of("policy") if p.place in above and p.place not in path]
        for policy in escaped if self.below(key, "cluster") else []:
            self._hold(user, {"policy.update"}, policy.place)
        return self._write([(old, new)])

    def delete(self, user: str, key: str, *, cascade: bool = False) -> Edits:
        old = self.may(user, "delete", key)
        inside = [t for t in self.things.values() if key in self.path(t.key) and t != old]
        full = {t.kind for t in inside} & {"group", "cluster", "policy"}
        refuse(bool(full) and not cascade, "CONFLICT")
        self._hold(user, {right(kind, "delete") for kind in full}, key)
        return self._write([(t, None) for t in (old, *inside)])

    def bind(self, user: str, group: str, role: str, whom: str, expires: float) -> Edits:
        self.may(user, "create", group, "binding")
        self._hold(user, ROLES[role], group)
        refuse(expires <= self.now, "INVALID_INPUT")
        old = next((b for b in self.of("binding", group) if (b.name, b.by) == (role, whom)), None)
        expires = old.expires if old and expires == inf else expires
        if old and old.expires != expires:
            self.may(user, "update", group, "binding")
        binding = old or Thing(self._new("binding"), "binding", group, role, whom)
        return self._write([(old, replace(binding, expires=expires))])

    def restore(self, user: str, number: int) -> Edits:
        root, edits = self.history[number]
        deleted = [before for before, after in edits if before and not after]
        bound = [t for t in deleted if t.kind == "binding" and self.now < t.expires]
        place = deleted[0].place if deleted else root
        if place:
            known = self.rights(user, place) | self.rights(user, root)
            refuse("changes.list" not in known, "NOT_FOUND")
            refuse(not deleted, "INVALID_INPUT")
            refuse(place not in self.things, "CONFLICT")
            self._hold(user, {right(t.kind, "create") for t in deleted}, place)
            self._hold(user, set[str]().union(*(ROLES[b.name] for b in bound)), place)
        else:  # an organization is gone, and with it every right to it
            owners = {b.by for b in bound if (b.place, b.name) == (root, "owner")}
            refuse(user not in owners, "NOT_FOUND")
            self.took.append(("groups.create", root))
        refuse(any(t.key in self.things for t in deleted), "CONFLICT")
        self._free(deleted[0])
        return self._write([(None, t) for t in deleted])

    def _new(self, kind: str) -> str:
        return f"{kind}-{len(self.history)}"  # no write makes two of a kind

    def _free(self, like: Thing) -> Thing:
        there = [t for t in self.of(like.kind, like.place) if t.key != like.key]
        refuse(any((t.name, t.by) == (like.name, like.by) for t in there), "CONFLICT")
        return like

    def _write(self, edits: Edits) -> Edits:
        """Refuse to leave a root without an owner for good; note what changes something."""
        ever = self.things | {after.key: after for _, after in edits if after}
        left = {key: t for key, t in ever.items() if (t, None) not in edits}
        lasting = [t for t in left.values() if t.kind == "binding" and t.expires == inf]
        owned = {b.place for b in lasting if b.name == "owner"}
        refuse(any(not t.place and t.key not in owned for t in left.values()), "CONFLICT")
        if self.keyed or any(before != after for before, after in edits):
            first = next(t for edit in edits for t in edit if t)
            self.history.append(([*self.path(first.place), first.key][0], edits))
            self.things = left
        return edits

    # Questions.

    def effective(self, user: str, group: str) -> list[tuple[str, str, str, int, bool]]:
        """Return (policy, version, via, depth, collision), from the root down, then by name."""
        self._hold(user, {"policy.list"}, group)
        path = self.path(group)
        found = [p for g in path for p in sorted(self.of("policy", g), key=lambda p: p.name)]
        names, depth = [p.name for p in found], {g: n for n, g in enumerate(reversed(path))}
        return [(p.key, p.active, p.place, depth[p.place], names.count(p.name) > 1) for p in found]

    def members(self, user: str, group: str) -> set[tuple[str, str, str]]:
        self._hold(user, {"role_bindings.list"}, group)
        return {(b.key, b.by, b.place) for b in self.granting(group)}

    def listed(self, user: str, kind: str, within: str | None = None) -> list[Thing]:
        found = self.below(self.sees(user, within).key if within else "", kind)
        there = [t for t in found if right(kind, "list") in self.rights(user, t.key)]
        return sorted(there, key=lambda t: t.name)

    def users(self, user: str, within: str | None) -> set[str]:
        found = self.below(self.sees(user, within).key if within else "")
        there = [g.key for g in found if "role_bindings.list" in self.rights(user, g.key)]
        return {b.by for g in there for step in self.path(g) for b in self.of("binding", step)}

    def versions(self, user: str, policy: str) -> list[str]:
        newest = sorted(self.of("version", policy), key=lambda version: -version.number)
        return [version.key for version in newest if self.visible(user, version)]

    def groups_of(self, user: str, whom: str) -> set[str]:
        there = [g.key for g in self.listed(user, "group") if self.rights(whom, g.key)]
        return {g for g in there if whom == user or "role_bindings.list" in self.rights(user, g)}

    def access(self, user: str, whom: str, needed: str, group: str) -> set[str]:
        self.may(user, "list", group, "group" if whom == user else "binding")
        return {b.key for b in self.granting(group) if b.by == whom and needed in ROLES[b.name]}
