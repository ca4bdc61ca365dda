"""Organizations of a chosen size, for benchmarks: `python -m bench.generate SHAPE FILE`.

The same shape and seed give the same organization, name by name. A shape is built level by level
and written without recursion, so the long chain is made like all the others.
"""

import argparse
import json
import random
import textwrap
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.organization_file import (
    BindingEntry,
    ClusterEntry,
    GroupEntry,
    OrganizationFile,
    PolicyEntry,
    UserEntry,
    walk,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large an organization is, and where things stand in it.

    `widths` counts the groups of every level from the root down. Clusters stand on the deepest
    level, so that every question about one climbs the whole tree. `policy_levels` names the levels
    on which every group has a policy; `policies` more are spread over all groups. `members` are
    users bound at the root, `users` are bound anywhere; one more owns the organization.
    """

    widths: tuple[int, ...]
    clusters: int
    policy_levels: tuple[int, ...] = ()
    policies: int = 0
    users: int = 0
    members: int = 0

    def __post_init__(self) -> None:
        if self.widths[:1] != (1,):
            raise ValueError("a shape has one root: its widths begin with 1")

    @property
    def groups(self) -> int:
        """How many groups there are on all levels."""
        return sum(self.widths)


SHAPES = {
    "small": Shape((1, 3, 9, 12), clusters=100, policy_levels=(1, 2), policies=6, users=10),
    "wide": Shape(
        (1, 4, 16, 64, 200, 500, 1_000, 1_715, 2_500, 4_000),
        clusters=10_000,
        policy_levels=(1, 2, 3, 4),
        policies=2_000,
        users=1_000,
    ),
    "clusters-100000": Shape(
        (1, 9, 90, 900), clusters=100_000, policy_levels=(1, 2, 3), policies=400, users=200
    ),
    "users-50000": Shape(
        (1, 9, 90), clusters=100, policy_levels=(1, 2), policies=40, members=50_000
    ),
    "chain-1000": Shape((1,) * 1_000, clusters=1, policy_levels=tuple(range(100, 1_001, 100))),
}
"""The shapes that the benchmarks load, by name."""

_ROLES = ("editor", "viewer", "viewer", "viewer", "cluster-agent")
_REGIONS = ("eu", "us", "apac")
_VERSIONS = ("v1.30.9", "v1.31.4", "v1.31.7", "v1.32.2", "v1.33.1")
_TEAMS = ("payments", "shop", "routing", "search", "media", "ledger")

_KEYLESS = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: {name}
spec:
  mode: {mode}
  images:
    - glob: "registry.bench.example/{team}/**"
  authorities:
    - name: release
      keyless:
        url: https://fulcio.sigstore.dev
        identities:
          - issuer: https://token.actions.githubusercontent.com
            subject: https://github.com/bench-example/{team}/.github/workflows/release.yaml@refs/heads/main
      ctlog:
        url: https://rekor.sigstore.dev
"""
_STATIC = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: {name}
spec:
  mode: {mode}
  images:
    - glob: "registry.bench.example/{team}/*"
    - glob: "ghcr.io/bench-example/{team}-*"
  authorities:
    - name: as-agreed
      static:
        action: {action}
"""


def generate(shape: Shape, seed: int = 0, name: str = "bench") -> OrganizationFile:
    """Build the organization of a shape; equal arguments give an equal one.

    `name` is its root's, and the domain of its users, so that several stand in one store.
    """
    # Not for secrets: the same seed has to give the same organization.
    choice = random.Random(seed)  # noqa: S311
    parents = list(_parents(shape, choice))
    bindings: list[list[BindingEntry]] = [[] for _ in parents]
    users = {user.key: user for user in _users(shape, name)}
    for number, key in enumerate(users):
        if number == 0:
            bindings[0].append(BindingEntry("owner", key))
        elif number <= shape.members:
            bindings[0].append(BindingEntry(choice.choice(_ROLES), key))
        else:
            bindings[choice.randrange(len(parents))].append(
                BindingEntry(choice.choice(_ROLES), key)
            )
    policies = _policies(shape, choice)
    clusters = _clusters(shape, choice)
    children: list[list[GroupEntry]] = [[] for _ in parents]
    top: list[GroupEntry] = []
    # From the last to the first, so that every child is built before its parent.
    for number in range(len(parents) - 1, -1, -1):
        group = GroupEntry(
            name=f"g{number}" if number else name,
            description=f"Group {number}",
            bindings=tuple(bindings[number]),
            policies=tuple(policies[number]),
            clusters=tuple(clusters[number]),
            groups=tuple(reversed(children[number])),
        )
        parent = parents[number]
        (top if parent is None else children[parent]).append(group)
    return OrganizationFile(users, top[0])


def _parents(shape: Shape, choice: random.Random) -> Iterator[int | None]:
    """Yield every group's parent by number; no group of an inner level stays without children."""
    yield None
    above = range(1)
    for width in shape.widths[1:]:
        chosen = [above[i % len(above)] for i in range(width)]
        choice.shuffle(chosen)
        yield from chosen
        above = range(above.stop, above.stop + width)


def _users(shape: Shape, name: str) -> Iterator[UserEntry]:
    for number in range(1 + shape.members + shape.users):
        key = f"u{number}" if number else "owner"
        email = f"{key}@{name}.example"
        yield UserEntry(key, subject=email, email=email, name=f"User {number}")


def _policies(shape: Shape, choice: random.Random) -> list[list[PolicyEntry]]:
    places: list[int] = []
    first = 0
    for level, width in enumerate(shape.widths, start=1):
        if level in shape.policy_levels:
            places += range(first, first + width)
        first += width
    places += (choice.randrange(shape.groups) for _ in range(shape.policies))
    policies: list[list[PolicyEntry]] = [[] for _ in range(shape.groups)]
    for number, place in enumerate(places):
        name = f"rule-{number}"
        document = choice.choice((_KEYLESS, _STATIC)).format(
            name=name,
            mode=choice.choice(("enforce", "enforce", "warn")),
            team=choice.choice(_TEAMS),
            action=choice.choice(("pass", "pass", "fail")),
        )
        policies[place].append(PolicyEntry(name, document, f"Rule {number}"))
    return policies


def _clusters(shape: Shape, choice: random.Random) -> list[list[ClusterEntry]]:
    deepest = range(shape.groups - shape.widths[-1], shape.groups)
    clusters: list[list[ClusterEntry]] = [[] for _ in range(shape.groups)]
    for number in range(shape.clusters):
        region = choice.choice(_REGIONS)
        cluster = ClusterEntry(
            name=f"{region}-{number}",
            description=f"Cluster {number}",
            labels={"region": region, "tier": choice.choice(("critical", "normal"))},
            remote_id=str(uuid.UUID(int=choice.getrandbits(128), version=4)),
            kubernetes_version=choice.choice(_VERSIONS),
        )
        clusters[deepest[number % len(deepest)]].append(cluster)
    return clusters


def lines(organization: OrganizationFile) -> Iterator[str]:
    """Yield the lines of a generated organization's file.

    Every text is quoted as JSON, which YAML reads. What `generate` never makes, such as a binding
    that expires, is not written.
    """
    yield "users:\n"
    for user in organization.users.values():
        yield f"  {_quoted(user.key)}: {_quoted(_user(user))}\n"
    yield "organization:\n"
    for walked in walk(organization.root):
        # A list may stand at its key's own column, so a level costs two columns and not four: the
        # file of the long chain grows with the square of its depth.
        margin = "  " * walked.level
        first = margin if walked.level == 1 else margin[:-2] + "- "
        for line in _group(walked.group):
            yield first + line
            first = margin


def _group(group: GroupEntry) -> Iterator[str]:
    yield f"name: {_quoted(group.name)}\n"
    yield f"description: {_quoted(group.description)}\n"
    if group.bindings:
        roles: dict[str, list[str]] = {}
        for binding in group.bindings:
            roles.setdefault(binding.role, []).append(binding.user)
        yield f"bindings: {_quoted(roles)}\n"
    if group.policies:
        yield "policies:\n"
        for policy in group.policies:
            yield f"- description: {_quoted(policy.description)}\n"
            yield "  document: |\n"
            yield from textwrap.indent(policy.document, "    ").splitlines(keepends=True)
    if group.clusters:
        yield "clusters:\n"
        for cluster in group.clusters:
            yield f"- {_quoted(_cluster(cluster))}\n"
    if group.groups:
        yield "groups:\n"


def _user(user: UserEntry) -> dict[str, str | None]:
    return {"email": user.email, "name": user.name}


def _cluster(cluster: ClusterEntry) -> dict[str, object]:
    return {
        "name": cluster.name,
        "description": cluster.description,
        "labels": dict(cluster.labels),
        "remoteId": cluster.remote_id,
        "kubernetesVersion": cluster.kubernetes_version,
    }


def _quoted(value: object) -> str:
    return json.dumps(value)


def main(arguments: list[str] | None = None) -> None:
    """Write the organization file of a shape."""
    parser = argparse.ArgumentParser(prog="bench.generate", description=main.__doc__)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    organization = generate(SHAPES[chosen.shape], chosen.seed)
    with chosen.file.open("w", encoding="utf-8") as file:
        file.writelines(lines(organization))
    print(f"{chosen.file}: {chosen.file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
