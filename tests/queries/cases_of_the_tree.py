"""Every query of groups, organizations, users and the rest with data, as in `cases`."""

from queries.groups import SubtreeCounts
from queries.organizations import OrganizationRevision, Pruned
from tests.queries.cases import PAGE, SHORT, STAMP, Case, lists, pages, row, writes
from tests.queries.given import NOBODY, NOWHERE, World


def _revision(w: World) -> OrganizationRevision:
    return OrganizationRevision(w.root, w.epoch, w.revision)


FACTS = lists(lambda w: {"org": w.root}, lambda _: any, {"org": NOWHERE})
"""The case of a query that the checker of invariants asks of a whole organization."""


GROUPS = {
    "create_groups": Case(
        lambda w: row(id="grp_new", org=w.root, name="new", name_scope=w.root),
        lambda _: 1,
        {"rows": []},
        0,
    ),
    "link_groups": writes(
        lambda w: row(id=w.eu, parent_id=w.root), row(id="grp_x", parent_id=NOWHERE)
    ),
    "unlink_groups": writes(lambda w: {"ids": [w.eu]}, {"ids": [NOWHERE]}),
    "update_groups": writes(lambda w: row(id=w.eu, name="new"), row(id=NOWHERE)),
    "delete_groups": writes(lambda w: {"ids": [w.eu]}, {"ids": [NOWHERE]}),
    "read_groups": lists(lambda w: {"ids": [w.prod]}, lambda w: [w.prod], {"ids": [NOWHERE]}),
    "ancestry": lists(
        lambda w: {"ids": [w.eu]}, lambda w: sorted([w.root, w.prod, w.eu]), {"ids": [NOWHERE]}
    ),
    "walk_names": lists(
        lambda w: {"start": w.root, "names": ["prod", "eu"]},
        lambda w: sorted([w.prod, w.eu]),
        {"start": NOWHERE, "names": ["prod"]},
    ),
    "list_groups": pages(
        lambda w: {"scopes": [[w.root]], "omit": [w.root], **PAGE},
        lambda w: (2, sorted([w.prod, w.eu])),
        {"scopes": [[NOWHERE]], "omit": None, **PAGE},
    ),
    "list_children": pages(
        lambda w: {"ids": [w.root], **SHORT}, lambda w: (1, [w.prod]), {"ids": [NOWHERE], **SHORT}
    ),
    "subtree": lists(
        lambda w: {"ids": [w.prod]}, lambda w: sorted([w.prod, w.eu]), {"ids": [NOWHERE]}
    ),
    "count_below": Case(
        lambda w: {"ids": [w.prod]},
        lambda _: [SubtreeCounts(groups=2, clusters=1, policies=1, users=1)],
        {"ids": [NOWHERE]},
        [SubtreeCounts(groups=0, clusters=0, policies=0, users=0)],
    ),
}
ORGANIZATIONS = {
    "create_organization": Case(
        lambda _: {"org": "grp_new", "epoch": "e"},
        lambda _: [OrganizationRevision("grp_new", "e", 1)],
        None,
        None,
    ),
    "lock_organization": lists(
        lambda w: {"org": w.root},
        lambda w: [OrganizationRevision(w.root, w.epoch, w.revision + 1)],
        {"org": NOWHERE},
    ),
    "put_root": writes(
        lambda w: row(id=w.root, kind="group", org=w.root, name="x", name_scope="s", **STAMP),
        row(id=NOWHERE),
    ),
    "bury_root": writes(lambda w: row(id=w.root), row(id=NOWHERE)),
    "read_revisions": lists(
        lambda w: {"orgs": [w.root]}, lambda w: [_revision(w)], {"orgs": [NOWHERE]}
    ),
    "list_organizations": lists(
        lambda w: {"after": w.root[:-1], "first": 1}, lambda w: [w.root], {"after": "z", "first": 1}
    ),
    "set_pruned": Case(
        lambda w: {"org": w.root, "revision": 1, "at": "2026-01-01T00:00:00+00:00"},
        lambda _: 1,
        {"org": NOWHERE, "revision": 1, "at": ""},
        0,
    ),
    "read_pruned": lists(lambda w: {"org": w.root}, lambda _: [Pruned(0)], {"org": NOWHERE}),
    # Of a store that other tests share: more than none is all that can be said.
    "count_organizations": Case(lambda _: {}, lambda _: any, None, None),
}
USERS = {
    "register_users": Case(
        lambda w: row(
            id=w.bob, issuer="i", subject="s", kind="human", email=None, display_name="B"
        ),
        lambda _: 1,
        {"rows": []},
        0,
    ),
    "read_users": lists(lambda w: {"ids": [w.bob]}, lambda w: [w.bob], {"ids": [NOBODY]}),
    "read_grants": lists(lambda w: {"user": w.bob}, lambda w: [w.binding], {"user": NOBODY}),
    "list_users": Case(
        lambda w: {
            "scopes": [w.prod],
            "above": [w.root],
            "name": "bob@",
            "after_id": None,
            "first": 10,
        },
        lambda w: (1, [w.bob]),
        {"scopes": [], "above": [], "name": None, "after_id": None, "first": 10},
        (0, []),
    ),
}
SEARCH = {
    "find_groups": lists(
        lambda w: {"scopes": [w.root], "text": "pr"},
        lambda w: [w.prod],
        {"scopes": [NOWHERE], "text": "pr"},
    ),
    "find_clusters": lists(
        lambda w: {"scopes": [w.root], "text": "c"},
        lambda w: [w.cluster],
        {"scopes": [NOWHERE], "text": "c"},
    ),
    "find_policies": lists(
        lambda w: {"scopes": [w.root], "text": "p"},
        lambda w: [w.policy],
        {"scopes": [NOWHERE], "text": "p"},
    ),
}
TELEMETRY = {
    "record_seen": Case(
        lambda w: row(id=w.cluster, last_seen="2026-01-01T00:00:00Z"), lambda _: 1, {"rows": []}, 0
    ),
    "read_seen": lists(lambda w: {"ids": [w.cluster]}, lambda w: [w.cluster], {"ids": ["x"]}),
}
SCHEMA = {
    "read_store": Case(lambda _: {}, lambda _: any, None, None),
    "create_store": Case(
        lambda _: {"schema_version": 1, "user_key": "00"}, lambda _: 1, None, None
    ),
    "create_labels": Case(lambda _: {}, lambda _: 1, None, None),
    "set_schema_version": Case(lambda _: {"schema_version": 1}, lambda _: 1, None, None),
}
FACT_QUERIES = ("binding", "group", "organization", "placed", "version")
INVARIANTS = {f"{of}_facts": FACTS for of in FACT_QUERIES}
