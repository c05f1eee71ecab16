"""One WebSocket to a page: its lists at most twenty times a second, its limits, its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine
from typing import Any, Final, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from console import tasks
from console.app.event_view import Find, Look
from console.app.feed import Feed
from console.clock import Clock
from console.pcm import BYTES_PER_SAMPLE, SAMPLE_RATE_HZ
from console.transport import Closed
from console.ui.channel_wire import (
    POLICY,
    Hello,
    Incoming,
    WireError,
    decode_messages,
    encode_messages,
)
from console.ui.outbox import Outbox
from console.ui.rate_limit import RateLimit

logger = logging.getLogger(__name__)

TRY_LATER: Final = 1013
"""Close code: the browser reads too slowly."""

BATCH_INTERVAL_S: Final = 0.05
LATE_FACTOR: Final = 4
"""So many times what the event loop is late is added to the interval: lists give way to sound."""
MAX_BATCH_INTERVAL_S: Final = 0.25
STUCK_S: Final = 5.0
CLOSE_S: Final = 1.0

_BYTES_PER_S = SAMPLE_RATE_HZ * BYTES_PER_SAMPLE
# Twice real time, after a stall of the network that the worker's own buffer allows for.
_AUDIO_BYTES_PER_S = 2 * _BYTES_PER_S
_AUDIO_BURST_BYTES = 10 * _BYTES_PER_S
_MESSAGES_PER_S = 100
_MESSAGE_BURST = 200


class LineChannel(Protocol):
    """What stands behind a line: it acts on what the browser says, and has sound for it."""

    def welcome(self) -> dict[str, Any]:
        """Return the message that tells a browser where it is."""

    def greeted(self, hello: Hello) -> None:
        """A browser said hello; what waits may be sent now."""

    def accept_audio(self, data: bytes) -> None:
        """Take a binary frame.

        Raises:
            WireError: It is not what this channel takes.
        """

    def accept_message(self, message: Incoming) -> None:
        """Act on a message of the browser.

        Raises:
            WireError: It is not what this channel takes.
        """

    def next_audio_frame(self) -> str | bytes | None:
        """Take the next frame of sound, if the browser has room for it."""


class PageLine:
    """One WebSocket of a page: reads, writes, limits, and ends once."""

    def __init__(
        self,
        websocket: WebSocket,
        channel: LineChannel,
        feed: Feed,
        outbox: Outbox,
        clock: Clock,
    ) -> None:
        """Prepare; nothing is read or sent before `run`.

        Args:
            websocket: An accepted one.
            channel: Acts on what comes.
            feed: Where the lists come from.
            outbox: What else is to be sent.
            clock: Time for the limits on what a browser may send.
        """
        self.is_greeted = False
        self._websocket = websocket
        self._channel = channel
        self._feed = feed
        self._outbox = outbox
        self._audio_limit = RateLimit(_AUDIO_BYTES_PER_S, _AUDIO_BURST_BYTES, clock)
        self._message_limit = RateLimit(_MESSAGES_PER_S, _MESSAGE_BURST, clock)
        self._reader = feed.reader()
        self._epoch: int | None = None
        self._is_due = False
        self._audio_first = False
        self._must_snapshot = True
        self._flush_timer: asyncio.TimerHandle | None = None
        self._flushed_at = float("-inf")
        self._interval_s = BATCH_INTERVAL_S
        self._ending: Closed | None = None
        self._ended = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until the browser leaves, is sent away, or `end` is called."""
        off = self._feed.touched.connect(self._touched)
        try:
            if self._ending is None:
                self._running = tasks.spawn(self._pump(), name="session channel")
                await asyncio.wait([self._running])
            if self._ending is not None:
                await self._close(self._ending)
        finally:
            off()
            self._reader.close()
            if self._flush_timer is not None:
                self._flush_timer.cancel()
            await tasks.cancel(self._running)
            self._ended.set()

    async def end(self, code: int, reason: str) -> None:
        """Stop serving and close the socket with `code`; returns when `run` has ended."""
        self._ending = Closed(code, reason)
        await tasks.cancel(self._running)
        await self._ended.wait()

    async def _pump(self) -> None:
        both = self._until_refused(self._read()), self._until_refused(self._write())
        await tasks.run_until_first_ends(*both, name="session channel")

    async def _close(self, closed: Closed) -> None:
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        # The browser may have left meanwhile, or not read what it was sent.
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(CLOSE_S):
                await self._websocket.close(closed.code, closed.reason[:100])

    async def _until_refused(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except WireError as error:
            logger.warning("closing a browser's line with %d: %s", error.code, error)
            self._ending = Closed(error.code, str(error))

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if (data := message.get("bytes")) is not None:
                self._check(self._audio_limit, len(data), "sound")
                self._require_greeting()
                self._channel.accept_audio(data)
            else:
                messages = decode_messages(message["text"])
                self._check(self._message_limit, max(1, len(messages)), "messages")
                for each in messages:
                    self._receive(each)

    def _receive(self, message: Incoming) -> None:
        if not self.is_greeted and isinstance(message, Hello):
            self._greet(message)
            return
        self._require_greeting()
        match message:
            case Look():
                self._reader.look(message)
            case Find():
                self._reader.find(message)
            case _:
                self._channel.accept_message(message)
                return
        self._is_due = True
        self._outbox.wake()

    def _require_greeting(self) -> None:
        if not self.is_greeted:
            raise WireError(POLICY, "a browser must say hello first")

    def _check(self, limit: RateLimit, amount: int, what: str) -> None:
        if not limit.take(amount):
            raise WireError(POLICY, f"the browser sends {what} faster than anybody speaks")

    def _greet(self, hello: Hello) -> None:
        self.is_greeted = True
        self._epoch = hello.epoch
        self._welcome()
        self._channel.greeted(hello)
        self._is_due = True
        self._outbox.wake()

    def _welcome(self) -> None:
        self._epoch = self._feed.epoch
        self._outbox.put_message(self._channel.welcome())

    async def _write(self) -> None:
        while True:
            await self._outbox.wait()
            while self.is_greeted:
                if (frame := self._next_frame()) is not None:
                    await self._send(frame)
                elif self._reader.is_scanning:
                    # In pieces, so that sound is never late because somebody types a filter.
                    self._is_due = not self._reader.scan()
                    await asyncio.sleep(0)
                else:
                    break

    async def _send(self, frame: str | bytes) -> None:
        try:
            async with asyncio.timeout(STUCK_S):
                if isinstance(frame, str):
                    await self._websocket.send_text(frame)
                else:
                    await self._websocket.send_bytes(frame)
        except TimeoutError as error:
            sentence = f"the browser has not read for {STUCK_S:.0f} s"
            raise WireError(TRY_LATER, sentence) from error
        except (RuntimeError, WebSocketDisconnect):
            # The browser has left; the reader says so too.
            logger.debug("the line closed while sending")
            await asyncio.get_running_loop().create_future()

    def _next_frame(self) -> str | bytes | None:
        """Return what goes next: control, then lists and sound in turn."""
        if self._is_due and self._epoch != self._feed.epoch:
            self._welcome()
        if (urgent := self._outbox.next_message_frame()) is not None:
            return urgent
        if self._is_due and not self._audio_first and (batch := self._next_batch()) is not None:
            self._audio_first = True
            return batch
        self._audio_first = False
        if (audio := self._channel.next_audio_frame()) is not None:
            return audio
        return self._next_batch() if self._is_due else None

    def _next_batch(self) -> str | None:
        """Return what is new in the lists; None when nothing is."""
        messages: list[Any] = [*self._reader.rows()]
        messages += self._reader.snapshot() if self._must_snapshot else self._reader.changes()
        self._must_snapshot = False
        self._is_due = False
        self._flushed_at = asyncio.get_running_loop().time()
        return encode_messages(messages) if messages else None

    def _touched(self, _: None) -> None:
        """Have the lists sent, a twentieth of a second after the last time at the earliest.

        Later when the loop itself is late: then there are many who want something, and lists that
        wait are sent in fewer messages.
        """
        if self._is_due or self._flush_timer is not None:
            return
        loop = asyncio.get_running_loop()
        due_at = max(loop.time(), self._flushed_at + self._interval_s)
        self._flush_timer = loop.call_at(due_at, self._due, due_at)

    def _due(self, due_at: float) -> None:
        late_s = max(0.0, asyncio.get_running_loop().time() - due_at)
        self._interval_s = min(BATCH_INTERVAL_S + LATE_FACTOR * late_s, MAX_BATCH_INTERVAL_S)
        self._flush_timer = None
        self._is_due = True
        self._outbox.wake()
