"""How many connections there may be on which nobody has shown a good token yet.

Whoever reaches the port could open connections and say nothing until the process has no file left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from console.relay.observer import Observer
from console.relay.policy import Policy
from console.serving import forwarded
from console.serving.http_exchange import peer_address

logger = logging.getLogger(__name__)


class Strangers:
    """Counts connections from their first moment until their client is known, or they end."""

    def __init__(self, policy: Callable[[], Policy], observer: Observer) -> None:
        """Count none yet.

        Args:
            policy: What holds now: how many, and which peers are proxies.
            observer: Is told of each connection that there is no room for.
        """
        self._policy = policy
        self._observer = observer
        self._addresses: dict[asyncio.Transport, str] = {}
        self._has_complained = False

    def __len__(self) -> int:
        """Return how many there are, as far as nobody has come since they ended."""
        return len(self._addresses)

    def may_come(self, transport: asyncio.Transport) -> bool:
        """Count a connection; returns whether there is room for it."""
        # Those that have ended are looked for now: a connection tells its end to whoever serves it.
        for each in [each for each in self._addresses if each.is_closing()]:
            del self._addresses[each]
        address = peer_address(transport)
        if not self._has_room(address):
            self._complain(address)
            return False
        self._has_complained = False
        self._addresses[transport] = address
        return True

    def is_known(self, transport: asyncio.Transport) -> None:
        """Count a connection no more: its client has shown a good token."""
        self._addresses.pop(transport, None)

    def _has_room(self, address: str) -> bool:
        policy = self._policy()
        if len(self._addresses) >= policy.strangers.connections:
            return False
        n_here = sum(each == address for each in self._addresses.values())
        is_proxy = forwarded.is_proxy(address, policy.proxies)
        return is_proxy or n_here < policy.strangers.connections_per_address

    def _complain(self, address: str) -> None:
        self._observer.connection_refused()
        if not self._has_complained:
            logger.warning("refused a connection of %s: too many have shown no token", address)
        self._has_complained = True
