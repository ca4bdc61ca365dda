from tests.api.client import Api, Person

GROUP = "query($ref: Ref!) { group(ref: $ref) { id name path } }"


async def test_anybody_creates_an_organization_and_owns_it(api: Api, ada: Person) -> None:
    outcome = await api.done(ada, "createGroup", name="acme", description="Ours")

    assert outcome["__typename"] == "GroupWritten"
    assert (outcome["group"]["path"], outcome["group"]["parentId"]) == ("acme", None)
    assert outcome["revision"] == await api.revision(ada)
    held = await api.ask(
        ada, "{ viewer { organizationIds user { access { edges { role { name } } } } } }"
    )
    assert held["viewer"]["organizationIds"] == [outcome["group"]["id"]]
    assert held["viewer"]["user"]["access"]["edges"] == [{"role": {"name": "owner"}}]


async def test_a_group_is_created_below_another(api: Api, ada: Person) -> None:
    org = await api.organization(ada)
    before = await api.revision(ada)

    outcome = await api.done(ada, "createGroup", parent=org, name="prod", description="Customers")

    assert outcome["__typename"] == "GroupWritten"
    assert outcome["group"]["path"] == "acme/prod"
    assert outcome["group"]["parentId"] == org
    assert outcome["group"]["description"] == "Customers"
    assert outcome["revision"] == await api.revision(ada) != before
    assert outcome["changeId"].startswith("chg_")


async def test_a_group_is_renamed_and_described(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod")

    outcome = await api.done(ada, "updateGroup", group="acme/prod", name="live", description="Now")

    assert (outcome["group"]["path"], outcome["group"]["description"]) == ("acme/live", "Now")
    assert outcome["revision"] == await api.revision(ada)
    assert (await api.refused(ada, GROUP, ref="acme/prod"))["code"] == "NOT_FOUND"


async def test_saying_again_what_is_there_writes_nothing(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod")
    before = await api.revision(ada)

    outcome = await api.done(ada, "updateGroup", group="acme/prod", name="prod")

    assert outcome["changeId"] is None
    assert outcome["revision"] == await api.revision(ada) == before


async def test_a_group_moves_with_what_is_below_it(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod", "dev", "dev/team", "dev/team/app")

    outcome = await api.done(ada, "moveGroup", group="acme/dev/team", to="acme/prod")

    assert outcome["group"]["path"] == "acme/prod/team"
    assert outcome["revision"] == await api.revision(ada)
    found = await api.ask(ada, GROUP, ref="acme/prod/team/app")
    assert found["group"]["path"] == "acme/prod/team/app"


async def test_a_group_is_deleted_with_all_in_it_and_restored_with_the_same_ids(
    api: Api, ada: Person
) -> None:
    await api.organization(ada, "prod", "prod/eu")
    cluster = (await api.done(ada, "createCluster", group="acme/prod/eu", name="eu-1"))["cluster"]

    gone = await api.done(ada, "deleteGroup", group="acme/prod", cascade=True)

    assert [(each["kind"], each["name"]) for each in gone["subjects"]] == [
        ("group", "prod"),
        ("group", "eu"),
        ("cluster", "eu-1"),
    ]
    assert gone["revision"] == await api.revision(ada)
    assert (await api.refused(ada, GROUP, ref="acme/prod"))["code"] == "NOT_FOUND"

    back = await api.done(ada, "restore", change=gone["changeId"])

    assert back["__typename"] == "Restored"
    assert sorted(s["id"] for s in back["subjects"]) == sorted(s["id"] for s in gone["subjects"])
    assert back["revision"] == await api.revision(ada)
    found = await api.ask(ada, '{ cluster(ref: "acme/prod/eu/eu-1") { id } }')
    assert found["cluster"]["id"] == cluster["id"]


async def test_a_restore_that_finds_the_name_taken_says_so(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod")
    gone = await api.done(ada, "deleteGroup", group="acme/prod")
    await api.done(ada, "createGroup", parent="acme", name="prod")

    outcome = await api.do(ada, "restore", change=gone["changeId"])

    assert outcome["__typename"] == "Conflict"
    assert outcome["details"] == ["there is another group 'prod' in acme"]


async def test_a_deleted_organization_is_gone_for_all_and_restored_by_its_owner(
    api: Api, ada: Person
) -> None:
    org = await api.organization(ada, "prod")
    bob = await api.member(ada, org, "viewer", "bob")
    gone = await api.done(ada, "deleteGroup", group=org, cascade=True)
    for person in (ada, bob):
        assert (await api.refused(person, GROUP, ref=org))["code"] == "NOT_FOUND"
    assert (await api.do(bob, "restore", change=gone["changeId"]))["__typename"] == "NotFound"

    back = await api.done(ada, "restore", change=gone["changeId"])

    assert back["revision"] == await api.revision(ada)
    assert (await api.ask(bob, GROUP, ref="acme/prod"))["group"]["path"] == "acme/prod"


async def test_a_repeat_under_the_same_key_answers_the_first_outcome(api: Api, ada: Person) -> None:
    await api.organization(ada)
    first = await api.done(ada, "createGroup", parent="acme", name="prod", idempotencyKey="k")
    before = await api.revision(ada)

    again = await api.done(ada, "createGroup", parent="acme", name="prod", idempotencyKey="k")
    other = await api.do(ada, "createGroup", parent="acme", name="dev", idempotencyKey="k")

    assert again == first
    assert other["__typename"] == "Conflict"
    assert "'k'" in other["message"]
    assert await api.revision(ada) == before


async def test_an_organization_is_created_once_under_a_key(api: Api, ada: Person) -> None:
    first = await api.done(ada, "createGroup", name="acme", idempotencyKey="k")
    assert await api.done(ada, "createGroup", name="acme", idempotencyKey="k") == first


async def test_a_delete_repeated_under_its_key_answers_what_was_deleted(
    api: Api, ada: Person
) -> None:
    org = await api.organization(ada, "prod")
    for group in ("acme/prod", org):
        first = await api.done(ada, "deleteGroup", group=group, idempotencyKey=group)
        assert await api.done(ada, "deleteGroup", group=group, idempotencyKey=group) == first


NESTED = """query($ref: Ref!) { group(ref: $ref) {
  name organizationId createdAt ancestors { name }
  children { totalCount edges { node { name } } }
  descendants { edges { node { path } } }
  clusters { edges { node { name } } }
  policies { edges { node { name } } }
  effectivePolicies { edges { depth nameCollision mode node { name } via { name } path { name } } }
  members { edges { node { id } role { name } inherited via { name } path { name } } }
  counts { groups clusters policies users }
} }"""


async def test_a_group_shows_what_is_around_it(api: Api, ada: Person, document: str) -> None:
    org = await api.organization(ada, "prod", "prod/eu", "prod/us", "prod/eu/west")
    bob = await api.member(ada, "acme/prod/eu", "viewer", "bob")
    await api.done(ada, "createCluster", group="acme/prod/eu", name="eu-1")
    await api.done(ada, "createCluster", group="acme/prod/eu/west", name="west-1")
    await api.done(ada, "applyPolicy", group="acme", document=document)
    await api.done(ada, "applyPolicy", group="acme/prod/eu", document=document)

    eu = (await api.ask(ada, NESTED, ref="acme/prod/eu"))["group"]

    assert (eu["name"], eu["organizationId"]) == ("eu", org)
    assert [each["name"] for each in eu["ancestors"]] == ["acme", "prod"]
    assert _names(eu["children"]) == ["west"]
    assert [e["node"]["path"] for e in eu["descendants"]["edges"]] == ["acme/prod/eu/west"]
    assert _names(eu["clusters"]) == ["eu-1"]
    assert _names(eu["policies"]) == ["signed"]
    arriving = [
        (e["via"]["name"], e["depth"], e["nameCollision"], len(e["path"]))
        for e in eu["effectivePolicies"]["edges"]
    ]
    assert arriving == [("acme", 2, True, 3), ("eu", 0, True, 1)]
    members = [
        (e["node"]["id"], e["role"]["name"], e["inherited"], [g["name"] for g in e["path"]])
        for e in eu["members"]["edges"]
    ]
    assert members == [
        (ada.id, "owner", True, ["acme", "prod", "eu"]),
        (bob.id, "viewer", False, ["eu"]),
    ]
    assert eu["counts"] == {"groups": 2, "clusters": 2, "policies": 1, "users": 1}


async def test_an_empty_group_has_empty_lists(api: Api, ada: Person) -> None:
    await api.organization(ada)
    found = (await api.ask(ada, NESTED, ref="acme"))["group"]
    assert found["ancestors"] == []
    assert [_names(found[name]) for name in ("children", "clusters", "policies")] == [[], [], []]
    assert found["counts"] == {"groups": 1, "clusters": 0, "policies": 0, "users": 1}


async def test_groups_are_listed_by_name_within_a_subtree(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod", "dev", "prod/eu", "prod/us")
    query = (
        "query($within: Ref, $name: String) { groups(within: $within, name: $name) {"
        " totalCount edges { node { name } } } }"
    )

    every = (await api.ask(ada, query))["groups"]
    inside = (await api.ask(ada, query, within="acme/prod"))["groups"]
    named = (await api.ask(ada, query, name="u"))["groups"]

    assert (_names(every), every["totalCount"]) == (["acme", "dev", "eu", "prod", "us"], 5)
    assert _names(inside) == ["eu", "prod", "us"]
    assert _names(named) == ["eu", "us"]


def _names(connection: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    return [edge["node"]["name"] for edge in connection["edges"]]


async def test_a_rename_tells_nothing_of_what_else_the_creator_has(api: Api, ada: Person) -> None:
    await api.organization(ada)
    await api.organization(ada, name="merger")
    bob = await api.member(ada, "acme", "owner", "bob")

    refused = await api.do(bob, "updateGroup", group="acme", name="merger")

    assert refused["__typename"] == "Conflict"
    assert refused["message"] == "This organization cannot be called 'merger'. Choose another name."
