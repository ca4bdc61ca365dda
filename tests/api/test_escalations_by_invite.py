"""Attempts to come by a right through an invite: each is refused, and says why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.client import Api, Person
from tests.given import Clock


@pytest.fixture
async def org(api: Api, ada: Person) -> str:
    """An organization of Ada's."""
    return await api.organization(ada, "team", "other")


async def _code(api: Api, by: Person, group: str, role: str = "viewer", **asked: Any) -> str:
    made = await api.done(by, "createInvite", group=group, role=role, **asked)
    return made["code"]


async def _binding_of(api: Api, owner: Person, whom: Person) -> str:
    query = "query($user: Ref!) { roleBindings(user: $user) { edges { node { id } } } }"
    (edge,) = (await api.ask(owner, query, user=whom.id))["roleBindings"]["edges"]
    return edge["node"]["id"]


async def _refused(api: Api, person: Person, code: str) -> None:
    outcome = await api.do(person, "redeemInvite", code=code)
    assert (outcome["__typename"], "not accepted" in outcome["message"]) == ("NotFound", True)
    assert (await api.ask(person, "{ groups { totalCount } }"))["groups"]["totalCount"] == 0


@pytest.mark.parametrize("role", ["viewer", "editor", "owner"])
async def test_an_editor_does_not_invite_even_to_what_they_hold(
    api: Api, ada: Person, org: str, role: str
) -> None:
    editor = await api.member(ada, org, "editor")

    refused = await api.do(editor, "createInvite", group=org, role=role)

    assert refused["__typename"] == "PermissionDenied"
    assert "group_invites.create" in refused["message"]


async def test_an_editor_does_not_enrol_clusters_by_a_code(api: Api, ada: Person, org: str) -> None:
    editor = await api.member(ada, org, "editor")

    refused = await api.do(editor, "createInvite", group=org, kind="CLUSTER")

    assert (refused["__typename"], "group_invites.create" in refused["message"]) == (
        "PermissionDenied",
        True,
    )


async def test_the_owner_of_a_group_does_not_invite_above_or_beside_it(
    api: Api, ada: Person, org: str
) -> None:
    lead = await api.member(ada, "acme/team", "owner")

    for group in (org, f"{org}/other"):
        refused = await api.do(lead, "createInvite", group=group, role="viewer")
        assert refused["__typename"] == "NotFound"


async def test_who_was_removed_does_not_come_back_by_an_invite_they_made(
    api: Api, ada: Person, org: str
) -> None:
    eve = await api.member(ada, org, "owner", "eve")
    own = await _code(api, eve, org, "owner")
    accomplices = await _code(api, eve, org)
    await api.done(ada, "deleteRoleBinding", binding=await _binding_of(api, ada, eve))

    await _refused(api, eve, own)
    await _refused(api, api.person("accomplice"), accomplices)


async def test_who_was_removed_does_not_come_back_by_an_invite_of_before(
    api: Api, ada: Person, org: str
) -> None:
    eve = api.person("eve")
    code = await _code(api, ada, org, uses=10)
    await api.done(eve, "redeemInvite", code=code)
    await api.done(ada, "deleteRoleBinding", binding=await _binding_of(api, ada, eve))

    await _refused(api, eve, code)
    await api.done(api.person(), "redeemInvite", code=code)


async def test_who_owned_for_a_time_leaves_no_invite_behind(
    api: Api, ada: Person, org: str, clock: Clock
) -> None:
    eve = api.person("eve")
    await api.done(
        ada,
        "createRoleBinding",
        group=org,
        role="owner",
        identity={"issuer": api.issuer.name, "subject": eve.subject},
        expiresAt=(datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    )
    code = await _code(api, eve, org, "owner")
    clock.forward(hours=2)

    await _refused(api, api.person("accomplice"), code)


async def test_an_invite_gives_no_more_than_its_maker_holds_by_then(
    api: Api, ada: Person, org: str
) -> None:
    eve = await api.member(ada, org, "owner", "eve")
    code = await _code(api, eve, org, "owner")
    binding = await _binding_of(api, ada, eve)
    await api.done(ada, "updateRoleBinding", binding=binding, role="editor")

    await _refused(api, api.person("accomplice"), code)


async def test_who_may_see_an_invite_does_not_come_by_its_code(
    api: Api, ada: Person, org: str
) -> None:
    viewer = await api.member(ada, org, "viewer")
    made = await api.done(ada, "createInvite", group=org, role="owner", idempotencyKey="k")
    invite = made["invite"]["id"]

    for mutation, needed in (
        ("rotateInvite", "group_invites.create"),
        ("deleteInvite", "group_invites.delete"),
    ):
        refused = await api.do(viewer, mutation, invite=invite)
        assert (refused["__typename"], needed in refused["message"]) == ("PermissionDenied", True)
    repeated = await api.do(viewer, "createInvite", group=org, role="owner", idempotencyKey="k")
    assert repeated["__typename"] == "PermissionDenied"
    shown = await api.ask(
        viewer,
        "query($id: ID!, $org: Ref!) { invite(id: $id) { keyId } changes(organization: $org)"
        " { edges { node { edits { edges { node { after } } } } } } }",
        id=invite,
        org=org,
    )
    assert shown["invite"]["keyId"].replace("-", "") == made["code"].split("_")[1]
    assert made["code"].split("_")[2] not in str(shown)
    assert "secret" not in str(shown)


async def test_an_invite_of_another_organization_is_not_there(
    api: Api, ada: Person, org: str
) -> None:
    eve = api.person("eve")
    await api.organization(eve, name="evil")
    invite = (await api.done(ada, "createInvite", group=org, role="viewer"))["invite"]["id"]
    nobodys = "inv_" + "0" * 26

    for query in (
        "query($id: ID!) { invite(id: $id) { id } }",
        "query($id: ID!) { node(id: $id) { id } }",
    ):
        theirs, none = [await api.refused(eve, query, id=id_) for id_ in (invite, nobodys)]
        assert theirs["code"] == none["code"] == "NOT_FOUND"
        assert theirs["message"].replace(invite, "") == none["message"].replace(nobodys, "")
    for mutation in ("rotateInvite", "deleteInvite"):
        assert (await api.do(eve, mutation, invite=invite))["__typename"] == "NotFound"


async def test_a_code_for_clusters_binds_no_person(api: Api, ada: Person, org: str) -> None:
    code = (await api.done(ada, "createInvite", group=org, kind="CLUSTER"))["code"]

    await _refused(api, api.person("eve"), code)


async def test_a_code_that_was_replaced_or_revoked_is_dead_and_stays_so(
    api: Api, ada: Person, org: str
) -> None:
    eve, editor = api.person("eve"), await api.member(ada, org, "editor")
    made = await api.done(ada, "createInvite", group=org, role="viewer")
    new = await api.done(ada, "rotateInvite", invite=made["invite"]["id"])
    gone = await api.done(ada, "deleteInvite", invite=made["invite"]["id"])

    refused = await api.do(editor, "restore", change=gone["changeId"])

    assert refused["__typename"] == "PermissionDenied"
    for code in (made["code"], new["code"]):
        await _refused(api, eve, code)
    await api.done(ada, "restore", change=gone["changeId"])
    await _refused(api, eve, made["code"])


async def test_a_single_use_code_that_was_seen_is_of_no_use_after(
    api: Api, ada: Person, org: str
) -> None:
    code = await _code(api, ada, org, "owner")
    await api.done(api.person("bob"), "redeemInvite", code=code)

    await _refused(api, api.person("eve"), code)


async def test_the_maker_of_an_invite_counts_where_its_group_was_moved(
    api: Api, ada: Person, org: str
) -> None:
    lead = await api.member(ada, f"{org}/team", "owner")
    inner = (await api.done(ada, "createGroup", parent=f"{org}/team", name="inner"))["group"]["id"]
    code = await _code(api, lead, inner, "owner")
    await api.done(ada, "moveGroup", group=inner, to=f"{org}/other")

    await _refused(api, api.person("eve"), code)
