"""How the tests call the API: as a person with a token, by queries and by inputs of mutations."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from api.schema import graphql_schema
from graph.engine import Graph
from graph.ids import user_id
from graph.snapshot import Caller
from tests.api.issuer import Issuer

_SUCCESS = {
    "GroupResult": "... on GroupWritten { group { id name description path parentId } }",
    "ClusterResult": (
        "... on ClusterWritten { cluster { id name description path remoteId kubernetesVersion"
        " labels { key value } } }"
    ),
    "PolicyResult": (
        "... on PolicyWritten { policy { id name description path } version { id number mode"
        " images document } warnings { message field line column } }"
    ),
    "RoleResult": (
        "... on RoleWritten { role { id name description builtIn groupId capabilities } }"
    ),
    "RoleBindingResult": (
        "... on RoleBindingWritten { binding { id expiresAt role { name } user { id }"
        " group { name } } }"
    ),
    "InviteResult": (
        "... on InviteWritten { code invite { id kind keyId email maxUses usesLeft expiresAt active"
        " inactiveBecause role { name } group { name } } }"
    ),
    "RedeemResult": (
        "... on InviteRedeemed { alreadyBound binding { id expiresAt createdBy role { name }"
        " user { id } group { id name } } }"
    ),
    "IdentityResult": (
        "... on IdentityWritten { identity { id name description issuer subject subjectPattern"
        " audience claims { name value pattern } keys { keyId algorithm } keysExpireAt } }"
    ),
    "DeleteResult": "... on Deleted { subjects { kind id name } }",
    "RestoreResult": "... on Restored { subjects { kind id name } }",
    "ClusterSeenResult": "... on ClusterSeen { clusterId }",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token of the tests' issuer."""

    name: str
    subject: str
    token: str = field(repr=False)
    caller: Caller

    @property
    def id(self) -> str:
        return self.caller.user_id


@dataclass(frozen=True, slots=True)
class Api:
    """The service as its callers see it, and the graph below for what a test starts from."""

    http: httpx.AsyncClient
    graph: Graph
    issuer: Issuer

    def person(self, name: str = "someone") -> Person:
        """Return somebody whom nobody has met."""
        subject = f"{name}-{uuid.uuid4().hex[:12]}"
        known_as = user_id(self.graph.user_key, self.issuer.name, subject)
        return Person(name, subject, self.issuer.token(subject), Caller(known_as))

    async def ask(
        self, person: Person, query: str, *, pin: str | None = None, **variables: Any
    ) -> Any:
        """Return the data of an answer without errors."""
        answer = await self.answer(person, query, pin=pin, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def refused(
        self, person: Person, query: str, *, pin: str | None = None, **variables: Any
    ) -> dict[str, Any]:
        """Return the one error of an answer, with its code beside the message."""
        answer = await self.answer(person, query, pin=pin, **variables)
        assert "errors" in answer, answer
        (error,) = answer["errors"]
        return {"message": error["message"], **error["extensions"]}

    async def answer(
        self, person: Person, query: str, *, pin: str | None = None, **variables: Any
    ) -> dict[str, Any]:
        """Return a whole answer, which comes with 200."""
        body = {"query": query, "variables": variables}
        response = await self.post(orjson.dumps(body), token=person.token, pin=pin)
        assert response.status_code == 200, response.text
        return response.json()

    async def post(
        self,
        body: bytes,
        *,
        token: str | None = None,
        pin: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send a body as it is."""
        sent = {"Content-Type": "application/json"}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if pin is not None:
            sent["Policygraph-Organization"] = pin
        return await self.http.post("/graphql", content=body, headers={**sent, **(headers or {})})

    async def do(self, person: Person, mutation: str, **input_: Any) -> dict[str, Any]:
        """Send a mutation; return its outcome, whatever member of the union it is."""
        data = await self.ask(person, mutation_text(mutation), input=input_)
        return data[mutation]

    async def done(self, person: Person, mutation: str, **input_: Any) -> dict[str, Any]:
        """Send a mutation that is to succeed; return its outcome."""
        outcome = await self.do(person, mutation, **input_)
        assert "message" not in outcome, outcome
        return outcome

    async def revision(self, person: Person) -> str:
        """Return where the organizations of a person are."""
        return (await self.ask(person, "{ viewer { revision } }"))["viewer"]["revision"]

    async def organization(self, owner: Person, *paths: str, name: str = "acme") -> str:
        """Create an organization with groups at these paths (parents first); return its id."""
        root = (await self.done(owner, "createGroup", name=name))["group"]["id"]
        for path in paths:
            above, _, last = path.rpartition("/")
            parent = f"{root}/{above}" if above else root
            await self.done(owner, "createGroup", parent=parent, name=last)
        return root

    async def member(self, owner: Person, group: str, role: str, name: str = "member") -> Person:
        """Return a new person whom an owner bound to a group."""
        person = self.person(name)
        identity = {"issuer": self.issuer.name, "subject": person.subject}
        await self.done(owner, "createRoleBinding", group=group, role=role, identity=identity)
        return person


def mutation_text(mutation: str) -> str:
    """Return the document of a mutation that asks for all that its outcome may say."""
    result = RESULTS[mutation]
    common = "" if result == "ClusterSeenResult" else "... on Success { revision changeId }"
    return (
        f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{ {mutation}(input: $input)"
        f" {{ __typename {common} {_SUCCESS[result]} ... on Refusal {{ message }}"
        " ... on Conflict { details } ... on InvalidInput { details } } }"
    )


def _results() -> dict[str, str]:
    mutations = graphql_schema.mutation_type
    assert mutations is not None
    return {name: str(field.type).rstrip("!") for name, field in mutations.fields.items()}


RESULTS = _results()
"""What each mutation answers: the name of its union."""
