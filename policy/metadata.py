"""Reads `metadata` and `status`, which the API server writes and people copy into documents."""

import re
from datetime import datetime

from policy.labels import is_subdomain
from policy.reader import Reader

_METADATA = (
    *("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation"),
    *("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"),
    *("labels", "annotations", "ownerReferences", "finalizers", "managedFields"),
)
_OWNER = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
_MANAGED = ("manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource")
_CONDITION = ("type", "status", "severity", "lastTransitionTime", "reason", "message")

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


def read_metadata(document: Reader) -> tuple[str, str]:
    """Read the member `metadata` of a document: its name and namespace, "" when absent."""
    reader = document.section("metadata", _METADATA)
    if reader is None:
        document.report.error(
            "`metadata.name` is missing: it names the policy", "metadata.name", document.place
        )
        return "", ""
    name = reader.text("name")
    if not name:
        reader.missing("name", "it names the policy")
    elif not is_subdomain(name):
        reader.error(
            "name",
            f"`{name[:80]}` cannot be a name: use up to 253 of the characters a-z 0-9 - and ., "
            "with a letter or digit at both ends",
        )
    for text in ("generateName", "selfLink", "uid", "resourceVersion"):
        reader.text(text)
    reader.integer("generation")
    reader.integer("deletionGracePeriodSeconds")
    _check_time(reader, "creationTimestamp")
    _check_time(reader, "deletionTimestamp")
    reader.pairs("labels")
    reader.pairs("annotations")
    reader.texts("finalizers")
    for owner in reader.sections("ownerReferences", _OWNER):
        _check(owner, texts=_OWNER[:4], booleans=_OWNER[4:])
    for managed in reader.sections("managedFields", _MANAGED):
        _check(managed, texts=("manager", "operation", "apiVersion", "fieldsType", "subresource"))
        _check_time(managed, "time")
    return name, reader.text("namespace")


def check_status(document: Reader) -> None:
    """Check the member `status`, which says nothing about the policy and is otherwise ignored."""
    reader = document.section("status", ("observedGeneration", "conditions", "annotations"))
    if reader is None:
        return
    reader.integer("observedGeneration")
    reader.pairs("annotations")
    for condition in reader.sections("conditions", _CONDITION):
        _check(condition, texts=("type", "status", "severity", "reason", "message"))
        _check_time(condition, "lastTransitionTime")


def _check(reader: Reader, *, texts: tuple[str, ...], booleans: tuple[str, ...] = ()) -> None:
    for name in texts:
        reader.text(name)
    for name in booleans:
        reader.boolean(name)


def _check_time(reader: Reader, name: str) -> None:
    text = reader.text(name)
    if reader.has(name) and not _is_time(text):
        reader.error(name, "this is not a time such as 2022-11-03T12:00:00Z")


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return False
    return True
