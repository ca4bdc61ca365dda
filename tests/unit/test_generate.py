from pathlib import Path

import pytest

from bench.generate import SHAPES, Shape, generate, lines, main
from graph.organization_file import OrganizationFile, read_organization_file, walk
from policy import parse_policy

# Levels, groups, clusters, policies, users (its owner included), bindings at the root.
PROMISED = {
    "small": (4, 25, 100, 10, 11, None),
    "wide": (10, 10_000, 10_000, 2_085, 1_001, None),
    "clusters-100000": (4, 1_000, 100_000, 500, 201, None),
    "users-50000": (3, 100, 100, 50, 50_001, 50_001),
    "chain-1000": (1_000, 1_000, 1, 10, 1, 1),
}


def text(organization: OrganizationFile) -> str:
    return "".join(lines(organization))


@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_keeps_its_promise(name: str) -> None:
    organization = generate(SHAPES[name])
    walked = list(walk(organization.root))
    levels, groups, clusters, policies, users, members = PROMISED[name]

    assert max(w.level for w in walked) == levels
    assert len(walked) == groups
    assert sum(len(w.group.clusters) for w in walked) == clusters
    assert sum(len(w.group.policies) for w in walked) == policies
    assert len(organization.users) == users
    assert members is None or len(organization.root.bindings) == members
    assert all(w.level == levels for w in walked if w.group.clusters)
    assert all(w.group.groups for w in walked if w.level < levels)


def test_the_chain_has_a_policy_every_hundred_levels_and_its_cluster_at_the_end() -> None:
    walked = list(walk(generate(SHAPES["chain-1000"]).root))

    assert [w.level for w in walked if w.group.policies] == list(range(100, 1_001, 100))
    assert [w.level for w in walked if w.group.clusters] == [1_000]


def test_the_seed_decides_everything() -> None:
    shape = SHAPES["small"]

    assert text(generate(shape)) == text(generate(shape))
    assert text(generate(shape, seed=1)) == text(generate(shape, seed=1))
    assert text(generate(shape)) != text(generate(shape, seed=1))


@pytest.mark.parametrize("name", ["small", "chain-1000", "wide"])
def test_a_written_organization_reads_back_as_it_was(name: str, tmp_path: Path) -> None:
    file = tmp_path / "organization.yaml"

    main([name, str(file)])

    read = read_organization_file(file)
    made = generate(SHAPES[name])
    assert text(read) == text(made)
    assert dict(read.users) == dict(made.users)


def test_every_generated_policy_is_valid() -> None:
    for walked in walk(generate(SHAPES["users-50000"]).root):
        for policy in walked.group.policies:
            document = parse_policy(policy.document)

            assert document.name == policy.name
            assert document.warnings == ()


def test_a_shape_of_one_s_own_may_be_given() -> None:
    organization = generate(Shape((1, 2), clusters=3), seed=5)

    assert [w.group.name for w in walk(organization.root)] == ["bench", "g1", "g2"]


def test_a_shape_without_a_single_root_is_refused() -> None:
    with pytest.raises(ValueError, match="one root"):
        generate(Shape((2,), clusters=1))
