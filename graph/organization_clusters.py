"""The clusters of an organization file."""

from collections.abc import Iterator

from graph.cluster_facts import A_REMOTE_ID, A_VERSION, is_kubernetes_version, is_remote_id
from graph.organization_checks import Checks
from graph.organization_entries import ClusterEntry
from graph.organization_yaml import Value
from policy.labels import is_label_key, is_label_value

_A_LABEL_VALUE = "a label's value: at most 63 of letters, digits, `.`, `_` and `-`"


class ClusterReader:
    """Reads the clusters of one group after the other: no two in a file share a `remoteId`."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self._remote_ids: dict[str, Value] = {}

    def read(self, value: Value | None) -> Iterator[ClusterEntry]:
        """Read the clusters of a group, in the file's order."""
        checks = self._checks
        seen: dict[str, Value] = {}
        for item in checks.items(value):
            members = checks.fields(
                item, ("name", "description", "labels", "remoteId", "kubernetesVersion")
            )
            name_value = checks.required(item, members, "name")
            name = checks.name(name_value, "cluster")
            checks.unique(seen, name, name_value or item, "a cluster")
            remote_id = checks.matching(members.get("remoteId"), is_remote_id, A_REMOTE_ID)
            if remote_id:
                checks.unique(self._remote_ids, remote_id.lower(), members["remoteId"], "remoteId")
            yield ClusterEntry(
                name,
                checks.description(members.get("description")),
                self._labels(members.get("labels")),
                remote_id and remote_id.lower(),
                checks.matching(members.get("kubernetesVersion"), is_kubernetes_version, A_VERSION),
            )

    def _labels(self, value: Value | None) -> dict[str, str]:
        if value is None:
            return {}
        labels: dict[str, str] = {}
        for key, text in self._checks.fields(value, None).items():
            if not is_label_key(key):
                self._checks.report(text, f"{key[:80]!r} is not the key of a Kubernetes label")
            labels[key] = self._checks.matching(text, is_label_value, _A_LABEL_VALUE) or ""
        return labels
