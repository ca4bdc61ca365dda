"""What every query is asked of: one organization, made through the graph, whose ids are known."""

from dataclasses import dataclass
from typing import Any, cast

from graph import bindings, clusters, groups, invites, policies, roles
from graph.engine import Graph
from graph.identities import Identity
from graph.rights import Capability
from graph.snapshot import Caller
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    InviteState,
    Page,
    PolicyState,
    RoleState,
    VersionState,
)
from tests.given import ISSUER, a_person, a_policy, an_identity, written

NOWHERE = "grp_00000000000000000000000000"
NOBODY = "usr_00000000000000000000000000"
KEY = "a key"


@dataclass(frozen=True)
class World:
    """An organization `acme` with `prod` and `prod/eu`, one of each thing at `prod`."""

    root: str
    prod: str
    eu: str
    cluster: str
    identity: str
    policy: str
    first: str
    second: str
    binding: str
    invite: str
    role: str
    key_id: str
    owner: str
    bob: str
    change: str
    actor_key: str
    epoch: str
    revision: int


async def a_world(graph: Graph) -> World:
    owner = await a_person(graph, "owner")
    made = await groups.create_group(graph, caller=owner, name="acme")
    root = written(made, GroupState).id
    prod = await _group(graph, owner, root, "prod")
    eu = await _group(graph, owner, prod, "eu")
    created = await clusters.create_cluster(graph, caller=owner, group=prod, name="c")
    cluster = written(created, ClusterState).id
    graph.telemetry.record_seen(cluster, graph.clock())
    await graph.telemetry.flush()
    documents = (a_policy("p"), a_policy("p", mode="warn"))
    applied = [
        await policies.apply_policy(graph, caller=owner, group=prod, document=document)
        for document in documents
    ]
    made_role = await roles.create_role(
        graph, caller=owner, group=prod, name="r", capabilities=[Capability.GROUPS_LIST]
    )
    issued = await invites.create_invite(graph, caller=owner, group=prod, role="viewer")
    invite = written(issued.written, InviteState)
    identity = await an_identity(graph, owner, prod)
    bound = await bindings.create_role_binding(
        graph,
        caller=owner,
        group=prod,
        role="viewer",
        identity=Identity(issuer=ISSUER, subject=f"bob of {root}", email="bob@example.com"),
        key=KEY,
    )
    binding = written(bound, BindingState)
    return World(
        root=root,
        prod=prod,
        eu=eu,
        cluster=cluster,
        identity=identity.id,
        policy=written(applied[0], PolicyState).id,
        first=written(applied[0], VersionState).id,
        second=written(applied[1], VersionState).id,
        binding=binding.id,
        invite=invite.id,
        role=written(made_role, RoleState).id,
        key_id=invite.key_id,
        owner=owner.user_id,
        bob=binding.user_id,
        change=bound.change or "",
        actor_key=f"{owner.user_id} {KEY}",
        epoch=bound.revision.epoch,
        revision=bound.revision.revision,
    )


async def _group(graph: Graph, caller: Caller, parent: str, name: str) -> str:
    made = await groups.create_group(graph, caller=caller, parent=parent, name=name)
    return written(made, GroupState).id


def brief(answer: Any) -> Any:
    """Shorten an answer to what a case expects: ids for things, totals and ids for pages."""
    if isinstance(answer, Page):
        page = cast("Page[Any]", answer)
        return page.total, brief(page.items)
    if isinstance(answer, list):
        short = [brief(row) for row in cast("list[Any]", answer)]
        return sorted(short) if all(isinstance(each, str) for each in short) else short
    for name in ("id", "binding", "change_id"):
        found = getattr(answer, name, None)
        if found is not None:
            return brief(found)
    return answer
