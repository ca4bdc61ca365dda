"""Public keys: which PEM texts, KMS references and hash algorithms count as one."""

import base64
import binascii
import re
from collections.abc import Iterator
from contextlib import suppress

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import load_der_public_key

# The providers that cosign can ask for a public key.
KMS_PROVIDERS = ("awskms://", "azurekms://", "hashivault://", "gcpkms://")

HASH_ALGORITHMS = ("sha224", "sha256", "sha384", "sha512")

PRIVATE_KEY = re.compile(r"-----BEGIN[A-Z0-9 ]* PRIVATE KEY-----")

_BEGIN, _END, _DASHES = "-----BEGIN ", "\n-----END ", "-----"
_PEM_HEADERS = re.compile(r"(?:[^\n:]*:[^\n]*\n)*")
# What Go's crypto/x509 reads; the controller refuses every other kind of key.
_CURVES = (ec.SECP224R1, ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_KEYS = (rsa.RSAPublicKey, dsa.DSAPublicKey, ed25519.Ed25519PublicKey, x25519.X25519PublicKey)

_AWS_ARN = re.compile(
    r"awskms://([^/]*)/(?:arn:(?:aws|aws-us-gov|aws-cn):kms:[a-z0-9-]+:[0-9]{12}:"
    r"(?:key/(?:m?r?k?-?[A-Fa-f0-9]{8}-?(?:[A-Fa-f0-9]{4}-?){3}[A-Fa-f0-9]{12})|alias/[^\n]*))"
)


class KeyFormatError(ValueError):
    """The text is not what it should be; `str()` says why and never quotes it."""


def check_public_key(pem: str) -> None:
    """Raise `KeyFormatError` unless the first PEM block of the text is a public key."""
    if PRIVATE_KEY.search(pem):
        raise KeyFormatError("this is a private key: remove it, and replace it where it is used")
    label, body = next(_blocks(pem), ("", b""))
    if not label:
        raise KeyFormatError("there is no PEM block `-----BEGIN PUBLIC KEY-----` in it")
    if label not in ("PUBLIC KEY", "RSA PUBLIC KEY"):
        raise KeyFormatError(f"its PEM block is a {label[:40]!r}, not a 'PUBLIC KEY'")
    try:
        key = load_der_public_key(body)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFormatError("its PEM block does not hold a public key") from None
    known = isinstance(key, _KEYS)
    if not known and not (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)
    ):
        raise KeyFormatError("its kind of key is none of RSA, DSA, ECDSA, Ed25519 and X25519")


def _blocks(pem: str) -> Iterator[tuple[str, bytes]]:
    """Find the PEM blocks of a text as Go does: each END with the last BEGIN before it.

    No part of the text is looked at twice, however many halves of blocks it holds.
    """
    start = 0
    while (end := pem.find(_END, start)) >= 0:
        begin, after = pem.rfind(_BEGIN, start, end), end + len(_END)
        if begin == start or (begin > start and pem[begin - 1] == "\n"):
            head, _, body = pem[begin + len(_BEGIN) : end + 1].partition("\n")
            line_end = pem.find("\n", after)
            tail = pem[after : line_end if line_end >= 0 else None]
            label = _label(head)
            if label is not None and label == _label(tail):
                headers = _PEM_HEADERS.match(body)
                text = "".join(body[headers.end() if headers else 0 :].split())
                # Go goes on to the next block when this one is not base64.
                with suppress(binascii.Error):
                    yield label, _decode(text)
        start = after


def _label(line: str) -> str | None:
    """Read the label in the rest of a BEGIN or END line, without the closing dashes."""
    stripped = line.rstrip(" \t\r")
    return stripped.removesuffix(_DASHES) if stripped.endswith(_DASHES) else None


def _decode(text: str) -> bytes:
    if len(text) % 4:  # Python takes surplus padding
        raise binascii.Error("not a whole number of groups")
    return base64.b64decode(text, validate=True)


def check_kms(reference: str) -> None:
    """Raise `KeyFormatError` unless the text refers to a key of a known KMS provider."""
    if not reference.startswith(KMS_PROVIDERS):
        raise KeyFormatError(f"a KMS reference starts with one of {', '.join(KMS_PROVIDERS)}")
    if not reference.startswith("awskms://"):
        return
    found = _AWS_ARN.fullmatch(reference)
    if found is None:
        raise KeyFormatError(
            "an AWS key is awskms://[host:port]/ and the ARN of a key or an alias, "
            "such as awskms:///arn:aws:kms:us-east-2:111122223333:alias/name"
        )
    if found[1].startswith(("arn", "alias")) or (found[1] and not _has_port(found[1])):
        raise KeyFormatError(f"the endpoint {found[1]!r} is not a host and a port")


def _has_port(endpoint: str) -> bool:
    host, colon, _ = endpoint.rpartition(":")
    if host.startswith("["):
        return bool(colon) and host.endswith("]") and "[" not in host[1:] and "]" not in host[:-1]
    return bool(colon) and not set(":[]") & set(host)
