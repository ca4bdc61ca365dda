from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.client import Api, Person

MEMBERS = """query($ref: Ref!) { group(ref: $ref) { members { edges { binding { id } expiresAt
  capabilities inherited node { id } role { name } via { name } path { name } } } } }"""
ACCESS = """query($user: Ref!, $group: Ref!, $capability: Capability!) {
  access(user: $user, group: $group, capability: $capability) { allowed capability user { id }
  because { binding { id } role { name } via { name } path { name } }
  neededRoles { name } neededAt { name } } }"""
VIEWER = """{ viewer { organizationIds revision user { id issuer subject kind email
  displayName access { edges { node { name } role { name } capabilities } }
  groups { totalCount edges { node { path } } } } } }"""


async def test_a_viewer_is_told_who_they_are_and_what_they_hold(api: Api, ada: Person) -> None:
    org = await api.organization(ada, "prod")
    viewer = (await api.ask(ada, VIEWER))["viewer"]

    user = viewer["user"]
    assert viewer["organizationIds"] == [org]
    assert (user["id"], user["issuer"], user["subject"]) == (ada.id, api.issuer.name, ada.subject)
    assert (user["kind"], user["email"]) == ("HUMAN", f"{ada.subject}@example.com")
    (held,) = user["access"]["edges"]
    assert (held["node"]["name"], held["role"]["name"]) == ("acme", "owner")
    assert "GROUPS_CREATE" in held["capabilities"]
    assert [edge["node"]["path"] for edge in user["groups"]["edges"]] == ["acme", "acme/prod"]


async def test_who_signs_in_for_the_first_time_holds_nothing(api: Api) -> None:
    viewer = (await api.ask(api.person(), VIEWER))["viewer"]
    assert viewer["organizationIds"] == []
    assert viewer["user"]["access"]["edges"] == viewer["user"]["groups"]["edges"] == []


async def test_an_email_that_the_issuer_did_not_verify_is_not_shown(api: Api) -> None:
    person = api.person()
    token = api.issuer.token(person.subject, email="ceo@acme.example", email_verified=False)
    stranger = Person("eve", person.subject, token, person.caller)
    assert (await api.ask(stranger, VIEWER))["viewer"]["user"]["email"] is None


async def test_who_is_bound_before_they_ever_signed_in_finds_their_role(
    api: Api, ada: Person
) -> None:
    await api.organization(ada, "prod")
    bob = api.person("bob")
    identity = {"issuer": api.issuer.name, "subject": bob.subject}

    outcome = await api.done(
        ada, "createRoleBinding", group="acme/prod", role="viewer", identity=identity
    )

    assert outcome["__typename"] == "RoleBindingWritten"
    assert outcome["binding"]["user"]["id"] == bob.id
    assert (outcome["binding"]["role"], outcome["binding"]["group"]) == (
        {"name": "viewer"},
        {"name": "prod"},
    )
    assert outcome["revision"] == await api.revision(ada)
    held = (await api.ask(bob, VIEWER))["viewer"]["user"]["access"]["edges"]
    assert [(each["node"]["name"], each["role"]["name"]) for each in held] == [("prod", "viewer")]


async def test_binding_again_answers_the_binding_that_is_there(api: Api, ada: Person) -> None:
    await api.organization(ada)
    bob = await api.member(ada, "acme", "viewer")
    before = await api.revision(ada)
    again = await api.done(ada, "createRoleBinding", group="acme", role="viewer", user=bob.id)
    assert again["changeId"] is None
    assert await api.revision(ada) == before


async def test_binding_again_keeps_the_expiry_unless_another_is_given(
    api: Api, ada: Person
) -> None:
    await api.organization(ada)
    bob = await api.member(ada, "acme", "viewer")
    until, later = ((datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (1, 2))
    asked = {"group": "acme", "role": "viewer", "user": bob.id}

    limited = await api.done(ada, "createRoleBinding", **asked, expiresAt=until)
    again = await api.done(ada, "createRoleBinding", **asked)
    longer = await api.done(ada, "createRoleBinding", **asked, expiresAt=later)

    assert again["binding"] == limited["binding"]
    assert again["changeId"] is None
    assert datetime.fromisoformat(longer["binding"]["expiresAt"]) == datetime.fromisoformat(later)


async def test_somebody_who_never_signed_in_is_found_by_their_subject(
    api: Api, ada: Person
) -> None:
    await api.organization(ada)
    zoe = await api.member(ada, "acme", "viewer", "zoe")
    query = "query($name: String) { users(name: $name) { edges { node { id } } } }"
    found = (await api.ask(ada, query, name=zoe.subject))["users"]["edges"]
    assert [edge["node"]["id"] for edge in found] == [zoe.id]


async def test_a_binding_is_given_another_role_and_expiry(api: Api, ada: Person) -> None:
    await api.organization(ada)
    bob = await api.member(ada, "acme", "viewer")
    binding = await _binding(api, ada, "acme", bob)
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    changed = await api.done(
        ada, "updateRoleBinding", binding=binding, role="editor", expiresAt=until
    )
    forever = await api.done(ada, "updateRoleBinding", binding=binding, neverExpires=True)

    assert changed["binding"]["role"]["name"] == "editor"
    assert datetime.fromisoformat(changed["binding"]["expiresAt"]) == datetime.fromisoformat(until)
    assert (forever["binding"]["role"]["name"], forever["binding"]["expiresAt"]) == ("editor", None)
    assert forever["revision"] == await api.revision(ada)


async def test_a_binding_that_is_deleted_takes_the_rights_along(api: Api, ada: Person) -> None:
    org = await api.organization(ada)
    bob = await api.member(ada, "acme", "viewer")
    binding = await _binding(api, ada, "acme", bob)

    gone = await api.done(ada, "deleteRoleBinding", binding=binding)

    assert gone["subjects"] == [{"kind": "binding", "id": binding, "name": None}]
    assert gone["revision"] == await api.revision(ada)
    hidden = await api.refused(bob, "query($r: Ref!) { group(ref: $r) { id } }", r=org)
    assert hidden["code"] == "NOT_FOUND"
    await api.done(ada, "restore", change=gone["changeId"])
    assert await _binding(api, ada, "acme", bob) == binding


async def test_nobody_grants_what_they_do_not_hold(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod")
    owner = await api.member(ada, "acme/prod", "owner", "prod-owner")
    binding = await _binding(api, ada, "acme/prod", owner)
    for refused in (
        await api.do(owner, "createRoleBinding", group="acme", role="viewer", user=owner.id),
        await api.do(owner, "updateGroup", group="acme", name="mine"),
    ):
        assert refused["__typename"] in {"PermissionDenied", "NotFound"}
    editor = await api.member(ada, "acme/prod", "editor", "editor")
    denied = await api.do(
        editor, "createRoleBinding", group="acme/prod", role="owner", user=editor.id
    )
    assert denied["__typename"] == "PermissionDenied"
    assert (await api.do(editor, "deleteRoleBinding", binding=binding))["__typename"] == (
        "PermissionDenied"
    )


async def test_an_expired_binding_grants_nothing_and_is_still_listed(
    api: Api, ada: Person, clock: Any
) -> None:
    await api.organization(ada)
    bob = await api.member(ada, "acme", "viewer")
    binding = await _binding(api, ada, "acme", bob)
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    await api.done(ada, "updateRoleBinding", binding=binding, expiresAt=until)

    clock.forward(hours=2)

    assert (await api.refused(bob, MEMBERS, ref="acme"))["code"] == "NOT_FOUND"
    assert [m["node"]["id"] for m in await _members(api, ada, "acme")] == [ada.id]
    listed = await api.ask(ada, "{ roleBindings { edges { node { id expired } } } }")
    found = {e["node"]["id"]: e["node"]["expired"] for e in listed["roleBindings"]["edges"]}
    assert found[binding] is True


async def test_access_says_because_of_what_or_what_it_would_take(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod", "prod/eu")
    bob = await api.member(ada, "acme/prod", "viewer", "bob")
    asked = {"user": bob.id, "group": "acme/prod/eu"}

    may = (await api.ask(ada, ACCESS, **asked, capability="POLICY_LIST"))["access"]
    may_not = (await api.ask(bob, ACCESS, **asked, capability="POLICY_CREATE"))["access"]

    assert may["allowed"] is True
    (because,) = may["because"]
    assert (because["role"], because["via"]) == ({"name": "viewer"}, {"name": "prod"})
    assert [group["name"] for group in because["path"]] == ["prod", "eu"]
    assert (may_not["allowed"], may_not["because"]) == (False, [])
    assert [role["name"] for role in may_not["neededRoles"]] == ["owner"]
    assert [group["name"] for group in may_not["neededAt"]] == ["acme", "prod", "eu"]


@pytest.mark.parametrize("role", ["editor", "viewer"])
async def test_whoever_sees_members_may_ask_about_others(api: Api, ada: Person, role: str) -> None:
    await api.organization(ada)
    bob = await api.member(ada, "acme", role)
    asked = {"user": ada.id, "group": "acme", "capability": "GROUPS_DELETE"}
    assert (await api.ask(bob, ACCESS, **asked))["access"]["allowed"] is True


async def test_users_and_bindings_are_listed_and_filtered(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod", "dev")
    bob = await api.member(ada, "acme/prod", "viewer", "bob")
    eve = await api.member(ada, "acme/dev", "editor", "eve")
    for person in (bob, eve):
        await api.revision(person)  # signs in, and so has an address
    users = (
        "query($within: Ref, $name: String) { users(within: $within, name: $name) {"
        " totalCount edges { node { id } } } }"
    )
    bindings = (
        "query($within: Ref, $role: String, $user: Ref) { roleBindings(within: $within,"
        " role: $role, user: $user) { edges { node { userId role { name } } } } }"
    )

    assert _ids(await api.ask(ada, users), "users") == {ada.id, bob.id, eve.id}
    assert _ids(await api.ask(ada, users, within="acme/prod"), "users") == {ada.id, bob.id}
    assert _ids(await api.ask(ada, users, name="bob-"), "users") == {bob.id}
    for asked, expected in (
        ({}, {ada.id, bob.id, eve.id}),
        ({"within": "acme/dev"}, {eve.id}),
        ({"role": "viewer"}, {bob.id}),
        ({"user": ada.id}, {ada.id}),
    ):
        found = (await api.ask(ada, bindings, **asked))["roleBindings"]["edges"]
        assert {edge["node"]["userId"] for edge in found} == expected


async def test_a_user_is_shown_to_who_may_list_bindings_where_they_are_bound(
    api: Api, ada: Person
) -> None:
    await api.organization(ada, "prod", "dev")
    bob = await api.member(ada, "acme/prod", "viewer", "bob")
    eve = await api.member(ada, "acme/dev", "viewer", "eve")
    query = "query($ref: Ref!) { user(ref: $ref) { id groups { edges { node { path } } } } }"

    found = (await api.ask(ada, query, ref=bob.id))["user"]

    assert [edge["node"]["path"] for edge in found["groups"]["edges"]] == ["acme/prod"]
    assert (await api.refused(eve, query, ref=bob.id))["code"] == "NOT_FOUND"
    assert (await api.ask(eve, query, ref=eve.id))["user"]["id"] == eve.id


async def test_the_roles_are_those_that_are_built_in_with_their_bindings(
    api: Api, ada: Person
) -> None:
    await api.organization(ada)
    bob = await api.member(ada, "acme", "viewer")
    query = (
        "{ roles { edges { node { name builtIn capabilities"
        " bindings { edges { node { userId } } } } } } }"
    )
    edges = (await api.ask(ada, query))["roles"]["edges"]
    found = {edge["node"]["name"]: edge["node"] for edge in edges}

    assert set(found) == {"owner", "editor", "viewer", "cluster-agent"}
    assert found["cluster-agent"]["capabilities"] == ["CLUSTERS_ENFORCE"]
    assert [e["node"]["userId"] for e in found["viewer"]["bindings"]["edges"]] == [bob.id]


async def _members(api: Api, person: Person, ref: str) -> list[dict[str, Any]]:
    return (await api.ask(person, MEMBERS, ref=ref))["group"]["members"]["edges"]


async def _binding(api: Api, person: Person, ref: str, of: Person) -> str:
    members = await _members(api, person, ref)
    return next(m["binding"]["id"] for m in members if m["node"]["id"] == of.id)


def _ids(data: dict[str, Any], field: str) -> set[str]:
    return {edge["node"]["id"] for edge in data[field]["edges"]}
