"""To which addresses a document of an issuer may be fetched from: public ones, and those listed."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from api.addresses import Address, Networks, is_within

# Through the translators of RFC 6052 an address of IPv6 reaches one of IPv4.
_TRANSLATED = ip_network("64:ff9b::/96")


class RefusedAddressError(ValueError):
    """A host has no address that may be connected to."""


async def permitted_addresses(
    host: str, port: int, *, networks: Networks, loopback: bool
) -> list[Address]:
    """Resolve a host once; return those of its addresses that may be connected to, in order.

    What the name stands for a moment later does not matter: connect to what is returned here.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # An address with a zone, such as fe80::1%eth0, is an address of that link.
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    permitted = [
        each for each in addresses if is_permitted(each, networks=networks, loopback=loopback)
    ]
    if not permitted:
        raise RefusedAddressError(
            f"{host} is at {', '.join(map(str, addresses))}, which is no public address: list it in"
            f" POLICYGRAPH_ISSUER_NETWORKS if the issuer is there"
        )
    return list(dict.fromkeys(permitted))


def is_permitted(address: Address, *, networks: Networks, loopback: bool) -> bool:
    """Tell whether an address is public, or listed, or this machine's where that may be."""
    address = _reached(address)
    if is_within(address, networks):
        return True
    if address.is_loopback:
        return loopback
    on_a_site = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not on_a_site


def _reached(address: Address) -> Address:
    """Return the address of IPv4 that one of IPv6 stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
