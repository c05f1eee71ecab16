"""Session descriptions of WebRTC: what is looked at in offers, and the answer that takes nothing."""

from __future__ import annotations

import re

from console.simulator.protocol.refusals import Refusal

_MEDIA = re.compile(r"^m=(\w+) \d+(?:/\d+)? (\S+) (.+)$")


def check(offer: str) -> None:
    """Refuse what is no offer.

    Raises:
        Refusal: It is no session description, or offers nothing.
    """
    _media(offer)


def decline_media(offer: str) -> str:
    """Return the answer that takes none of the streams of `offer`: each with port 0.

    Raises:
        Refusal: It is no offer, or offers nothing.
    """
    answer = ["v=0", "o=simulator 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    for each in _media(offer):
        answer += [f"m={each[1]} 0 {each[2]} {each[3]}", "c=IN IP4 127.0.0.1", "a=inactive"]
    return "\r\n".join([*answer, ""])


def _media(offer: str) -> list[re.Match[str]]:
    lines = offer.splitlines()
    media = [found for line in lines if (found := _MEDIA.match(line.strip()))]
    if not lines or lines[0].strip() != "v=0" or not media:
        raise Refusal(
            "The SDP offer cannot be read: it has to begin with 'v=0' and to have an 'm=' line.",
            code="invalid_offer",
            param="sdp",
        )
    return media


def has_sound(offer: str) -> bool:
    """Return whether an offer has a stream of sound."""
    return "\nm=audio " in offer


def is_webrtc(offer: str) -> bool:
    """Return whether an offer brings what a connection needs: credentials and a fingerprint.

    Those that people write by hand, to have a call that is only watched, bring neither.
    """
    return "\na=ice-ufrag:" in offer and "\na=fingerprint:" in offer


def without_candidates(offer: str) -> str:
    """Return an offer that names no addresses, and does not say that there are no more.

    Callers are answered where they are heard from: nothing is sent to an address because an offer
    says so, and the names that browsers put in the place of addresses need not be looked up.
    """
    kept = (
        line
        for line in offer.splitlines()
        if not line.startswith(("a=candidate:", "a=end-of-candidates"))
    )
    return "\r\n".join([*kept, ""])
