from graph import lookup, policies
from graph.engine import Graph
from queries.states import PolicyState, VersionState
from tests.given import (
    a_person,
    a_policy_by_key,
    a_secret,
    an_organization,
    snapshot,
    written,
)

_POLICY = a_policy_by_key("by-key", key="release-key")


def _secret() -> tuple[str, str]:
    return a_secret("release-key")


async def test_a_key_stays_when_its_policy_is_read_edited_and_applied_again(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    secret, pem = _secret()
    first = await policies.apply_policy(graph, caller=owner, group=org, document=_POLICY + secret)
    stored = written(first, VersionState)
    (shown,) = await policies.shown_versions(await snapshot(graph, owner), versions=[stored.id])
    answered = shown.document

    edited = answered.replace("ghcr.io/acme/*", "ghcr.io/acme/**")
    second = await policies.apply_policy(graph, caller=owner, group=org, document=edited)

    assert answered == _POLICY
    assert pem.splitlines()[1] in stored.secrets[0]
    assert written(second, VersionState).secrets == stored.secrets


async def test_a_key_goes_when_the_policy_no_longer_refers_to_it(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    secret, _ = _secret()
    first = await policies.apply_policy(graph, caller=owner, group=org, document=_POLICY + secret)

    passing = _POLICY.replace("key: {secretRef: {name: release-key}}", "static: {action: pass}")
    await policies.apply_policy(graph, caller=owner, group=org, document=passing)

    policy = await lookup.policy(await snapshot(graph, owner), written(first, PolicyState).id)
    (active,) = await lookup.read_versions(await snapshot(graph, owner), [policy.version_id])
    assert active is not None
    assert active.secrets == []
