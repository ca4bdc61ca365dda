"""The `spec` of a ClusterImagePolicy as values, after defaulting; v1alpha1 and v1beta1 are alike.

Names are the API's own in snake case. Texts that are absent are "", sections None.
"""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """What a failed policy does: refuse the workload, or admit it with a warning."""

    ENFORCE = "enforce"
    WARN = "warn"


class StaticAction(StrEnum):
    """What a static authority decides without looking at any signature."""

    PASS = "pass"  # noqa: S105  # not a password
    FAIL = "fail"


class PolicyType(StrEnum):
    """The language of an attached policy; its text is not checked."""

    CUE = "cue"
    REGO = "rego"


@dataclass(frozen=True, slots=True)
class SecretRef:
    """The name of a Secret that holds one public key; `namespace` is "" or `cosign-system`."""

    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Key:
    """A public key by exactly one of `data` (PEM), `kms` and `secret_ref`.

    `hash_algorithm` is sha224, sha256, sha384 or sha512.
    """

    data: str
    kms: str
    secret_ref: SecretRef | None
    hash_algorithm: str = "sha256"


@dataclass(frozen=True, slots=True)
class Identity:
    """A signer: exactly one of each pair is set. The patterns are RE2 and match anywhere."""

    issuer: str
    subject: str
    issuer_reg_exp: str
    subject_reg_exp: str


@dataclass(frozen=True, slots=True)
class Keyless:
    """Signatures by a certificate of the authority at `url`, or of `ca_cert`, and not both.

    `url` is None only beside `ca_cert`. No identities means any signer.
    """

    url: str | None
    ca_cert: Key | None
    identities: tuple[Identity, ...]
    trust_root_ref: str
    insecure_ignore_sct: bool


@dataclass(frozen=True, slots=True)
class Static:
    """A decision without signatures; `message` explains a failure."""

    action: StaticAction
    message: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where else signatures live: a registry or repository. `tag_prefix` None means unset."""

    oci: str
    signature_pull_secrets: tuple[str, ...]
    tag_prefix: str | None


@dataclass(frozen=True, slots=True)
class CTLog:
    """The transparency log that must hold the signature; `url` None means the public one."""

    url: str | None
    trust_root_ref: str


@dataclass(frozen=True, slots=True)
class RFC3161Timestamp:
    """The time-stamping authority that must have signed."""

    trust_root_ref: str


@dataclass(frozen=True, slots=True)
class RemotePolicy:
    """A policy text at an https URL, whose SHA-256 in hexadecimal digits must be `sha256sum`."""

    url: str
    sha256sum: str


@dataclass(frozen=True, slots=True)
class ConfigMapRef:
    """A policy text under one key of a ConfigMap."""

    name: str
    namespace: str
    key: str


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """A CUE or Rego policy by exactly one of `data`, `remote` and `config_map_ref`.

    The four flags, which say what else the policy sees, are set at most on `spec.policy`.
    """

    type: PolicyType
    data: str
    remote: RemotePolicy | None
    config_map_ref: ConfigMapRef | None
    fetch_config_file: bool = False
    include_spec: bool = False
    include_object_meta: bool = False
    include_type_meta: bool = False


@dataclass(frozen=True, slots=True)
class Attestation:
    """An attestation that must be there and pass `policy`, when there is one."""

    name: str
    predicate_type: str
    policy: AttachedPolicy | None


@dataclass(frozen=True, slots=True)
class Authority:
    """One way for an image to pass: exactly one of `key`, `keyless` and `static` is set."""

    name: str
    key: Key | None
    keyless: Keyless | None
    static: Static | None
    source: tuple[Source, ...]
    ctlog: CTLog | None
    attestations: tuple[Attestation, ...]
    rfc3161timestamp: RFC3161Timestamp | None
    signature_format: str

    @property
    def action(self) -> StaticAction | None:
        """The decision of a static authority; None when something must be verified."""
        return self.static.action if self.static else None

    @property
    def requires(self) -> tuple[str, ...]:
        """What must be verified for this authority to pass: nothing when it is static.

        With attestations it is each of them by name, and not the image's own signature.
        """
        if self.static:
            return ()
        return tuple(f"attestation {one.name}" for one in self.attestations) or ("signature",)


@dataclass(frozen=True, slots=True)
class SelectorExpression:
    """One condition on a label; `operator` is In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelSelector:
    """Conditions on labels that must all hold; none at all selects everything."""

    match_labels: tuple[tuple[str, str], ...]
    match_expressions: tuple[SelectorExpression, ...]


@dataclass(frozen=True, slots=True)
class MatchRule:
    """A kind of resource that the policy concerns: all three texts must equal the resource's.

    `group` "" is Kubernetes' core group; `version` may be `*`. `selector` None selects all.
    """

    group: str
    version: str
    resource: str
    selector: LabelSelector | None


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """Which images a policy covers, who may vouch for them, and what happens when nobody does.

    `images` are globs. Of `match` one rule must fit the workload; no rules fit every workload.
    """

    images: tuple[str, ...]
    authorities: tuple[Authority, ...]
    policy: AttachedPolicy | None
    mode: Mode
    match: tuple[MatchRule, ...]

    @property
    def secret_names(self) -> tuple[str, ...]:
        """Names of the Secrets that authorities take a key from, each once."""
        keys = [
            key
            for authority in self.authorities
            for key in (authority.key, authority.keyless and authority.keyless.ca_cert)
        ]
        names = [key.secret_ref.name for key in keys if key and key.secret_ref]
        return tuple(dict.fromkeys(names))
