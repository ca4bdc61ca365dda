"""Which texts are URLs, as Go's `net/url` reads them, which is what policy-controller does.

Python's `urllib.parse` accepts almost every text, so the rules stand here: RFC 3986 with Go's
leniencies. Only what the verdicts need is kept: the scheme and the host.
"""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv6Address

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_USER = re.compile(r"[A-Za-z0-9._:~!$&'()*+,;=%@-]*")
_PORT = re.compile(r"(:[0-9]*)?")
# ASCII that may stand in a host unescaped; any character beyond ASCII may, too.
_HOST = re.compile(
    r"(?:[A-Za-z0-9._~!$&'()*+,;=:\[\]<>\"-]|[^\x00-\x7f]|%25|%[89A-Fa-f][0-9A-Fa-f])*"
)


class UrlError(ValueError):
    """The text is not a URL; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Url:
    """The parts of a URL that verdicts depend on; each is "" when the text has none.

    `host` keeps its port and brackets; `scheme` is lower-case.
    """

    scheme: str
    host: str


def parse_url(text: str, *, absolute: bool = False) -> Url:
    """Read a URL; with `absolute`, one that starts with a scheme or a `/`.

    Raises `UrlError`.
    """
    rest, _, fragment = (text, "", "") if absolute else text.partition("#")
    if _CONTROL.search(rest):
        raise UrlError("it holds a control character")
    if rest.startswith(":"):
        raise UrlError("the scheme before `:` is missing")
    scheme = ""
    if found := _SCHEME.match(rest):
        scheme, rest = found.group()[:-1].lower(), rest[found.end() :]
    absolute = absolute and text != "*"  # an HTTP request for no path in particular
    rest = rest.partition("?")[0]
    host = ""
    if not rest.startswith("/"):
        if not scheme:
            _check_relative(rest, absolute=absolute)
        rest = ""  # what follows a scheme without a slash may be any text
    elif rest.startswith("//") and (scheme or not (absolute or rest.startswith("///"))):
        authority, slash, path = rest[2:].partition("/")
        host, rest = _host(authority), slash + path
    if _BAD_ESCAPE.search(rest) or _BAD_ESCAPE.search(fragment):
        raise UrlError("it holds a % that two hexadecimal digits do not follow")
    return Url(scheme, host)


def _check_relative(text: str, *, absolute: bool) -> None:
    if absolute:
        raise UrlError("it starts with neither a scheme nor `/`")
    if ":" in text.partition("/")[0]:
        raise UrlError("its first part holds a `:` and is not a scheme")
    if _BAD_ESCAPE.search(text):
        raise UrlError("it holds a % that two hexadecimal digits do not follow")


def _host(authority: str) -> str:
    user, at, host = authority.rpartition("@")
    if at and (not _USER.fullmatch(user) or _BAD_ESCAPE.search(user)):
        raise UrlError("its user part holds characters that may not stand there")
    bracket = host.rfind("[")
    if bracket > 0:
        raise UrlError("its host holds a `[` that is not at the start")
    if bracket == 0:
        return _bracketed(host)
    colon = host.rfind(":")  # several hosts with ports may be listed, as databases have it
    if colon >= 0 and not _PORT.fullmatch(host[colon:]):
        raise UrlError(f"its port {host[colon + 1 :]!r} is not a number")
    if not _HOST.fullmatch(host):
        raise UrlError("its host holds characters that may not stand there")
    return _unescaped(host)


def _bracketed(host: str) -> str:
    address, close, port = host[1:].rpartition("]")
    if not close:
        raise UrlError("its host lacks the closing `]`")
    if not _PORT.fullmatch(port):
        raise UrlError(f"its port {port.removeprefix(':')!r} is not a number")
    plain = address.replace("%25", "%", 1)
    try:
        IPv6Address(plain)
    except AddressValueError:
        raise UrlError("its host in brackets is not an IPv6 address") from None
    return f"[{plain}]{port}"


def _unescaped(host: str) -> str:
    if "%" not in host:
        return host
    raw = re.sub(
        rb"%([0-9A-Fa-f]{2})", lambda found: bytes.fromhex(found[1].decode()), host.encode()
    )
    return raw.decode(errors="replace")
