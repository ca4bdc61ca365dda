import base64

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from graph import lookup, policies
from graph.engine import Graph
from queries.states import PolicyState, VersionState
from tests.given import a_person, an_organization, snapshot, written

_POLICY = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: by-key}
spec:
  images: [{glob: "ghcr.io/acme/*"}]
  authorities:
  - key: {secretRef: {name: release-key}}
"""


def _secret() -> tuple[str, str]:
    pem = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    data = base64.b64encode(pem).decode()
    text = (
        "---\napiVersion: v1\nkind: Secret\n"
        "metadata: {name: release-key, namespace: cosign-system}\n"
        f"data: {{cosign.pub: {data}}}\n"
    )
    return text, pem.decode()


async def test_a_key_stays_when_its_policy_is_read_edited_and_applied_again(graph: Graph) -> None:
    owner = await a_person(graph)
    org = await an_organization(graph, owner)
    secret, pem = _secret()
    first = await policies.apply_policy(graph, caller=owner, group=org, document=_POLICY + secret)
    stored = written(first, VersionState)
    (answered,) = await policies.version_documents(
        await snapshot(graph, owner), versions=[stored.id]
    )

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
