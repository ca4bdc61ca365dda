"""What the service must answer, said as plainly as possible: one dictionary, brute force.

Written from the rules, not from the service: it shares no code with it. It knows things by keys
of its own, instants as whole hours, and refuses with the code of the error alone.
"""

from collections import Counter
from dataclasses import dataclass, replace

_KINDS = ("groups", "roles", "role_bindings", "clusters", "policy", "identity", "group_invites")
_SEE = {f"{what}.list" for what in (*_KINDS, "changes")}
_EDIT = _SEE | {"clusters.create", "clusters.update", "clusters.delete"}
_CHANGE = {f"{what}.{verb}" for what in _KINDS for verb in ("create", "update", "delete")}
_OWN = _SEE | _CHANGE - {"group_invites.update"} | {"clusters.enforce"}
ROLES = {"owner": _OWN, "editor": _EDIT, "viewer": _SEE, "cluster-agent": {"clusters.enforce"}}


class RefusedError(Exception):
    """The write or question is refused; its text is the code of the service's error."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A group, cluster, policy, version or binding. `place` is where it stands: "" for a root."""

    key: str
    kind: str
    place: str
    name: str = ""
    by: str = ""  # who created a root; whom a binding binds
    text: str = ""  # a description, a version's document, a binding's role
    active: str = ""  # a policy's version
    number: int = 0  # a version's
    expires: int | None = None


Edits = list[tuple[Thing | None, Thing | None]]


class Model:
    """Everything there is, and every answer about it."""

    def __init__(self) -> None:
        self.now = 0
        self.things: dict[str, Thing] = {}
        self.history: list[tuple[str, Edits]] = []  # the organization, and what was written
        self._made: Counter[str] = Counter()

    # The tree and the rights.

    def of(self, kind: str, *places: str) -> list[Thing]:
        found = [t for t in self.things.values() if t.kind == kind]
        return [t for t in found if t.place in places or not places]

    def path(self, group: str) -> list[str]:
        found = self.things.get(group)
        return [*self.path(found.place), group] if found else []

    def below(self, group: str) -> set[str]:
        return {g.key for g in self.of("group") if group in ("", *self.path(g.key))}

    def live(self, binding: Thing) -> bool:
        return binding.expires is None or self.now < binding.expires

    def grants(self, user: str) -> list[Thing]:
        return [b for b in self.of("binding") if b.by == user and self.live(b)]

    def rights(self, user: str, group: str) -> set[str]:
        path = self.path(group)
        return set[str]().union(*(ROLES[b.text] for b in self.grants(user) if b.place in path))

    def can(self, user: str, right: str, group: str) -> bool:
        return right in self.rights(user, group)

    def arrives(self, user: str, right: str, group: str) -> bool:
        return any(self.can(user, right, g) for g in self.below(group))

    def resolve(self, user: str, names: list[str]) -> str:
        orgs = {self.path(b.place)[0] for b in self.grants(user)}
        at = [org for org in orgs if self.things[org].name == names[0]]
        _refuse(len(at) > 1, "INVALID_INPUT")
        for name in names[1:]:
            at = [g.key for g in self.of("group", *at, "no place") if g.name == name]
        _refuse(not at, "NOT_FOUND")
        return at[0]

    # Who sees what.

    def sees(self, user: str, key: str) -> Thing:
        thing = self.things.get(key)
        _refuse(thing is None or not self._visible(user, thing), "NOT_FOUND")
        return self.things[key]

    def _visible(self, user: str, thing: Thing) -> bool:
        right = f"{_plural(thing.kind)}.list"
        if thing.kind == "version":
            policy = self.things[thing.place]
            active = policy.active == thing.key and self._visible(user, policy)
            return active or self.can(user, "policy.list", policy.place)
        if thing.kind in ("policy", "binding"):
            return thing.by == user or self.arrives(user, right, thing.place)
        return self.can(user, right, _at(thing))

    def _need(self, user: str, right: str, group: str, shown_by: str = "groups.list") -> None:
        held = self.rights(user, group)
        _refuse(right not in held, "PERMISSION_DENIED" if shown_by in held else "NOT_FOUND")

    # Writes: each returns what it edits, or refuses.

    def create(self, user: str, kind: str, place: str, name: str, text: str = "") -> Edits:
        """A group (a root without a place), a cluster, or a policy by applying a document."""
        right = {"group": "groups.create", "cluster": "clusters.create"}.get(kind, "policy.create")
        by = "" if place else user
        same = [t for t in self.of(kind, place) if (t.name, t.by) == (name, by)]
        if kind == "policy" and same:
            right = "policy.update"
        if place:
            self._need(user, right, self.sees(user, place).key)
        if kind == "policy":
            return self._apply(same[0] if same else Thing("", kind, place, name), text)
        _refuse(bool(same), "CONFLICT")
        made = Thing(self._new(kind), kind, place, name, by=by)
        if place:
            return self._write((None, made))
        return self._write((None, made), (None, self._bound(made.key, user, "owner", None)))

    def _apply(self, policy: Thing, document: str) -> Edits:
        if policy.key and self.things[policy.active].text == document:
            return self._write((policy, policy))
        key, number = policy.key or self._new("policy"), len(self.of("version", policy.key)) + 1
        version = Thing(self._new("version"), "version", key, text=document, number=number)
        after = replace(policy, key=key, active=version.key)
        return self._write((policy if policy.key else None, after), (None, version))

    def update(self, user: str, key: str, name: str | None, text: str | None) -> Edits:
        found = self._changeable(user, key, "update")
        text = found.text if text is None else text
        return self._write((found, self._free(replace(found, name=name or found.name, text=text))))

    def move(self, user: str, key: str, to: str) -> Edits:
        found = self._changeable(user, key, "update")
        _refuse(not found.place, "INVALID_INPUT")
        self._need(user, f"{_plural(found.kind)}.create", self.sees(user, to).key)
        _refuse(self.path(to)[0] != self.path(found.place)[0], "INVALID_INPUT")
        _refuse(key in self.path(to), "CONFLICT")
        after = self._free(replace(found, place=to))
        moved = [c for c in self.of("cluster") if c.key == key or key in self.path(c.place)]
        lost = set(self.path(found.place)) - set(self.path(to))
        escaped = {p.place for p in self.of("policy", *lost, "-")} if moved else set[str]()
        for place in escaped:
            _refuse(not self.can(user, "policy.update", place), "PERMISSION_DENIED")
        return self._write((found, after))

    def activate(self, user: str, version: str) -> Edits:
        policy = self._changeable(user, self.sees(user, version).place, "update")
        return self._write((policy, replace(policy, active=version)))

    def delete(self, user: str, key: str, *, cascade: bool = False) -> Edits:
        found = self._changeable(user, key, "delete")
        inner = self.below(key) if found.kind == "group" else {key}
        inside = [t for t in self.things.values() if t.key != key and t.place in inner]
        inside += self.of("version", *(t.key for t in inside if t.kind == "policy"), "-")
        full = {t.kind for t in inside} & {"group", "cluster", "policy"}
        _refuse(found.kind == "group" and bool(full) and not cascade, "CONFLICT")
        for kind in full:
            self._need(user, f"{_plural(kind)}.delete", key)
        return self._write(*((t, None) for t in [found, *inside]))

    def bind(self, user: str, group: str, role: str, whom: str, expires: int | None) -> Edits:
        self._need(user, "role_bindings.create", self.sees(user, group).key)
        self._may_grant(user, role, group)
        _refuse(expires is not None and expires <= self.now, "INVALID_INPUT")
        same = [b for b in self.of("binding", group) if b.name == f"{whom} {role}"]
        if not same:
            return self._write((None, self._bound(group, whom, role, expires)))
        if same[0].expires != expires:
            self._need(user, "role_bindings.update", group)
        return self._write((same[0], replace(same[0], expires=expires)))

    def rebind(
        self, user: str, key: str, role: str | None, expires: int | None, *, never: bool
    ) -> Edits:
        found = self._changeable(user, key, "update")
        role, until = role or found.text, None if never else expires or found.expires
        self._may_grant(user, role, found.place)
        _refuse(expires is not None and expires <= self.now, "INVALID_INPUT")
        after = replace(found, name=f"{found.by} {role}", text=role, expires=until)
        return self._write((found, self._free(after)))

    def restore(self, user: str, number: int) -> Edits:
        org, edits = self.history[number]
        deleted = [before for before, after in edits if before and not after]
        inner = {t.key for t in deleted}
        if org in inner:
            mine = [t for t in deleted if t.kind == "binding" and t.by == user and t.place == org]
            held = set[str]().union(*(ROLES[t.text] for t in mine if self.live(t)))
            _refuse(held < _OWN, "NOT_FOUND")
        elif not deleted or (place := deleted[0].place) not in self.things:
            self._need(user, "changes.list", org)
            raise RefusedError("CONFLICT" if deleted else "INVALID_INPUT")
        else:
            for kind in {t.kind for t in deleted} - {"version"}:
                self._need(user, f"{_plural(kind)}.create", place, "changes.list")
            for role in {t.text for t in deleted if t.kind == "binding" and self.live(t)}:
                self._may_grant(user, role, place)
        _refuse(any(t.key in self.things for t in deleted), "CONFLICT")
        for t in deleted:
            if t.place not in inner:
                self._free(t)
        return self._write(*((None, t) for t in deleted))

    def _changeable(self, user: str, key: str, verb: str) -> Thing:
        found = self.sees(user, key)
        right = f"{_plural(found.kind)}.{verb}"
        _refuse(not self.can(user, right, _at(found)), "PERMISSION_DENIED")
        return found

    def _may_grant(self, user: str, role: str, group: str) -> None:
        _refuse(not ROLES[role] <= self.rights(user, group), "PERMISSION_DENIED")

    def _free(self, like: Thing) -> Thing:
        there = [t for t in self.of(like.kind, like.place) if t.key != like.key]
        _refuse(any((t.name, t.by) == (like.name, like.by) for t in there), "CONFLICT")
        return like

    def _write(self, *edits: tuple[Thing | None, Thing | None]) -> Edits:
        things = dict(self.things)
        for before, after in edits:
            if before and not after:
                del things[before.key]
            if after:
                things[after.key] = after
        owners = {t.place: t for t in things.values() if t.text == "owner" and t.expires is None}
        for before, _ in edits:
            if before and before.text == "owner" and before.expires is None:
                root = before.place in things and not things[before.place].place
                _refuse(root and before.place not in owners, "CONFLICT")
        if any(before != after for before, after in edits):
            self.things |= things
            first = edits[0][1] or edits[0][0]
            self.history.append((self.path(first.key)[0] if first else "", list(edits)))
            self.things = things
        return list(edits)

    def _bound(self, group: str, whom: str, role: str, until: int | None) -> Thing:
        key, name = self._new("binding"), f"{whom} {role}"
        return Thing(key, "binding", group, name, whom, role, expires=until)

    def _new(self, kind: str) -> str:
        self._made[kind] += 1
        return f"{kind}-{self._made[kind]}"

    # Questions.

    def effective(self, user: str, group: str) -> list[tuple[str, str, str, int, bool]]:
        """Return (policy, version, via, depth, collision), from the root down, then by name."""
        _refuse(not self.can(user, "policy.list", group), "PERMISSION_DENIED")
        path = self.path(group)
        found = sorted(self.of("policy", *path), key=lambda p: (path.index(p.place), p.name))
        names = Counter(p.name for p in found)
        depth = {g: len(path) - 1 - i for i, g in enumerate(path)}
        return [(p.key, p.active, p.place, depth[p.place], names[p.name] > 1) for p in found]

    def members(self, user: str, group: str) -> set[tuple[str, str, str]]:
        """Return (binding, user, via)."""
        _refuse(not self.can(user, "role_bindings.list", group), "PERMISSION_DENIED")
        there = self.of("binding", *self.path(group))
        return {(b.key, b.by, b.place) for b in there if self.live(b)}

    def listed(self, user: str, kind: str, within: str | None) -> list[Thing]:
        """Return what the user may list, by name; of one subtree if they ask so."""
        places = self._places(user, f"{_plural(kind)}.list", within)
        return sorted((t for t in self.of(kind) if _at(t) in places), key=lambda t: t.name)

    def users(self, user: str, within: str | None) -> set[str]:
        places = self._places(user, "role_bindings.list", within)
        above = {step for place in places for step in self.path(place)}
        return {b.by for b in self.of("binding") if b.place in above}

    def _places(self, user: str, right: str, within: str | None) -> set[str]:
        top = self.sees(user, within).key if within else ""
        return {g for g in self.below(top) if self.can(user, right, g)}

    def counts(self, user: str, group: str) -> tuple[int, ...]:
        """Return how many groups, clusters, policies and users the subtree holds."""
        inside = [t for t in self.things.values() if t.place in self.below(group)]
        kinds = Counter(t.kind for t in inside) + Counter(["group"])
        kinds["binding"] = len({t.by for t in inside if t.kind == "binding"})
        shown = self.rights(user, group)
        asked = ("group", "cluster", "policy", "binding")
        return tuple(kinds[kind] if f"{_plural(kind)}.list" in shown else 0 for kind in asked)

    def reach(self, user: str, policy: str) -> set[str]:
        there = self.below(self.sees(user, policy).place)
        return {c.key for c in self.of("cluster") if c.place in there and self._visible(user, c)}

    def versions(self, user: str, policy: str) -> list[str]:
        """Return those that the user may know of, the newest first."""
        found = sorted(self.of("version", policy), key=lambda version: -version.number)
        return [version.key for version in found if self._visible(user, version)]

    def bindings_of(self, user: str, whom: str) -> set[str]:
        return {b.key for b in self.of("binding") if b.by == whom and self._visible(user, b)}

    def groups_of(self, user: str, whom: str) -> set[str]:
        reached = {g for b in self.grants(whom) for g in self.below(b.place)}
        known = {g for g in reached if user == whom or self.can(user, "role_bindings.list", g)}
        return {g for g in known if self.can(user, "groups.list", g)}

    def access(self, user: str, whom: str, right: str, group: str) -> set[str]:
        """Return the bindings by which somebody may do a thing at a group."""
        self.sees(user, group)
        may_ask = user == whom or self.can(user, "role_bindings.list", group)
        _refuse(not may_ask, "PERMISSION_DENIED")
        path = self.path(group)
        return {b.key for b in self.grants(whom) if b.place in path and right in ROLES[b.text]}


def _refuse(condition: bool, code: str) -> None:
    if condition:
        raise RefusedError(code)


def _plural(kind: str) -> str:
    return {"policy": "policy", "binding": "role_bindings"}.get(kind, f"{kind}s")


def _at(thing: Thing) -> str:
    return thing.key if thing.kind == "group" else thing.place
