"""The questions that are measured, each as a use case of the graph and as a GraphQL query.

Both ask the same of the same subject. Subjects take turns, so no question meets one thing twice in
a row, and nothing on the way keeps answers.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

from api.authn.dev import DEV_ISSUER
from bench.http import Client, body_of
from bench.measuring import Ask, NoAnswerError
from graph import (
    bindings,
    changes,
    clusters,
    comparing,
    connecting,
    groups,
    impact,
    nodes,
    policies,
    reach,
    search,
    users,
)
from graph.engine import Graph
from graph.errors import StoreTimeoutError, UnavailableError
from graph.ids import user_id
from graph.organization_file import OrganizationFile, walk
from graph.paging import PageRequest
from graph.rights import Capability
from graph.snapshot import Caller, Snapshot

_SUBJECTS = 200
_PAGE = PageRequest("bench", 50)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing of each kind, as one turn of every question asks for it."""

    root: str
    cluster: str
    cluster_path: str
    group: str
    policy: str
    user: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question on both levels."""

    name: str
    use_case: Callable[[Snapshot, Subject], Awaitable[object]]
    query: str
    variables: Callable[[Subject], dict[str, Any]]


async def subjects(graph: Graph, caller: Caller, file: OrganizationFile) -> list[Subject]:
    """Choose things all over an organization that was loaded, and look their ids up."""
    choice = Random(1)  # noqa: S311 - not for secrets: each run asks for the same
    paths: list[str] = []
    at_clusters: list[str] = []
    at_policies: list[str] = []
    for step in walk(file.root):
        above = "" if step.parent is None else f"{paths[step.parent]}/"
        paths.append(above + step.group.name)
        at_clusters += (f"{paths[-1]}/{cluster.name}" for cluster in step.group.clusters)
        at_policies += (
            f"{paths[-1]}/{policy.document.partition('name: ')[2].partition(chr(10))[0]}"
            for policy in step.group.policies
        )
    people = list(file.users.values())
    lists: tuple[list[Any], ...] = (at_clusters, paths, at_policies, people)
    for things in lists:
        choice.shuffle(things)
    at = await graph.snapshot(caller)
    root = (await groups.get_group(at, ref=file.root.name)).id
    found: list[Subject] = []
    for number in range(min(_SUBJECTS, len(at_clusters))):
        path = at_clusters[number]
        person = people[number % len(people)]
        found.append(
            Subject(
                root=root,
                cluster=(await clusters.get_cluster(at, ref=path)).id,
                cluster_path=path,
                group=(await groups.get_group(at, ref=paths[number % len(paths)])).id,
                policy=(
                    await policies.get_policy(at, ref=at_policies[number % len(at_policies)])
                ).id,
                user=user_id(graph.user_key, person.issuer or DEV_ISSUER, person.subject),
                text=path.rpartition("/")[2],
            )
        )
    return found


async def _cluster_by_id(at: Snapshot, of: Subject) -> object:
    cluster = await clusters.get_cluster(at, ref=of.cluster)
    return (await policies.effective_policies(at, groups=[cluster.group_id]))[0]


async def _cluster_by_path(at: Snapshot, of: Subject) -> object:
    cluster = await clusters.get_cluster(at, ref=of.cluster_path)
    return (await policies.effective_policies(at, groups=[cluster.group_id]))[0]


async def _group(at: Snapshot, of: Subject) -> object:
    group = await groups.get_group(at, ref=of.group)
    await policies.effective_policies(at, groups=[group.id])
    return group


async def _members(at: Snapshot, of: Subject) -> object:
    group = await groups.get_group(at, ref=of.group)
    return (await bindings.group_members(at, groups=[group.id]))[0]


async def _reach(at: Snapshot, of: Subject) -> object:
    policy = await policies.get_policy(at, ref=of.policy)
    await reach.policy_clusters(at, policies=[policy], page=_PAGE)
    return policy


async def _user_groups(at: Snapshot, of: Subject) -> object:
    user = await users.get_user(at, ref=of.user)
    return (await users.user_groups(at, users=[user.id], page=_PAGE))[0].items


async def _user_access(at: Snapshot, of: Subject) -> object:
    user = await users.get_user(at, ref=of.user)
    return (await users.user_access(at, users=[user.id]))[0]


_EFFECTIVE = (
    "effectivePolicies { totalCount edges { node { id name } mode via { name } path { name } } }"
)

QUESTIONS = (
    Question(
        "cluster-by-id",
        _cluster_by_id,
        "query($ref: Ref!) { cluster(ref: $ref) { " + _EFFECTIVE + " } }",
        lambda of: {"ref": of.cluster},
    ),
    Question(
        "cluster-by-path",
        _cluster_by_path,
        "query($ref: Ref!) { cluster(ref: $ref) { " + _EFFECTIVE + " } }",
        lambda of: {"ref": f"cluster:{of.cluster_path}"},
    ),
    Question(
        "group",
        _group,
        "query($ref: Ref!) { group(ref: $ref) { " + _EFFECTIVE + " } }",
        lambda of: {"ref": of.group},
    ),
    Question(
        "members",
        _members,
        "query($ref: Ref!) { group(ref: $ref) { members { totalCount"
        " edges { node { email } role { name } via { name } } } } }",
        lambda of: {"ref": of.group},
    ),
    Question(
        "access",
        lambda at, of: users.access(
            at, user=of.user, capability=Capability.CLUSTERS_UPDATE, group=of.group
        ),
        "query($user: Ref!, $group: Ref!) { access(user: $user, capability: CLUSTERS_UPDATE,"
        " group: $group) { allowed because { role { name } via { name } } } }",
        lambda of: {"user": of.user, "group": of.group},
    ),
    Question(
        "policy-reach",
        _reach,
        "query($ref: Ref!) { policy(ref: $ref) { clusters { totalCount edges { node { id name } }"
        " } } }",
        lambda of: {"ref": of.policy},
    ),
    Question(
        "user-groups",
        _user_groups,
        "query($ref: Ref!) { user(ref: $ref)"
        " { groups { totalCount edges { node { id name } } } } }",
        lambda of: {"ref": of.user},
    ),
    Question(
        "user-access",
        _user_access,
        "query($ref: Ref!) { user(ref: $ref)"
        " { access { edges { role { name } node { name } } } } }",
        lambda of: {"ref": of.user},
    ),
    Question(
        "paths",
        lambda at, of: connecting.paths(at, source=of.root, target=of.cluster),
        "query($from: Ref!, $to: Ref!) { paths(from: $from, to: $to) { steps { kind name } } }",
        lambda of: {"from": of.root, "to": of.cluster},
    ),
    Question(
        "diff",
        lambda at, of: comparing.diff(at, left=of.cluster, right=of.group),
        "query($left: Ref!, $right: Ref!) { diff(left: $left, right: $right) {"
        " leftOnly { totalCount } rightOnly { totalCount } both { totalCount } } }",
        lambda of: {"left": of.cluster, "right": of.group},
    ),
    Question(
        "impact",
        lambda at, of: impact.impact(at, ref=of.policy),
        "query($ref: Ref!) { impact(ref: $ref) { clusters { totalCount edges { node { name } } }"
        " users { totalCount } } }",
        lambda of: {"ref": of.policy},
    ),
    Question(
        "changes",
        lambda at, of: changes.list_changes(at, organization=of.root, page=_PAGE),
        "query($ref: Ref!) { changes(organization: $ref) { totalCount edges { node { kind at } } }"
        " }",
        lambda of: {"ref": of.root},
    ),
    Question(
        "list-clusters",
        lambda at, _: clusters.list_clusters(at, within=None, name=None, page=_PAGE),
        "{ clusters { totalCount edges { node { id name } } } }",
        lambda _: {},
    ),
    Question(
        "list-groups",
        lambda at, _: groups.list_groups(at, within=None, name=None, page=_PAGE),
        "{ groups { totalCount edges { node { id name } } } }",
        lambda _: {},
    ),
    Question(
        "list-policies",
        lambda at, _: policies.list_policies(at, within=None, name=None, page=_PAGE),
        "{ policies { totalCount edges { node { id name } } } }",
        lambda _: {},
    ),
    Question(
        "list-users",
        lambda at, _: users.list_users(at, within=None, name=None, page=_PAGE),
        "{ users { totalCount edges { node { id email } } } }",
        lambda _: {},
    ),
    Question(
        "list-bindings",
        lambda at, _: bindings.list_bindings(at, within=None, role=None, user=None, page=_PAGE),
        "{ roleBindings { totalCount edges { node { id userId groupId } } } }",
        lambda _: {},
    ),
    Question(
        "resolve",
        lambda at, of: search.resolve(at, text=of.text, kinds=(), first=500),
        "query($text: String!) { resolve(text: $text, first: 500) { id kind path } }",
        lambda of: {"text": of.text},
    ),
    Question(
        "node",
        lambda at, of: nodes.get_node(at, id_=of.cluster),
        "query($id: ID!) { node(id: $id) { id ... on Cluster { name groupId } } }",
        lambda of: {"id": of.cluster},
    ),
)
"""Lists and resolve go over the whole organization; a list answers its first 50 and the total."""


def at_graph(graph: Graph, caller: Caller, question: Question, turn: Sequence[Subject]) -> Ask:
    """Return what asks the use case, as the service does: from one state, rights checked."""

    async def ask(number: int) -> None:
        subject = turn[number % len(turn)]
        try:
            answer, _ = await graph.read(caller, lambda at: question.use_case(at, subject))
        except (StoreTimeoutError, UnavailableError) as error:
            raise NoAnswerError(error.message) from error
        if not answer:
            raise RuntimeError(f"{question.name} answered nothing for {subject}")

    return ask


def over_http(client: Client, question: Question, turn: Sequence[Subject]) -> Ask:
    """Return what asks the query of the service."""
    bodies = [body_of(question.query, question.variables(subject)) for subject in turn]

    async def ask(number: int) -> None:
        await client.ask(bodies[number % len(bodies)])

    return ask


def count_effective(answer: bytes) -> int:
    """Return how many effective policies an answer about a cluster holds."""
    return orjson.loads(answer)["data"]["cluster"]["effectivePolicies"]["totalCount"]
