"""Reads the three ways to give a key, and the identities and URL of a keyless authority."""

from policy.keys import (
    HASH_ALGORITHMS,
    KeyFormatError,
    check_kms,
    check_public_key,
)
from policy.patterns import PatternError, compile_pattern
from policy.problems import MAX_PATTERNS
from policy.reader import Reader
from policy.spec import Identity, Key, Keyless, SecretRef
from policy.urls import UrlError, parse_url

DEFAULT_FULCIO = "https://fulcio.sigstore.dev"

# The namespace that policy-controller is deployed in, and reads keys from.
KEY_NAMESPACE = "cosign-system"

_FORMS = ("data", "kms", "secretRef")
_KEY = (*_FORMS, "hashAlgorithm")
_KEYLESS = ("url", "identities", "ca-cert", "trustRootRef", "insecureIgnoreSCT")
_IDENTITY = ("issuer", "subject", "issuerRegExp", "subjectRegExp")


def read_key(owner: Reader, name: str) -> Key | None:
    """Read a key under the member `name` of its owner; None when it is absent."""
    reader = owner.section(name, _KEY)
    if reader is None:
        return None
    data, kms = reader.text("data"), reader.text("kms")
    secret_ref = _read_secret_ref(reader)
    reader.choose(_FORMS, [form for form in _FORMS if reader.filled(form)])
    for form, text, check in (("data", data, check_public_key), ("kms", kms, check_kms)):
        try:
            if text:
                check(text)
        except KeyFormatError as error:
            reader.error(form, str(error))
    algorithm = reader.text("hashAlgorithm").strip().lower() or HASH_ALGORITHMS[1]
    if algorithm not in HASH_ALGORITHMS or reader.text("hashAlgorithm").isspace():
        reader.error("hashAlgorithm", f"use one of {', '.join(HASH_ALGORITHMS)}")
    return Key(data, kms, secret_ref, algorithm)


def _read_secret_ref(reader: Reader) -> SecretRef | None:
    reference = reader.section("secretRef", ("name", "namespace"))
    if reference is None:
        return None
    namespace = reference.text("namespace")
    if namespace not in ("", KEY_NAMESPACE):
        reference.error("namespace", f"a key's Secret lives in the namespace `{KEY_NAMESPACE}`")
    return SecretRef(reference.text("name"), namespace)


def read_keyless(owner: Reader, *, require_identities: bool) -> Keyless | None:
    """Read the member `keyless` of an authority; None when it is absent.

    Without identities anybody's signature counts: a warning, or an error if they are required.
    """
    reader = owner.section("keyless", _KEYLESS)
    if reader is None:
        return None
    url = read_url(reader, "url")
    ca_cert = read_key(reader, "ca-cert")
    if reader.has("url") and ca_cert:
        reader.conflict(("url", "ca-cert"), ["url", "ca-cert"])
    identities = tuple(_read_identity(one) for one in reader.sections("identities", _IDENTITY))
    if not identities:
        if require_identities:
            reader.missing("identities", "say whose signatures count, by issuer and subject")
        else:
            reader.warn(
                "identities", "no `identities`: a signature by anybody at all lets an image pass"
            )
    return Keyless(
        url=DEFAULT_FULCIO if url is None and ca_cert is None else url,
        ca_cert=ca_cert,
        identities=identities,
        trust_root_ref=reader.text("trustRootRef"),
        insecure_ignore_sct=bool(reader.boolean("insecureIgnoreSCT")),
    )


def read_url(reader: Reader, name: str) -> str | None:
    """Read a URL; None when the member is absent. The empty text counts as given."""
    if not reader.has(name):
        return None
    text = reader.text(name)
    try:
        parse_url(text)
    except UrlError as error:
        reader.error(name, f"this is not a URL: {error}")
    return text


def _read_identity(reader: Reader) -> Identity:
    texts = {name: reader.text(name) for name in _IDENTITY}
    for exact, pattern in (("issuer", "issuerRegExp"), ("subject", "subjectRegExp")):
        pair = (exact, pattern)
        reader.choose(pair, [name for name in pair if reader.filled(name)])
        if texts[pattern]:
            _check_pattern(reader, pattern, texts[pattern])
    return Identity(
        texts["issuer"], texts["subject"], texts["issuerRegExp"], texts["subjectRegExp"]
    )


def _check_pattern(reader: Reader, name: str, text: str) -> None:
    if not reader.report.allows_pattern():
        reader.error(name, f"a document may hold {MAX_PATTERNS:,} regular expressions at most")
        return
    try:
        compile_pattern(text)
    except PatternError as error:
        reader.error(name, f"this is not a regular expression of RE2: {error}")
