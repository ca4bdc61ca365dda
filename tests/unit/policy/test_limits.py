"""A hostile document costs little: what is long is read once, and what multiplies is bounded."""

import time
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from policy import PolicyDocumentError, Problem, parse_policy
from policy.keys import KeyFormatError, check_public_key
from policy.patterns import PatternError, compile_pattern

HEAD = """\
apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: sample}
spec:
"""


@contextmanager
def soon() -> Generator[None]:
    """Far more than a second means that the cost is not linear, on any machine."""
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < 10


def refused(document: str) -> tuple[Problem, ...]:
    with soon(), pytest.raises(PolicyDocumentError) as caught:
        parse_policy(document)
    return caught.value.problems


def test_a_large_document_is_read_in_linear_time() -> None:
    images = "".join(f"  - glob: ghcr.io/example/{index:08}/**\n" for index in range(12_000))
    with soon():
        document = parse_policy(
            f"{HEAD}  images:\n{images}  authorities: [{{static: {{action: pass}}}}]\n"
        )

    assert len(document.images) == 12_000


@pytest.mark.parametrize(
    "pem",
    [
        "\n-----BEGIN PUBLIC KEY-----\n" * 30_000,
        "\n-----END PUBLIC KEY-----\n" * 30_000,
        "\n-----BEGIN A-----\n!\n-----END A-----\n" * 20_000,
        "-----BEGIN PUBLIC KEY-----\n" + "a: b\n" * 150_000 + "-----END PUBLIC KEY-----",
    ],
    ids=["begins", "ends", "blocks that are not base64", "headers"],
)
def test_halves_of_pem_blocks_are_looked_at_once(pem: str) -> None:
    with soon(), pytest.raises(KeyFormatError):
        check_public_key(pem)


def test_aliases_do_not_multiply_a_long_text() -> None:
    key = "A" * 800_000
    problems = refused(
        f"{HEAD}  authorities:\n  - &a {{key: {{data: {key}}}}}\n" + "  - *a\n" * 8_000
    )

    assert "more than 50,000 values" in problems[0].message


def test_regular_expressions_are_bounded_in_number_and_size() -> None:
    identities = "      - {issuer: a, subjectRegExp: 'b'}\n" * 1_001
    problems = refused(
        f"{HEAD}  images: []\n  authorities:\n  - keyless:\n      identities:\n{identities}"
    )

    assert problems[-1].field == "spec.authorities[0].keyless.identities[1000].subjectRegExp"
    with pytest.raises(PatternError, match="too large"):
        compile_pattern(r"\pL{1000}")
    with pytest.raises(PatternError, match="longer than 10,000 characters"):
        compile_pattern("a" * 10_001)


def test_a_glob_may_be_long_but_not_endless() -> None:
    problems = refused(f"{HEAD}  images: [{{glob: {'a*' * 100_000}}}]\n")

    assert "it is too long" in problems[-1].message


def test_a_thousand_problems_are_told_and_no_more() -> None:
    problems = refused(HEAD + "".join(f"  k{index}: 1\n" for index in range(5_000)))

    assert len(problems) == 1_000


def test_a_long_name_is_not_repeated_in_full() -> None:
    problems = refused(f"{HEAD}  {'k' * 900}: 1\n")

    assert all(len(str(one)) < 500 for one in problems)
