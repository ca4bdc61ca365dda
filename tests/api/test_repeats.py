"""A mutation repeated under its key answers what it did, whatever became of it since."""

import re
from typing import Any

import pytest

from tests.api.client import Api, Person
from tests.given import ISSUER, a_policy, a_policy_by_key, a_secret

# What each leaves behind to be repeated: the mutation, its input; `@` stands for an id made before.
WRITES: dict[str, dict[str, Any]] = {
    "createGroup": {"parent": "acme/team", "name": "new"},
    "updateGroup": {"group": "acme/team/inner", "description": "told"},
    "moveGroup": {"group": "acme/team/inner", "to": "acme/team/other"},
    "deleteGroup": {"group": "acme/team/inner", "cascade": True},
    "createCluster": {"group": "acme/team", "name": "new"},
    "updateCluster": {"cluster": "acme/team/c", "description": "told"},
    "moveCluster": {"cluster": "acme/team/c", "to": "acme/team/other"},
    "deleteCluster": {"cluster": "acme/team/c"},
    "applyPolicy": {"group": "acme/team", "document": a_policy("new")},
    "updatePolicy": {"policy": "acme/team/p", "description": "told"},
    "movePolicy": {"policy": "acme/team/p", "to": "acme/team/other"},
    "activatePolicyVersion": {"version": "@version"},
    "deletePolicy": {"policy": "acme/team/p"},
    "createRoleBinding": {"group": "acme/team", "role": "viewer", "user": "@ada"},
    "updateRoleBinding": {"binding": "@binding", "role": "editor"},
    "deleteRoleBinding": {"binding": "@binding"},
    "createInvite": {"group": "acme/team", "role": "viewer"},
    "rotateInvite": {"invite": "@invite"},
    "deleteInvite": {"invite": "@invite"},
    "createIdentity": {
        "group": "acme/team",
        "name": "new",
        "issuer": ISSUER,
        "subjectPattern": "job:.*",
        "claims": [{"name": "ref", "value": "main"}],
    },
    "updateIdentity": {"identity": "@identity", "subject": "another"},
    "deleteIdentity": {"identity": "@identity"},
    "restore": {"change": "@deleted"},
}
_GROUP = "... on GroupWritten { group { id name description parentId } }"
_CLUSTER = "... on ClusterWritten { cluster { id name description groupId } }"
_POLICY = (
    "... on PolicyWritten { policy { id name description mode groupId activeVersion { number } }"
    " warnings { message } }"
)
_BINDING = "... on RoleBindingWritten { binding { id role { name } } }"
_DELETED = "... on Deleted { subjects { kind id name } }"
_ANSWERS = {
    "Group": _GROUP,
    "Cluster": _CLUSTER,
    "Policy": _POLICY,
    "PolicyVersion": _POLICY,
    "RoleBinding": _BINDING,
    "Invite": "... on InviteWritten { invite { id keyId role { name } usesLeft expiresAt } }",
    "Identity": "... on IdentityWritten { identity { id name subject audience groupId } }",
    "restore": "... on Restored { subjects { kind id name } }",
}


def _query(mutation: str) -> str:
    """Return a mutation that asks for all that is recorded of it, and nothing of the present."""
    kind = re.sub("^[a-z]+(?=[A-Z])", "", mutation)
    answer = _DELETED if mutation.startswith("delete") else _ANSWERS[kind]
    return (
        f"mutation($input: {mutation[0].upper()}{mutation[1:]}Input!) {{"
        f" outcome: {mutation}(input: $input) {{ __typename ... on Refusal {{ message }}"
        f" ... on Success {{ revision changeId }} {answer} }} }}"
    )


async def _world(api: Api, ada: Person) -> dict[str, str]:
    await api.organization(ada, "team", "team/inner", "team/other", "team/gone")
    await api.done(ada, "createCluster", group="acme/team", name="c")
    first = await api.done(ada, "applyPolicy", group="acme/team", document=a_policy("p"))
    await api.done(ada, "applyPolicy", group="acme/team", document=a_policy("p", mode="warn"))
    friend = api.person("friend")
    bound = await api.done(
        ada,
        "createRoleBinding",
        group="acme/team",
        role="viewer",
        identity={"issuer": api.issuer.name, "subject": friend.subject},
    )
    invited = await api.done(ada, "createInvite", group="acme/team", role="viewer")
    identity = await api.done(
        ada, "createIdentity", group="acme/team", name="ci", issuer=ISSUER, subject="job"
    )
    deleted = await api.done(ada, "deleteGroup", group="acme/team/gone")
    return {
        "@version": first["version"]["id"],
        "@binding": bound["binding"]["id"],
        "@invite": invited["invite"]["id"],
        "@ada": ada.id,
        "@identity": identity["identity"]["id"],
        "@deleted": deleted["changeId"],
    }


@pytest.mark.parametrize("after", ["nothing", "its group is gone", "its organization is gone"])
@pytest.mark.parametrize("mutation", WRITES)
async def test_a_repeat_answers_what_was_done(
    api: Api, ada: Person, mutation: str, after: str
) -> None:
    known = await _world(api, ada)
    given = {name: known.get(str(text), text) for name, text in WRITES[mutation].items()}
    query = _query(mutation)
    asked = {**given, "idempotencyKey": "k"}
    first = (await api.ask(ada, query, input=asked))["outcome"]
    assert first["changeId"], first
    if after != "nothing":
        gone = "acme/team" if after == "its group is gone" else "acme"
        await api.done(ada, "deleteGroup", group=gone, cascade=True)

    again = (await api.ask(ada, query, input=asked))["outcome"]

    assert again == first


async def test_a_repeat_tells_which_right_was_lost_since(api: Api, ada: Person) -> None:
    await api.organization(ada, "team")
    bob = await api.member(ada, "acme/team", "editor", "bob")
    await api.member(ada, "acme/team", "viewer")
    asked = {"group": "acme/team", "name": "c", "idempotencyKey": "k"}
    await api.done(bob, "createCluster", **asked)
    query = "query($user: Ref!) { roleBindings(user: $user) { edges { node { id } } } }"
    (edge,) = (await api.ask(ada, query, user=bob.id))["roleBindings"]["edges"]
    await api.done(ada, "updateRoleBinding", binding=edge["node"]["id"], role="viewer")

    refused = await api.do(bob, "createCluster", **asked)

    assert refused["__typename"] == "PermissionDenied"
    assert "clusters.create" in refused["message"]


async def test_a_repeat_under_another_pin_is_another_input(api: Api, ada: Person) -> None:
    org = await api.organization(ada)
    asked = {"parent": "acme", "name": "a", "idempotencyKey": "k"}
    await api.done(ada, "createGroup", **asked)
    again = (await api.ask(ada, _query("createGroup"), pin=org, input=asked))["outcome"]
    assert (again["__typename"], "another input" in again["message"]) == ("Conflict", True)


async def test_an_empty_key_is_refused(api: Api, ada: Person) -> None:
    refused = await api.do(ada, "createGroup", name="a", idempotencyKey="")
    assert (refused["__typename"], "key" in refused["message"]) == ("InvalidInput", True)


async def test_warnings_are_of_the_text_as_it_was_applied(api: Api, ada: Person) -> None:
    await api.organization(ada)
    (other, _), (mine, _) = a_secret("other"), a_secret("mine")
    unused = a_policy_by_key("p", key="mine") + other
    outcome = await api.done(ada, "applyPolicy", group="acme", document=unused)
    said = [warning["message"] for warning in outcome["warnings"]]
    assert any("other" in message for message in said), said
    assert any("mine" in message for message in said), said

    whole = a_policy_by_key("q", key="mine") + mine
    outcome = await api.done(ada, "applyPolicy", group="acme", document=whole)
    assert outcome["warnings"] == []
    stored = '{ policy(ref: "acme/q") { activeVersion { warnings { message } } } }'
    assert (await api.ask(ada, stored))["policy"]["activeVersion"]["warnings"] == []
