"""Which hosts are this machine itself, so that what goes there stays here."""

from __future__ import annotations

import ipaddress
from typing import Final

LOOPBACK_NAMES: Final = ("localhost",)


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach `host`; unknown names are not looked up."""
    if host.lower() in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
