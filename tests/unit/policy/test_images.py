"""Globs and image references beyond what the reference corpus holds."""

from contextlib import suppress
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy import (
    GlobError,
    ImageReference,
    ImageReferenceError,
    covers_image,
    match_glob,
    normalize_image,
)

DIGEST = "sha256:" + "0123456789abcdef" * 4


def brute_force(glob: str, text: str) -> bool:
    """Match by trying every way to divide the text; knows nothing of regular expressions."""

    @cache
    def matches(at: int, index: int) -> bool:
        if at == len(glob):
            return index == len(text)
        if glob.startswith("**", at):
            return any(matches(at + 2, rest) for rest in range(index, len(text) + 1))
        if glob[at] == "*":
            ends = range(index, len(text) + 1)
            return any(matches(at + 1, end) for end in ends if "/" not in text[index:end])
        return index < len(text) and glob[at] == text[index] and matches(at + 1, index + 1)

    return matches(0, 0)


globs = st.lists(
    st.sampled_from(["*", "**", "a", "b", "/", ".", ":", "latest", "ghcr.io/", "index.docker.io/"]),
    min_size=1,
    max_size=8,
).map("".join)
images = st.lists(
    st.sampled_from(["a", "b", "ab", "/", ".", "ghcr.io/", ":v1", f"@{DIGEST}", "-"]),
    min_size=1,
    max_size=8,
).map("".join)


@given(globs, images)
def test_a_glob_matches_what_brute_force_matches(glob: str, image: str) -> None:
    expanded = {"*": "index.docker.io/library/*", "*/*": "index.docker.io/*/*"}.get(glob, glob)
    try:
        qualified = str(normalize_image(image))
    except ImageReferenceError:
        with pytest.raises(ImageReferenceError):
            match_glob(glob, image)
        return

    expected = brute_force(expanded, qualified) or brute_force(expanded, image)
    assert match_glob(glob, image) is expected
    assert covers_image([glob], image) is expected


@given(images)
def test_a_qualified_reference_qualifies_to_itself(image: str) -> None:
    try:
        reference = normalize_image(image)
    except ImageReferenceError:
        return

    assert normalize_image(str(reference)) == reference
    assert (reference.tag is None) != (reference.digest is None)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_matched_or_refused(glob: str, image: str) -> None:
    with suppress(GlobError, ImageReferenceError):
        match_glob(glob, image)


def test_a_reference_has_its_parts() -> None:
    assert normalize_image(f"localhost:5000/team/app:v1@{DIGEST}") == ImageReference(
        registry="localhost:5000", repository="team/app", tag=None, digest=DIGEST
    )
    assert normalize_image("docker.io/ubuntu") == ImageReference(
        registry="index.docker.io", repository="library/ubuntu", tag="latest", digest=None
    )


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        ("ghcr.io/b", "a repository has 2 to 255"),
        (f"ghcr.io/a/b:{'v' * 129}", "a tag has 1 to 128"),
        ("ghcr.io/a/b@sha256:abc", "64 hexadecimal digits"),
        ("gh cr.io/a/b", "the registry 'gh cr.io' is not a host"),
        ("me@ghcr.io/a/b", "what follows `@`"),
    ],
)
def test_a_refusal_says_what_is_wrong(image: str, reason: str) -> None:
    with pytest.raises(ImageReferenceError, match=reason):
        normalize_image(image)


def test_one_glob_of_several_is_enough() -> None:
    assert covers_image(["ghcr.io/a/*", "quay.io/**"], "quay.io/a/b:v1")
    assert not covers_image(["ghcr.io/a/*", "quay.io/**"], "docker.io/a/b:v1")
    assert not covers_image([], "ubuntu")


def test_no_image_is_covered_by_what_is_no_glob() -> None:
    with pytest.raises(GlobError, match="only the characters"):
        covers_image(["ghcr.io/[ab]"], "ubuntu")


def test_a_glob_with_many_stars_does_not_stall() -> None:
    assert not match_glob("**a" * 50 + "b", "ghcr.io/" + "a" * 240)
