from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.organization_file import GroupEntry, OrganizationFile, read_organization_file, walk
from policy import parse_policy

SAMPLES = Path(__file__).parents[2] / "samples"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def acme() -> OrganizationFile:
    return read_organization_file(SAMPLES / "acme/organization.yaml")


@pytest.fixture(scope="module")
def tiny() -> OrganizationFile:
    return read_organization_file(SAMPLES / "tiny/organization.yaml")


def by_path(organization: OrganizationFile) -> Mapping[str, GroupEntry]:
    groups: dict[str, GroupEntry] = {}
    paths: list[str] = []
    for walked in walk(organization.root):
        above = "" if walked.parent is None else paths[walked.parent] + "/"
        paths.append(above + walked.group.name)
        groups[paths[-1]] = walked.group
    return groups


def effective(groups: Mapping[str, GroupEntry], group: str) -> list[tuple[str, str, str]]:
    """Group, name and mode of every policy from the root down to a group."""
    names = group.split("/")
    return [
        ("/".join(names[:level]), policy.name, parse_policy(policy.document).mode.value)
        for level in range(1, len(names) + 1)
        for policy in groups["/".join(names[:level])].policies
    ]


def test_acme_has_the_promised_size(acme: OrganizationFile) -> None:
    walked = list(walk(acme.root))

    assert len(walked) == 42
    assert max(w.level for w in walked) == 6
    assert sum(len(w.group.policies) for w in walked) == 30
    assert sum(len(w.group.clusters) for w in walked) == 60
    assert len(acme.users) == 25


def test_the_first_question_has_the_promised_answer(acme: OrganizationFile) -> None:
    groups = by_path(acme)
    answer = effective(groups, "acme/prod/payments/eu")
    modes = [mode for _, _, mode in answer]
    through = [group for group, _, _ in answer]

    assert "eu-1" in [cluster.name for cluster in groups["acme/prod/payments/eu"].clusters]
    assert [through.count(group) for group in dict.fromkeys(through)] == [4, 4, 3, 2]
    assert (modes.count("enforce"), modes.count("warn")) == (9, 4)
    assert [group for group, name, _ in answer if name == "images-signed"] == [
        "acme",
        "acme/prod/payments",
    ]


def test_no_other_name_collides_on_the_way_down(acme: OrganizationFile) -> None:
    groups = by_path(acme)
    colliding: set[str] = set()
    for path in groups:
        names = [name for _, name, _ in effective(groups, path)]
        colliding |= {name for name in names if names.count(name) > 1}

    assert colliding == {"images-signed"}


def test_docker_hub_refused_reaches_37_clusters(acme: OrganizationFile) -> None:
    below = [group for path, group in by_path(acme).items() if path.startswith("acme/prod")]

    assert sum(len(group.clusters) for group in below) == 37


def test_users_of_every_kind_stand_at_every_kind_of_place(acme: OrganizationFile) -> None:
    bindings = [(w.level, b) for w in walk(acme.root) for b in w.group.bindings]

    assert {b.user for _, b in bindings} == set(acme.users)
    assert {b.role for _, b in bindings} == {"owner", "editor", "viewer", "cluster-agent"}
    assert {level for level, _ in bindings} == {1, 2, 3, 4, 5, 6}
    assert {user.kind for user in acme.users.values()} == {"human", "workload", "cluster"}
    expiring = {b.user: b.expires for _, b in bindings if b.expires}
    assert expiring["consultant"] < NOW
    assert expiring["examiner"].year == 2035


def test_the_policies_use_what_a_policy_can_say(acme: OrganizationFile) -> None:
    documents = "\n".join(p.document for w in walk(acme.root) for p in w.group.policies)

    for word in (
        "keyless:", "data: |\n          -----BEGIN PUBLIC KEY-----", "kms:", "action: pass",
        "action: fail", "mode: warn", "match:", "selector:", "type: cue", "type: rego",
        "slsa.dev/provenance", "spdx.dev/Document", "attestation/vuln", "accounts.google.com",
        "includeSpec: true", "fetchConfigFile: true",
    ):  # fmt: skip
        assert word in documents, word


@pytest.mark.parametrize("file", sorted(SAMPLES.rglob("policies/*.yaml")), ids=lambda f: f.name)
def test_every_policy_file_parses_without_a_warning_and_says_why_it_is_there(file: Path) -> None:
    text = file.read_text()

    assert parse_policy(text, require_identities=True).warnings == ()
    assert text.startswith("# ")


def test_every_policy_file_is_used(acme: OrganizationFile, tiny: OrganizationFile) -> None:
    for name, organization in (("acme", acme), ("tiny", tiny)):
        folder = SAMPLES / name
        used = {policy.file for w in walk(organization.root) for policy in w.group.policies}

        assert used - {None} == {f"policies/{file.name}" for file in folder.glob("policies/*")}


def test_tiny_has_a_cluster_that_no_policy_covers(tiny: OrganizationFile) -> None:
    groups = by_path(tiny)

    assert [cluster.name for cluster in groups["tiny/lab"].clusters] == ["bench-1"]
    assert effective(groups, "tiny/lab") == []
    assert [name for _, name, _ in effective(groups, "tiny/prod")] == ["prod-images-signed"]


def test_no_private_key_is_in_the_samples() -> None:
    for file in SAMPLES.rglob("*.*"):
        assert "PRIVATE KEY" not in file.read_text(), file
