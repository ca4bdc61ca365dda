"""Clusters: the use cases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from graph import lookup, placement
from graph.cluster_facts import check_kubernetes_version, check_labels, check_remote_id
from graph.edits import Edit
from graph.engine import Graph, Intent, Written
from graph.ids import Kind, new_id
from graph.names import check_description, check_name
from graph.paging import PageRequest, Slice, trim
from graph.rights import Capability
from graph.snapshot import Caller, Snapshot
from graph.telemetry import Telemetry
from queries import clusters as queries
from queries.states import ClusterState


async def get_cluster(at: Snapshot, *, ref: str) -> ClusterState:
    """Return one cluster. Needs `clusters.list` at its group."""
    return await lookup.cluster(at, ref)


async def list_clusters(
    at: Snapshot, *, within: str | None, name: str | None, page: PageRequest
) -> Slice[ClusterState]:
    """Return the clusters that the caller may list, by name; with `within`, of its subtree."""
    place, org = await lookup.limit(at, within)
    scopes = await at.scopes(Capability.CLUSTERS_LIST, place)
    return replace((await clusters_in(at, [scopes], page, name=name))[0], org=org)


async def clusters_in(
    at: Snapshot, scopes: list[list[str]], page: PageRequest, *, name: str | None = None
) -> list[Slice[ClusterState]]:
    """Return for each list of groups the clusters of their subtrees, by name."""
    after_name, after_id = page.text_key(2)
    statement = queries.list_clusters(
        scopes=scopes, name=name, after_name=after_name, after_id=after_id, first=page.fetch
    )
    return [trim(answered, page) for answered in await at.run(statement)]


async def group_clusters(
    at: Snapshot, *, groups: Sequence[str], page: PageRequest
) -> list[Slice[ClusterState]]:
    """Return for each group the clusters bound to it, by name; none where one may not list them."""
    await at.forest(groups)  # all at once
    listable = [await at.may(Capability.CLUSTERS_LIST, group_id) for group_id in groups]
    name, id_ = page.text_key(2)
    statement = queries.list_group_clusters(
        ids=[group_id if may else "" for group_id, may in zip(groups, listable, strict=True)],
        after_name=name,
        after_id=id_,
        first=page.fetch,
    )
    return [trim(answered, page) for answered in await at.run(statement)]


async def clusters_last_seen(
    at: Snapshot, *, clusters: Sequence[str], telemetry: Telemetry
) -> list[datetime | None]:
    """Return for each cluster that the caller was shown when it was last seen."""
    del at
    return await telemetry.last_seen(clusters)


async def create_cluster(
    graph: Graph,
    *,
    caller: Caller,
    group: str,
    name: str,
    description: str = "",
    labels: Mapping[str, str] | None = None,
    remote_id: str | None = None,
    kubernetes_version: str | None = None,
    key: str | None = None,
) -> Written:
    """Make a cluster known and bind it to a group."""
    check_name(name, what="cluster")
    check_description(description)
    kept = check_labels(labels or {})
    known_as, version = check_remote_id(remote_id), check_kubernetes_version(kubernetes_version)

    async def plan(at: Snapshot) -> list[Edit]:
        place = await lookup.group_for(at, group, Capability.CLUSTERS_CREATE)
        await placement.require_free_cluster_name(at, place, name)
        created = ClusterState(
            id=new_id(Kind.CLUSTER),
            org=place.org,
            group_id=place.id,
            name=name,
            description=description,
            labels=kept,
            remote_id=known_as,
            kubernetes_version=version,
            created_at=at.now,
            created_by=caller.user_id,
        )
        return [Edit(None, created)]

    intent = Intent(
        caller=caller,
        kind="create_cluster",
        input={
            "group": group,
            "name": name,
            "description": description,
            "labels": kept,
            "remote_id": known_as,
            "kubernetes_version": version,
        },
        key=key,
    )
    return await graph.change(intent, group, Kind.GROUP, plan)


async def update_cluster(
    graph: Graph,
    *,
    caller: Caller,
    cluster: str,
    name: str | None = None,
    description: str | None = None,
    labels: Mapping[str, str] | None = None,
    remote_id: str | None = None,
    kubernetes_version: str | None = None,
    key: str | None = None,
) -> Written:
    """Change what is said of a cluster; None leaves a thing as it is, an empty text removes it."""
    if name is not None:
        check_name(name, what="cluster")
    check_description(description or "")
    kept = None if labels is None else check_labels(labels)
    known_as, version = check_remote_id(remote_id), check_kubernetes_version(kubernetes_version)

    async def plan(at: Snapshot) -> list[Edit]:
        found = await _require(at, cluster, Capability.CLUSTERS_UPDATE)
        changed = replace(
            found,
            name=found.name if name is None else name,
            description=found.description if description is None else description,
            labels=found.labels if kept is None else kept,
            remote_id=found.remote_id if remote_id is None else known_as,
            kubernetes_version=(
                found.kubernetes_version if kubernetes_version is None else version
            ),
        )
        if changed.name != found.name:
            (place,) = await lookup.read_groups(at, [found.group_id])
            if place is not None:
                await placement.require_free_cluster_name(at, place, changed.name)
        return [Edit(found, changed)]

    intent = Intent(
        caller=caller,
        kind="update_cluster",
        input={
            "cluster": cluster,
            "name": name,
            "description": description,
            "labels": kept,
            "remote_id": remote_id,
            "kubernetes_version": kubernetes_version,
        },
        key=key,
    )
    return await graph.change(intent, cluster, Kind.CLUSTER, plan)


async def move_cluster(
    graph: Graph, *, caller: Caller, cluster: str, to: str, key: str | None = None
) -> Written:
    """Bind a cluster to another group of its organization."""

    async def plan(at: Snapshot) -> list[Edit]:
        found = await _require(at, cluster, Capability.CLUSTERS_UPDATE)
        target = await lookup.group_for(at, to, Capability.CLUSTERS_CREATE)
        placement.require_same_organization(found, target)
        if target.id == found.group_id:
            return [Edit(found, found)]
        await placement.require_free_cluster_name(at, target, found.name)
        forest = await at.forest([found.group_id, target.id])
        await placement.require_may_lose(at, forest.ids(found.group_id) - forest.ids(target.id))
        return [Edit(found, replace(found, group_id=target.id))]

    intent = Intent(
        caller=caller, kind="move_cluster", input={"cluster": cluster, "to": to}, key=key
    )
    return await graph.change(intent, cluster, Kind.CLUSTER, plan)


async def delete_cluster(
    graph: Graph, *, caller: Caller, cluster: str, key: str | None = None
) -> Written:
    """Forget a cluster."""

    async def plan(at: Snapshot) -> list[Edit]:
        return [Edit(await _require(at, cluster, Capability.CLUSTERS_DELETE), None)]

    intent = Intent(caller=caller, kind="delete_cluster", input={"cluster": cluster}, key=key)
    return await graph.change(intent, cluster, Kind.CLUSTER, plan)


async def record_cluster_seen(graph: Graph, *, caller: Caller, cluster: str) -> str:
    """Note that a cluster was seen just now; return its id. Needs `clusters.enforce` there."""

    async def find(at: Snapshot) -> str:
        found = await lookup.find_cluster(at, cluster)
        await at.require(
            Capability.CLUSTERS_ENFORCE,
            found.group_id,
            shown_by=Capability.CLUSTERS_LIST,
            what=f"cluster {cluster[:200]!r}",
        )
        return found.id

    seen, _ = await graph.read(caller, find)
    graph.telemetry.record_seen(seen, graph.clock())
    return seen


async def _require(at: Snapshot, ref: str, capability: Capability) -> ClusterState:
    """Return the cluster a ref leads to, for who may do this at its group."""
    found = await lookup.cluster(at, ref)
    await at.require(
        capability,
        found.group_id,
        shown_by=Capability.CLUSTERS_LIST,
        what=f"cluster {ref[:200]!r}",
    )
    return found
