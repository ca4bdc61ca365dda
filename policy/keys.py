"""Public keys: which PEM texts, KMS references and hash algorithms count as one."""

import base64
import binascii
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import load_der_public_key

# The providers that cosign can ask for a public key.
KMS_PROVIDERS = ("awskms://", "azurekms://", "hashivault://", "gcpkms://")

HASH_ALGORITHMS = ("sha224", "sha256", "sha384", "sha512")

PRIVATE_KEY = re.compile(r"-----BEGIN[A-Z0-9 ]* PRIVATE KEY-----")

_PEM = re.compile(
    r"(?:\A|\n)-----BEGIN ([^\n]*?)-----[ \t\r]*\n(.*?)\n?-----END \1-----", re.DOTALL
)
_PEM_HEADER = re.compile(r"[^\n:]*:[^\n]*\n")
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
    block = _PEM.search(pem)
    if block is None:
        raise KeyFormatError("there is no PEM block `-----BEGIN PUBLIC KEY-----` in it")
    if block[1] not in ("PUBLIC KEY", "RSA PUBLIC KEY"):
        raise KeyFormatError(f"its PEM block is a {block[1][:40]!r}, not a 'PUBLIC KEY'")
    body = block[2] + "\n"
    while header := _PEM_HEADER.match(body):
        body = body[header.end() :]
    try:
        key = load_der_public_key(base64.b64decode("".join(body.split()), validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        raise KeyFormatError("its PEM block does not hold a public key") from None
    known = isinstance(key, _KEYS)
    if not known and not (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, _CURVES)
    ):
        raise KeyFormatError("its kind of key is none of RSA, DSA, ECDSA, Ed25519 and X25519")


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
