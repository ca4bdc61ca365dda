"""Reads the authorities of a policy: who may vouch for an image, and with what."""

from policy.attached import read_policy
from policy.images import ImageReferenceError, check_registry, split_repository
from policy.keyrefs import read_key, read_keyless, read_url
from policy.reader import Reader
from policy.spec import (
    Attestation,
    Authority,
    CTLog,
    RFC3161Timestamp,
    Source,
    Static,
    StaticAction,
)
from policy.urls import UrlError, parse_url

_ACTIONS = tuple(StaticAction)
_KINDS = ("key", "keyless", "static")
_NOT_STATIC = ("attestations", "source", "ctlog", "rfc3161timestamp")
_AUTHORITY = ("name", *_KINDS, *_NOT_STATIC, "signatureFormat")

# The names that cosign had for predicate types before they became URIs.
_SHORT_PREDICATES = (
    "custom",
    "slsaprovenance",
    "spdx",
    "spdxjson",
    "cyclonedx",
    "link",
    "vuln",
)


def read_authorities(spec: Reader, *, require_identities: bool) -> tuple[Authority, ...]:
    """Read the member `authorities` of a spec; the default name is `authority-<index>`."""
    readers = spec.sections("authorities", _AUTHORITY)
    spec.missing("authorities", "say who may vouch for an image")
    authorities = tuple(
        _read_authority(reader, index, require_identities=require_identities)
        for index, reader in enumerate(readers)
    )
    names: set[str] = set()
    for reader, authority in zip(readers, authorities, strict=True):
        if authority.name in names:
            reader.warn("name", f"another authority above is named `{authority.name[:80]}`, too")
        names.add(authority.name)
    return authorities


def _read_authority(reader: Reader, index: int, *, require_identities: bool) -> Authority:
    kinds = [name for name in _KINDS if reader.has(name)]
    reader.choose(_KINDS, kinds)
    authority = Authority(
        name=reader.text("name") or f"authority-{index}",
        key=read_key(reader, "key"),
        keyless=read_keyless(reader, require_identities=require_identities),
        static=_read_static(reader),
        source=_read_sources(reader),
        ctlog=_read_ctlog(reader),
        attestations=_read_attestations(reader),
        rfc3161timestamp=_read_timestamp(reader),
        signature_format=reader.text("signatureFormat"),
    )
    if authority.signature_format not in ("", "legacy", "bundle"):
        reader.warn(
            "signatureFormat", "known formats are `legacy` and `bundle`; this reads as legacy"
        )
    if kinds == ["static"]:
        given = {
            "attestations": bool(authority.attestations),
            "source": bool(authority.source),
            "ctlog": authority.ctlog is not None,
            "rfc3161timestamp": authority.rfc3161timestamp is not None,
        }
        for name in _NOT_STATIC:
            if given[name]:
                why = f"a static authority verifies nothing, so it takes no `{name}`"
                reader.conflict(("static", name), ["static", name], why)
    return authority


def _read_static(authority: Reader) -> Static | None:
    reader = authority.section("static", ("action", "message"))
    if reader is None:
        return None
    action = reader.text("action")
    if not action:
        reader.missing("action", "use `pass` or `fail`")
    elif action not in _ACTIONS:
        reader.error("action", f"`{action[:80]}` is not an action: use `pass` or `fail`")
    known = StaticAction(action) if action in _ACTIONS else StaticAction.FAIL
    return Static(known, reader.text("message"))


def _read_sources(authority: Reader) -> tuple[Source, ...]:
    readers = authority.sections("source", ("oci", "signaturePullSecrets", "tagPrefix"))
    if len(readers) > 1:
        authority.error("source", "only one source is supported")
    return tuple(_read_source(reader) for reader in readers)


def _read_source(reader: Reader) -> Source:
    oci = reader.text("oci")
    try:
        if oci:
            _check_location(oci)
    except ImageReferenceError as error:
        reader.error("oci", str(error))
    secrets = reader.sections("signaturePullSecrets", ("name",))
    for secret in secrets:
        secret.missing("name", "a Secret is referred to by its name")
    prefix = reader.text("tagPrefix") if reader.has("tagPrefix") else None
    return Source(oci, tuple(secret.text("name") for secret in secrets), prefix)


def _check_location(oci: str) -> None:
    host, slash, _ = oci.partition("/")
    if slash and ("." in host or ":" in host):
        split_repository(oci, strict=True)
    else:
        check_registry(oci)


def _read_ctlog(authority: Reader) -> CTLog | None:
    reader = authority.section("ctlog", ("url", "trustRootRef"))
    if reader is None:
        return None
    return CTLog(read_url(reader, "url"), reader.text("trustRootRef"))


def _read_timestamp(authority: Reader) -> RFC3161Timestamp | None:
    reader = authority.section("rfc3161timestamp", ("trustRootRef",))
    return None if reader is None else RFC3161Timestamp(reader.text("trustRootRef"))


def _read_attestations(authority: Reader) -> tuple[Attestation, ...]:
    readers = authority.sections("attestations", ("name", "predicateType", "policy"))
    return tuple(_read_attestation(reader) for reader in readers)


def _read_attestation(reader: Reader) -> Attestation:
    name, predicate = reader.text("name"), reader.text("predicateType")
    reader.missing("name", "policies refer to an attestation by its name")
    reader.missing("predicateType", "a URI such as https://slsa.dev/provenance/v1")
    if predicate and not _is_uri(predicate):
        reader.warn(
            "predicateType", f"`{predicate[:80]}` is deprecated: use the URI of the predicate"
        )
    return Attestation(name, predicate, read_policy(reader, of_spec=False))


def _is_uri(predicate: str) -> bool:
    if predicate in _SHORT_PREDICATES:
        return False
    try:
        parse_url(predicate, absolute=True)
    except UrlError:
        return False
    return True
