"""A Secret that accompanies a policy. It may carry one public key and nothing else.

policy-controller takes any Secret of its namespace, and later reads one public key out of it.
Here the rule holds at the door: whatever is not a public key is refused, and no message quotes it.
So key material that must stay secret never gets as far as a store, a list or a log.
"""

import base64
import binascii
from dataclasses import dataclass, field

from policy.keyrefs import KEY_NAMESPACE
from policy.keys import KeyFormatError, check_public_key
from policy.metadata import read_metadata
from policy.reader import Reader

SECRET = "Secret"  # noqa: S105  # the name of a kind, not a password
SECRET_MEMBERS = ("apiVersion", "kind", "metadata", "data", "stringData", "immutable", "type")


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A public key (PEM) by the name of its Secret in `cosign-system`; its repr hides the key."""

    name: str
    public_key: str = field(repr=False)


def read_secret(reader: Reader) -> SecretKey:
    """Read a Secret; what is wrong with it goes to the reader's report."""
    name, namespace = read_metadata(reader)
    if namespace != KEY_NAMESPACE:
        reader.report.error(
            f"a Secret that accompanies a policy lives in the namespace `{KEY_NAMESPACE}`",
            "metadata.namespace",
            reader.at("metadata"),
        )
    reader.text("type")
    reader.boolean("immutable")
    keys: dict[str, str | None] = {**_decoded(reader), **reader.pairs("stringData")}
    if len(keys) != 1:
        reader.error("data", f"a Secret holds one public key under one name; here are {len(keys)}")
        return SecretKey(name, "")
    entry, pem = next(iter(keys.items()))
    at = "stringData" if reader.has("stringData") else "data"
    if pem is None:  # not base64, which has been told
        return SecretKey(name, "")
    try:
        check_public_key(pem)
    except KeyFormatError as error:
        reader.error(at, f"`{entry[:80]}` is not one public key: {error}")
    return SecretKey(name, pem)


def _decoded(reader: Reader) -> dict[str, str | None]:
    texts: dict[str, str | None] = {}
    for entry, value in reader.pairs("data").items():
        try:
            texts[entry] = base64.b64decode("".join(value.split()), validate=True).decode()
        except (binascii.Error, ValueError):
            reader.error("data", f"`{entry[:80]}` is not base64 of UTF-8 text")
            texts[entry] = None
    return texts
