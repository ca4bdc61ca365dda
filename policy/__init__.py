"""Policy documents, globs and image references, with the verdicts of sigstore's policy-controller.

A pure leaf: values in, values out, no I/O, and nothing else of ours is imported.

- `images`: which images a glob covers, and how an image reference is qualified
- `patterns`, `urls`: regular expressions and URLs, as the controller reads them
"""

from policy.images import (
    GlobError,
    ImageReference,
    ImageReferenceError,
    covers_image,
    match_glob,
    normalize_image,
)

__all__ = [
    "GlobError",
    "ImageReference",
    "ImageReferenceError",
    "covers_image",
    "match_glob",
    "normalize_image",
]
