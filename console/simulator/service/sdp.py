"""Session descriptions of WebRTC: the answer of a server that takes no media."""

from __future__ import annotations

import re

from console.simulator.protocol.refusals import Refusal

_MEDIA = re.compile(r"^m=(\w+) \d+(?:/\d+)? (\S+) (.+)$")


def decline_media(offer: str) -> str:
    """Return the answer that takes none of the streams of `offer`: each with port 0.

    Raises:
        Refusal: It is no offer, or offers nothing.
    """
    lines = offer.splitlines()
    media = [found for line in lines if (found := _MEDIA.match(line.strip()))]
    if not lines or lines[0].strip() != "v=0" or not media:
        raise Refusal(
            "The SDP offer cannot be read: it has to begin with 'v=0' and to have an 'm=' line.",
            code="invalid_offer",
            param="sdp",
        )
    answer = ["v=0", "o=simulator 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    for each in media:
        answer += [f"m={each[1]} 0 {each[2]} {each[3]}", "c=IN IP4 127.0.0.1", "a=inactive"]
    return "\r\n".join([*answer, ""])
