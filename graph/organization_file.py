"""The only place that knows the organization file: YAML in, plain values or problems out.

The file is read as a stream of YAML events and walked with explicit stacks. PyYAML's own tree
builder recurses, in Python (it stops near 300 groups deep) or in C (it ends the process), and a
chain of 1,000 groups is a legitimate organization.
"""

import contextlib
import difflib
import functools
import gc
import re
import uuid
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast, get_args

import yaml

from graph.errors import InvalidInputError
from graph.names import check_description, check_name
from policy import PolicyDocumentError, parse_policy
from policy.problems import Severity
from policy.scalars import resolve
from queries.users import UserKind

ROLES = ("owner", "editor", "viewer", "cluster-agent")
"""The roles that a file may bind: the built-in ones."""

USER_KINDS = get_args(UserKind)
"""What a user of the file may be; `human` unless it says otherwise."""

_VERSION = re.compile(r"v\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
_MOST_COMPARED = 1_000
_MOST_LISTED = 6
_LABEL_KEY = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
)
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_A_LABEL_VALUE = "a label's value: at most 63 of letters, digits, `.`, `_` and `-`"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the file, and where."""

    file: str
    line: int
    column: int
    path: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}: "
        return where + (f"{self.path}: {self.message}" if self.path else self.message)


class OrganizationFileError(InvalidInputError):
    """The file does not describe an organization; `problems` says everything that is wrong."""

    def __init__(self, file: Path, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = "a problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__(
            f"{file} does not describe an organization: it has {count}.",
            details=[str(problem) for problem in self.problems],
        )


@dataclass(frozen=True, slots=True)
class UserEntry:
    """A user under the short name that the file's bindings use.

    Without an `issuer` the user is one of the service's development issuer.
    """

    key: str
    subject: str
    issuer: str | None = None
    email: str | None = None
    name: str | None = None
    kind: UserKind = "human"


@dataclass(frozen=True, slots=True)
class BindingEntry:
    """A user (by short name) with a role, perhaps until an instant."""

    role: str
    user: str
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """A policy document, byte for byte; `name` is the document's own `metadata.name`."""

    name: str
    document: str
    description: str = ""
    file: str | None = None


@dataclass(frozen=True, slots=True)
class ClusterEntry:
    """A cluster and what is known of it before its agent reports."""

    name: str
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    remote_id: str | None = None
    kubernetes_version: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class GroupEntry:
    """A group with everything bound to it, and the groups below.

    Compared by identity: a generated comparison would recurse as deep as the tree.
    """

    name: str
    description: str = ""
    bindings: tuple[BindingEntry, ...] = ()
    policies: tuple[PolicyEntry, ...] = ()
    clusters: tuple[ClusterEntry, ...] = ()
    groups: "tuple[GroupEntry, ...]" = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class OrganizationFile:
    """The users that a file names, and the root group."""

    users: Mapping[str, UserEntry]
    root: GroupEntry


@dataclass(frozen=True, slots=True)
class WalkedGroup:
    """A group on a walk: its number, its parent's number and its level (the root is 1)."""

    number: int
    parent: int | None
    level: int
    group: GroupEntry


def walk(root: GroupEntry) -> Iterator[WalkedGroup]:
    """Yield every group, each parent before its children, siblings in the file's order."""
    number = 0
    todo: list[tuple[int | None, int, GroupEntry]] = [(None, 1, root)]
    while todo:
        parent, level, group = todo.pop()
        yield WalkedGroup(number, parent, level, group)
        todo += [(number, level + 1, child) for child in reversed(group.groups)]
        number += 1


def read_organization_file(path: Path) -> OrganizationFile:
    """Read an organization, with the policy files beside it, or raise with every problem."""
    reader = _Reader(path)
    with _collector_paused():
        organization = reader.read()
    if organization is None or reader.problems:
        raise OrganizationFileError(path, sorted(reader.problems, key=_position))
    return organization


@contextlib.contextmanager
def _collector_paused() -> Generator[None]:
    # Nothing becomes garbage while the tree of values grows, and the collector walks it again and
    # again: 13 of 18 seconds for a file of 100,000 clusters.
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


def _position(problem: Problem) -> tuple[str, int, int]:
    return problem.file, problem.line, problem.column


# A YAML value knows its place, so a problem needs nothing but the value it is about.


@dataclass(slots=True, eq=False)
class _Value:
    line: int
    column: int
    parent: "_Value | None" = None
    step: str = ""

    def path(self) -> str:
        steps: list[str] = []
        here: _Value | None = self
        while here is not None:
            steps.append(here.step)
            here = here.parent
        return "".join(reversed(steps)).removeprefix(".")


@dataclass(slots=True, eq=False)
class _Scalar(_Value):
    text: str = ""
    kind: str = "text"


@dataclass(slots=True, eq=False)
class _List(_Value):
    items: list[_Value] = field(default_factory=list["_Value"])

    def add(self, value: _Value) -> None:
        value.parent, value.step = self, f"[{len(self.items)}]"
        self.items.append(value)


@dataclass(slots=True, eq=False)
class _Map(_Value):
    entries: list[tuple[_Scalar, _Value]] = field(default_factory=list[tuple["_Scalar", "_Value"]])
    key: _Scalar | None = None

    def add(self, value: _Value) -> None:
        value.parent = self
        if self.key is not None:
            value.step = f".{self.key.text}"
            self.entries.append((self.key, value))
            self.key = None
        elif isinstance(value, _Scalar):
            value.step = f".{value.text}"
            self.key = value
        else:
            raise _UnreadableError(value.line, value.column, "a key must be text")


class _UnreadableError(Exception):
    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column, self.message = line, column, message


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@functools.lru_cache(maxsize=4096)
def _kind_of_plain(text: str) -> str:
    match resolve(text, None, plain=True):
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "text"


def _compose(text: str) -> _Value | None:
    """Build the tree of the only document in a text, or raise `_UnreadableError`."""
    try:
        return _compose_events(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position].splitlines() or [""]
        said = f"not YAML: {error.reason}"
        raise _UnreadableError(len(before), len(before[-1]) + 1, said) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _UnreadableError(line, column, f"not YAML: {error.problem}") from error


def _compose_events(text: str) -> _Value | None:
    root: _Value | None = None
    stack: list[_List | _Map] = []
    events = cast("Iterator[yaml.Event]", yaml.parse(text, Loader=_LOADER))  # pyright: ignore[reportUnknownMemberType]
    for event in events:
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            continue
        value = _value_of(event)
        if value is None:
            continue
        if stack:
            stack[-1].add(value)
        elif root is None:
            root = value
        else:
            said = "a second document: one file holds one"
            raise _UnreadableError(value.line, value.column, said)
        if isinstance(value, _List | _Map):
            stack.append(value)
    return root


def _value_of(event: yaml.Event) -> _Value | None:
    """Return the value that an event begins, if it begins one."""
    line, column = event.start_mark.line + 1, event.start_mark.column + 1
    match event:
        case yaml.AliasEvent():
            # Without aliases a file is as large as it looks, and every value has one place.
            raise _UnreadableError(line, column, "an alias cannot stand here: write it out")
        case yaml.ScalarEvent(tag=str(tag)) | yaml.CollectionStartEvent(tag=str(tag)):
            raise _UnreadableError(line, column, f"a tag cannot stand here: {tag}")
        case yaml.ScalarEvent():
            kind = _kind_of_plain(event.value) if event.implicit[0] else "text"
            return _Scalar(line, column, text=event.value, kind=kind)
        case yaml.MappingStartEvent():
            return _Map(line, column)
        case yaml.SequenceStartEvent():
            return _List(line, column)
        case _:
            return None


@dataclass(slots=True)
class _Draft:
    """A group while its children are not built yet."""

    parent: int | None
    name: str
    description: str
    bindings: tuple[BindingEntry, ...]
    policies: tuple[PolicyEntry, ...]
    clusters: tuple[ClusterEntry, ...]
    groups: list[GroupEntry] = field(default_factory=list[GroupEntry])

    def build(self) -> GroupEntry:
        return GroupEntry(
            name=self.name,
            description=self.description,
            bindings=self.bindings,
            policies=self.policies,
            clusters=self.clusters,
            groups=tuple(reversed(self.groups)),
        )


class _Reader:
    def __init__(self, path: Path) -> None:
        self.file = path
        self.problems: list[Problem] = []
        self.users: dict[str, UserEntry] = {}
        self.remote_ids: dict[str, _Value] = {}
        self.names: dict[str, str | None] = {}

    def report(self, value: _Value, message: str) -> None:
        self.problems.append(
            Problem(str(self.file), value.line, value.column, value.path(), message)
        )

    def read(self) -> OrganizationFile | None:
        try:
            document = _compose(_read_text(self.file))
        except (OSError, UnicodeDecodeError) as error:
            self.report(_Value(1, 1), _unread(error))
            return None
        except _UnreadableError as said:
            self.report(_Value(said.line, said.column), said.message)
            return None
        if document is None:
            self.report(_Value(1, 1), "the file is empty: it needs `organization`")
            return None
        top = self.fields(document, ("users", "organization"))
        self.read_users(top.get("users"))
        organization = self.required(document, top, "organization")
        if organization is None:
            return None
        root = self.tree(organization)
        self.check_owner(organization, root)
        return OrganizationFile(self.users, root)

    # Shapes

    def fields(self, value: _Value, known: Sequence[str] | None) -> dict[str, _Value]:
        """Return the members of a mapping that count; report unknown and repeated ones."""
        if not isinstance(value, _Map):
            self.report(value, f"must be a mapping, not {_what(value)}")
            return {}
        found: dict[str, _Value] = {}
        lines: dict[str, int] = {}
        for key, member in value.entries:
            if key.text in lines:
                self.report(key, f"`{key.text}` stands here twice, first on line {lines[key.text]}")
            elif known is not None and key.text not in known:
                self.report(key, f"unknown key `{key.text}`{_near(key.text, known)}")
            elif not (isinstance(member, _Scalar) and member.kind == "null"):
                found[key.text] = member
            lines.setdefault(key.text, key.line)
        return found

    def items(self, value: _Value | None) -> list[_Value]:
        if value is None:
            return []
        if not isinstance(value, _List):
            self.report(value, f"must be a list, not {_what(value)}")
            return []
        return value.items

    def text(self, value: _Value | None) -> str | None:
        if value is None:
            return None
        if not isinstance(value, _Scalar):
            self.report(value, f"must be text, not {_what(value)}")
            return None
        if value.kind != "text":
            said = f"must be text, not {_what(value)}: put quotes around `{value.text}`"
            self.report(value, said if value.text else "must be text, not null")
            return None
        return value.text

    def required(self, value: _Value, members: Mapping[str, _Value], key: str) -> _Value | None:
        member = members.get(key)
        # A value that is no mapping is reported already.
        if member is None and isinstance(value, _Map):
            self.report(value, f"needs `{key}`")
        return member

    def matching(
        self, value: _Value | None, fits: Callable[[str], object], expected: str
    ) -> str | None:
        text = self.text(value)
        if value is not None and text is not None and not fits(text):
            self.report(value, f"{text!r} is not {expected}")
            return None
        return text

    def name(self, value: _Value | None, what: str) -> str:
        text = self.text(value)
        if value is not None and text is not None:
            self.check(value, lambda: check_name(text, what=what))
        return text or ""

    def description(self, value: _Value | None) -> str:
        text = self.text(value)
        if value is not None and text is not None:
            self.check(value, lambda: check_description(text))
        return text or ""

    def check(self, value: _Value, check: Callable[[], object]) -> None:
        """Report what a rule of the graph says against a value, in the rule's own words."""
        try:
            check()
        except InvalidInputError as error:
            self.report(value, error.message)

    def unique(self, seen: dict[str, _Value], text: str | None, value: _Value, what: str) -> None:
        if not text:
            return
        first = seen.setdefault(text, value)
        if first is not value:
            self.report(value, f"{what} {text!r} is already on line {first.line}")

    # Content

    def read_users(self, value: _Value | None) -> None:
        if value is None:
            return
        identities: dict[str, _Value] = {}
        for key, entry in self.fields(value, None).items():
            self.check(entry, functools.partial(check_name, key, what="user"))
            members = self.fields(entry, ("email", "name", "issuer", "subject", "kind"))
            email = self.matching(members.get("email"), _EMAIL.fullmatch, "an e-mail address")
            issuer = self.matching(
                members.get("issuer"), lambda text: text.startswith("https://"), "an https:// URL"
            )
            kind = self.matching(members.get("kind"), USER_KINDS.__contains__, _one_of(USER_KINDS))
            subject = self.text(members.get("subject")) or email
            if isinstance(entry, _Map) and not ("email" in members or "subject" in members):
                self.report(entry, "needs `email`, or `subject` for one who has no e-mail address")
            name = self.text(members.get("name"))
            # Kept even when flawed, so that its bindings are not reported as well.
            self.users[key] = UserEntry(
                key, subject or "", issuer, email, name, cast("UserKind", kind or "human")
            )
            if subject:
                identity = f"{subject} of {issuer}" if issuer else subject
                self.unique(identities, identity, entry, "the identity")

    def tree(self, root: _Value) -> GroupEntry:
        drafts: list[_Draft] = []
        todo: list[tuple[int | None, _Value, dict[str, _Value]]] = [(None, root, {})]
        while todo:
            parent, value, siblings = todo.pop()
            members = self.fields(
                value, ("name", "description", "bindings", "policies", "clusters", "groups")
            )
            name_value = self.required(value, members, "name")
            name = self.name(name_value, "group")
            self.unique(siblings, name, name_value or value, "a sibling group")
            below: dict[str, _Value] = {}
            number = len(drafts)
            # Last first onto the stack, first line first off it: "already on line" looks back.
            children = reversed(self.items(members.get("groups")))
            todo += [(number, child, below) for child in children]
            drafts.append(
                _Draft(
                    parent,
                    name,
                    self.description(members.get("description")),
                    tuple(self.bindings(members.get("bindings"))),
                    tuple(self.policies(members.get("policies"))),
                    tuple(self.clusters(members.get("clusters"))),
                )
            )
        # From the last to the first, so that every child is built before its parent.
        for draft in reversed(drafts):
            if draft.parent is not None:
                drafts[draft.parent].groups.append(draft.build())
        return drafts[0].build()

    def bindings(self, value: _Value | None) -> Iterator[BindingEntry]:
        if value is None:
            return
        for role, users in self.fields(value, None).items():
            if role not in ROLES:
                self.report(users, f"unknown role `{role}`{_near(role, ROLES)}")
            seen: dict[str, _Value] = {}
            for item in self.items(users):
                members = self.fields(item, ("user", "expires")) if isinstance(item, _Map) else {}
                user_value = (
                    self.required(item, members, "user") if isinstance(item, _Map) else item
                )
                user = self.text(user_value)
                expires = self.instant(members.get("expires"))
                if user is None or user_value is None:
                    continue
                if user not in self.users:
                    near = _near(user, tuple(self.users))
                    self.report(user_value, f"unknown user `{user}`{near}")
                self.unique(seen, user, user_value, role)
                yield BindingEntry(role, user, expires)

    def instant(self, value: _Value | None) -> datetime | None:
        text = self.text(value)
        if value is None or text is None:
            return None
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            self.report(value, f"{text!r} is not an instant such as 2027-01-01T00:00:00Z")
            return None
        return instant.astimezone(UTC)

    def clusters(self, value: _Value | None) -> Iterator[ClusterEntry]:
        seen: dict[str, _Value] = {}
        for item in self.items(value):
            members = self.fields(
                item, ("name", "description", "labels", "remoteId", "kubernetesVersion")
            )
            name_value = self.required(item, members, "name")
            name = self.name(name_value, "cluster")
            self.unique(seen, name, name_value or item, "a cluster")
            remote_id = self.matching(members.get("remoteId"), _is_uuid, "a UUID")
            if remote_id:
                self.unique(self.remote_ids, remote_id.lower(), members["remoteId"], "remoteId")
            yield ClusterEntry(
                name,
                self.description(members.get("description")),
                self.labels(members.get("labels")),
                remote_id and remote_id.lower(),
                self.matching(
                    members.get("kubernetesVersion"),
                    _VERSION.fullmatch,
                    "a version such as v1.31.4",
                ),
            )

    def labels(self, value: _Value | None) -> dict[str, str]:
        if value is None:
            return {}
        labels: dict[str, str] = {}
        for key, text in self.fields(value, None).items():
            if not _LABEL_KEY.fullmatch(key):
                self.report(text, f"{key[:80]!r} is not the key of a Kubernetes label")
            labels[key] = self.matching(text, _LABEL_VALUE.fullmatch, _A_LABEL_VALUE) or ""
        return labels

    def policies(self, value: _Value | None) -> Iterator[PolicyEntry]:
        seen: dict[str, _Value] = {}
        for item in self.items(value):
            members: Mapping[str, _Value] = {"file": item}
            if isinstance(item, _Map):
                members = self.fields(item, ("file", "document", "description"))
                if ("file" in members) == ("document" in members):
                    self.report(item, "needs `file` or `document`, and not both")
                    continue
            description = self.description(members.get("description"))
            file = self.text(members.get("file"))
            document = self.text(members.get("document"))
            if file is not None:
                document = self.policy_file(members["file"], file)
            if document is None:
                continue
            name = self.policy_name(members.get("document") or members["file"], document, file)
            if name:
                # Kubernetes allows longer names; in a path it has to be one of ours.
                self.check(item, functools.partial(check_name, name, what="policy"))
                self.unique(seen, name, item, "a policy")
                yield PolicyEntry(name, document, description, file)

    def policy_name(self, value: _Value, document: str, file: str | None) -> str | None:
        """Return the document's `metadata.name`; report what is wrong with it, once a text."""
        if document in self.names:
            return self.names[document]
        try:
            name = parse_policy(document).name
        except PolicyDocumentError as error:
            name = None
            for problem in error.problems:
                if problem.severity is not Severity.ERROR:
                    continue
                line, column = problem.line or 1, problem.column or 1
                if file is None:
                    at = f"line {line}, column {column} of the document: "
                    at += f"{problem.field}: " if problem.field else ""
                    self.report(value, at + problem.message)
                else:
                    place = str(self.file.parent / file)
                    self.problems.append(
                        Problem(place, line, column, problem.field, problem.message)
                    )
        self.names[document] = name
        return name

    def policy_file(self, value: _Value, file: str) -> str | None:
        folder = self.file.parent.resolve()
        try:
            # Resolved first: a symbolic link may lead out of the folder as well as `..` does.
            path = (folder / file).resolve()
            if not path.is_relative_to(folder):
                self.report(value, f"{file!r} lies outside the folder of the organization file")
                return None
            return _read_text(path)
        except (OSError, ValueError) as error:
            self.report(value, f"{file!r} {_unread(error)}")
            return None

    def check_owner(self, organization: _Value, root: GroupEntry) -> None:
        for binding in root.bindings:
            user = self.users.get(binding.user)
            human = user is None or user.kind == "human"
            if binding.role == "owner" and binding.expires is None and human:
                return
        self.report(organization, "needs a human `owner` in its `bindings` that does not expire")


def _read_text(path: Path) -> str:
    # As bytes: a document is kept byte for byte, and text mode would turn CR LF into LF.
    return path.read_bytes().decode("utf-8")


def _unread(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    if isinstance(error, UnicodeDecodeError):
        return f"is not UTF-8 at byte {error.start}"
    return f"cannot be read: {error}"


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _what(value: _Value) -> str:
    match value:
        case _Map():
            return "a mapping"
        case _List():
            return "a list"
        case _Scalar():
            return "text" if value.kind == "text" else value.kind
        case _:
            return "nothing"


def _near(word: str, known: Sequence[str]) -> str:
    # Comparing with each of 50,000 users takes seconds, for every name that is wrong.
    close = difflib.get_close_matches(word.lower(), known[:_MOST_COMPARED], n=1)
    if close:
        return f": did you mean `{close[0]}`?"
    return f": {_one_of(known)}" if 0 < len(known) <= _MOST_LISTED else ""


def _one_of(known: Sequence[str]) -> str:
    return f"one of {', '.join(known)}"
