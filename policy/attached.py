"""Reads a CUE or Rego policy that is attached to a spec or an attestation."""

import re

from policy.reader import Reader
from policy.spec import AttachedPolicy, ConfigMapRef, PolicyType, RemotePolicy
from policy.urls import UrlError, parse_url

_FLAGS = ("fetchConfigFile", "includeSpec", "includeObjectMeta", "includeTypeMeta")
_FORMS = ("data", "configMapRef", "remote")
_MEMBERS = ("type", *_FORMS, *_FLAGS)

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def read_policy(owner: Reader, *, of_spec: bool) -> AttachedPolicy | None:
    """Read the member `policy` of a spec or an attestation; None when it is absent.

    Only the policy `of_spec` may ask for the image's configuration or the workload.
    """
    reader = owner.section("policy", _MEMBERS)
    if reader is None:
        return None
    reader.choose(_FORMS, [name for name in _FORMS if reader.filled(name)])
    flags = {name: reader.boolean(name) for name in _FLAGS}
    for name, value in flags.items():
        if value is not None and not of_spec:
            reader.error(name, f"`{name}` may stand only in `spec.policy`")
    return AttachedPolicy(
        type=_read_type(reader),
        data=reader.text("data"),
        remote=_read_remote(reader),
        config_map_ref=_read_config_map(reader),
        fetch_config_file=bool(flags["fetchConfigFile"]),
        include_spec=bool(flags["includeSpec"]),
        include_object_meta=bool(flags["includeObjectMeta"]),
        include_type_meta=bool(flags["includeTypeMeta"]),
    )


def _read_type(reader: Reader) -> PolicyType:
    text = reader.text("type")
    if text in tuple(PolicyType):
        return PolicyType(text)
    if text:
        reader.error("type", f"`{text[:80]}` is not a kind of policy: use `cue` or `rego`")
    else:
        reader.missing("type", "use `cue` or `rego`")
    return PolicyType.CUE


def _read_remote(reader: Reader) -> RemotePolicy | None:
    remote = reader.section("remote", ("url", "sha256sum"))
    if remote is None:
        return None
    text = remote.text("url")
    try:
        url = parse_url(text)
    except UrlError as error:
        remote.error("url", f"this is not a URL: {error}")
    else:
        if text and (url.scheme != "https" or not url.host):
            remote.error("url", "a remote policy needs a URL with a host and the scheme https")
    if not text:
        remote.missing("url", "a remote policy needs an https URL")
    digest = remote.text("sha256sum")
    if not digest:
        remote.missing("sha256sum", "the SHA-256 of the policy's text, in hexadecimal digits")
    elif not _SHA256.fullmatch(digest):
        remote.warn("sha256sum", "this is not 64 hexadecimal digits, so no text will ever match it")
    return RemotePolicy(text, digest)


def _read_config_map(reader: Reader) -> ConfigMapRef | None:
    reference = reader.section("configMapRef", ("name", "namespace", "key"))
    if reference is None:
        return None
    for name in ("name", "key"):
        reference.missing(name, "a ConfigMap is referred to by `name` and `key`")
    return ConfigMapRef(reference.text("name"), reference.text("namespace"), reference.text("key"))
