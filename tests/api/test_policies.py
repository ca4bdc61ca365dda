from typing import Any

from tests.api.client import Api, Person
from tests.given import a_policy

POLICY = """query($ref: Ref!) { policy(ref: $ref) { id name description mode path groupId document
  organizationId createdAt group { name } activeVersion { id number createdBy }
  versions { totalCount edges { node { id number mode images document warnings { message } } } }
  clusters { totalCount edges { node { name } } } } }"""


async def test_a_document_makes_a_policy_byte_for_byte(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod")
    document = f"# Ours — signed\r\n{a_policy('signed', mode='warn')}\n\n"

    outcome = await api.done(
        ada, "applyPolicy", group="acme/prod", document=document, description="Why"
    )

    assert outcome["__typename"] == "PolicyWritten"
    assert (outcome["policy"]["path"], outcome["policy"]["description"]) == (
        "acme/prod/signed",
        "Why",
    )
    assert outcome["version"]["document"] == document
    assert (outcome["version"]["number"], outcome["version"]["mode"]) == (1, "WARN")
    assert outcome["revision"] == await api.revision(ada)
    found = (await api.ask(ada, POLICY, ref="acme/prod/signed"))["policy"]
    assert (found["document"], found["mode"], found["group"]) == (
        document,
        "WARN",
        {"name": "prod"},
    )


async def test_another_document_is_another_version_and_the_same_is_none(
    api: Api, ada: Person
) -> None:
    await api.organization(ada)
    first = await api.done(ada, "applyPolicy", group="acme", document=a_policy("p"))
    second = await api.done(ada, "applyPolicy", group="acme", document=a_policy("p", mode="warn"))
    again = await api.done(ada, "applyPolicy", group="acme", document=a_policy("p", mode="warn"))

    assert first["policy"]["id"] == second["policy"]["id"]
    assert (first["version"]["number"], second["version"]["number"]) == (1, 2)
    assert (again["changeId"], again["version"]) == (None, second["version"])
    found = (await api.ask(ada, POLICY, ref="acme/p"))["policy"]
    assert [(v["number"], v["mode"]) for v in _versions(found)] == [(2, "WARN"), (1, "ENFORCE")]

    back = await api.done(ada, "activatePolicyVersion", version=first["version"]["id"])

    assert back["version"]["number"] == 1
    assert back["revision"] == await api.revision(ada)
    found = (await api.ask(ada, POLICY, ref="acme/p"))["policy"]
    assert (found["mode"], found["activeVersion"]["number"]) == ("ENFORCE", 1)


async def test_what_is_doubtful_in_a_document_is_a_warning(api: Api, ada: Person) -> None:
    await api.organization(ada)
    document = a_policy("p").replace("spec:\n", "spec:\n  match:\n  - {}\n")
    outcome = await api.done(ada, "applyPolicy", group="acme", document=document)
    assert outcome["warnings"]
    assert outcome["warnings"][0]["line"] > 1
    found = (await api.ask(ada, POLICY, ref="acme/p"))["policy"]
    assert [w["message"] for w in _versions(found)[0]["warnings"]] == [
        w["message"] for w in outcome["warnings"]
    ]


async def test_a_policy_is_described(api: Api, ada: Person, document: str) -> None:
    await api.organization(ada)
    await api.done(ada, "applyPolicy", group="acme", document=document)

    outcome = await api.done(ada, "updatePolicy", policy="acme/signed", description="Because")

    assert outcome["policy"]["description"] == "Because"
    assert outcome["revision"] == await api.revision(ada)


async def test_a_policy_moves_and_reaches_other_clusters(
    api: Api, ada: Person, document: str
) -> None:
    await api.organization(ada, "prod", "prod/eu", "dev")
    for place in ("prod", "prod/eu", "dev"):
        await api.done(ada, "createCluster", group=f"acme/{place}", name=place.replace("/", "-"))
    await api.done(ada, "applyPolicy", group="acme/dev", document=document)
    assert await _reached(api, ada, "acme/dev/signed") == ["dev"]

    outcome = await api.done(ada, "movePolicy", policy="acme/dev/signed", to="acme/prod")

    assert outcome["policy"]["path"] == "acme/prod/signed"
    assert outcome["revision"] == await api.revision(ada)
    assert await _reached(api, ada, "acme/prod/signed") == ["prod", "prod-eu"]


async def test_a_policy_is_deleted_with_its_versions_and_restored(api: Api, ada: Person) -> None:
    await api.organization(ada)
    await api.done(ada, "applyPolicy", group="acme", document=a_policy("p"))
    await api.done(ada, "applyPolicy", group="acme", document=a_policy("p", mode="warn"))

    gone = await api.done(ada, "deletePolicy", policy="acme/p")

    assert [each["kind"] for each in gone["subjects"]] == ["policy", "version", "version"]
    assert gone["revision"] == await api.revision(ada)
    assert (await api.refused(ada, POLICY, ref="acme/p"))["code"] == "NOT_FOUND"
    await api.done(ada, "restore", change=gone["changeId"])
    found = (await api.ask(ada, POLICY, ref="acme/p"))["policy"]
    assert [version["number"] for version in _versions(found)] == [2, 1]


async def test_what_rolls_down_is_visible_where_it_arrives(api: Api, ada: Person) -> None:
    org = await api.organization(ada, "prod", "prod/eu")
    await api.done(ada, "applyPolicy", group=org, document=a_policy("p"))
    await api.done(ada, "applyPolicy", group=org, document=a_policy("p", mode="warn"))
    eve = await api.member(ada, "acme/prod/eu", "viewer", "eve")
    id_ = (await api.ask(ada, POLICY, ref="acme/p"))["policy"]["id"]

    seen = (await api.ask(eve, POLICY, ref=id_))["policy"]

    assert (seen["name"], seen["path"], seen["document"]) == (
        "p",
        "acme/p",
        a_policy("p", mode="warn"),
    )
    assert [version["number"] for version in _versions(seen)] == [2]
    denied = await api.do(eve, "updatePolicy", policy=id_, description="x")
    assert denied["__typename"] == "PermissionDenied"
    assert "policy.update" in denied["message"]
    hidden = await api.refused(eve, "query($r: Ref!) { group(ref: $r) { id } }", r=org)
    assert hidden["code"] == "NOT_FOUND"


async def test_policies_are_listed_by_name_within_a_subtree(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod", "dev")
    for place, name in (("acme", "base"), ("acme/prod", "signed"), ("acme/dev", "lax")):
        await api.done(ada, "applyPolicy", group=place, document=a_policy(name))
    query = (
        "query($within: Ref, $name: String) { policies(within: $within, name: $name)"
        " { edges { node { name } } } }"
    )
    for asked, expected in (
        ({}, ["base", "lax", "signed"]),
        ({"within": "acme/prod"}, ["signed"]),
        ({"name": "a"}, ["base", "lax"]),
    ):
        found = (await api.ask(ada, query, **asked))["policies"]
        assert [edge["node"]["name"] for edge in found["edges"]] == expected


async def _reached(api: Api, person: Person, ref: str) -> list[str]:
    found = (await api.ask(person, POLICY, ref=ref))["policy"]["clusters"]
    return [edge["node"]["name"] for edge in found["edges"]]


def _versions(policy: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in policy["versions"]["edges"]]
