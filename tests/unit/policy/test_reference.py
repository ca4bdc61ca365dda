"""Our verdicts beside those recorded from the real policy-controller; comparing needs no Go."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from policy import (
    GlobError,
    ImageReferenceError,
    PolicyDocumentError,
    Problem,
    Severity,
    match_glob,
    normalize_image,
    parse_policy,
)

REFERENCE = Path(__file__).parents[2] / "reference" / "policy_controller"


def corpus(name: str) -> Any:
    return yaml.safe_load((REFERENCE / f"{name}.yaml").read_text(encoding="utf-8"))


def recorded(name: str) -> Any:
    return json.loads((REFERENCE / f"{name}.recorded.json").read_text(encoding="utf-8"))["verdicts"]


DOCUMENTS = corpus("documents")
VERDICTS = recorded("documents")
GLOBS = recorded("globs")


def problems(document: str) -> tuple[Problem, ...]:
    # In a cluster, missing identities are refused, so the comparison requires them as well.
    try:
        return parse_policy(document, require_identities=True).warnings
    except PolicyDocumentError as error:
        return error.problems


def paths(found: tuple[Problem, ...], severity: Severity) -> set[str]:
    return {path for one in found if one.severity is severity for path in one.paths}


def in_our_words(path: str) -> str:
    for rule in DOCUMENTS["paths"]:
        path = re.sub(rule["pattern"], rule["ours"], path)
    return path


def without_index(found: set[str]) -> set[str]:
    return {re.sub(r"\.attestations\[\d+\]", ".attestations[*]", path) for path in found}


@pytest.mark.parametrize("entry", DOCUMENTS["documents"], ids=lambda entry: entry["name"])
def test_a_document_gets_the_verdict_of_the_real_controller(entry: dict[str, Any]) -> None:
    verdict = VERDICTS[entry["name"]]
    ours = entry.get("ours", {})
    found = problems(entry["document"])
    errors, warnings = paths(found, Severity.ERROR), paths(found, Severity.WARNING)

    assert (not errors) == ours.get("valid", verdict["valid"])
    if "errors" in ours:
        assert errors == set(ours["errors"])
    elif not verdict.get("pathless"):
        assert without_index(errors) == {in_our_words(path) for path in verdict["errors"]}
    if not verdict.get("pathless") and not ours.get("errors"):
        expected = {in_our_words(path) for path in verdict["warnings"]}
        assert without_index(warnings) == expected | set(ours.get("also_warns", ()))


@pytest.mark.parametrize("entry", DOCUMENTS["documents"], ids=lambda entry: entry["name"])
def test_a_difference_from_the_real_controller_is_one_and_has_a_reason(
    entry: dict[str, Any],
) -> None:
    ours = entry.get("ours")
    if ours is None:
        return
    verdict = VERDICTS[entry["name"]]
    theirs = {in_our_words(path) for path in verdict["errors"]}

    assert ours["because"]
    assert (
        "also_warns" in ours or ours["valid"] != verdict["valid"] or set(ours["errors"]) != theirs
    )


@pytest.mark.parametrize(
    "entry",
    [
        entry
        for entry in DOCUMENTS["documents"]
        if VERDICTS[entry["name"]]["errors"] == ["spec.authorities[0].keyless.identities"]
    ],
    ids=lambda entry: entry["name"],
)
def test_missing_identities_are_a_warning_unless_they_are_required(entry: dict[str, Any]) -> None:
    warnings = parse_policy(entry["document"]).warnings

    assert [one.field for one in warnings] == ["spec.authorities[0].keyless.identities"]


@pytest.mark.parametrize("verdict", GLOBS, ids=lambda one: f"{one['glob']!a} {one['image']!a}")
def test_a_glob_gets_the_verdict_of_the_real_controller(verdict: dict[str, str]) -> None:
    try:
        ours = "match" if match_glob(verdict["glob"], verdict["image"]) else "no match"
    except (GlobError, ImageReferenceError):
        ours = "error"
    try:
        name = str(normalize_image(verdict["image"]))
    except ImageReferenceError:
        name = ""

    assert (ours, name) == (verdict["verdict"], verdict["name"])


def test_the_recorded_verdicts_are_those_of_the_corpora() -> None:
    pairs = [(one["glob"], image) for one in corpus("globs")["globs"] for image in one["images"]]

    assert sorted(VERDICTS) == sorted(entry["name"] for entry in DOCUMENTS["documents"])
    assert [(one["glob"], one["image"]) for one in GLOBS] == pairs
