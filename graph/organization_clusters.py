"""The clusters of an organization file."""

import re
import uuid
from collections.abc import Iterator

from graph.organization_checks import Checks
from graph.organization_entries import ClusterEntry
from graph.organization_yaml import Value
from policy.labels import is_label_key, is_label_value

_VERSION = re.compile(r"v\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
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
            remote_id = checks.matching(members.get("remoteId"), _is_uuid, "a UUID")
            if remote_id:
                checks.unique(self._remote_ids, remote_id.lower(), members["remoteId"], "remoteId")
            yield ClusterEntry(
                name,
                checks.description(members.get("description")),
                self._labels(members.get("labels")),
                remote_id and remote_id.lower(),
                checks.matching(
                    members.get("kubernetesVersion"),
                    _VERSION.fullmatch,
                    "a version such as v1.31.4",
                ),
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


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False
