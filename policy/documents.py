"""Reads an applied document: one ClusterImagePolicy, and the Secrets that accompany it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from policy.clusterimagepolicy import API_VERSIONS, KIND, MEMBERS, read_cluster_image_policy
from policy.nodes import Document
from policy.problems import Problem, Report, in_order
from policy.reader import Reader
from policy.screening import find_private_key, screen
from policy.secrets import SECRET, SECRET_MEMBERS, SecretKey, read_secret
from policy.spec import Mode, PolicySpec
from policy.stream import read_stream


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A valid policy document.

    `name` is `metadata.name`, `spec` what it says after defaulting, `warnings` what is doubtful in
    it. `document_without_secrets` is what was applied, byte for byte, but for the Secrets, which
    are in `secrets`: keep and answer it, not the text that was applied.
    """

    name: str
    api_version: str
    spec: PolicySpec
    warnings: tuple[Problem, ...]
    document_without_secrets: str = field(repr=False)
    secrets: tuple[SecretKey, ...]

    @property
    def mode(self) -> Mode:
        """What a failed policy does."""
        return self.spec.mode

    @property
    def images(self) -> tuple[str, ...]:
        """The globs of the images that the policy covers."""
        return self.spec.images

    @property
    def unresolved_secrets(self) -> tuple[str, ...]:
        """Names of the Secrets that authorities refer to and that do not accompany the policy."""
        present = {secret.name for secret in self.secrets}
        return tuple(name for name in self.spec.secret_names if name not in present)


def parse_policy(text: str | bytes, *, require_identities: bool = False) -> PolicyDocument:
    """Read and check a policy document: YAML (JSON included) of at most 1 MiB, UTF-8 if bytes.

    Raises `PolicyDocumentError` with every problem found. `require_identities` refuses a keyless
    authority without identities, which is otherwise a warning.
    """
    report = Report()
    screened = screen(text, report)
    report.raise_errors()
    documents = read_stream(screened, report)
    readers = [_open(document, report) for document in documents]
    policies = [reader for reader in readers if reader and reader.text("kind") == KIND]
    secrets = [reader for reader in readers if reader and reader.text("kind") == SECRET]
    named_specs = [
        read_cluster_image_policy(reader, require_identities=require_identities)
        for reader in policies
    ]
    keys = [read_secret(reader) for reader in secrets]
    _check_count(policies, report)
    find_private_key(screened, report)
    report.raise_errors()
    name, spec = named_specs[0]
    _check_use(secrets, keys, spec)
    kept = [
        document
        for document, reader in zip(documents, readers, strict=True)
        if reader not in secrets
    ]
    return PolicyDocument(
        name=name,
        api_version=policies[0].text("apiVersion"),
        spec=spec,
        warnings=in_order(report.problems),
        document_without_secrets=screened[: documents[0].start]
        + "".join(screened[document.start : document.end] for document in kept),
        secrets=tuple(keys),
    )


def _open(document: Document, report: Report) -> Reader | None:
    """Open a document of a kind that is allowed here; None for an empty or another one."""
    if document.root is None:
        return None
    # Which members are known depends on the kind, so the first look accepts them all.
    glance = Reader(document.root, "", report, None)
    kind, version = glance.text("kind"), glance.text("apiVersion")
    if kind == KIND and (not version or version in API_VERSIONS):
        known, expected = MEMBERS, API_VERSIONS[1]
    elif kind == SECRET and version in ("", "v1"):
        known, expected = SECRET_MEMBERS, "v1"
    else:
        _report_kind(glance, kind, version)
        return None
    reader = Reader(document.root, "", report, known)
    reader.missing("apiVersion", f"it is `{expected}`")
    return reader


def _report_kind(reader: Reader, kind: str, version: str) -> None:
    if not kind:
        reader.missing("kind", f"it is `{KIND}`")
    elif kind == KIND:
        reader.error("apiVersion", f"unknown version: use {' or '.join(API_VERSIONS)}")
    elif kind.endswith("List"):
        reader.error("kind", f"a list is not taken: apply each {KIND} in it by itself")
    else:
        stated = f"{version[:80]} {kind[:80]}".strip()
        reader.error("kind", f"unknown type `{stated}`: only a {KIND} and its Secrets are taken")


def _check_count(policies: Sequence[Reader], report: Report) -> None:
    if not policies and not report.failed:
        report.error(f"there is no {KIND} in the document")
    for later in policies[1:]:
        message = f"apply each {KIND} by itself: the first starts on line {policies[0].place[0]}"
        report.error(message, "", later.place)


def _check_use(secrets: Sequence[Reader], keys: Sequence[SecretKey], spec: PolicySpec) -> None:
    seen: set[str] = set()
    for reader, key in zip(secrets, keys, strict=True):
        if key.name in seen:
            reader.warn("metadata", f"another Secret above is named `{key.name}`, too")
        elif key.name not in spec.secret_names:
            reader.warn("metadata", f"no `secretRef` refers to the Secret `{key.name}`")
        seen.add(key.name)
