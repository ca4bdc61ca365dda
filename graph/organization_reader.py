"""The walk over an organization file's values: its users, and its groups with all they hold."""

from dataclasses import dataclass, field

from graph.organization_checks import Checks, read_text, why_unread
from graph.organization_clusters import ClusterReader
from graph.organization_entries import (
    BindingEntry,
    ClusterEntry,
    GroupEntry,
    OrganizationFile,
    PolicyEntry,
    UserEntry,
)
from graph.organization_people import has_lasting_owner, read_bindings, read_users
from graph.organization_policies import PolicyReader
from graph.organization_yaml import UnreadableError, Value, compose


def read_organization(checks: Checks, *, require_identities: bool) -> OrganizationFile | None:
    """Read the file that the checks are for; None when there is nothing to make groups of."""
    document = _document(checks)
    if document is None:
        return None
    top = checks.fields(document, ("users", "organization"))
    users = read_users(checks, top.get("users"))
    organization = checks.required(document, top, "organization")
    if organization is None:
        return None
    policies = PolicyReader(checks, require_identities=require_identities)
    root = _read_groups(checks, users, policies, organization)
    if not has_lasting_owner(root.bindings, users):
        said = "needs a human `owner` in its `bindings` that does not expire"
        checks.report(organization, said)
    return OrganizationFile(users, root)


def _document(checks: Checks) -> Value | None:
    try:
        document = compose(read_text(checks.file))
    except (OSError, UnicodeDecodeError) as error:
        checks.report(Value(1, 1), why_unread(error))
        return None
    except UnreadableError as said:
        checks.report(Value(said.line, said.column), said.message)
        return None
    if document is None:
        checks.report(Value(1, 1), "the file is empty: it needs `organization`")
    return document


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


def _read_groups(
    checks: Checks, users: dict[str, UserEntry], policies: PolicyReader, root: Value
) -> GroupEntry:
    clusters = ClusterReader(checks)
    drafts: list[_Draft] = []
    todo: list[tuple[int | None, Value, dict[str, Value]]] = [(None, root, {})]
    while todo:
        parent, value, siblings = todo.pop()
        members = checks.fields(
            value, ("name", "description", "bindings", "policies", "clusters", "groups")
        )
        name_value = checks.required(value, members, "name")
        name = checks.name(name_value, "group")
        checks.unique(siblings, name, name_value or value, "a sibling group")
        below: dict[str, Value] = {}
        number = len(drafts)
        # Last first onto the stack, first line first off it: "already on line" looks back.
        children = reversed(checks.items(members.get("groups")))
        todo += [(number, child, below) for child in children]
        drafts.append(
            _Draft(
                parent,
                name,
                checks.description(members.get("description")),
                tuple(read_bindings(checks, users, members.get("bindings"))),
                tuple(policies.read(members.get("policies"))),
                tuple(clusters.read(members.get("clusters"))),
            )
        )
    # From the last to the first, so that every child is built before its parent.
    for draft in reversed(drafts):
        if draft.parent is not None:
            drafts[draft.parent].groups.append(draft.build())
    return drafts[0].build()
