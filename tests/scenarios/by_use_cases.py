"""Tells scenarios by calling the use cases of the graph."""

from datetime import timedelta
from typing import Any

from graph import bindings, clusters, groups, lookup, policies, reach, restoring, users
from graph.engine import Graph, Written
from graph.errors import NotFoundError, PolicyGraphError
from graph.paging import PageRequest
from graph.rights import Capability
from graph.snapshot import Caller, Snapshot
from tests.given import Clock, a_person, a_policy
from tests.scenarios.telling import by_depth

_PAGE = PageRequest("scenario", 1000)


class ByUseCases:
    """A teller over a graph."""

    def __init__(self, graph: Graph, clock: Clock) -> None:
        self._graph = graph
        self._clock = clock
        self._people: dict[str, Caller] = {}
        self._deleted = ""

    async def person(self, name: str) -> None:
        """Let somebody sign in."""
        self._people[name] = await a_person(self._graph, name)

    def wait(self, time: timedelta) -> None:
        """Turn the clock forward."""
        self._clock.forward(seconds=time.total_seconds())

    async def ask(self, by: str, question: str, subjects: tuple[str, ...]) -> list[str] | str:
        """Answer from one state."""
        answer, _ = await self._graph.read(
            self._people[by], lambda at: self._answer(at, question, subjects)
        )
        return answer

    async def _answer(
        self, at: Snapshot, question: str, subjects: tuple[str, ...]
    ) -> list[str] | str:
        match question, subjects:
            case "policies", (kind, ref):
                return await _effective(at, kind, ref)
            case "members", (ref,):
                return await self._members(at, ref)
            case "clusters", (ref,):
                policy = await policies.get_policy(at, ref=ref)
                (reached,) = await reach.policy_clusters(at, policies=[policy], page=_PAGE)
                return [cluster.name for cluster in reached.items]
            case "may", (name, capability, ref):
                decision = await users.access(
                    at,
                    user=self._people[name].user_id,
                    capability=Capability(capability),
                    group=ref,
                )
                return "yes" if decision.allowed else "no"
            case "see", (kind, ref):
                return await _sees(at, kind, ref)
            case _:
                return await _listed(at, question)

    async def _members(self, at: Snapshot, ref: str) -> list[str]:
        place = await groups.get_group(at, ref=ref)
        (found,) = await bindings.group_members(at, groups=[place.id])
        names = {caller.user_id: name for name, caller in self._people.items()}
        return by_depth(
            (
                len(member.path),
                f"{names[member.user.id]} is {member.role.name} from {member.via.name}",
            )
            for member in found
        )

    async def do(self, by: str, action: str, subjects: tuple[str, ...]) -> str:
        """Carry out a write."""
        try:
            written = await self._write(self._people[by], action, subjects)
        except PolicyGraphError as error:
            return error.code.lower().replace("_", " ")
        if action.startswith("delete"):
            self._deleted = written.change or ""
        return "done"

    async def _write(  # noqa: PLR0911 - a table, one line a sentence
        self, caller: Caller, action: str, subjects: tuple[str, ...]
    ) -> Written:
        graph, (ref, *rest) = self._graph, subjects or ("",)
        above, _, last = ref.rpartition("/")
        match action:
            case "create group":
                return await groups.create_group(
                    graph, caller=caller, parent=above or None, name=last
                )
            case "create cluster":
                return await clusters.create_cluster(graph, caller=caller, group=above, name=last)
            case "apply policy":
                document = a_policy(last)
                return await policies.apply_policy(
                    graph, caller=caller, group=above, document=document
                )
            case "rename group":
                return await groups.update_group(graph, caller=caller, group=ref, name=rest[0])
            case "delete group":
                return await groups.delete_group(
                    graph, caller=caller, group=ref, cascade=bool(rest)
                )
            case "restore the last delete":
                return await restoring.restore(graph, caller=caller, change=self._deleted)
            case "bind" | "unbind":
                return await self._bind(caller, action, *subjects)
            case _:
                use_case: Any = {
                    "move group": groups.move_group,
                    "move cluster": clusters.move_cluster,
                    "move policy": policies.move_policy,
                    "delete cluster": clusters.delete_cluster,
                    "delete policy": policies.delete_policy,
                }[action]
                to = {"to": rest[0]} if rest else {}
                return await use_case(graph, caller=caller, **{action.split()[1]: ref}, **to)

    async def _bind(
        self, caller: Caller, action: str, name: str, role: str, group: str, hours: str = ""
    ) -> Written:
        if action == "unbind":
            at = await self._graph.snapshot(caller)
            found = await bindings.list_bindings(
                at, within=group, role=role, user=self._people[name].user_id, page=_PAGE
            )
            (binding,) = (row.binding.id for row in found.items)
            return await bindings.delete_role_binding(self._graph, caller=caller, binding=binding)
        until = self._clock() + timedelta(hours=int(hours)) if hours else None
        return await bindings.create_role_binding(
            self._graph,
            caller=caller,
            group=group,
            role=role,
            user=self._people[name].user_id,
            expires_at=until,
        )


async def _effective(at: Snapshot, kind: str, ref: str) -> list[str]:
    if kind == "group":
        place = (await groups.get_group(at, ref=ref)).id
    else:
        place = (await clusters.get_cluster(at, ref=ref)).group_id
    (found,) = await policies.effective_policies(at, groups=[place])
    return [
        f"{each.policy.name}{'!' if each.name_collision else ''} from {each.via.name}"
        for each in found
    ]


async def _sees(at: Snapshot, kind: str, ref: str) -> str:
    read: Any = {"group": lookup.group, "cluster": lookup.cluster, "policy": lookup.policy}[kind]
    try:
        await read(at, ref)
    except NotFoundError:
        return "no"
    return "yes"


async def _listed(at: Snapshot, what: str) -> list[str]:
    list_all: Any = {
        "groups": groups.list_groups,
        "clusters": clusters.list_clusters,
        "policies": policies.list_policies,
    }[what]
    found = await list_all(at, within=None, name=None, page=_PAGE)
    return [row.name for row in found.items]
