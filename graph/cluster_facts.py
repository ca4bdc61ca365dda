"""What may be said of a cluster: labels, its own id, its version. One rule for API and files."""

import re
import uuid
from collections.abc import Mapping

from graph.errors import InvalidInputError
from policy.labels import is_label_key, is_label_value

A_REMOTE_ID = "a UUID, such as the uid of the cluster's namespace kube-system"
A_VERSION = "a version such as v1.31.4"
_MAX_LABELS = 64
_VERSION = re.compile(r"v\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?")
_MAX_VERSION = 63


def is_remote_id(text: str) -> bool:
    """Tell whether a text may be what a cluster knows itself by: a UUID, in either case."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def is_kubernetes_version(text: str) -> bool:
    """Tell whether a text may be the version of Kubernetes that a cluster runs."""
    return len(text) <= _MAX_VERSION and _VERSION.fullmatch(text) is not None


def check_remote_id(text: str | None) -> str | None:
    """Return a remote id as it is kept, None for an empty one; raise `InvalidInputError`."""
    if not text:
        return None
    if not is_remote_id(text):
        raise InvalidInputError(f"The remote id {text[:80]!r} is not {A_REMOTE_ID}.")
    return text.lower()


def check_kubernetes_version(text: str | None) -> str | None:
    """Return a version as it is kept, None for an empty one; raise `InvalidInputError`."""
    if not text:
        return None
    if not is_kubernetes_version(text):
        raise InvalidInputError(f"The Kubernetes version {text[:80]!r} is not {A_VERSION}.")
    return text


def check_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels; raise `InvalidInputError` with all that are none, or for too many."""
    if len(labels) > _MAX_LABELS:
        raise InvalidInputError(f"A cluster has at most {_MAX_LABELS} labels, not {len(labels)}.")
    wrong = [
        f"{key}={value}"[:160]
        for key, value in labels.items()
        if not (is_label_key(key) and is_label_value(value))
    ]
    if wrong:
        raise InvalidInputError(
            f"These are not Kubernetes labels: {', '.join(map(repr, wrong))}. A key is letters,"
            f" digits, - _ . and perhaps a DNS prefix with /; a value the same, 63 at most.",
            details=wrong,
        )
    return dict(labels)
