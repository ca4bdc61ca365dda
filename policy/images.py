"""Image references and the globs of `spec.images`: the only module that knows how either is read.

Same answers as policy-controller's `pkg/apis/glob` on go-containerregistry's names (weak
validation): Docker Hub is `index.docker.io`, its official images live under `library/`, a
reference without tag or digest means `:latest`, and a digest drops the tag.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from policy.patterns import BytesPattern, PatternError, compile_bytes
from policy.urls import UrlError, parse_url

DOCKER_HUB = "index.docker.io"
_OFFICIAL = "library/"

_GLOB = re.compile(r"[a-zA-Z0-9_:/*.@-]+")
_REPOSITORY = re.compile(r"[a-z0-9_./-]{2,255}")
_TAG = re.compile(r"[a-zA-Z0-9_.-]{1,128}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

# As policy-controller reads them; every other glob is taken literally.
_SHORT_GLOBS = {"*": f"{DOCKER_HUB}/{_OFFICIAL}*", "*/*": f"{DOCKER_HUB}/*/*"}


class ImageReferenceError(ValueError):
    """The text is not an image reference; `str()` names the text and the reason."""


class GlobError(ValueError):
    """The text is not a glob; `str()` says why."""


@dataclass(frozen=True, slots=True)
class ImageReference:
    """A fully qualified image reference. Exactly one of `tag` and `digest` is set.

    `registry` is a host with an optional port, `repository` the path below it, `digest` is
    `sha256:` and 64 hexadecimal digits.
    """

    registry: str
    repository: str
    tag: str | None
    digest: str | None

    def __str__(self) -> str:
        name = f"{self.registry}/{self.repository}"
        return f"{name}@{self.digest}" if self.digest else f"{name}:{self.tag}"


def normalize_image(ref: str) -> ImageReference:
    """Read an image reference and qualify it fully; raises `ImageReferenceError`.

    >>> str(normalize_image("ubuntu"))
    'index.docker.io/library/ubuntu:latest'
    """
    name, at, digest = ref.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        reason = "what follows `@` is not `sha256:` and 64 hexadecimal digits in lower case"
        raise ImageReferenceError(f"{ref!r} is not an image reference: {reason}")
    base, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:  # no colon at all, or the one before a registry's port
        base, tag = name, ""
    if tag and not _TAG.fullmatch(tag):
        reason = "a tag has 1 to 128 of the characters a-z A-Z 0-9 _ . -"
        raise ImageReferenceError(f"{ref!r} is not an image reference: {reason}")
    try:
        registry, repository = split_repository(base)
    except ImageReferenceError as error:
        raise ImageReferenceError(f"{ref!r} is not an image reference: {error}") from None
    if at:
        return ImageReference(registry, repository, None, digest)
    return ImageReference(registry, repository, tag or "latest", None)


def split_repository(name: str, *, strict: bool = False) -> tuple[str, str]:
    """Split `[registry/]repository` into both, qualified; raises `ImageReferenceError`.

    `strict` refuses an official image of Docker Hub that is named without `library/`.
    """
    registry, slash, repository = name.partition("/")
    if not slash or not ("." in registry or ":" in registry):
        # Only a dot or a colon tells a host from a path: `localhost/foo` is on Docker Hub.
        registry, repository = "", name
    if not _REPOSITORY.fullmatch(repository):
        raise ImageReferenceError(
            "a repository has 2 to 255 of the characters a-z 0-9 _ . / -, "
            f"and {repository!r} does not"
        )
    if registry:
        check_registry(registry)
    if registry in ("", "docker.io"):
        registry = DOCKER_HUB
    if registry == DOCKER_HUB and "/" not in repository:
        if strict:
            raise ImageReferenceError("an official image of Docker Hub needs `library/`")
        repository = _OFFICIAL + repository
    return registry, repository


def check_registry(host: str) -> None:
    """Raise `ImageReferenceError` unless the text is a host with an optional port."""
    try:
        valid = parse_url(f"//{host}").host == host
    except UrlError as error:
        raise ImageReferenceError(f"the registry {host!r} is not a host: {error}") from None
    if not valid:
        raise ImageReferenceError(f"the registry {host!r} is not a host with an optional port")


@lru_cache(maxsize=4096)
def compile_glob(glob: str) -> BytesPattern:
    """Translate a glob into a pattern for whole texts; raises `GlobError`.

    `*` stands for any run of characters but `/`, `**` for any run at all.
    """
    if not _GLOB.fullmatch(glob):
        raise GlobError("a glob has only the characters a-z A-Z 0-9 - _ : / * . @")
    parts = _SHORT_GLOBS.get(glob, glob).split("**")
    pattern = ".*".join(part.replace(".", r"\.").replace("*", "[^/]*") for part in parts)
    try:
        return compile_bytes(pattern)
    except PatternError as error:
        raise GlobError(f"it is too long: {error}") from None


def match_glob(glob: str, image: str) -> bool:
    """Whether the glob matches the image; raises `GlobError` or `ImageReferenceError`.

    The fully qualified reference is tried first, then the text as given, as policy-controller
    does: `ghcr.io/a/b` matches the untagged `ghcr.io/a/b` but not `ghcr.io/a/b:latest`.
    """
    return covers_image((glob,), image)


def covers_image(globs: Iterable[str], image: str) -> bool:
    """Whether any of the globs matches the image; raises as `match_glob` does."""
    # Bytes serve as well as characters here: a glob is ASCII, and no byte of a longer character is.
    qualified, given = str(normalize_image(image)).encode(), image.encode()
    for glob in globs:
        pattern = compile_glob(glob)
        if pattern.fullmatch(qualified) is not None or pattern.fullmatch(given) is not None:
            return True
    return False
