"""What comes to bear on what, what differs, and what a write would change before it is done."""

from typing import Any

from tests.api.client import Api, Person
from tests.given import a_policy

PATHS = """query($from: Ref!, $to: Ref!) { paths(from: $from, to: $to) {
  steps { kind id name } } }"""
DIFF = """query($left: Ref!, $right: Ref!) { diff(left: $left, right: $right) {
  leftOnly { edges { node { name } via { name } } } rightOnly { edges { node { name } } }
  both { edges { node { name } } } } }"""
IMPACT = """query($ref: Ref!, $to: Ref) { impact(ref: $ref, to: $to) {
  clusters { totalCount edges { deleted node { name } lost { edges { node { name } } }
  gained { edges { node { name } } } } }
  users { edges { node { id } group { name } lost gained } } } }"""


async def _given(api: Api, ada: Person) -> Person:
    await api.organization(ada, "prod", "prod/eu", "dev")
    for place, name in (("acme", "base"), ("acme/prod", "strict"), ("acme/dev", "lax")):
        await api.done(ada, "applyPolicy", group=place, document=a_policy(name))
    await api.done(ada, "createCluster", group="acme/prod/eu", name="eu-1")
    await api.done(ada, "createCluster", group="acme/dev", name="dev-1")
    return await api.member(ada, "acme/prod", "viewer", "bob")


async def test_paths_say_every_way_by_which_a_thing_comes_to_bear(api: Api, ada: Person) -> None:
    bob = await _given(api, ada)

    async def ways(source: str, target: str) -> list[list[str]]:
        found = (await api.ask(ada, PATHS, **{"from": source, "to": target}))["paths"]
        return [[step["name"] for step in way["steps"]] for way in found]

    assert await ways("policy:acme/base", "cluster:acme/prod/eu/eu-1") == [
        ["base", "acme", "prod", "eu", "eu-1"]
    ]
    assert await ways("policy:acme/dev/lax", "cluster:acme/prod/eu/eu-1") == []
    (way,) = await ways(bob.id, "group:acme/prod/eu")
    assert way[1:] == ["prod", "eu"]
    assert await ways("group:acme/prod", "group:acme/prod") == [["prod"]]


async def test_a_diff_says_which_policies_two_places_do_not_share(api: Api, ada: Person) -> None:
    await _given(api, ada)
    asked = {"left": "cluster:acme/prod/eu/eu-1", "right": "group:acme/dev"}
    found = (await api.ask(ada, DIFF, **asked))["diff"]
    names = {
        side: [edge["node"]["name"] for edge in found[side]["edges"]]
        for side in ("leftOnly", "rightOnly", "both")
    }
    assert names == {"leftOnly": ["strict"], "rightOnly": ["lax"], "both": ["base"]}
    assert found["leftOnly"]["edges"][0]["via"] == {"name": "prod"}


async def test_an_impact_says_what_a_move_would_change_and_the_move_does_it(
    api: Api, ada: Person
) -> None:
    bob = await _given(api, ada)
    before = await api.revision(ada)

    found = (await api.ask(ada, IMPACT, ref="group:acme/prod/eu", to="acme/dev"))["impact"]

    assert _clusters(found) == [("eu-1", False, ["strict"], ["lax"])]
    (user,) = found["users"]["edges"]
    assert (user["node"]["id"], user["gained"], user["group"]) == (bob.id, [], {"name": "eu"})
    assert "POLICY_LIST" in user["lost"]
    assert await api.revision(ada) == before
    await api.done(ada, "moveGroup", group="acme/prod/eu", to="acme/dev")
    asked = {"left": "cluster:acme/dev/eu/eu-1", "right": "cluster:acme/dev/dev-1"}
    same = (await api.ask(ada, DIFF, **asked))["diff"]
    assert [same[side]["edges"] for side in ("leftOnly", "rightOnly")] == [[], []]


async def test_an_impact_says_what_a_deletion_would_take_away(api: Api, ada: Person) -> None:
    bob = await _given(api, ada)
    binding = await api.ask(
        ada, "query($u: Ref!) { roleBindings(user: $u) { edges { node { id } } } }", u=bob.id
    )
    (edge,) = binding["roleBindings"]["edges"]

    policy = (await api.ask(ada, IMPACT, ref="policy:acme/base"))["impact"]
    cluster = (await api.ask(ada, IMPACT, ref="cluster:acme/dev/dev-1"))["impact"]
    group = (await api.ask(ada, IMPACT, ref="group:acme/prod"))["impact"]
    bound = (await api.ask(ada, IMPACT, ref=edge["node"]["id"]))["impact"]

    assert _clusters(policy) == [("dev-1", False, ["base"], []), ("eu-1", False, ["base"], [])]
    assert _clusters(cluster) == [("dev-1", True, ["base", "lax"], [])]
    assert _clusters(group) == [("eu-1", True, ["base", "strict"], [])]
    assert [each["node"]["id"] for each in group["users"]["edges"]] == [bob.id]
    assert _clusters(bound) == []
    assert [each["node"]["id"] for each in bound["users"]["edges"]] == [bob.id]


async def test_reach_is_hidden_from_strangers_and_asks_for_a_kind(api: Api, ada: Person) -> None:
    await _given(api, ada)
    eve = api.person("eve")
    org = (await api.ask(ada, "{ viewer { organizationIds } }"))["viewer"]["organizationIds"][0]
    for query, asked in (
        (PATHS, {"from": f"policy:{org}/base", "to": f"group:{org}"}),
        (DIFF, {"left": f"group:{org}", "right": f"group:{org}/dev"}),
        (IMPACT, {"ref": f"group:{org}"}),
    ):
        assert (await api.refused(eve, query, **asked))["code"] == "NOT_FOUND"
        await api.ask(ada, query, **asked)
    vague = await api.refused(ada, IMPACT, ref="acme/prod")
    assert (vague["code"], "group:acme/prod" in vague["message"]) == ("INVALID_INPUT", True)
    lone = await api.refused(ada, DIFF, left="policy:acme/base", right="group:acme")
    assert (lone["code"], "acme/base" in lone["message"]) == ("INVALID_INPUT", True)


async def test_an_impact_is_not_told_to_who_sees_a_part_of_it(api: Api, ada: Person) -> None:
    bob = await _given(api, ada)
    agent = await api.member(ada, "acme/prod/eu", "cluster-agent", "agent")
    moved = await api.refused(bob, IMPACT, ref="group:acme/prod/eu", to="acme/dev")
    assert moved["code"] == "NOT_FOUND"
    assert (await api.refused(agent, IMPACT, ref="group:acme/prod/eu"))["code"] == "NOT_FOUND"


def _clusters(found: dict[str, Any]) -> list[tuple[str, bool, list[str], list[str]]]:
    return [
        (
            edge["node"]["name"],
            edge["deleted"],
            [lost["node"]["name"] for lost in edge["lost"]["edges"]],
            [gained["node"]["name"] for gained in edge["gained"]["edges"]],
        )
        for edge in found["clusters"]["edges"]
    ]


async def test_an_impact_that_would_be_seen_in_part_is_denied_by_the_name_of_the_thing(
    api: Api, ada: Person
) -> None:
    bob = await _given(api, ada)
    query = "{ policies { edges { node { id name } } } }"
    known = {
        e["node"]["name"]: e["node"]["id"] for e in (await api.ask(ada, query))["policies"]["edges"]
    }

    refused = await api.refused(bob, IMPACT, ref=known["base"])

    assert refused["code"] == "PERMISSION_DENIED"
    assert "the group of policy 'base'" in refused["message"]
    assert (await api.refused(bob, IMPACT, ref=known["lax"]))["code"] == "NOT_FOUND"
