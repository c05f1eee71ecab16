"""By which addresses and names others on the network can reach this machine."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import ifaddr

from console.loopback import LOOPBACK_NAMES as LOOPBACK_NAMES
from console.loopback import is_loopback as is_loopback

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LOOPBACK_ADDRESSES: Final = ("127.0.0.1", "::1")
MOST_ADDRESSES: Final = 32
_NAME: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_MOST_NAME_CHARS: Final = 253
_VIRTUAL: Final = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "cni", "lxc", "podman")
_ELSEWHERE: Final = (
    (socket.AF_INET, "198.51.100.1"),
    (socket.AF_INET6, "2001:db8::1"),
)
"""Addresses for documentation: nobody has them, and nothing is sent to them."""


@dataclass(frozen=True, slots=True)
class Reachable:
    """How others reach this machine; the most likely to work comes first."""

    addresses: tuple[str, ...] = ()
    """IP addresses other than loopback's, without brackets or zones."""
    names: tuple[str, ...] = ()
    """Host names in lower case; a network without name service knows none of them."""

    def hosts(self) -> tuple[str, ...]:
        """Return addresses and names as they stand in a URL."""
        return (*(in_url(each) for each in self.addresses), *self.names)


def find_reachable() -> Reachable:
    """Look at the network interfaces and the host name; takes about a millisecond."""
    found = [
        (adapter.nice_name, ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    ]
    return Reachable(usable_addresses(found, _preferred()), host_names(socket.gethostname()))


def usable_addresses(
    found: Iterable[tuple[str, str]], preferred: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the addresses that a browser on another machine could open, the likeliest first.

    Loopback is left out, and so are IPv6's link-local addresses: they need the name of an
    interface, which browsers do not take. Of the rest come first what the machine itself uses to
    reach others, then IPv4, and what belongs to virtual machines and containers comes last.

    Args:
        found: Names of interfaces with their addresses.
        preferred: The addresses that the machine uses to reach others.
    """
    first = list(preferred)
    usable: dict[Address, tuple[int, bool]] = {}
    for interface, text in found:
        address = ipaddress.ip_address(text.partition("%")[0])
        if not _is_usable(address) or address in usable:
            continue
        rank = first.index(str(address)) if str(address) in first else len(first)
        if interface.lower().startswith(_VIRTUAL):
            rank = len(first) + 1
        usable[address] = (rank, address.version == 6)
    return tuple(str(each) for each in sorted(usable, key=usable.__getitem__))[:MOST_ADDRESSES]


def host_names(name: str) -> tuple[str, ...]:
    """Return the names of a machine that calls itself `name`.

    A name of one part is also known as `name.local` where machines announce themselves (mDNS).
    What cannot stand in a URL is left out.
    """
    plain = name.strip().rstrip(".").lower()
    if plain in LOOPBACK_NAMES or len(plain) > _MOST_NAME_CHARS or not _NAME.fullmatch(plain):
        return ()
    return (plain,) if "." in plain else (f"{plain}.local", plain)


def in_url(host: str) -> str:
    """Return a host as it stands in a URL: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host else host


def is_everywhere(host: str) -> bool:
    """Return whether `host` stands for all interfaces, as 0.0.0.0 and :: do."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _is_usable(address: Address) -> bool:
    if address.is_loopback or address.is_unspecified or address.is_multicast:
        return False
    return not (address.version == 6 and address.is_link_local)


def _preferred() -> list[str]:
    """Return the addresses from which this machine would talk to others."""
    found = []
    for family, elsewhere in _ELSEWHERE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as trial:
                # A datagram socket sends nothing by this; the system only chooses the way.
                trial.connect((elsewhere, 9))
                found.append(str(trial.getsockname()[0]).partition("%")[0])
        except OSError:
            continue  # no way there: no network, or none of this family
    return found
