from typing import Any

from tests.api.client import Api, Person
from tests.given import a_policy

CLUSTER = """query($ref: Ref!) { cluster(ref: $ref) { id name path organizationId groupId lastSeen
  description remoteId kubernetesVersion createdAt labels { key value } group { name }
  effectivePolicies { totalCount revision
    edges { cursor depth mode nameCollision version { number } node { name } via { name } } } } }"""
LABELS = [{"key": "tier", "value": "prod"}, {"key": "eu.example/zone", "value": ""}]


async def test_a_cluster_is_made_known(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod")

    outcome = await api.done(
        ada,
        "createCluster",
        group="acme/prod",
        name="eu-1",
        description="The first",
        labels=LABELS,
        remoteId="1f0c0000-0000-4000-8000-00000000000a",
        kubernetesVersion="v1.31.4",
    )

    assert outcome["__typename"] == "ClusterWritten"
    assert outcome["revision"] == await api.revision(ada)
    assert outcome["cluster"] == {
        "id": outcome["cluster"]["id"],
        "name": "eu-1",
        "description": "The first",
        "path": "acme/prod/eu-1",
        "remoteId": "1f0c0000-0000-4000-8000-00000000000a",
        "kubernetesVersion": "v1.31.4",
        "labels": sorted(LABELS, key=lambda label: label["key"]),
    }


async def test_what_an_update_leaves_out_stays_and_an_empty_text_removes(
    api: Api, ada: Person
) -> None:
    await api.organization(ada)
    await api.done(
        ada,
        "createCluster",
        group="acme",
        name="a",
        labels=LABELS,
        remoteId="1F0C0000-0000-4000-8000-00000000000A",
    )

    one = await api.done(ada, "updateCluster", cluster="acme/a", name="b")
    two = await api.done(ada, "updateCluster", cluster="acme/b", remoteId="", labels=[])

    assert (one["cluster"]["path"], one["cluster"]["remoteId"]) == (
        "acme/b",
        "1f0c0000-0000-4000-8000-00000000000a",
    )
    assert len(one["cluster"]["labels"]) == len(LABELS)
    assert (two["cluster"]["remoteId"], two["cluster"]["labels"]) == (None, [])
    assert two["revision"] == await api.revision(ada)


async def test_a_cluster_moves_and_takes_other_policies(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod", "dev")
    for place, name in (("acme", "base"), ("acme/prod", "strict"), ("acme/dev", "lax")):
        await api.done(ada, "applyPolicy", group=place, document=a_policy(name))
    created = await api.done(ada, "createCluster", group="acme/dev", name="c")
    id_ = created["cluster"]["id"]
    assert _effective(await api.ask(ada, CLUSTER, ref=id_)) == [("base", "acme"), ("lax", "dev")]

    outcome = await api.done(ada, "moveCluster", cluster=id_, to="acme/prod")

    assert outcome["cluster"]["path"] == "acme/prod/c"
    assert outcome["revision"] == await api.revision(ada)
    assert _effective(await api.ask(ada, CLUSTER, ref=id_)) == [
        ("base", "acme"),
        ("strict", "prod"),
    ]


async def test_a_cluster_is_forgotten_and_restored(api: Api, ada: Person) -> None:
    await api.organization(ada)
    id_ = (await api.done(ada, "createCluster", group="acme", name="c"))["cluster"]["id"]

    gone = await api.done(ada, "deleteCluster", cluster="acme/c")

    assert gone["subjects"] == [{"kind": "cluster", "id": id_, "name": "c"}]
    assert (await api.refused(ada, CLUSTER, ref="acme/c"))["code"] == "NOT_FOUND"
    assert (await api.refused(ada, CLUSTER, ref=id_))["code"] == "NOT_FOUND"
    await api.done(ada, "restore", change=gone["changeId"])
    assert (await api.ask(ada, CLUSTER, ref="acme/c"))["cluster"]["id"] == id_


async def test_being_seen_is_noted_without_a_revision(api: Api, ada: Person) -> None:
    await api.organization(ada)
    await api.done(ada, "createCluster", group="acme", name="c")
    agent = await api.member(ada, "acme", "cluster-agent", "agent")
    id_ = (await api.ask(ada, CLUSTER, ref="acme/c"))["cluster"]["id"]
    before = await api.revision(ada)

    outcome = await api.done(agent, "recordClusterSeen", cluster=id_)

    assert outcome == {"__typename": "ClusterSeen", "clusterId": id_}
    assert (await api.ask(ada, CLUSTER, ref=id_))["cluster"]["lastSeen"] is not None
    assert await api.revision(ada) == before


async def test_what_was_seen_is_there_after_it_was_written_down(api: Api, ada: Person) -> None:
    await api.organization(ada)
    await api.done(ada, "createCluster", group="acme", name="c")
    await api.done(ada, "recordClusterSeen", cluster="acme/c")
    seen = (await api.ask(ada, CLUSTER, ref="acme/c"))["cluster"]["lastSeen"]

    await api.graph.telemetry.flush()

    assert (await api.ask(ada, CLUSTER, ref="acme/c"))["cluster"]["lastSeen"] == seen is not None


async def test_effective_policies_are_narrowed_by_an_image(api: Api, ada: Person) -> None:
    await api.organization(ada)
    await api.done(ada, "createCluster", group="acme", name="c")
    for name, glob in (("all", "**"), ("ours", "ghcr.io/acme/**")):
        await api.done(ada, "applyPolicy", group="acme", document=a_policy(name, images=[glob]))
    query = (
        'query($image: String) { cluster(ref: "acme/c") { effectivePolicies(image: $image)'
        " { edges { node { name } via { name } } } } }"
    )

    assert _effective(await api.ask(ada, query, image="ghcr.io/acme/web:1")) == [
        ("all", "acme"),
        ("ours", "acme"),
    ]
    assert _effective(await api.ask(ada, query, image="nginx")) == [("all", "acme")]
    refused = await api.refused(ada, query, image="NOT AN IMAGE")
    assert refused["code"] == "INVALID_INPUT"
    assert "NOT AN IMAGE" in refused["message"]


async def test_clusters_are_listed_by_name_within_a_subtree(api: Api, ada: Person) -> None:
    await api.organization(ada, "prod", "dev")
    for place, name in (("acme/prod", "eu-1"), ("acme/prod", "us-1"), ("acme/dev", "eu-0")):
        await api.done(ada, "createCluster", group=place, name=name)
    query = (
        "query($within: Ref, $name: String) { clusters(within: $within, name: $name)"
        " { totalCount edges { node { name } } } }"
    )

    assert _names(await api.ask(ada, query)) == ["eu-0", "eu-1", "us-1"]
    assert _names(await api.ask(ada, query, within="acme/prod")) == ["eu-1", "us-1"]
    assert _names(await api.ask(ada, query, name="eu")) == ["eu-0", "eu-1"]


def _effective(data: dict[str, Any]) -> list[tuple[str, str]]:
    edges = data["cluster"]["effectivePolicies"]["edges"]
    return [(edge["node"]["name"], edge["via"]["name"]) for edge in edges]


def _names(data: dict[str, Any]) -> list[str]:
    return [edge["node"]["name"] for edge in data["clusters"]["edges"]]
