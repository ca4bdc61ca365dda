"""What holds for every document: no crash, places inside the text, defaults that settle."""

import re
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from policy import PolicyDocument, PolicyDocumentError, Problem, parse_policy

CORPUS = Path(__file__).parents[2] / "reference" / "policy_controller" / "documents.yaml"
DOCUMENTS: list[str] = [
    entry["document"]
    for entry in yaml.safe_load(CORPUS.read_text(encoding="utf-8"))["documents"]
    if len(entry["document"]) < 4_000
]
# Pieces that change how YAML is read.
BITS = [
    *("\t", "\n", "\r", " ", ": ", "- ", "? ", "{", "}", "[", "]", "&a ", "*a", "<<: ", "|\n", "'"),
    *('"', "#", "---\n", "...\n", "%YAML 1.1\n", "\\", "~", "yes", "017", ".inf", "!!int "),
    *("!!binary ", "\0", "\x85", "\u2028", "\ufeff", "\ud800", "é", "\U0001f511", "kind: Secret\n"),
]


def parsed(document: str | bytes) -> tuple[PolicyDocument | None, tuple[Problem, ...]]:
    try:
        policy = parse_policy(document)
    except PolicyDocumentError as error:
        return None, error.problems
    return policy, policy.warnings


def check_places(document: str, problems: tuple[Problem, ...]) -> None:
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", document)
    for one in problems:
        assert one.message
        assert (one.line is None) == (one.column is None)
        if one.line is not None and one.column is not None:
            assert 1 <= one.line <= len(lines)
            assert 1 <= one.column <= len(lines[one.line - 1]) + 1


@st.composite
def mutated(draw: st.DrawFn) -> str:
    document = draw(st.sampled_from(DOCUMENTS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(document)))
        end = min(len(document), start + draw(st.integers(0, 12)))
        bit = draw(st.sampled_from([*BITS, document[start : start + 40], ""]))
        document = document[:start] + bit + document[end:]
    return document


@given(st.text())
def test_any_text_is_read_or_refused(document: str) -> None:
    policy, problems = parsed(document)

    assert policy is None
    check_places(document, problems)


@given(st.binary())
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    assert parsed(document)[0] is None


@given(mutated())
@settings(max_examples=400, deadline=None)
def test_any_mutated_document_is_read_or_refused_at_a_place_in_it(document: str) -> None:
    policy, problems = parsed(document)

    check_places(document, problems)
    if policy:
        again = parse_policy(policy.document_without_secrets)
        assert (again.spec, again.secrets) == (policy.spec, ())


def test_every_problem_of_the_corpus_is_at_a_place_in_its_document() -> None:
    for document in DOCUMENTS:
        check_places(document, parsed(document)[1])


SPELLINGS = {"ca_cert": "ca-cert", "ctlog": "ctlog", "insecure_ignore_sct": "insecureIgnoreSCT"}


def written(value: Any) -> Any:
    """A spec as the document that says it in full: every default spelt out."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [written(one) for one in value]  # pyright: ignore[reportUnknownVariableType]
    if not is_dataclass(value) or isinstance(value, type):
        return value
    members: dict[str, Any] = {}
    for one in fields(value):
        member = getattr(value, one.name)
        first, *rest = one.name.split("_")
        name = SPELLINGS.get(one.name, first + "".join(word.capitalize() for word in rest))
        match one.name:
            case "match_labels":
                members[name] = dict(member)
            case "images":
                members[name] = [{"glob": glob} for glob in member]
            case "signature_pull_secrets":
                members[name] = [{"name": secret} for secret in member]
            case _ if member not in (None, "", False, ()):
                members[name] = written(member)
            case "url" if member == "":  # counts as given
                members[name] = ""
            case _:
                pass
    return members


@given(st.sampled_from(DOCUMENTS))
def test_defaulting_again_changes_nothing(document: str) -> None:
    policy, _ = parsed(document)
    assume(policy is not None)
    assert policy is not None
    full = yaml.safe_dump(
        {
            "apiVersion": policy.api_version,
            "kind": "ClusterImagePolicy",
            "metadata": {"name": policy.name},
            "spec": written(policy.spec),
        }
    )

    assert parse_policy(full).spec == policy.spec
