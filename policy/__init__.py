"""Policy documents, globs and image references, with the verdicts of sigstore's policy-controller.

A pure leaf: values in, values out, no I/O, and nothing else of ours is imported.

- `documents`: reads an applied document; `problems`: what is wrong with one, and where
- `spec`: what a policy says, after defaulting
- `clusterimagepolicy`, `authorities`, `keyrefs`, `attached`, `match`, `metadata`, `secrets`:
  read one section each
- `reader`: reads a mapping by type; `stream`, `nodes`, `scalars`, `screening`: YAML, with places
- `images`: which images a glob covers, and how an image reference is qualified
- `patterns`, `urls`, `keys`, `labels`: regular expressions, URLs, keys and names of Kubernetes
"""

from policy.documents import PolicyDocument, parse_policy
from policy.images import (
    GlobError,
    ImageReference,
    ImageReferenceError,
    covers_image,
    match_glob,
    normalize_image,
)
from policy.problems import PolicyDocumentError, Problem, Severity
from policy.secrets import SecretKey
from policy.spec import Authority, MatchRule, Mode, PolicySpec, StaticAction

__all__ = [
    "Authority",
    "GlobError",
    "ImageReference",
    "ImageReferenceError",
    "MatchRule",
    "Mode",
    "PolicyDocument",
    "PolicyDocumentError",
    "PolicySpec",
    "Problem",
    "SecretKey",
    "Severity",
    "StaticAction",
    "covers_image",
    "match_glob",
    "normalize_image",
    "parse_policy",
]
