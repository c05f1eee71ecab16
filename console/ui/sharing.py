"""What the owner may give away: links for guests, and what they need to trust them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from console.app.reach import Reach
from console.scrubber import scrubber
from console.signals import Signal
from console.ui.door.door import Door
from console.ui.door.links import Link
from console.ui.trust_route import PATH

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShareOffer:
    """Links for guests and the words that go with them."""

    links: tuple[str, ...] = ()
    """The likeliest to work first; empty if nobody else can come."""
    fingerprint: str = ""
    """SHA-256 of a certificate of our own making, which browsers warn of; empty without one."""
    authority_fingerprint: str = ""
    authority_url: str = ""
    """Where the certificate to be trusted is had."""
    remark: str = ""
    """What guests will miss, in a sentence; empty if nothing."""


class Sharing:
    """What the owner gives away now; the guests' link can be made anew."""

    def __init__(self, reach: Reach, door: Door) -> None:
        """Make the guests' link, if anybody else can come.

        Args:
            reach: Where the console is reached.
            door: Knows the links.
        """
        self.renewed: Signal[ShareOffer] = Signal("guests' link renewed")
        """What is given away from now on."""
        self._reach = reach
        self._door = door
        self._link: Link | None = None
        self.offer = ShareOffer()
        """What is given away."""
        if reach.is_for_others:
            self._make()

    def renew(self) -> None:
        """Make another link for guests; the one before lets nobody in, and who is inside stays."""
        if self._link is None:
            return
        self._door.withdraw(self._link.id)
        self._make()
        logger.info("the link for guests was made anew: the one before lets nobody in any more")
        self.renewed.emit(self.offer)

    def _make(self) -> None:
        reach = self._reach
        self._link = link = self._door.issue("guest")
        scrubber.keep_secret(link.token)
        own = reach.own_certificate
        self.offer = ShareOffer(
            links=tuple(link.at(base) for base in reach.guest_bases),
            fingerprint=own.fingerprint if own else "",
            authority_fingerprint=own.authority_fingerprint if own else "",
            authority_url=reach.guest_bases[0] + PATH if own else "",
            remark=reach.remark,
        )
