"""Identities of workloads: how they are recognized, and that nobody gains a right by one."""

from dataclasses import replace
from datetime import timedelta

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from graph import bindings, groups, restoring, users, workloads
from graph.engine import Graph
from graph.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from graph.paging import PageRequest
from graph.snapshot import Caller
from graph.workloads import MatchInput
from queries.states import BindingState, IdentityState
from tests.given import (
    ISSUERS,
    Clock,
    a_jwk,
    a_person,
    an_identity,
    an_organization,
    snapshot,
    written,
)
from tests.model.replay import assert_whole

PAGE = PageRequest.of("test", first=50, after=None)
PRIVATE = "https://10.96.0.1"


async def _bind(graph: Graph, owner: Caller, group: str, role: str, user: str) -> BindingState:
    bound = await bindings.create_role_binding(
        graph, caller=owner, group=group, role=role, user=user
    )
    return written(bound, BindingState)


async def _update(graph: Graph, caller: Caller, identity: str, **match: object) -> IdentityState:
    changed = await workloads.update_identity(
        graph,
        caller=caller,
        identity=identity,
        match=MatchInput(**match),  # type: ignore[arg-type]  # each test's own
        issuers=ISSUERS,
    )
    return written(changed, IdentityState)


async def test_an_identity_may_do_nothing_until_it_is_bound(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "team")
    identity = await an_identity(graph, owner, f"{org}/team")
    at = await snapshot(graph, Caller(identity.id))

    assert (await groups.list_groups(at, within=None, name=None, page=PAGE)).total == 0
    await _bind(graph, owner, f"{org}/team", "viewer", identity.id)
    at = await snapshot(graph, Caller(identity.id))
    assert (await groups.list_groups(at, within=None, name=None, page=PAGE)).total == 1
    (user,) = await users.get_users(at, users=[identity.id])
    assert user is not None
    assert (user.kind, user.display_name) == ("workload", "ci")
    await assert_whole(graph, org)


async def test_deleting_an_identity_takes_its_bindings_everywhere_and_restoring_brings_them_back(
    graph: Graph,
) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "team", "other")
    identity = await an_identity(graph, owner, f"{org}/team")
    for place in (org, f"{org}/other"):
        await _bind(graph, owner, place, "viewer", identity.id)

    gone = await workloads.delete_identity(graph, caller=owner, identity=identity.id)

    assert [edit.subject.kind for edit in gone.edits] == ["identity", "binding", "binding"]
    await assert_whole(graph, org)
    with pytest.raises(NotFoundError):
        await _bind(graph, owner, org, "viewer", identity.id)
    await restoring.restore(graph, caller=owner, change=gone.change or "")
    await assert_whole(graph, org)
    at = await snapshot(graph, owner)
    assert await workloads.get_identity(at, identity=identity.id) == identity


async def test_a_binding_of_an_identity_that_is_gone_is_not_restored(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    identity = await an_identity(graph, owner, org)
    bound = await _bind(graph, owner, org, "viewer", identity.id)
    unbound = await bindings.delete_role_binding(graph, caller=owner, binding=bound.id)
    await workloads.delete_identity(graph, caller=owner, identity=identity.id)

    with pytest.raises(ConflictError, match="is gone"):
        await restoring.restore(graph, caller=owner, change=unbound.change or "")


async def test_a_group_is_not_empty_with_an_identity_in_it_and_cascade_takes_all_of_it(
    graph: Graph,
) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "team", "other")
    identity = await an_identity(graph, owner, f"{org}/team")
    await _bind(graph, owner, f"{org}/other", "viewer", identity.id)

    with pytest.raises(ConflictError, match="identity: 1"):
        await groups.delete_group(graph, caller=owner, group=f"{org}/team")
    gone = await groups.delete_group(graph, caller=owner, group=f"{org}/team", cascade=True)
    assert [edit.subject.kind for edit in gone.edits] == ["group", "identity", "binding"]
    await assert_whole(graph, org)
    await restoring.restore(graph, caller=owner, change=gone.change or "")
    await assert_whole(graph, org)


async def test_names_are_unique_in_a_group(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner, "team")
    await an_identity(graph, owner, org)
    second = await an_identity(graph, owner, org, "cd")
    await an_identity(graph, owner, f"{org}/team")

    with pytest.raises(ConflictError, match="identity 'ci'"):
        await an_identity(graph, owner, org)
    with pytest.raises(ConflictError, match="identity 'ci'"):
        await workloads.update_identity(
            graph,
            caller=owner,
            identity=second.id,
            name="ci",
            match=MatchInput(),
            issuers=ISSUERS,
        )


async def test_an_identity_is_bound_in_its_own_organization_alone(graph: Graph) -> None:
    owner, stranger = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner)
    elsewhere = await an_organization(graph, stranger)
    identity = await an_identity(graph, owner, org)

    with pytest.raises(NotFoundError):
        await _bind(graph, stranger, elsewhere, "owner", identity.id)


async def test_who_changes_a_match_holds_all_that_the_identity_may_do_wherever_it_is_bound(
    graph: Graph,
) -> None:
    owner, ted = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team", "prod")
    await _bind(graph, owner, f"{org}/team", "owner", ted.user_id)
    identity = await an_identity(graph, owner, f"{org}/team")
    await _update(graph, ted, identity.id, subject="mine")
    bound = await _bind(graph, owner, f"{org}/prod", "cluster-agent", identity.id)

    for match in (
        {"subject": "again"},
        {"subject_pattern": "any:.*"},
        {"audience": "another"},
        {"claims": {"ref": "main"}},
    ):
        with pytest.raises(PermissionDeniedError, match="you do not hold"):
            await _update(graph, ted, identity.id, **match)
    renamed = await workloads.update_identity(
        graph, caller=ted, identity=identity.id, name="new", match=MatchInput(), issuers=ISSUERS
    )
    assert written(renamed, IdentityState).subject == "mine"
    assert (await _update(graph, owner, identity.id, subject="x")).subject == "x"
    await bindings.delete_role_binding(graph, caller=owner, binding=bound.id)
    assert (await _update(graph, ted, identity.id, subject="y")).subject == "y"


async def test_a_binding_that_expired_confers_nothing_to_who_changes_the_match(
    graph: Graph, clock: Clock
) -> None:
    owner, ted = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner, "team")
    await _bind(graph, owner, f"{org}/team", "owner", ted.user_id)
    identity = await an_identity(graph, owner, f"{org}/team")
    await bindings.create_role_binding(
        graph,
        caller=owner,
        group=org,
        role="viewer",
        user=identity.id,
        expires_at=clock() + timedelta(hours=1),
    )
    with pytest.raises(PermissionDeniedError):
        await _update(graph, ted, identity.id, subject="x")
    clock.forward(hours=1)
    assert (await _update(graph, ted, identity.id, subject="x")).subject == "x"


async def test_a_workload_owns_no_organization(graph: Graph) -> None:
    owner, friend = await a_person(graph), await a_person(graph)
    org = await an_organization(graph, owner)
    identity = await an_identity(graph, owner, org)
    await _bind(graph, owner, org, "owner", identity.id)
    (own,) = (
        await bindings.list_bindings(
            await snapshot(graph, owner), within=org, role="owner", user=owner.user_id, page=PAGE
        )
    ).items

    with pytest.raises(PermissionDeniedError, match="Only a person"):
        await an_organization(graph, Caller(identity.id), name="mine")
    with pytest.raises(ConflictError, match="without an owner"):
        await bindings.delete_role_binding(graph, caller=owner, binding=own.binding.id)
    await _bind(graph, owner, org, "owner", friend.user_id)
    await bindings.delete_role_binding(graph, caller=owner, binding=own.binding.id)


GOOD = MatchInput(issuer="https://issuer.example", subject="job")
BAD = {
    "no subject": replace(GOOD, subject=None),
    "two subjects": replace(GOOD, subject_pattern="a"),
    "an empty subject": replace(GOOD, subject=""),
    "a blank subject": replace(GOOD, subject=" "),
    "a subject with a line break": replace(GOOD, subject="a\n"),
    "a long subject": replace(GOOD, subject="a" * 256),
    "any subject": replace(GOOD, subject=None, subject_pattern=".*"),
    "any subject, in other words": replace(GOOD, subject=None, subject_pattern="^(?s:.+)$|x{3}"),
    "no pattern of RE2": replace(GOOD, subject=None, subject_pattern="(?=a)b"),
    "a pattern that is not closed": replace(GOOD, subject=None, subject_pattern="("),
    "a long pattern": replace(GOOD, subject=None, subject_pattern="a" * 513),
    "no audience": replace(GOOD, audience=""),
    "a claim with another name for the subject": replace(GOOD, claims={"sub": "x"}),
    "a claim twice": replace(GOOD, claims={"a": "x"}, claim_patterns={"a": "y"}),
    "a claim with a bad name": replace(GOOD, claims={"a=b": "x"}),
    "too many claims": replace(GOOD, claims={f"c{n}": "x" for n in range(17)}),
    "a bad pattern of a claim": replace(GOOD, claim_patterns={"a": "["}),
    "no issuer": replace(GOOD, issuer=""),
    "an issuer by http": replace(GOOD, issuer="http://issuer.example"),
    "an issuer with a query": replace(GOOD, issuer="https://issuer.example?x"),
    "an issuer with a user": replace(GOOD, issuer="https://a@issuer.example"),
    "an issuer without a host": replace(GOOD, issuer="https:///x"),
    "an issuer that nobody looks up": replace(GOOD, issuer="https://elsewhere.example"),
    "an expiry without keys": replace(GOOD, keys_expire_at=Clock()() + timedelta(days=1)),
}


@pytest.mark.parametrize("what", BAD)
async def test_a_rule_that_says_too_little_or_too_much_is_refused(graph: Graph, what: str) -> None:
    with pytest.raises(InvalidInputError):
        await workloads.create_identity(
            graph, caller=Caller("usr_x"), group="x", name="ci", match=BAD[what], issuers=ISSUERS
        )


async def test_keys_come_with_an_identity_for_thirty_days_at_most(
    graph: Graph, clock: Clock
) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    keys = orjson.dumps({"keys": [a_jwk(ec.generate_private_key(ec.SECP256R1()), "k1")]}).decode()
    given = replace(GOOD, issuer=PRIVATE, keys=keys)

    for expiry in (None, clock(), clock() + timedelta(days=30, minutes=1)):
        with pytest.raises(InvalidInputError, match=r"keysExpireAt|expire at"):
            await workloads.create_identity(
                graph,
                caller=owner,
                group=org,
                name="ci",
                match=replace(given, keys_expire_at=expiry),
                issuers=ISSUERS,
            )
    made = await workloads.create_identity(
        graph,
        caller=owner,
        group=org,
        name="ci",
        match=replace(given, keys_expire_at=clock() + timedelta(days=30)),
        issuers=ISSUERS,
    )
    identity = written(made, IdentityState)
    clock.forward(days=29)
    renewed = await _update(graph, owner, identity.id, keys_expire_at=clock() + timedelta(days=30))
    assert renewed.keys == identity.keys
    with pytest.raises(InvalidInputError, match="its own keys alone"):
        await _update(graph, owner, identity.id, issuer="https://issuer.example")
    without = await _update(graph, owner, identity.id, issuer="https://issuer.example", keys="")
    assert (without.keys, without.keys_expire_at) == ([], None)
    await assert_whole(graph, org)
