"""`node`, `resolve`, refs of all forms, the pin of an organization, and changes."""

from typing import Any

import pytest

from tests.api.client import Api, Person
from tests.given import a_policy

NODE = "query($id: ID!) { node(id: $id) { __typename id } }"
RESOLVE = """query($text: String!, $kinds: [MatchKind!], $first: Int! = 50) {
  resolve(text: $text, kinds: $kinds, first: $first) { kind id path } }"""
GROUP = "query($ref: Ref!) { group(ref: $ref) { id path } }"
CHANGES = """query($organization: Ref!, $first: Int! = 50, $after: String) {
  changes(organization: $organization, first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  edges { node { id kind number actor at organizationId subjects
  edits { totalCount edges { node { before after } } } } } } }"""


async def test_everything_is_found_by_its_id(api: Api, ada: Person) -> None:
    group = (await api.done(ada, "createGroup", name="acme"))["group"]["id"]
    cluster = (await api.done(ada, "createCluster", group="acme", name="c"))["cluster"]["id"]
    applied = await api.done(ada, "applyPolicy", group="acme", document=a_policy("p"))
    bob = api.person("bob")
    identity = {"issuer": api.issuer.name, "subject": bob.subject}
    bound = await api.done(ada, "createRoleBinding", group="acme", role="viewer", identity=identity)
    stranger = api.person("stranger")
    for id_, kind in (
        (group, "Group"),
        (cluster, "Cluster"),
        (applied["policy"]["id"], "Policy"),
        (applied["version"]["id"], "PolicyVersion"),
        (bound["binding"]["id"], "RoleBinding"),
        (bob.id, "User"),
        (bound["changeId"], "Change"),
    ):
        assert (await api.ask(ada, NODE, id=id_))["node"] == {"__typename": kind, "id": id_}
        hidden = await api.refused(stranger, NODE, id=id_)
        assert (hidden["code"], id_ in hidden["message"]) == ("NOT_FOUND", True)
    role = await api.ask(stranger, NODE, id="rol_viewer")
    assert role["node"] == {"__typename": "Role", "id": "rol_viewer"}


@pytest.mark.parametrize(
    ("id_", "code"),
    [
        ("", "INVALID_INPUT"),
        ("acme/prod", "INVALID_INPUT"),
        ("grp_", "INVALID_INPUT"),
        ("GRP_00000000000000000000000000", "INVALID_INPUT"),
        ("grp_00000000000000000000000000", "NOT_FOUND"),
        ("rol_emperor", "NOT_FOUND"),
        ("inv_00000000000000000000000000", "NOT_FOUND"),
    ],
)
async def test_what_is_no_id_or_nobodys_is_refused(
    api: Api, ada: Person, id_: str, code: str
) -> None:
    refused = await api.refused(ada, NODE, id=id_)
    assert refused["code"] == code
    assert repr(id_) in refused["message"] or id_ in refused["message"]


async def test_a_text_is_resolved_by_name_prefix_path_and_id(api: Api, ada: Person) -> None:
    org = await api.organization(ada, "prod", "prod-eu", "prod/prod")
    await api.done(ada, "createCluster", group="acme/prod", name="prod")
    await api.done(ada, "applyPolicy", group="acme", document=a_policy("prod.images"))

    async def found(text: str, **more: Any) -> list[tuple[str, str]]:
        matches = (await api.ask(ada, RESOLVE, text=text, **more))["resolve"]
        return [(match["kind"], match["path"]) for match in matches]

    assert await found("prod") == [
        ("GROUP", "acme/prod"),
        ("CLUSTER", "acme/prod/prod"),
        ("GROUP", "acme/prod/prod"),
        ("GROUP", "acme/prod-eu"),
        ("POLICY", "acme/prod.images"),
    ]
    assert await found("group:acme") == [("GROUP", "acme")]
    assert await found("cluster:acme/prod/prod") == [("CLUSTER", "acme/prod/prod")]
    assert await found("prod", kinds=["CLUSTER"]) == [("CLUSTER", "acme/prod/prod")]
    assert await found("acme/prod/prod") == [
        ("GROUP", "acme/prod/prod"),
        ("CLUSTER", "acme/prod/prod"),
    ]
    assert await found("cluster:acme/prod/prod") == [("CLUSTER", "acme/prod/prod")]
    assert await found(org) == [("GROUP", "acme")]
    assert await found("Prod") == []
    assert await found("nothing") == []
    refused = await api.refused(ada, RESOLVE, text="prod", first=2)
    assert (refused["code"], "5" in refused["message"]) == ("INVALID_INPUT", True)
    assert (await api.ask(api.person(), RESOLVE, text="prod"))["resolve"] == []


async def test_a_ref_is_an_id_a_path_or_a_path_from_an_id(api: Api, ada: Person) -> None:
    org = await api.organization(ada, "prod")
    id_ = (await api.ask(ada, GROUP, ref="acme/prod"))["group"]["id"]
    for ref in ("acme/prod", f"{org}/prod", id_, "group:acme/prod", f"group:{id_}"):
        assert (await api.ask(ada, GROUP, ref=ref))["group"] == {"id": id_, "path": "acme/prod"}


async def test_two_organizations_of_one_name_are_listed_and_a_pin_chooses(
    api: Api, ada: Person
) -> None:
    mine = await api.organization(ada, "prod")
    bob = api.person("bob")
    other = await api.organization(bob, "prod")
    identity = {"issuer": api.issuer.name, "subject": ada.subject}
    await api.done(bob, "createRoleBinding", group="acme", role="viewer", identity=identity)

    refused = await api.refused(ada, GROUP, ref="acme/prod")

    assert (refused["code"], refused["details"]) == ("INVALID_INPUT", sorted([mine, other]))
    before = await api.revision(ada)
    outcome = await api.do(ada, "deleteGroup", group="acme/prod")
    assert (outcome["__typename"], outcome["details"]) == ("InvalidInput", sorted([mine, other]))
    assert await api.revision(ada) == before
    for pin in (mine, other):
        found = (await api.ask(ada, GROUP, pin=pin, ref="acme/prod"))["group"]
        assert found == (await api.ask(ada, GROUP, ref=f"{pin}/prod"))["group"]
        listed = await api.ask(ada, "{ groups { edges { node { organizationId } } } }", pin=pin)
        assert {e["node"]["organizationId"] for e in listed["groups"]["edges"]} == {pin}
        viewer = (await api.ask(ada, "{ viewer { organizationIds } }", pin=pin))["viewer"]
        assert viewer["organizationIds"] == [pin]


async def test_an_organization_of_strangers_never_makes_a_name_ambiguous(api: Api) -> None:
    for name in ("ada", "eve"):
        person = api.person(name)
        org = await api.organization(person, "prod")
        found = (await api.ask(person, GROUP, ref="acme/prod"))["group"]
        assert found["path"] == "acme/prod"
        assert (await api.ask(person, GROUP, ref=f"{org}/prod"))["group"] == found


@pytest.mark.parametrize("pin", ["acme", "grp_", "usr_00000000000000000000000000", "*"])
async def test_a_pin_that_is_no_group_id_is_refused(api: Api, ada: Person, pin: str) -> None:
    response = await api.post(b'{"query": "{ capabilities { name } }"}', token=ada.token, pin=pin)
    assert response.status_code == 400
    assert "Policygraph-Organization" in response.json()["errors"][0]["message"]


async def test_a_pin_to_what_is_not_ones_organization_is_not_found(api: Api, ada: Person) -> None:
    theirs = await api.organization(api.person("eve"), "prod")
    mine = await api.organization(ada, "prod")
    inner = (await api.ask(ada, GROUP, ref=f"{mine}/prod"))["group"]["id"]
    for pin in (theirs, inner, "grp_00000000000000000000000000"):
        body = b'{"query": "{ groups { totalCount } }"}'
        response = await api.post(body, token=ada.token, pin=pin)
        (error,) = response.json()["errors"]
        assert (response.status_code, error["extensions"]["code"]) == (404, "NOT_FOUND")
        assert pin in error["message"]


async def test_changes_tell_who_wrote_what_the_newest_first(api: Api, ada: Person) -> None:
    org = await api.organization(ada, "prod")
    bob = await api.member(ada, "acme", "viewer", "bob")
    renamed = await api.done(ada, "updateGroup", group="acme/prod", name="live")

    found = (await api.ask(bob, CHANGES, organization=org))["changes"]

    kinds = [edge["node"]["kind"] for edge in found["edges"]]
    assert kinds == ["UPDATE_GROUP", "CREATE_ROLE_BINDING", "CREATE_GROUP", "CREATE_GROUP"]
    assert found["totalCount"] == len(kinds)
    newest = found["edges"][0]["node"]
    assert (newest["id"], newest["actor"]) == (renamed["changeId"], ada.id)
    assert (newest["organizationId"], newest["subjects"]) == (org, [renamed["group"]["id"]])
    (edit,) = [edge["node"] for edge in newest["edits"]["edges"]]
    assert (edit["before"]["name"], edit["after"]["name"]) == ("prod", "live")
    numbers = [edge["node"]["number"] for edge in found["edges"]]
    assert numbers == sorted(numbers, reverse=True)


async def test_changes_need_the_right_at_the_root(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod")
    bob = await api.member(ada, "acme/prod", "viewer", "bob")
    assert (await api.refused(bob, CHANGES, organization="acme"))["code"] == "NOT_FOUND"
    below = await api.refused(ada, CHANGES, organization="acme/prod")
    assert (below["code"], "acme/prod" in below["message"]) == ("INVALID_INPUT", True)
