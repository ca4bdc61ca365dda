"""Where a request comes from: its peer, or what the proxies before us say of it."""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from starlette.types import Scope

Address = IPv4Address | IPv6Address
Networks = Sequence[IPv4Network | IPv6Network]

_FORWARDED_FOR = b"x-forwarded-for"
_MOST_HOPS = 32
_OF_ONE_CALLER = 64


def client_address(scope: Scope, proxies: Networks) -> str:
    """Return the address of whoever made a request; "" where there is none to tell.

    `X-Forwarded-For` counts as far as the configured proxies wrote it: each adds, at the right,
    whom it was called by, so the first from there that is none of them is the caller. What stands
    further to the left may be anybody's invention.
    """
    peer = (scope.get("client") or ("",))[0]
    at = _read(peer)
    if at is None:
        return peer
    for hop in _hops(scope) if is_within(at, proxies) else ():
        before = _read(hop)
        if before is None:
            break
        at = before
        if not is_within(at, proxies):
            break
    return str(at)


def source(address: str) -> str:
    """Return what is counted as one source: an IPv4 address, or the /64 that a host is given."""
    read = _read(address)
    if isinstance(read, IPv6Address):
        return str(ip_network((read, _OF_ONE_CALLER), strict=False))
    return address if read is None else str(read)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches what listens on a host."""
    read = _read(host)
    return host == "localhost" if read is None else read.is_loopback


def is_within(address: Address, networks: Networks) -> bool:
    """Tell whether an address is of one of these networks."""
    return any(address in network for network in networks)


def _hops(scope: Scope) -> list[str]:
    """Return the latest hops that the header names, latest first."""
    lines = [value for name, value in scope["headers"] if name == _FORWARDED_FOR]
    named = b",".join(lines).decode("latin-1").rsplit(",", _MOST_HOPS)
    return named[::-1][:_MOST_HOPS]


def _read(text: str) -> Address | None:
    """Read an address as proxies write it: some add the port, and IPv6 is then in brackets."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        read = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(read, "ipv4_mapped", None) or read
