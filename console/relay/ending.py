"""How a session ends, and what each side is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from console.realtime.refusal import Refusal
from console.relay.observer import End
from console.transport import Closed

NORMAL: Final = 1000
GOING_AWAY: Final = 1001
UNSUPPORTED_DATA: Final = 1003
POLICY: Final = 1008
INTERNAL_ERROR: Final = 1011
TRY_AGAIN_LATER: Final = 1013
_NO_CODE: Final = 1005
LOST: Final = 1006
_UNSENDABLE: Final = frozenset({1004, _NO_CODE, LOST, 1015})
_MAX_REASON_BYTES: Final = 123


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a session."""

    code: int
    """What the client's connection is closed with, or was closed with by the client."""
    reason: str
    side: End
    refusal: Refusal | None = None
    """What the client is told before."""
    client_hears: bool = True
    """Whether there is any sense in telling it."""


def by_client(closed: Closed) -> Ending:
    """Return the end that a client has made."""
    return Ending(closed.code, closed.reason, "client")


def by_refusal(refusal: Refusal, code: int) -> Ending:
    """Return an end of our own with its cause."""
    return Ending(code, refusal.close_reason, "relay", refusal)


def passed_on(code: int, reason: str, instead: int) -> tuple[int, str]:
    """Return code and reason of a close as they may be sent to the other side.

    Args:
        code: As it came; one that is no code, or says that there was none, cannot be sent.
        reason: Likewise.
        instead: What is sent in place of such a code, but for a close that only gave none.
    """
    if code == _NO_CODE:
        code = NORMAL
    elif code in _UNSENDABLE or not (1000 <= code <= 1014 or 3000 <= code <= 4999):
        code = instead
    return code, reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
