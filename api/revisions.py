"""How a revision is written for callers: opaque, never a number to compute with."""

import base64
from collections.abc import Iterable

import orjson

from queries.organizations import OrganizationRevision


def encode_revisions(revisions: Iterable[OrganizationRevision]) -> str:
    """Write where organizations are as one token; the same places always give the same token."""
    text = orjson.dumps([[r.org, r.epoch, r.revision] for r in sorted(revisions)])
    return base64.urlsafe_b64encode(text).decode().rstrip("=")
