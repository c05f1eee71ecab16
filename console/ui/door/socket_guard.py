"""How many WebSockets there may be, how much each may say, and when it has to go."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from typing import TYPE_CHECKING, Final

from starlette.responses import PlainTextResponse

from console import tasks
from console.clock import Clock, SystemClock
from console.ui.door.origin_guard import NICEGUI_CHANNEL
from console.ui.door.peer import client_address
from console.ui.door.people import SCOPE_KEY, Person
from console.ui.door.rates import DoorLimits
from console.ui.door.refusal import POLICY_VIOLATION
from console.ui.rate_limit import RateLimit

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from console.ui.door.door import Door

logger = logging.getLogger(__name__)

# A session channel brings 100 chunks of sound a second at the most, twice that after a stall.
MESSAGES_PER_S: Final = 300
MESSAGE_BURST: Final = 2000
MOST_LINES: Final = 10
LINE_EVERY_S: Final = 60.0
"""Of the sockets that are refused or closed so many are logged, then one a minute: they come back at once."""
_PACKETS: Final = tuple("0123456")
"""How what is said on NiceGUI's channel begins; over anything else its library fails, with a traceback."""
_POLLING: Final = PlainTextResponse("This transport is not served: open a WebSocket.\n", 400)


class SocketGuard:
    """Count the sockets of those who are inside, and close those of somebody who was sent away.

    NiceGUI's channel has its WebSocket only: nobody counts sessions of polling, and its library
    fails over requests whose sender has left.
    """

    def __init__(
        self, app: ASGIApp, door: Door, limits: DoorLimits, clock: Clock | None = None
    ) -> None:
        """Guard `app`.

        Args:
            app: The application.
            door: Says who was sent away.
            limits: How many sockets there may be.
            clock: Time.
        """
        self._app = app
        self._limits = limits
        self._clock = clock or SystemClock()
        self._open: set[_Socket] = set()
        self._by_address: Counter[str] = Counter()
        self._door = door
        self._lines = RateLimit(1 / LINE_EVERY_S, MOST_LINES, self._clock)
        door.revoked.connect(self._close_all_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a socket on, or close it in its handshake when there are too many."""
        if scope["type"] != "websocket":
            is_polling = scope["type"] == "http" and scope["path"].startswith(NICEGUI_CHANNEL)
            await (_POLLING if is_polling else self._app)(scope, receive, send)
            return
        address = client_address(scope)
        of_address, limits = self._by_address[address], self._limits
        if len(self._open) >= limits.sockets_in_all or of_address >= limits.sockets:
            if self._lines.take(1):
                logger.warning("refused a WebSocket of %s: there are too many", address)
            await send({"type": "websocket.close", "code": 1013})
            return
        limit = RateLimit(MESSAGES_PER_S, MESSAGE_BURST, self._clock)
        person: Person | None = scope.get(SCOPE_KEY)
        is_channel = scope["path"].startswith(NICEGUI_CHANNEL)
        socket = _Socket(person, limit, receive, send, self._lines, is_channel=is_channel)
        self._open.add(socket)
        self._by_address[address] += 1
        try:
            with contextlib.nullcontext() if person is None else self._door.presence(person):
                await self._app(scope, socket.receive, socket.send)
        finally:
            self._open.discard(socket)
            self._by_address[address] -= 1
            self._by_address += Counter()  # forgets addresses at zero

    def _close_all_of(self, person: Person) -> None:
        for socket in self._open:
            if socket.person == person:
                # Of its own: a browser that reads nothing keeps nobody waiting.
                tasks.spawn(socket.end(), name="close a socket")


class _Socket:
    """One open WebSocket, which may be ended from outside."""

    def __init__(
        self,
        person: Person | None,
        limit: RateLimit,
        receive: Receive,
        send: Send,
        lines: RateLimit,
        *,
        is_channel: bool,
    ) -> None:
        self.person = person
        self._lines = lines
        self._is_channel = is_channel
        self._limit = limit
        self._receive = receive
        self._send = send
        self._is_closed = False

    async def end(self) -> None:
        """Close it; the server tells the application, as for any socket that is gone."""
        await self.send({"type": "websocket.close", "code": POLICY_VIOLATION})

    async def receive(self) -> Message:
        """Return what comes next; who says too much, or what no page says, is heard no more."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        if not self._limit.take(1):
            why = "faster than any page"
        elif self._is_channel and not (message.get("text") or "").startswith(_PACKETS):
            why = "what no page does"
        else:
            return message
        if self._lines.take(1):
            logger.warning("closing a WebSocket that sends %s", why)
        await self.end()
        return {"type": "websocket.disconnect", "code": POLICY_VIOLATION}

    async def send(self, message: Message) -> None:
        """Send, unless it is closed."""
        if not self._is_closed:
            self._is_closed = message["type"] == "websocket.close"
            await self._send(message)
