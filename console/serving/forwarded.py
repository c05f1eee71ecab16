"""For whom a reverse proxy speaks, if the request comes from one that is ours.

Anybody can send `X-Forwarded-For`. It is believed only of a peer in a network of ours, and then
only as far as such peers have written it: read from its end, the first address that is no proxy of
ours is the visitor's. What stands before it came from the visitor.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final

HEADER: Final = "X-Forwarded-For"
_MOST_HOPS: Final = 20
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def visitor(peer: str, lines: Sequence[str], networks: Sequence[Network]) -> str | None:
    """Return for whom a peer speaks; None if it is no proxy of ours or speaks for itself.

    Args:
        peer: The address at the other end of the connection.
        lines: All values of the header.
        networks: Where our proxies are.
    """
    farthest = _address(peer)
    if farthest is None or not _is_in(farthest, networks) or not lines:
        return None
    for hop in ",".join(lines).split(",")[: -_MOST_HOPS - 1 : -1]:
        address = _address(hop)
        if address is None:
            break  # what no proxy writes; whoever passed it on is all that is known
        farthest = address
        if not _is_in(address, networks):
            break
    return str(farthest)


def is_proxy(peer: str, networks: Sequence[Network]) -> bool:
    """Return whether a peer is a proxy of ours.

    Args:
        peer: The address at the other end of a connection.
        networks: Where our proxies are.
    """
    address = _address(peer)
    return address is not None and _is_in(address, networks)


def _is_in(address: _Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


def _address(text: str) -> _Address | None:
    """Return an address as proxies write it: with a port, in brackets, IPv4 within IPv6."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
