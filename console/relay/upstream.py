"""The relay's own way to the service: the only place where the key goes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import websockets

from console.client.connection import OpenTransport, open_websocket
from console.client.refusals import Refusals
from console.client.targets import Target
from console.errors import ConnectCause, ConnectError, ProtocolError
from console.realtime import events
from console.realtime.refusal import Refusal
from console.relay.visit import Visit
from console.transport import Closed, Transport

logger = logging.getLogger(__name__)

OPEN_TIMEOUT_S: Final = 10.0
BEGIN_TIMEOUT_S: Final = 15.0
"""How long the service may take from the opened line to the session as the policy wants it."""
TRY_AGAIN_LATER: Final = 1013
INTERNAL_ERROR: Final = 1011
MESSAGE_TOO_BIG: Final = 1009

_FOR_CLIENTS: Final[Mapping[ConnectCause, str]] = {
    "key": "The relay's own key was not accepted by the service.",
    "permission": "The relay's own key may not use what was asked for.",
    "quota": "The relay's account at the service is out of credit.",
    "tls": "The relay could not make a secure connection to the service.",
    "proxy": "A proxy between the relay and the service let nothing through.",
    "portal": "A web page answers the relay in place of the service.",
}
"""What is the owner's affair; everything else is told in the words that the log has, too."""
_ASK: Final = " Tell whoever runs the relay."


@dataclass(frozen=True, slots=True)
class Upstream:
    """Opens lines to the service."""

    target: Target
    """Whom to call, and with which key."""
    open_transport: OpenTransport = open_websocket

    def for_visit(self, visit: Visit) -> Upstream:
        """Return the same for what one client has asked for."""
        if visit.kind == "transcription":
            target = replace(self.target, session_type="transcription", model=None)
        elif self.target.session_type == "realtime" and visit.model != self.target.model:
            target = replace(self.target, model=visit.model)
        else:
            target = self.target
        return replace(self, target=target)

    async def open(self) -> Transport:
        """Open a line.

        Raises:
            ConnectError: It could not be opened; the sentence is for the relay's owner.
        """
        url = self.target.full_url()
        try:
            return await self.open_transport(url, self.target.handshake_headers(), OPEN_TIMEOUT_S)
        except (OSError, websockets.WebSocketException) as error:
            raise self._refusals().from_exception(error, OPEN_TIMEOUT_S) from error

    def refused(self, error: Mapping[str, Any] | None, closed: Closed | None) -> ConnectError:
        """Return what it means that the service began no session.

        Args:
            error: The `error` event that it sent, if any.
            closed: How it ended the line, if it did.
        """
        if error is None and closed is None:
            return self._refusals().timed_out(BEGIN_TIMEOUT_S)
        event = None
        if error is not None:
            try:
                event = events.from_dict(error)
            except ProtocolError:
                logger.warning("the service sent an error without a type")
        return self._refusals().from_session(event, closed)

    def lost(self, closed: Closed) -> ConnectError:
        """Return what the end of a running session by the service means."""
        return self._refusals().ended(None, closed)

    def _refusals(self) -> Refusals:
        target = self.target
        return Refusals(target.url, target.subject, target.credentials)


def told(error: ConnectError) -> tuple[Refusal, int]:
    """Return what a client is told when there is no session, and the code of the close."""
    words = _FOR_CLIENTS.get(error.cause)
    refusal = Refusal(
        str(error) if words is None else words + _ASK,
        code=f"relay_upstream_{error.cause}",
        kind="server_error",
    )
    return refusal, TRY_AGAIN_LATER if error.retryable else INTERNAL_ERROR


def unreadable(closed: Closed) -> Refusal:
    """Return what a client is told when the service sent what no line may carry.

    Args:
        closed: How the relay has ended the line for it.
    """
    cause: ConnectCause = "too_large" if closed.code == MESSAGE_TOO_BIG else "garbage"
    return Refusal(
        f"The service sent what the relay cannot read: {closed.reason or closed.code}.",
        code=f"relay_upstream_{cause}",
        kind="server_error",
    )
