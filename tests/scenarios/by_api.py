"""Tells scenarios over HTTP, each person with a token of their own."""

import re
from datetime import timedelta
from typing import Any

from tests.api.client import Api, Person
from tests.given import Clock, a_policy
from tests.scenarios.telling import by_depth

_EFFECTIVE = """query($ref: Ref!) { %s(ref: $ref) { effectivePolicies(first: 1000) {
  edges { nameCollision node { name } via { name } } } } }"""
_MEMBERS = """query($ref: Ref!) { group(ref: $ref) { members(first: 1000) {
  edges { node { id } role { name } via { name } path { id } } } } }"""
_REACHED = """query($ref: Ref!) { policy(ref: $ref) { clusters(first: 1000) {
  edges { node { name } } } } }"""
_MAY = """query($user: Ref!, $group: Ref!, $capability: Capability!) {
  access(user: $user, group: $group, capability: $capability) { allowed } }"""
_BINDINGS = """query($within: Ref!, $role: String!, $user: Ref!) {
  roleBindings(within: $within, role: $role, user: $user) { edges { node { id } } } }"""


class ByApi:
    """A teller over the API."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._people: dict[str, Person] = {}
        self._deleted = ""

    async def person(self, name: str) -> None:
        """Let somebody sign in."""
        self._people[name] = self._api.person(name)
        await self._api.revision(self._people[name])

    def wait(self, time: timedelta) -> None:
        """Turn the clock forward."""
        self._clock.forward(seconds=time.total_seconds())

    async def ask(self, by: str, question: str, subjects: tuple[str, ...]) -> list[str] | str:
        """Send one query."""
        person = self._people[by]
        match question, subjects:
            case "policies", (kind, ref):
                found = await self._edges(person, _EFFECTIVE % kind, ref=ref)
                marks = ["!" if edge["nameCollision"] else "" for edge in found]
                return [
                    f"{edge['node']['name']}{mark} from {edge['via']['name']}"
                    for edge, mark in zip(found, marks, strict=True)
                ]
            case "members", (ref,):
                return self._told(await self._edges(person, _MEMBERS, ref=ref))
            case "clusters", (ref,):
                found = await self._edges(person, _REACHED, ref=ref)
                return [edge["node"]["name"] for edge in found]
            case "may", (name, capability, ref):
                asked = {"user": self._people[name].id, "group": ref}
                capability = capability.upper().replace(".", "_")
                data = await self._api.ask(person, _MAY, **asked, capability=capability)
                return "yes" if data["access"]["allowed"] else "no"
            case "see", (kind, ref):
                query = f"query($ref: Ref!) {{ {kind}(ref: $ref) {{ id }} }}"
                answer = await self._api.answer(person, query, ref=ref)
                codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
                return {(): "yes", ("NOT_FOUND",): "no"}[tuple(codes)]
            case _:
                query = f"{{ {question}(first: 1000) {{ edges {{ node {{ name }} }} }} }}"
                return [edge["node"]["name"] for edge in await self._edges(person, query)]

    async def _edges(self, person: Person, query: str, **variables: str) -> list[dict[str, Any]]:
        found = await self._api.ask(person, query, **variables)
        while "edges" not in found:
            (found,) = found.values()
        return found["edges"]

    def _told(self, edges: list[dict[str, Any]]) -> list[str]:
        names = {person.id: name for name, person in self._people.items()}
        return by_depth(
            (
                len(edge["path"]),
                f"{names[edge['node']['id']]} is {edge['role']['name']} from {edge['via']['name']}",
            )
            for edge in edges
        )

    async def do(self, by: str, action: str, subjects: tuple[str, ...]) -> str:
        """Send one mutation."""
        mutation, input_ = await self._mutation(self._people[by], action, subjects)
        outcome = await self._api.do(self._people[by], mutation, **input_)
        if "message" in outcome:
            return re.sub(r"(?<=.)([A-Z])", r" \1", outcome["__typename"]).lower()
        if action.startswith("delete"):
            self._deleted = outcome["changeId"]
        return "done"

    async def _mutation(  # noqa: PLR0911 - a table, one line a sentence
        self, person: Person, action: str, subjects: tuple[str, ...]
    ) -> tuple[str, dict[str, Any]]:
        ref, *rest = subjects or ("",)
        above, _, last = ref.rpartition("/")
        match action:
            case "create group":
                return "createGroup", {"name": last, "parent": above or None}
            case "create cluster":
                return "createCluster", {"name": last, "group": above}
            case "apply policy":
                return "applyPolicy", {"group": above, "document": a_policy(last)}
            case "rename group":
                return "updateGroup", {"group": ref, "name": rest[0]}
            case "delete group":
                return "deleteGroup", {"group": ref, "cascade": bool(rest)}
            case "restore the last delete":
                return "restore", {"change": self._deleted}
            case "bind":
                name, role, group, *hours = subjects
                until = self._clock() + timedelta(hours=int(hours[0])) if hours else None
                return "createRoleBinding", {
                    "user": self._people[name].id,
                    "role": role,
                    "group": group,
                    "expiresAt": until and until.isoformat(),
                }
            case "unbind":
                name, role, group = subjects
                asked = {"within": group, "role": role, "user": self._people[name].id}
                (edge,) = await self._edges(person, _BINDINGS, **asked)
                return "deleteRoleBinding", {"binding": edge["node"]["id"]}
            case _:
                verb, kind = action.split()
                to = {"to": rest[0]} if rest else {}
                return f"{verb}{kind.capitalize()}", {kind: ref, **to}
