"""Every query with data: what it is asked when there is something, and when there is nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from queries.roles import HeldAt
from tests.queries.given import NOBODY, NOWHERE, World

Parameters = Callable[[World], dict[str, Any]]
NEW = {
    "role": "rol_new",
    "group": "grp_new",
    "cluster": "clu_new",
    "policy": "pol_new",
    "version": "ver_new",
    "invite": "inv_new",
    "identity": "usr_new",
}
PAGE = {"name": None, "after_name": None, "after_id": None, "first": 10}
SHORT = {"after_name": None, "after_id": None, "first": 10}
NEWEST = {"since": "", "until": "~", "before": None, "first": 1}
STAMP = {"created_at": "2026-01-01T00:00:00Z", "created_by": "usr_x", "description": ""}


@dataclass(frozen=True)
class Case:
    """Parameters and the answer in brief; `of_nothing` None where there is no such case."""

    of_something: Parameters
    answer: Callable[[World], Any]
    of_nothing: dict[str, Any] | None
    answer_of_nothing: Any


def row(**properties: Any) -> dict[str, Any]:
    return {"rows": [properties]}


def writes(of_something: Parameters, of_nothing: dict[str, Any] | None) -> Case:
    """Return the case of a write that counts what it wrote."""
    return Case(of_something, lambda _: 1, of_nothing, 0)


def lists(
    of_something: Parameters, answer: Callable[[World], Any], of_nothing: dict[str, Any]
) -> Case:
    """Return the case of a read whose answer is a list, an empty one of nothing."""
    return Case(of_something, answer, of_nothing, [])


def pages(
    of_something: Parameters, answer: Callable[[World], Any], of_nothing: dict[str, Any]
) -> Case:
    """Return the case of a read of one page for each list of subjects."""
    return Case(of_something, lambda w: [answer(w)], of_nothing, [(0, [])])


BINDINGS = {
    "create_bindings": writes(
        lambda w: row(id="bnd_new", user_id=w.bob, group_id=w.eu, role="rol_viewer", org=w.root),
        row(id="bnd_new", user_id=NOBODY, group_id=NOWHERE),
    ),
    "update_bindings": writes(
        lambda w: row(id=w.binding, user_id=w.bob, role="rol_editor"),
        row(id="bnd_x", user_id=NOBODY),
    ),
    "delete_bindings": writes(
        lambda w: row(id=w.binding, user_id=w.bob), row(id="bnd_x", user_id=NOBODY)
    ),
    "read_bindings": lists(
        lambda w: row(id=w.binding, user_id=w.bob),
        lambda w: [w.binding],
        row(id="bnd_x", user_id=NOBODY),
    ),
    "user_bindings": lists(
        lambda w: {"users": [w.bob]}, lambda w: [w.binding], {"users": [NOBODY]}
    ),
    "group_bindings": lists(
        lambda w: {"groups": [w.prod]}, lambda w: [w.binding], {"groups": [NOWHERE]}
    ),
    "list_bindings": pages(
        lambda w: {
            "scopes": [[w.prod]],
            "role": "rol_viewer",
            "user": w.bob,
            "after_id": None,
            "first": 10,
        },
        lambda w: (1, [w.binding]),
        {"scopes": [[NOWHERE]], "role": None, "user": None, "after_id": None, "first": 10},
    ),
}
CHANGES = {
    "create_change": Case(
        lambda w: {"row": {"id": "chg_new", "org": w.root, "revision": 99}}, lambda _: 1, None, None
    ),
    "create_change_part": Case(
        lambda w: {"id": "chg_new 0", "change_id": w.change, "number": 0, "edits": "[]"},
        lambda _: 1,
        None,
        None,
    ),
    "read_change": lists(lambda w: {"id": w.change}, lambda w: [w.change], {"id": "chg_x"}),
    "find_change_by_key": lists(
        lambda w: {"actor_key": w.actor_key}, lambda w: [w.change], {"actor_key": "x"}
    ),
    "read_change_parts": lists(
        lambda w: {"change_ids": [w.change]}, lambda w: [w.change], {"change_ids": ["chg_x"]}
    ),
    "create_change_subjects": Case(
        lambda w: {"org_subjects": [f"{w.root} x"], "revision": 9, "at": "", "change_id": w.change},
        lambda _: 1,
        {"org_subjects": [], "revision": 9, "at": "", "change_id": "chg_x"},
        0,
    ),
    "oldest_changes": lists(
        lambda w: {"since": f"{w.root} ", "until": f"{w.root} ~", "first": w.revision},
        lambda _: any,
        {"since": f"{NOWHERE} ", "until": f"{NOWHERE} ~", "first": 9},
    ),
    "delete_change_subjects": Case(
        lambda w: {"change_ids": [w.change], "most": 2},
        lambda _: 2,
        {"change_ids": ["chg_x"], "most": 2},
        0,
    ),
    "delete_change_parts": writes(lambda w: {"change_ids": [w.change]}, {"change_ids": ["chg_x"]}),
    "delete_changes": writes(lambda w: {"ids": [w.change]}, {"ids": ["chg_x"]}),
    "changes_since": lists(
        lambda w: {"org_subjects": [f"{w.root} {w.bob}", f"{w.root} {w.binding}"], "after": ""},
        lambda w: [w.change],
        {"org_subjects": [f"{NOWHERE} x"], "after": ""},
    ),
    "list_changes_about": Case(
        lambda w: {"org_subject": f"{w.root} {w.bob}", "actor": w.owner, "kind": None, **NEWEST},
        lambda w: (1, [w.change]),
        {"org_subject": f"{NOWHERE} x", "actor": None, "kind": "load", **NEWEST},
        (0, []),
    ),
    "list_changes_by_actor": Case(
        lambda w: {"org_actor": f"{w.root} {w.owner}", "kind": None, **NEWEST},
        lambda w: (w.revision, [w.change]),
        {"org_actor": f"{NOWHERE} x", "kind": "load", **NEWEST, "before": 9},
        (0, []),
    ),
    "list_changes_by_kind": Case(
        lambda w: {"org_kind": f"{w.root} create_role_binding", **NEWEST},
        lambda w: (1, [w.change]),
        {"org_kind": f"{NOWHERE} load", **NEWEST, "before": 9},
        (0, []),
    ),
    "list_changes_between": Case(
        lambda w: {**NEWEST, "since": f"{w.root} ", "until": f"{w.root} ~"},
        lambda w: (w.revision, [w.change]),
        {**NEWEST, "since": f"{NOWHERE} ", "until": f"{NOWHERE} ~", "before": 9},
        (0, []),
    ),
    "list_changes": Case(
        lambda w: {"org": w.root, "before": None, "first": 1},
        lambda w: (w.revision, [w.change]),
        {"org": NOWHERE, "before": 9, "first": 1},
        (0, []),
    ),
}
CLUSTERS = {
    "create_clusters": writes(
        lambda w: row(id=NEW["cluster"], group_id=w.prod, name="new"),
        row(id=NEW["cluster"], group_id=NOWHERE, name="new"),
    ),
    "update_clusters": writes(lambda w: row(id=w.cluster, name="new"), row(id="clu_x")),
    "rebind_clusters": writes(
        lambda w: row(id=w.cluster, group_id=w.eu), row(id="clu_x", group_id=NOWHERE)
    ),
    "delete_clusters": writes(lambda w: {"ids": [w.cluster]}, {"ids": ["clu_x"]}),
    "read_clusters": lists(lambda w: {"ids": [w.cluster]}, lambda w: [w.cluster], {"ids": ["x"]}),
    "find_cluster": lists(
        lambda w: {"group_id": w.prod, "name": "c"},
        lambda w: [w.cluster],
        {"group_id": NOWHERE, "name": "c"},
    ),
    "list_clusters": pages(
        lambda w: {"scopes": [[w.root]], **PAGE},
        lambda w: (1, [w.cluster]),
        {"scopes": [[NOWHERE]], **PAGE},
    ),
    "list_group_clusters": pages(
        lambda w: {"ids": [w.prod], **SHORT},
        lambda w: (1, [w.cluster]),
        {"ids": [NOWHERE], **SHORT},
    ),
    "bound_clusters": lists(
        lambda w: {"groups": [w.prod]}, lambda w: [w.cluster], {"groups": [NOWHERE]}
    ),
}
INVITES = {
    "create_invites": writes(
        lambda w: row(id=NEW["invite"], group_id=w.prod, key_id="new"),
        row(id=NEW["invite"], group_id=NOWHERE, key_id="new"),
    ),
    "update_invites": writes(lambda w: row(id=w.invite, uses_left=1), row(id="inv_x")),
    "delete_invites": writes(lambda w: {"ids": [w.invite]}, {"ids": ["inv_x"]}),
    "read_invites": lists(lambda w: {"ids": [w.invite]}, lambda w: [w.invite], {"ids": ["x"]}),
    "find_invite": lists(lambda w: {"key_id": w.key_id}, lambda w: [w.invite], {"key_id": "x"}),
    "bound_invites": lists(
        lambda w: {"groups": [w.prod]}, lambda w: [w.invite], {"groups": [NOWHERE]}
    ),
    "invites_with_role": lists(
        lambda w: {"role": "rol_viewer", "group": w.root},
        lambda w: [w.invite],
        {"role": "rol_viewer", "group": NOWHERE},
    ),
    "list_invites": Case(
        lambda w: {"scopes": [w.prod], "after_id": None, "first": 10},
        lambda w: (1, [w.invite]),
        {"scopes": [NOWHERE], "after_id": None, "first": 10},
        (0, []),
    ),
    "list_group_invites": pages(
        lambda w: {"ids": [w.prod], "after_id": None, "first": 10},
        lambda w: (1, [w.invite]),
        {"ids": [NOWHERE], "after_id": None, "first": 10},
    ),
}
IDENTITIES = {
    "create_identities": writes(
        lambda w: row(id=NEW["identity"], group_id=w.prod, name="new", issuer="i", subject="s"),
        row(id=NEW["identity"], group_id=NOWHERE, name="new"),
    ),
    "update_identities": writes(lambda w: row(id=w.identity, name="new"), row(id=NOBODY)),
    "rebind_identities": writes(
        lambda w: row(id=w.identity, group_id=w.eu), row(id=NOBODY, group_id=NOWHERE)
    ),
    "delete_identities": writes(lambda w: {"ids": [w.identity]}, {"ids": [NOBODY]}),
    "read_identities": lists(
        lambda w: {"ids": [w.identity]}, lambda w: [w.identity], {"ids": [NOBODY]}
    ),
    "find_identity": lists(
        lambda w: {"group_id": w.prod, "name": "ci"},
        lambda w: [w.identity],
        {"group_id": NOWHERE, "name": "ci"},
    ),
    "list_identities": pages(
        lambda w: {"scopes": [[w.root]], **PAGE},
        lambda w: (1, [w.identity]),
        {"scopes": [[NOWHERE]], **PAGE},
    ),
    "list_group_identities": pages(
        lambda w: {"ids": [w.prod], **SHORT},
        lambda w: (1, [w.identity]),
        {"ids": [NOWHERE], **SHORT},
    ),
    "bound_identities": lists(
        lambda w: {"groups": [w.prod]}, lambda w: [w.identity], {"groups": [NOWHERE]}
    ),
}
ROLES = {
    "create_roles": writes(
        lambda w: row(id=NEW["role"], group_id=w.prod, name="new"),
        row(id=NEW["role"], group_id=NOWHERE, name="new"),
    ),
    "update_roles": writes(lambda w: row(id=w.role, description="x"), row(id="rol_x")),
    "delete_roles": writes(lambda w: {"ids": [w.role]}, {"ids": ["rol_x"]}),
    "read_roles": lists(lambda w: {"ids": [w.role]}, lambda w: [w.role], {"ids": ["x"]}),
    "find_role": lists(
        lambda w: {"group_id": w.prod, "name": "r"},
        lambda w: [w.role],
        {"group_id": NOWHERE, "name": "r"},
    ),
    "bound_roles": lists(lambda w: {"groups": [w.prod]}, lambda w: [w.role], {"groups": [NOWHERE]}),
    "list_roles": Case(
        lambda w: {"scopes": [w.root]} | PAGE,
        lambda w: (1, [w.role]),
        {"scopes": [NOWHERE]} | PAGE,
        (0, []),
    ),
    "held_at": Case(
        lambda w: {"role": "rol_viewer", "group": w.root},
        lambda w: [HeldAt(w.prod, "rol_viewer", None)],
        {"role": "rol_viewer", "group": NOWHERE},
        [],
    ),
}
POLICIES = {
    "create_policies": writes(
        lambda w: row(id=NEW["policy"], group_id=w.prod, name="new"),
        row(id=NEW["policy"], group_id=NOWHERE, name="new"),
    ),
    "update_policies": writes(lambda w: row(id=w.policy, description="x"), row(id="pol_x")),
    "rebind_policies": writes(
        lambda w: row(id=w.policy, group_id=w.eu), row(id="pol_x", group_id=NOWHERE)
    ),
    "delete_policies": writes(lambda w: {"ids": [w.policy]}, {"ids": ["pol_x"]}),
    "create_versions": writes(
        lambda w: row(id=NEW["version"], policy_id=w.policy),
        row(id=NEW["version"], policy_id="pol_x"),
    ),
    "delete_versions": writes(lambda w: {"ids": [w.first]}, {"ids": ["ver_x"]}),
    "read_policies": lists(lambda w: {"ids": [w.policy]}, lambda w: [w.policy], {"ids": ["x"]}),
    "find_policy": lists(
        lambda w: {"group_id": w.prod, "name": "p"},
        lambda w: [w.policy],
        {"group_id": NOWHERE, "name": "p"},
    ),
    "bound_policies": lists(
        lambda w: {"groups": [w.prod]}, lambda w: [w.policy], {"groups": [NOWHERE]}
    ),
    "list_policies": pages(
        lambda w: {"scopes": [[w.root]], **PAGE},
        lambda w: (1, [w.policy]),
        {"scopes": [[NOWHERE]], **PAGE},
    ),
    "list_group_policies": pages(
        lambda w: {"ids": [w.prod], **SHORT}, lambda w: (1, [w.policy]), {"ids": [NOWHERE], **SHORT}
    ),
    "read_versions": lists(lambda w: {"ids": [w.first]}, lambda w: [w.first], {"ids": ["x"]}),
    "versions_of": lists(
        lambda w: {"policies": [w.policy]},
        lambda w: sorted([w.first, w.second]),
        {"policies": ["x"]},
    ),
    "list_versions": lists(
        lambda w: {"policies": [w.policy]},
        lambda w: sorted([w.first, w.second]),
        {"policies": ["x"]},
    ),
}
