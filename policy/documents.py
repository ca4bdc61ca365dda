"""Reads an applied document: one ClusterImagePolicy, and the Secrets that accompany it."""

from dataclasses import dataclass, field

from policy.attached import read_policy
from policy.authorities import read_authorities
from policy.images import GlobError, compile_glob
from policy.match import read_match
from policy.metadata import check_status, read_metadata
from policy.nodes import Document
from policy.problems import Problem, Report, in_order
from policy.reader import Reader
from policy.screening import find_private_key, screen
from policy.secrets import SECRET, SecretKey, read_secret
from policy.spec import Mode, PolicySpec
from policy.stream import read_stream

GROUP = "policy.sigstore.dev"
API_VERSIONS = (f"{GROUP}/v1alpha1", f"{GROUP}/v1beta1")
KIND = "ClusterImagePolicy"

_POLICY = ("apiVersion", "kind", "metadata", "spec", "status")
_SPEC = ("images", "authorities", "policy", "mode", "match")
_MODES = tuple(Mode)


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
        return tuple(name for name in _referred(self.spec) if name not in present)


def parse_policy(text: str | bytes, *, require_identities: bool = False) -> PolicyDocument:
    """Read and check a policy document: YAML (JSON included) of at most 1 MiB, UTF-8 if bytes.

    Raises `PolicyDocumentError` with every problem found. `require_identities` refuses a keyless
    authority without identities, which is otherwise a warning.
    """
    report = Report()
    screened = screen(text, report)
    report.raise_errors()
    documents = read_stream(screened, report)
    if not documents:  # nothing but blanks and comments, or not YAML
        report.raise_errors()
    policies: list[tuple[Reader, str, PolicySpec]] = []
    secrets: list[tuple[Reader, SecretKey]] = []
    kept = screened[: documents[0].start] if documents else ""
    for document in documents:
        reader = _open(document, report)
        kind = reader.text("kind") if reader else ""
        if reader and kind == KIND:
            policies.append((reader, *_read_policy_object(reader, require_identities)))
        elif reader and kind == "Secret":
            secrets.append((reader, read_secret(reader)))
        if kind != "Secret":
            kept += screened[document.start : document.end]
    _check_count([reader for reader, _, _ in policies], report)
    find_private_key(screened, report)
    report.raise_errors()
    reader, name, spec = policies[0]
    _check_secrets(secrets, spec)
    return PolicyDocument(
        name=name,
        api_version=reader.text("apiVersion"),
        spec=spec,
        warnings=in_order(report.problems),
        document_without_secrets=kept,
        secrets=tuple(secret for _, secret in secrets),
    )


def _open(document: Document, report: Report) -> Reader | None:
    """Open a document of a kind that is allowed here; None for an empty or another one."""
    if document.root is None:
        return None
    generic = Reader(document.root, "", Report(), ())
    kind, version = generic.text("kind"), generic.text("apiVersion")
    if kind == KIND and (not version or version in API_VERSIONS):
        known = _POLICY
    elif kind == "Secret" and version in ("", "v1"):
        known = SECRET
    else:
        _report_kind(Reader(document.root, "", report, generic.names), kind, version)
        return None
    reader = Reader(document.root, "", report, known)
    if not version:
        expected = API_VERSIONS[1] if kind == KIND else "v1"
        reader.missing("apiVersion", f"it is `{expected}`")
    return reader


def _report_kind(reader: Reader, kind: str, version: str) -> None:
    if kind == KIND:
        reader.error("apiVersion", f"unknown version: use {' or '.join(API_VERSIONS)}")
    elif not kind:
        reader.text("kind")
        reader.missing("kind", f"it is `{KIND}`")
    elif kind.endswith("List"):
        reader.error("kind", f"a list is not taken: apply each {KIND} in it by itself")
    else:
        stated = f"{version[:80]} {kind[:80]}".strip()
        reader.error("kind", f"unknown type `{stated}`: only a {KIND} and its Secrets are taken")


def _read_policy_object(reader: Reader, require_identities: bool) -> tuple[str, PolicySpec]:
    name, _ = read_metadata(reader)
    check_status(reader)
    spec = reader.section("spec", _SPEC)
    if spec is None:
        for member in ("images", "authorities"):
            message = f"`spec.{member}` is missing"
            reader.report.error(message, f"spec.{member}", reader.at("spec"))
        return name, PolicySpec((), (), None, Mode.ENFORCE, ())
    images = _read_images(spec)
    authorities = read_authorities(spec, require_identities=require_identities)
    policy = read_policy(spec, of_spec=True)
    return name, PolicySpec(images, authorities, policy, _read_mode(spec), read_match(spec))


def _read_images(spec: Reader) -> tuple[str, ...]:
    readers = spec.sections("images", ("glob",))
    if not readers:
        spec.missing("images", "name the images that the policy covers, each as a `glob`")
    for reader in readers:
        glob = reader.text("glob")
        try:
            if glob:
                compile_glob(glob)
        except GlobError as error:
            reader.error("glob", f"`{glob[:80]}` is not a glob: {error}")
        reader.missing("glob", "a pattern of image names, such as `ghcr.io/example/**`")
    return tuple(reader.text("glob") for reader in readers)


def _read_mode(spec: Reader) -> Mode:
    mode = spec.text("mode")
    if mode and mode not in _MODES:
        spec.error("mode", f"`{mode[:80]}` is not a mode: use `enforce` or `warn`")
    return Mode(mode) if mode in _MODES else Mode.ENFORCE


def _check_count(policies: list[Reader], report: Report) -> None:
    if not policies and not report.failed:
        report.error(f"there is no {KIND} in the document")
    for later in policies[1:]:
        first = policies[0].place[0]
        message = f"apply each {KIND} by itself: another one starts on line {first}"
        report.error(message, "", later.place)


def _check_secrets(secrets: list[tuple[Reader, SecretKey]], spec: PolicySpec) -> None:
    seen: set[str] = set()
    for reader, secret in secrets:
        if secret.name in seen:
            reader.warn("metadata", f"another Secret above is named `{secret.name}`, too")
        elif secret.name not in _referred(spec):
            reader.warn("metadata", f"no `secretRef` refers to the Secret `{secret.name}`")
        seen.add(secret.name)


def _referred(spec: PolicySpec) -> tuple[str, ...]:
    keys = [
        key
        for authority in spec.authorities
        for key in (authority.key, authority.keyless and authority.keyless.ca_cert)
    ]
    names = [key.secret_ref.name for key in keys if key and key.secret_ref]
    return tuple(dict.fromkeys(names))
