"""What tests start from: people, organizations, policies, a clock."""

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from graph import groups, workloads
from graph.clock import utc_now
from graph.engine import Graph, Written
from graph.identities import Identity, sign_in
from graph.matching import KnownIssuers
from graph.snapshot import Caller, Snapshot
from graph.workloads import MatchInput
from queries.states import (
    BindingState,
    ClusterState,
    GroupState,
    IdentityState,
    InviteState,
    PolicyState,
    RoleState,
    VersionState,
)

ISSUER = "https://issuer.example"
ISSUERS = KnownIssuers(frozenset({ISSUER}))

State = TypeVar(
    "State",
    GroupState,
    RoleState,
    ClusterState,
    PolicyState,
    VersionState,
    BindingState,
    InviteState,
    IdentityState,
)


@dataclass
class Clock:
    """The present, moved by as much as a test says."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def forward(self, **by: float) -> None:
        self.ahead += timedelta(**by)


async def a_person(graph: Graph, name: str = "someone") -> Caller:
    """Sign in a person whom nobody has met."""
    subject = f"{name}-{uuid.uuid4().hex[:12]}"
    identity = Identity(issuer=ISSUER, subject=subject, email=f"{subject}@example.com")
    return Caller((await sign_in(graph, identity=identity)).id)


async def an_organization(graph: Graph, owner: Caller, *paths: str, name: str = "acme") -> str:
    """Create an organization with groups at these paths (parents first); return its id."""
    root = written(await groups.create_group(graph, caller=owner, name=name), GroupState)
    for path in paths:
        above, _, last = path.rpartition("/")
        parent = f"{root.id}/{above}" if above else root.id
        await groups.create_group(graph, caller=owner, parent=parent, name=last)
    return root.id


async def an_identity(graph: Graph, owner: Caller, group: str, name: str = "ci") -> IdentityState:
    """Make an identity for a workload of the tests' issuer."""
    made = await workloads.create_identity(
        graph,
        caller=owner,
        group=group,
        name=name,
        match=MatchInput(issuer=ISSUER, subject=f"job of {name}"),
        issuers=ISSUERS,
    )
    return written(made, IdentityState)


def written(outcome: Written, kind: type[State]) -> State:
    """Return the state that a write left."""
    return next(edit.after for edit in outcome.edits if isinstance(edit.after, kind))


def a_policy(name: str, *, images: Sequence[str] = ("**",), mode: str = "enforce") -> str:
    """Return a policy document."""
    globs = "".join(f"  - glob: '{glob}'\n" for glob in images)
    return (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n"
        f"metadata:\n  name: {name}\nspec:\n  mode: {mode}\n  images:\n{globs}"
        "  authorities:\n  - static:\n      action: pass\n"
    )


def a_policy_by_key(name: str, *, key: str) -> str:
    """Return a policy document that takes its key from a Secret."""
    return (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n"
        f"metadata: {{name: {name}}}\nspec:\n  images: [{{glob: 'ghcr.io/acme/*'}}]\n"
        f"  authorities:\n  - key: {{secretRef: {{name: {key}}}}}\n"
    )


def a_keyless_policy(name: str, *, identities: str = "") -> str:
    """Return a policy document that takes signatures by anybody, or by these identities (YAML)."""
    return (
        "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\n"
        f"metadata: {{name: {name}}}\nspec:\n  images: [{{glob: '**'}}]\n"
        f"  authorities: [{{keyless: {{{identities}}}}}]\n"
    )


def a_secret(name: str) -> tuple[str, str]:
    """Return a Secret that may accompany a policy, as a further document, and its key (PEM)."""
    pem = (
        ec.generate_private_key(ec.SECP256R1())
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    data = base64.b64encode(pem).decode()
    text = (
        "---\napiVersion: v1\nkind: Secret\n"
        f"metadata: {{name: {name}, namespace: cosign-system}}\n"
        f"data: {{cosign.pub: {data}}}\n"
    )
    return text, pem.decode()


def a_jwk(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey,
    key_id: str | None = None,
) -> dict[str, Any]:
    """Return the public half of a key as a JWK (RFC 7517)."""
    match key:
        case ec.EllipticCurvePrivateKey():
            algorithm = "ES256"  # of any curve
        case rsa.RSAPrivateKey():
            algorithm = "RS256"
        case _:
            algorithm = "EdDSA"
    public = jwt.get_algorithm_by_name(algorithm).to_jwk(key.public_key(), as_dict=True)
    return {**public, **({"kid": key_id} if key_id is not None else {})}


async def snapshot(graph: Graph, caller: Caller) -> Snapshot:
    """What somebody sees now."""
    return await graph.snapshot(caller)
