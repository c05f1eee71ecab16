"""What the owner may give away: links for guests, and what they need to trust them."""

from __future__ import annotations

from dataclasses import dataclass

from console.app.reach import Reach
from console.scrubber import scrubber
from console.ui.door.door import Door
from console.ui.trust_route import PATH


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


def make_offer(reach: Reach, door: Door) -> ShareOffer:
    """Return what there is to share; makes the guests' link if anybody else can come."""
    if not reach.is_for_others:
        return ShareOffer()
    link = door.issue("guest")
    scrubber.keep_secret(link.token)
    own = reach.own_certificate
    return ShareOffer(
        links=tuple(link.at(base) for base in reach.guest_bases),
        fingerprint=own.fingerprint if own else "",
        authority_fingerprint=own.authority_fingerprint if own else "",
        authority_url=reach.guest_bases[0] + PATH if own else "",
        remark=reach.remark,
    )
