"""The only place that makes the codes of invites or knows their form.

`pgi_<key id>_<secret>`: the key id is public, a UUID without its dashes, so that the code is one
word to whoever copies it; the secret is 256 bits. What is kept of a code are the key id and a hash.
"""

import hashlib
import hmac
import re
import secrets
import uuid
from dataclasses import dataclass, field

from graph.ids import encode

_PREFIX = "pgi"
_SECRET_BYTES = 32
_CODE = re.compile(rf"{_PREFIX}_([0-9a-f]{{32}})_([0-9a-v]{{52}})", re.ASCII)
_LIKE_A_CODE = re.compile(rf"{_PREFIX}_[0-9A-Za-z_-]+", re.ASCII)
_NOBODYS = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Code:
    """A code taken apart."""

    key_id: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """The code as its holder is given it."""
        return f"{_PREFIX}_{uuid.UUID(self.key_id).hex}_{self.secret}"

    @property
    def secret_hash(self) -> str:
        """What is kept of the secret."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def opens(self, secret_hash: str | None) -> bool:
        """Compare with what is kept, in the same time whatever it is, and if it is nothing."""
        return hmac.compare_digest(self.secret_hash, secret_hash or _NOBODYS)


def new_code() -> Code:
    """Make a code that nobody can guess."""
    return Code(str(uuid.uuid4()), encode(secrets.token_bytes(_SECRET_BYTES)))


def parse_code(text: str) -> Code | None:
    """Take a code apart, blanks around it aside; None for what is none."""
    match = _CODE.fullmatch(text.strip())
    return Code(str(uuid.UUID(match[1])), match[2]) if match else None


def without_codes(text: str) -> str:
    """Return a text with what may be a code taken out."""
    return _LIKE_A_CODE.sub(f"{_PREFIX}_…", text)
