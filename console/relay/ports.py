"""What the relay's core asks of those around it: who may come in, what it costs, what else is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Response

from console.realtime.refusal import Refusal
from console.relay.policy import TokenLimits
from console.serving.http_exchange import HttpRequest


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who wants a session."""

    token: str
    """The name of the token."""
    address: str
    """From where, as far as is known."""
    is_open: bool
    """Whether nobody was asked for a token."""
    limits: TokenLimits


class Lease(Protocol):
    """The right to one session, for as long as it is not used up."""

    async def may_answer(self) -> None:
        """Agree to one more answer of the model.

        Raises:
            Refusal: Nothing is left to pay it.
        """

    async def charge(self, event: Mapping[str, Any]) -> None:
        """Count what an event of the service costs, before anybody else hears of it."""

    async def over(self) -> Refusal:
        """Return why the session has to end, once it has to."""

    async def end(self) -> None:
        """Give the right back; called once, whatever has happened."""


class Admission(Protocol):
    """Who may come in, and how often."""

    async def knock(self, address: str) -> Refusal | None:
        """Return why nobody from an address may show a token now, or None."""

    async def wrong_token(self, address: str) -> None:
        """Take note that a token was wrong."""

    async def begin(self, visitor: Visitor, session_id: str) -> Lease:
        """Give somebody the right to a session.

        Raises:
            Refusal: They have too many, or have used up what was theirs.
        """


class Operation(Protocol):
    """What is served beside sessions, for those who run the relay."""

    async def answer(self, request: HttpRequest) -> Response | None:
        """Return the answer to a request, or None where it is nothing of ours."""

    def wants(self, path: str) -> bool:
        """Return whether WebSockets at this path are ours."""

    async def serve(self, connection: ServerConnection, let_in: Callable[[], None]) -> None:
        """Serve such a WebSocket until it ends.

        Args:
            connection: It.
            let_in: To be called as soon as it is known that its client may look.
        """
