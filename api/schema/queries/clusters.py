"""The questions about clusters."""

import strawberry

from api.authz import needs
from api.context import Ask
from api.schema.clusters import Cluster, cluster_edge
from api.schema.connections import (
    After,
    Connection,
    First,
    ListEdge,
    NameFilter,
    Strict,
    Within,
    connection,
)
from api.schema.scalars import RefArgument
from graph import (
    clusters,
)
from graph.paging import DEFAULT_FIRST, PageRequest, by_name
from graph.rights import Capability


@strawberry.type
class ClusterQueries:
    """The questions about clusters."""

    @strawberry.field(
        description="One cluster.", extensions=[needs(Capability.CLUSTERS_LIST, scope="ref")]
    )
    async def cluster(self, info: Ask, ref: RefArgument) -> Cluster | None:
        """Answer one cluster."""
        return Cluster.of(await clusters.get_cluster(info.context.at, ref=ref))

    @strawberry.field(
        description="The clusters that the caller may list, by name.",
        extensions=[needs(Capability.CLUSTERS_LIST)],
    )
    async def clusters(
        self,
        info: Ask,
        within: Within = None,
        name: NameFilter = None,
        first: First = DEFAULT_FIRST,
        after: After = None,
        strict: Strict = False,
    ) -> Connection[ListEdge[Cluster]] | None:
        """Answer a page of clusters."""
        page = PageRequest.of("clusters", within, name, first=first, after=after, strict=strict)
        found = await clusters.list_clusters(info.context.at, within=within, name=name, page=page)
        return connection(info.context, page, found, key=by_name, edge=cluster_edge)
