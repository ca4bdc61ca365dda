"""What `--sample` shows: the main question asked of a sample organization, and how to ask more."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api.authn.dev import DEV_ISSUER, DevIssuer
from graph import clusters, identities, policies
from graph.effective import EffectivePolicy
from graph.engine import Graph
from graph.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from graph.forest import path_text
from graph.identities import Identity
from graph.loading import load_organization
from graph.organization_file import OrganizationFile, read_organization_file, walk
from graph.snapshot import Caller, Snapshot
from queries import organizations

_QUERY = (
    "query($cluster: Ref!) { cluster(ref: $cluster) { effectivePolicies"
    " { edges { node { name } mode via { name } path { name } } } } }"
)
_SEEN = "{ viewer { user { email } } groups { edges { node { path } } } }"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample organization: its file as read."""

    file: OrganizationFile

    @classmethod
    def read(cls, path: Path, *, require_identities: bool) -> "Sample":
        """Read it, so that what is wrong with it is told before anything starts."""
        return cls(read_organization_file(path, require_identities=require_identities))

    @property
    def owner_email(self) -> str:
        """The first owner of the root."""
        key = next(bound.user for bound in self.file.root.bindings if bound.role == "owner")
        return self.file.users[key].subject

    @property
    def cluster(self) -> str:
        """The path of the cluster down to which the most policies roll, the first of equals.

        Empty when there is no cluster.
        """
        paths: list[tuple[str, int]] = []
        best, most = "", -1
        for step in walk(self.file.root):
            above, count = ("", 0) if step.parent is None else paths[step.parent]
            path = f"{above}/{step.group.name}" if above else step.group.name
            count += len(step.group.policies)
            paths.append((path, count))
            if step.group.clusters and count > most:
                best, most = f"{path}/{step.group.clusters[0].name}", count
        return best


async def present(graph: Graph, issuer: DevIssuer, sample: Sample, address: str) -> str:
    """Load the sample into a store that never held anything; return what to print.

    The store is the people's since: where the sample's cluster cannot be asked about any more, the
    question is another one.
    """
    if await graph.session.run(organizations.count_organizations()) == 0:
        await load_organization(graph, sample.file, default_issuer=DEV_ISSUER)
    email = sample.owner_email
    owner = await identities.sign_in(
        graph, identity=Identity(issuer=DEV_ISSUER, subject=email, email=email)
    )
    found = await _effective_policies(graph, Caller(owner.id), sample.cluster)
    if found is not None:
        whose = f"{email}, an owner"
        first = f"Which policies apply to the cluster {sample.cluster}, and through which group?"
        first += f"\n\n{table(found)}"
        then = "The same question"
        asked = {"query": _QUERY, "variables": {"cluster": sample.cluster}}
    else:
        whose = email
        first = _nothing_to_ask_about(sample.cluster, email)
        then = f"What {email} sees"
        asked = {"query": _SEEN}
    token = issuer.token(email)
    return (
        f"\n{first}\n\n"
        f"The service is at {address}/graphql. A token of {whose}:\n\n{token}\n\n"
        f"{then}, to paste into another terminal:\n\n"
        f"curl -s {address}/graphql -H 'Content-Type: application/json' \\\n"
        f"  -H 'Authorization: Bearer {token}' \\\n"
        f"  -d '{json.dumps(asked)}'\n\n"
    )


async def _effective_policies(
    graph: Graph, caller: Caller, path: str
) -> list[EffectivePolicy] | None:
    """Return the policies of a cluster; None when the path leads the caller to none, or to more."""

    async def ask(at: Snapshot) -> list[EffectivePolicy]:
        cluster = await clusters.get_cluster(at, ref=path)
        return (await policies.effective_policies(at, groups=[cluster.group_id]))[0]

    try:
        found, _ = await graph.read(caller, ask)
    except (NotFoundError, PermissionDeniedError, InvalidInputError):
        return None
    return found


def _nothing_to_ask_about(cluster: str, email: str) -> str:
    if not cluster:
        return "The sample has no cluster to ask about."
    return (
        f"The sample's cluster is not, or no longer, where the sample puts it: {cluster} leads"
        f" {email} to none, or to more than one."
    )


def table(found: Sequence[EffectivePolicy]) -> str:
    """Write effective policies as a table for a terminal."""
    rows = [("POLICY", "MODE", "FROM GROUP", "PATH")]
    rows += [
        (each.policy.name, each.policy.version.mode, each.via.name, path_text(each.path))
        for each in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
