import gc
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.errors import InvalidInputError
from graph.names import check_name
from graph.organization_file import (
    BindingEntry,
    ClusterEntry,
    OrganizationFile,
    OrganizationFileError,
    UserEntry,
    read_organization_file,
    walk,
)

# Lines 1 to 6 of most files below: an organization with nothing wrong. A case adds to it, so its
# first line is line 7.
GOOD = """\
users:
  ada: {email: ada@acme.example}
  ben: {email: ben@acme.example}
organization:
  name: acme
  bindings: {owner: [ada]}
"""

POLICY = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: signed
spec:
  images:
    - glob: "registry.acme.example/**"
  authorities:
    - static:
        action: pass
"""

OWNED_BY_ADA = "\norganization: {name: a, bindings: {owner: [ada]}}"
OWNER = "needs a human `owner` in its `bindings` that does not expire"
OUTSIDE = "lies outside the folder of the organization file"
UUID = "0c9a1c43-3a35-4f8b-8f5a-30b3a1a3a2c1"
GROUP_KEYS = "one of name, description, bindings, policies, clusters, groups"
ROLES = "one of owner, editor, viewer, cluster-agent"


def refusal(what: str, name: str) -> str:
    """What the rule for names, which has tests of its own, says against one."""
    with pytest.raises(InvalidInputError) as caught:
        check_name(name, what=what)
    return caught.value.message


# What is wrong with a file, and everything that the reader says about it: line:column: path: why.
WRONG = [
    # Not a file of ours at all
    ("", ["1:1: the file is empty: it needs `organization`"]),
    ("# nothing\n", ["1:1: the file is empty: it needs `organization`"]),
    ("a: [", ["2:1: not YAML: did not find expected node content"]),
    ("a:\n\t- b", ["2:1: not YAML: found character that cannot start any token"]),
    ("a: 1\nb: \x00", ["2:4: not YAML: control characters are not allowed"]),
    ("acme", ["1:1: must be a mapping, not text"]),
    ("- acme", ["1:1: must be a mapping, not a list"]),
    ("3", ["1:1: must be a mapping, not a number"]),
    ("users: {}", ["1:1: needs `organization`"]),
    (
        "organization: 3",
        [
            "1:15: organization: must be a mapping, not a number",
            f"1:15: organization: {OWNER}",
        ],
    ),
    (GOOD + "---\na: b", ["8:1: a second document: one file holds one"]),
    ("a: &x 1\nb: *x", ["2:4: an alias cannot stand here: write it out"]),
    ("a: !!set {}", ["1:4: a tag cannot stand here: tag:yaml.org,2002:set"]),
    ("a: !mine 1", ["1:4: a tag cannot stand here: !mine"]),
    ("? [a]\n: b", ["1:3: a key must be text"]),
    # Keys
    (
        GOOD + "organisation: {}",
        ["7:1: organisation: unknown key `organisation`: did you mean `organization`?"],
    ),
    (
        GOOD + "  groupz: []",
        ["7:3: organization.groupz: unknown key `groupz`: did you mean `groups`?"],
    ),
    (GOOD + "  xyz: []", [f"7:3: organization.xyz: unknown key `xyz`: {GROUP_KEYS}"]),
    (GOOD + "  name: acme", ["7:3: organization.name: `name` stands here twice, first on line 5"]),
    (
        GOOD + "  Groups: []",
        ["7:3: organization.Groups: unknown key `Groups`: did you mean `groups`?"],
    ),
    (GOOD + "  <<: {}", [f"7:3: organization.<<: unknown key `<<`: {GROUP_KEYS}"]),
    # Types
    (
        GOOD + "  description: yes",
        ["7:16: organization.description: must be text, not a boolean: put quotes around `yes`"],
    ),
    (
        GOOD + "  description: 017",
        ["7:16: organization.description: must be text, not a number: put quotes around `017`"],
    ),
    (GOOD + "  description: [a]", ["7:16: organization.description: must be text, not a list"]),
    (GOOD + "  groups: {a: b}", ["7:11: organization.groups: must be a list, not a mapping"]),
    (GOOD + "  groups: [prod]", ["7:12: organization.groups[0]: must be a mapping, not text"]),
    (GOOD + "  groups: [~]", ["7:12: organization.groups[0]: must be a mapping, not null"]),
    (GOOD + "  clusters: prod", ["7:13: organization.clusters: must be a list, not text"]),
    # Names
    (GOOD + "  groups: [{}]", ["7:12: organization.groups[0]: needs `name`"]),
    (GOOD + "  groups: [{name: }]", ["7:12: organization.groups[0]: needs `name`"]),
    (
        GOOD + "  groups: [{name: ''}]",
        [f"7:19: organization.groups[0].name: {refusal('group', '')}"],
    ),
    (
        GOOD + "  groups: [{name: Prod}]",
        [f"7:19: organization.groups[0].name: {refusal('group', 'Prod')}"],
    ),
    (
        GOOD + "  groups: [{name: grp_1}]",
        [f"7:19: organization.groups[0].name: {refusal('group', 'grp_1')}"],
    ),
    (
        GOOD + "  groups: [{name: 1}]",
        ["7:19: organization.groups[0].name: must be text, not a number: put quotes around `1`"],
    ),
    (
        GOOD + "  clusters: [{name: eu/1}]",
        [f"7:21: organization.clusters[0].name: {refusal('cluster', 'eu/1')}"],
    ),
    (
        GOOD + '  description: "a\\x07"',
        [
            (
                "7:16: organization.description: A description must not contain control characters;"
                " 'a\\x07' does."
            )
        ],
    ),
    # Twice the same
    (
        GOOD + "  groups:\n  - name: prod\n  - name: prod",
        ["9:11: organization.groups[1].name: a sibling group 'prod' is already on line 8"],
    ),
    (
        GOOD + "  clusters:\n  - name: eu-1\n  - name: eu-1",
        ["9:11: organization.clusters[1].name: a cluster 'eu-1' is already on line 8"],
    ),
    (
        GOOD + "  policies:\n  - signed.yaml\n  - file: signed.yaml",
        ["9:5: organization.policies[1]: a policy 'signed' is already on line 8"],
    ),
    (
        GOOD + "  clusters:\n"
        f"  - {{name: a, remoteId: {UUID}}}\n"
        f"  - {{name: b, remoteId: {UUID.upper()}}}",
        [f"9:25: organization.clusters[1].remoteId: remoteId '{UUID}' is already on line 8"],
    ),
    # Users
    (
        "users: {ada: {name: Ada}}" + OWNED_BY_ADA,
        ["1:14: users.ada: needs `email`, or `subject` for one who has no e-mail address"],
    ),
    (
        "users: {ada: {email: ada}}" + OWNED_BY_ADA,
        ["1:22: users.ada.email: 'ada' is not an e-mail address"],
    ),
    (
        "users: {ada: {email: a@a.example, issuer: 'http://a.example'}}" + OWNED_BY_ADA,
        ["1:43: users.ada.issuer: 'http://a.example' is not an https:// URL"],
    ),
    (
        "users: {ada: {email: a@a.example, kind: robot}}" + OWNED_BY_ADA,
        ["1:41: users.ada.kind: 'robot' is not one of human, workload, cluster"],
    ),
    (
        "users: {Ada: {email: a@a.example}}\norganization: {name: a, bindings: {owner: [Ada]}}",
        [f"1:14: users.Ada: {refusal('user', 'Ada')}"],
    ),
    (
        "users:\n  ada: {email: a@a.example}\n  b: {subject: a@a.example}" + OWNED_BY_ADA,
        ["3:6: users.b: the identity 'a@a.example' is already on line 2"],
    ),
    # Bindings
    (
        GOOD + "  groups: [{name: g, bindings: {owners: [ada]}}]",
        [
            (
                "7:41: organization.groups[0].bindings.owners: unknown role `owners`:"
                " did you mean `owner`?"
            )
        ],
    ),
    (
        GOOD + "  groups: [{name: g, bindings: {xyz: [ada]}}]",
        [f"7:38: organization.groups[0].bindings.xyz: unknown role `xyz`: {ROLES}"],
    ),
    (
        GOOD + "  groups: [{name: g, bindings: {viewer: [adda]}}]",
        [
            (
                "7:42: organization.groups[0].bindings.viewer[0]: unknown user `adda`:"
                " did you mean `ada`?"
            )
        ],
    ),
    (
        GOOD + "  groups: [{name: g, bindings: {viewer: [ben, ben]}}]",
        ["7:47: organization.groups[0].bindings.viewer[1]: viewer 'ben' is already on line 7"],
    ),
    (
        GOOD + "  groups: [{name: g, bindings: {viewer: [{expires: '2030-01-01T00:00:00Z'}]}}]",
        ["7:42: organization.groups[0].bindings.viewer[0]: needs `user`"],
    ),
    (
        GOOD + "  groups: [{name: g, bindings: {viewer: [{user: ben, expires: 2030-01-01}]}}]",
        [
            (
                "7:63: organization.groups[0].bindings.viewer[0].expires:"
                " '2030-01-01' is not an instant such as 2027-01-01T00:00:00Z"
            )
        ],
    ),
    (
        GOOD + "  groups: [{name: g, bindings: {viewer: ben}}]",
        ["7:41: organization.groups[0].bindings.viewer: must be a list, not text"],
    ),
    # An owner for good
    (
        "users: {ada: {email: a@a.example}}\norganization: {name: a}",
        [f"2:15: organization: {OWNER}"],
    ),
    (
        (
            "users: {ada: {email: a@a.example}}\n"
            "organization:\n  name: a\n"
            "  bindings: {owner: [{user: ada, expires: 2099-01-01T00:00:00Z}]}"
        ),
        [f"3:3: organization: {OWNER}"],
    ),
    (
        "users: {ada: {subject: ci, kind: workload}}" + OWNED_BY_ADA,
        [f"2:15: organization: {OWNER}"],
    ),
    # Policies
    (
        GOOD + "  policies: [nope.yaml]",
        ["7:14: organization.policies[0]: 'nope.yaml' cannot be read: No such file or directory"],
    ),
    (
        GOOD + "  policies: [.]",
        ["7:14: organization.policies[0]: '.' cannot be read: Is a directory"],
    ),
    (
        GOOD + "  policies: ['../outside.yaml']",
        [f"7:14: organization.policies[0]: '../outside.yaml' {OUTSIDE}"],
    ),
    (
        GOOD + "  policies: [/etc/hostname]",
        [f"7:14: organization.policies[0]: '/etc/hostname' {OUTSIDE}"],
    ),
    (GOOD + "  policies: [link.yaml]", [f"7:14: organization.policies[0]: 'link.yaml' {OUTSIDE}"]),
    (
        GOOD + "  policies: [latin.yaml]",
        ["7:14: organization.policies[0]: 'latin.yaml' is not UTF-8 at byte 2"],
    ),
    (
        GOOD + '  policies: ["a\\0b"]',
        ["7:14: organization.policies[0]: 'a\\x00b' cannot be read: embedded null byte"],
    ),
    (
        GOOD + "  policies: [{}]",
        ["7:14: organization.policies[0]: needs `file` or `document`, and not both"],
    ),
    (
        GOOD + "  policies: [{file: signed.yaml, document: x}]",
        ["7:14: organization.policies[0]: needs `file` or `document`, and not both"],
    ),
    (GOOD + "  policies: [[]]", ["7:14: organization.policies[0]: must be text, not a list"]),
    # Clusters
    (
        GOOD + "  clusters: [{name: a, remoteId: abc}]",
        [
            (
                "7:34: organization.clusters[0].remoteId: 'abc' is not a UUID, such as the uid of"
                " the cluster's namespace kube-system"
            )
        ],
    ),
    (
        GOOD + "  clusters: [{name: a, kubernetesVersion: 1.31.4}]",
        [
            (
                "7:43: organization.clusters[0].kubernetesVersion:"
                " '1.31.4' is not a version such as v1.31.4"
            )
        ],
    ),
    (
        GOOD + "  clusters: [{name: a, labels: {tier: 1}}]",
        [
            (
                "7:39: organization.clusters[0].labels.tier: must be text, not a number:"
                " put quotes around `1`"
            )
        ],
    ),
    (
        GOOD + "  clusters: [{name: a, labels: [tier]}]",
        ["7:32: organization.clusters[0].labels: must be a mapping, not a list"],
    ),
    (
        GOOD + "  clusters: [{name: a, remoteID: b}]",
        [
            (
                "7:24: organization.clusters[0].remoteID: unknown key `remoteID`:"
                " did you mean `remoteId`?"
            )
        ],
    ),
    (
        GOOD + "  clusters: [{name: a, labels: {site: old town}}]",
        [
            (
                "7:39: organization.clusters[0].labels.site: 'old town' is not a label's value:"
                " at most 63 of letters, digits, `.`, `_` and `-`"
            )
        ],
    ),
    (
        GOOD + "  clusters: [{name: a, labels: {a=b: c}}]",
        ["7:38: organization.clusters[0].labels.a=b: 'a=b' is not the key of a Kubernetes label"],
    ),
    (
        GOOD + "  clusters: [{name: a, labels: {a..b/c: d}}]",
        [
            (
                "7:41: organization.clusters[0].labels.a..b/c:"
                " 'a..b/c' is not the key of a Kubernetes label"
            )
        ],
    ),
    # All at once, in the file's order
    (
        GOOD + "  groupz: []\n  clusters: [{name: A}, {name: b, labels: 1}]",
        [
            "7:3: organization.groupz: unknown key `groupz`: did you mean `groups`?",
            f"8:21: organization.clusters[0].name: {refusal('cluster', 'A')}",
            "8:43: organization.clusters[1].labels: must be a mapping, not a number",
        ],
    ),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "org"
    folder.mkdir()
    (folder / "signed.yaml").write_text(POLICY)
    (folder / "latin.yaml").write_bytes(b"a\n\xe9")
    (tmp_path / "outside.yaml").write_text(POLICY)
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    return folder


def read(folder: Path, text: str) -> OrganizationFile:
    file = folder / "organization.yaml"
    file.write_bytes(text.encode())
    return read_organization_file(file)


def problems(folder: Path, text: str) -> list[str]:
    """Read a file that is wrong; its own name is left out of what comes back."""
    with pytest.raises(OrganizationFileError) as caught:
        read(folder, text)
    return [
        str(problem).removeprefix(f"{folder}/organization.yaml:")
        for problem in caught.value.problems
    ]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_a_wrong_file_gets_every_problem_with_its_place(
    folder: Path, text: str, expected: list[str]
) -> None:
    assert problems(folder, text) == expected


def test_a_wrong_policy_file_is_told_at_its_own_place_and_once(folder: Path) -> None:
    (folder / "bad.yaml").write_text(POLICY.replace("images", "imagse"))

    said = problems(
        folder, GOOD + "  policies: [bad.yaml]\n  groups: [{name: g, policies: [bad.yaml]}]"
    )

    assert [line.partition(": ")[0] for line in said] == [
        f"{folder}/bad.yaml:6:3",
        f"{folder}/bad.yaml:6:3",
    ]
    assert any("`imagse`" in line for line in said)


def test_a_wrong_inline_policy_is_told_where_it_stands(folder: Path) -> None:
    said = problems(folder, GOOD + "  policies: [{document: 'kind: ClusterImagePolicy'}]")

    place = "7:25: organization.policies[0].document: line 1, column 1 of the document: "
    assert said
    assert all(line.startswith(place) for line in said)


def test_a_policy_needs_a_name_that_a_path_can_hold(folder: Path) -> None:
    (folder / "long.yaml").write_text(POLICY.replace("signed", "a" * 64))

    (said,) = problems(folder, GOOD + "  policies: [long.yaml]")

    assert said == f"7:14: organization.policies[0]: {refusal('policy', 'a' * 64)}"


def test_two_groups_may_have_policies_of_one_name(folder: Path) -> None:
    text = GOOD + "  policies: [signed.yaml]\n  groups: [{name: g, policies: [signed.yaml]}]"

    names = [[p.name for p in w.group.policies] for w in walk(read(folder, text).root)]

    assert names == [["signed"], ["signed"]]


def test_a_whole_organization_is_read_into_values(folder: Path) -> None:
    organization = read(
        folder,
        """\
users:
  ada: {email: ada@acme.example, name: Ada}
  pipeline:
    kind: workload
    issuer: https://ci.example
    subject: repo:acme/policies
organization:
  name: acme
  description: Everything
  bindings:
    owner: [ada]
    viewer: [{user: pipeline, expires: 2027-01-01T01:00:00+01:00}]
  policies:
    - signed.yaml
  groups:
    - name: prod
      policies:
        - {file: signed.yaml, description: Once more}
      clusters:
        - name: eu-1
          description: The first
          labels: {region: eu}
          remoteId: 0C9A1C43-3A35-4F8B-8F5A-30B3A1A3A2C1
          kubernetesVersion: v1.31.6-eks-bc803b4
    - name: dev
      clusters:
""",
    )

    assert dict(organization.users) == {
        "ada": UserEntry("ada", "ada@acme.example", email="ada@acme.example", name="Ada"),
        "pipeline": UserEntry(
            "pipeline", "repo:acme/policies", "https://ci.example", kind="workload"
        ),
    }
    root = organization.root
    assert (root.name, root.description) == ("acme", "Everything")
    assert root.bindings == (
        BindingEntry("owner", "ada"),
        BindingEntry("viewer", "pipeline", datetime(2027, 1, 1, tzinfo=UTC)),
    )
    assert [(policy.name, policy.document, policy.file) for policy in root.policies] == [
        ("signed", POLICY, "signed.yaml")
    ]
    prod, dev = root.groups
    assert [(policy.name, policy.description) for policy in prod.policies] == [
        ("signed", "Once more")
    ]
    assert prod.clusters == (
        ClusterEntry(
            "eu-1",
            "The first",
            {"region": "eu"},
            "0c9a1c43-3a35-4f8b-8f5a-30b3a1a3a2c1",
            "v1.31.6-eks-bc803b4",
        ),
    )
    assert (dev.name, dev.description, dev.clusters, dev.groups) == ("dev", "", (), ())


def test_a_document_is_kept_byte_for_byte(folder: Path) -> None:
    text = "# \u00fcber\r\n" + POLICY.replace("\n", "\r\n")
    (folder / "signed.yaml").write_bytes(text.encode())

    organization = read(folder, GOOD + "  policies: [signed.yaml]")

    assert organization.root.policies[0].document == text


def test_a_file_that_is_not_there_is_a_problem_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(OrganizationFileError) as caught:
        read_organization_file(tmp_path / "nope.yaml")

    file = tmp_path / "nope.yaml"
    assert str(caught.value) == f"{file} does not describe an organization: it has a problem."
    assert caught.value.details == (f"{file}:1:1: cannot be read: {os.strerror(2)}",)


def test_a_file_that_is_not_utf_8_says_at_which_byte(tmp_path: Path) -> None:
    file = tmp_path / "organization.yaml"
    file.write_bytes(b"a: \xff")

    with pytest.raises(OrganizationFileError) as caught:
        read_organization_file(file)

    assert caught.value.details == (f"{file}:1:1: is not UTF-8 at byte 3",)


def chain(length: int) -> str:
    nested = "".join(
        f"{'  ' * level}groups:\n{'  ' * level}- name: g{level}\n" for level in range(1, length)
    )
    return GOOD + nested


def test_a_chain_of_3000_groups_is_read_and_walked(folder: Path) -> None:
    walked = list(walk(read(folder, chain(3_000)).root))

    assert len(walked) == 3_000
    assert (walked[-1].level, walked[-1].parent, walked[-1].group.name) == (3_000, 2_998, "g2999")


def test_a_problem_at_the_end_of_a_chain_has_its_whole_path(folder: Path) -> None:
    text = chain(1_000) + "  " * 1_000 + "bescription: x\n"

    (said,) = problems(folder, text)

    assert said.count(".groups[0]") == 999
    assert said.endswith(".bescription: unknown key `bescription`: did you mean `description`?")


def test_nesting_without_sense_is_an_error_and_not_a_crash(folder: Path) -> None:
    assert problems(folder, "- " * 20_000) == ["1:1: must be a mapping, not a list"]


def test_walk_yields_parents_first_and_siblings_in_order(folder: Path) -> None:
    organization = read(
        folder,
        GOOD + "  groups: [{name: a, groups: [{name: b}, {name: c}]}, {name: d}]",
    )

    walked = [(w.number, w.parent, w.level, w.group.name) for w in walk(organization.root)]

    assert walked == [
        (0, None, 1, "acme"),
        (1, 0, 2, "a"),
        (2, 1, 3, "b"),
        (3, 1, 3, "c"),
        (4, 0, 2, "d"),
    ]


def test_the_collector_is_on_again_after_a_failure(folder: Path) -> None:
    problems(folder, "")

    assert gc.isenabled()
