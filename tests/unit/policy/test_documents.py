"""What an applied document becomes, and how one that is refused is explained."""

import base64

import pytest

from policy import (
    Mode,
    PolicyDocumentError,
    Problem,
    Severity,
    StaticAction,
    parse_policy,
)

POLICY = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: sample
spec:
  images:
  - glob: ghcr.io/example/**
  authorities:
  - keyless:
      identities:
      - issuer: https://issuer.example
        subject: dev@example.com
"""

PUBLIC_KEY = """\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""

# Not a key: the words are enough to be refused.
PRIVATE_KEY = """\
-----BEGIN PRIVATE KEY-----
Tm90IGEga2V5IGF0IGFsbA==
-----END PRIVATE KEY-----
"""

KEYED = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: keyed}
spec:
  images: [{glob: '**'}]
  authorities: [{key: {secretRef: {name: release}}}, {key: {secretRef: {name: elsewhere}}}]
"""


def secret(pem: str, name: str = "release") -> str:
    data = base64.b64encode(pem.encode()).decode()
    return (
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}, namespace: cosign-system}}\n"
        f"data:\n  cosign.pub: {data}\n"
    )


def refused(document: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(PolicyDocumentError) as caught:
        parse_policy(document)
    return caught.value.problems


def test_a_document_says_what_it_holds() -> None:
    document = parse_policy(POLICY)

    assert document.name == "sample"
    assert document.api_version == "policy.sigstore.dev/v1beta1"
    assert document.images == ("ghcr.io/example/**",)
    assert document.document_without_secrets == POLICY
    assert (document.warnings, document.secrets) == ((), ())


def test_defaults_are_filled_in() -> None:
    spec = parse_policy(POLICY).spec

    assert spec.mode is Mode.ENFORCE
    assert spec.authorities[0].name == "authority-0"
    assert spec.authorities[0].keyless is not None
    assert spec.authorities[0].keyless.url == "https://fulcio.sigstore.dev"


def test_an_authority_says_what_it_requires() -> None:
    document = parse_policy(
        POLICY
        + "  - static: {action: fail, message: never}\n"
        + "  - keyless: {identities: [{issuer: a, subject: b}]}\n"
        + "    attestations: [{name: sbom, predicateType: 'https://spdx.dev/Document'}]\n"
    )
    signed, static, attested = document.spec.authorities

    assert (signed.action, signed.requires) == (None, ("signature",))
    assert (static.action, static.requires) == (StaticAction.FAIL, ())
    assert (attested.action, attested.requires) == (None, ("attestation sbom",))


def test_an_error_points_at_the_field() -> None:
    problems = refused(POLICY.replace("issuer:", "isuer:"))

    assert [(one.field, one.line, one.column) for one in problems] == [
        ("spec.authorities[0].keyless.identities[0].isuer", 11, 9),
        ("spec.authorities[0].keyless.identities[0]", 11, 9),
    ]
    assert "did you mean `issuer`?" in problems[0].message
    assert problems[1].paths == (
        "spec.authorities[0].keyless.identities[0].issuer",
        "spec.authorities[0].keyless.identities[0].issuerRegExp",
    )


def test_all_problems_are_told_in_the_order_of_the_document() -> None:
    with pytest.raises(PolicyDocumentError) as caught:
        parse_policy(POLICY.replace("sample", "Sample").replace("ghcr.io", "ghcr io") + "  mode: 1")

    head, *lines = str(caught.value).splitlines()
    assert head == "the policy document has 3 errors:"
    assert [line.partition(" error: ")[0] for line in lines] == [
        "  line 4, column 9:",
        "  line 7, column 11:",
        "  line 13, column 9:",
    ]
    assert lines[2].endswith(
        "spec.mode: must be text, not a number (`1`); put it in quotes if it is meant as text"
    )


def test_warnings_do_not_refuse_a_document() -> None:
    document = parse_policy(POLICY.replace("keyless:", "name: a\n    keyless:") + "  match: [{}]\n")

    assert [(one.severity, one.field) for one in document.warnings] == [
        (Severity.WARNING, "spec.match[0].version")
    ]


@pytest.mark.parametrize(
    ("document", "place", "message"),
    [
        ("", None, "the document is empty"),
        (" \n# nothing\n", None, "there is no ClusterImagePolicy"),
        ("x" * (1024 * 1024 + 1), None, "larger than 1 MiB"),
        ("é" * (512 * 1024 + 1), None, "larger than 1 MiB"),
        (b"x" * (1024 * 1024 + 1), None, "larger than 1 MiB"),
        (b"kind: \xff\n", (1, 7), "not UTF-8"),
        ("\u00e9: 1\nkind: \udc80\n", (2, 7), "the character U+DC80"),
        ("kind: a\nname: \x00", (2, 7), "the character U+0000"),
        ("kind: \x1b", (1, 7), "the character U+001B"),
        ("kind: Pod\napiVersion: v1\n", (1, 7), "unknown type `v1 Pod`"),
        ("kind: ClusterImagePolicyList\n", (1, 7), "a list is not taken"),
        ("kind: ClusterImagePolicy\napiVersion: v1\n", (2, 13), "unknown version"),
        ("apiVersion: v1\n", (1, 1), "`kind` is missing"),
        ("kind: yes\n", (1, 7), "must be text, not a boolean (`yes` is one in YAML 1.1)"),
        ("just words\n", (1, 1), "must be a mapping, not text"),
        ("- a\n- b\n", (1, 1), "must be a mapping, not a list"),
        ("a: b: c\n", (1, 5), "this is not YAML"),
        ("a: [", (1, 5), "this is not YAML"),
        ("a:\n\tb: c\n", (2, 1), "a tab; YAML is indented with spaces"),
        ("a: *b\n", (1, 4), "there is no anchor `&b`"),
        ("a: &b [*b]\n", (1, 8), "holds itself"),
        ("? [a]\n: b\n", (1, 3), "a member's name must be text"),
        ("a: !!int b\n", (1, 4), "`b` is not a !!int"),
        ("a: {<<: b}\n", (1, 5), "`<<` merges mappings"),
        ("a: 1\nb: 2\na: 3\n", (3, 1), "`a` is given twice, on line 1 and on line 3"),
        ("[" * 10_000, (1, 101), "nested more than 100 deep"),
        ("{a: " * 10_000, (1, 398), "nested more than 100 deep"),
        ("- " * 10_000, (1, 201), "nested more than 100 deep"),
    ],
    ids=lambda value: ascii(value[:20]) if isinstance(value, str | bytes) else None,
)
def test_what_is_no_policy_document_is_explained(
    document: str | bytes, place: tuple[int, int] | None, message: str
) -> None:
    problems = refused(document)

    assert any(
        message in one.message and (one.line, one.column) == (place or (None, None))
        for one in problems
    ), problems


def test_aliases_neither_multiply_nor_nest_beyond_the_limits() -> None:
    wide = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    deep = "a: &a [x]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        wide += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
        deep += f"{name}: &{name} {'[' * 20}*{before}{']' * 20}\n"

    assert "more than 50,000 values, aliases followed" in refused(wide)[0].message
    assert "nested more than 100 deep" in refused(deep)[0].message


def test_two_policies_are_refused_at_the_second() -> None:
    problems = refused(f"{POLICY}---\n{POLICY}")

    assert [(one.message, one.line) for one in problems] == [
        ("apply each ClusterImagePolicy by itself: the first starts on line 1", 14)
    ]


@pytest.mark.parametrize("marker", ["---", "--- ", "--- # next", "...\n---"])
def test_every_document_of_the_stream_counts(marker: str) -> None:
    assert refused(f"{POLICY}{marker}\nkind: Pod\n")[0].field == "kind"


def test_a_private_key_is_refused_wherever_it_stands_and_never_quoted() -> None:
    indented = PRIVATE_KEY.replace("\n", "\n        ")
    in_data = POLICY.replace(
        "keyless:", f"name: b\n    key:\n      data: |\n        {indented}\n  - keyless:"
    )
    in_comment = POLICY + "# " + PRIVATE_KEY.replace("\n", "\n# ")
    for document, place in (
        (in_data, (11, 13)),
        (in_comment, (13, 3)),
        (f"{KEYED}---\n{secret(PRIVATE_KEY)}", (12, 3)),
    ):
        with pytest.raises(PolicyDocumentError, match="this is a private key: remove it") as caught:
            parse_policy(document)
        (problem,) = caught.value.problems

        assert (problem.line, problem.column) == place
        assert "Tm90" not in str(caught.value)


@pytest.mark.parametrize(
    ("document", "kept"),
    [
        (f"# ours\n{KEYED}---\n# key\n{secret(PUBLIC_KEY)}", f"# ours\n{KEYED}"),
        (f"{secret(PUBLIC_KEY)}--- # p\n{KEYED}# end\n", f"--- # p\n{KEYED}# end\n"),
        (f"# head\n---\n{secret(PUBLIC_KEY)}...\n---\n{KEYED}", f"# head\n---\n{KEYED}"),
        (
            f"{secret(PUBLIC_KEY)}...\n%YAML 1.1\n---\n{KEYED}",
            f"%YAML 1.1\n---\n{KEYED}",
        ),
        (f"---\n---\n{KEYED}---\n{secret(PUBLIC_KEY)}---\n", f"---\n---\n{KEYED}---\n"),
        (
            f"{KEYED}---\n{secret(PUBLIC_KEY)}".replace("\n", "\r\n"),
            KEYED.replace("\n", "\r\n"),
        ),
    ],
)
def test_secrets_are_taken_out_of_the_document(document: str, kept: str) -> None:
    parsed = parse_policy(document)

    assert parsed.document_without_secrets == kept
    assert parse_policy(kept).spec == parsed.spec
    assert [(one.name, one.public_key) for one in parsed.secrets] == [("release", PUBLIC_KEY)]
    assert parsed.unresolved_secrets == ("elsewhere",)


def test_a_key_does_not_show_when_a_document_is_printed() -> None:
    parsed = parse_policy(f"{KEYED}---\n{secret(PUBLIC_KEY)}")

    assert "release" in repr(parsed)
    assert "PUBLIC KEY" not in repr(parsed)
    assert base64.b64encode(PUBLIC_KEY.encode()).decode()[:40] not in repr(parsed)


def test_a_secret_that_does_nothing_is_told() -> None:
    parsed = parse_policy(
        f"{KEYED}---\n{secret(PUBLIC_KEY)}---\n{secret(PUBLIC_KEY)}"
        f"---\n{secret(PUBLIC_KEY, 'unused')}"
    )

    assert [one.message for one in parsed.warnings] == [
        "another Secret above is named `release`, too",
        "no `secretRef` refers to the Secret `unused`",
    ]


def test_bytes_and_text_are_read_alike() -> None:
    assert parse_policy(POLICY.encode()) == parse_policy(POLICY)
