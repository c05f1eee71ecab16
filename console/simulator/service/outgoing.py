"""The way of a session's events to its client: in order, bounded, with faults on demand."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

import orjson
from websockets.exceptions import ConnectionClosed

from console import tasks
from console.clock import Clock, SystemClock
from console.simulator.faults import Faults
from console.simulator.protocol.ids import NewId
from console.simulator.protocol.refusals import Refusal
from console.simulator.service import fault_plan
from console.simulator.service.fault_plan import Deed, FaultPlan
from console.simulator.service.fault_stream import FaultStream
from console.simulator.service.line import Carrier

logger = logging.getLogger(__name__)

ROOM_BYTES: Final = 1024 * 1024
"""Speech waits while more than this is queued."""
MAX_QUEUED_BYTES: Final = 8 * 1024 * 1024
"""A client that leaves more than this unread is dropped, the largest step not counted."""
SEND_TIMEOUT_S: Final = 20.0
"""A client that takes nothing for this long is dropped."""


class Outgoing:
    """Queues events for one connection; `run` sends them."""

    def __init__(
        self,
        line: Carrier,
        faults: Faults,
        new_id: NewId,
        *,
        clock: Clock | None = None,
        watch: Callable[[str | bytes], None] | None = None,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        """Prepare the way to `line`.

        Args:
            line: Where to.
            faults: What goes wrong from the first event on.
            new_id: Makes the identifiers of events that faults add.
            clock: Time and sleep, for events that are to be slow.
            watch: Is told each message once it was handed to the socket.
            send_timeout_s: How long a client may take nothing.
        """
        self._line = line
        self._clock: Clock = clock or SystemClock()
        self._watch = watch
        self._send_timeout_s = send_timeout_s
        self._queue: deque[str] = deque()
        self._queued_bytes = 0
        self._largest_step_bytes = 0
        """Of those since nothing was queued."""
        self._n_sent = 0
        self._plan = FaultPlan(faults, 0)
        self._injected: list[FaultPlan] = []
        self._new_id = new_id
        self._stream = FaultStream(faults, new_id)
        self._delayed: set[asyncio.Task[None]] = set()
        self._has_some = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._ending: tuple[int, str] | None = None

    def put(self, events: Iterable[dict[str, Any]]) -> None:
        """Queue the events of a step. Drops the connection when its client does not read."""
        texts: list[str] = []
        is_last = False
        for delay_ms, event in self._stream.rework(events):
            if delay_ms:
                task = tasks.spawn(self._put_later(delay_ms, event), name="delay an event")
                self._delayed.add(task)
                task.add_done_callback(self._delayed.discard)
            else:
                texts.append(orjson.dumps(event).decode())
            # Of a translation: nothing comes after it.
            is_last = is_last or event["type"] == "session.closed"
        if self._enqueue(*texts) and is_last:
            self.end(1000, "")

    def _enqueue(self, *texts: str) -> bool:
        # Nobody can read in the middle of a step, and one may be large: an item is told with its
        # pictures and audio, twice when it is new. A heap of steps is another matter.
        step_bytes = sum(map(len, texts))
        largest_bytes = max(self._largest_step_bytes, step_bytes)
        if self._queued_bytes + step_bytes - largest_bytes > MAX_QUEUED_BYTES:
            self._drop_slow_client()
            return False
        self._largest_step_bytes = largest_bytes
        self._queue.extend(texts)
        self._queued_bytes += step_bytes
        if self._queued_bytes > ROOM_BYTES:
            self._has_room.clear()
        self._has_some.set()
        return True

    async def _put_later(self, delay_ms: int, event: dict[str, Any]) -> None:
        await self._clock.sleep(delay_ms / 1000)
        self._enqueue(orjson.dumps(event).decode())

    def put_error(self, refusal: Refusal) -> None:
        """Queue an `error` that no client event has caused."""
        event_id = self._new_id("event_")
        self.put([{"type": "error", "event_id": event_id, "error": refusal.wire(None)}])

    def end(self, code: int, reason: str) -> None:
        """Close the connection once everything queued has been sent."""
        self._ending = (code, reason)
        self._has_some.set()

    def set_faults(self, faults: Faults) -> None:
        """Replace the faults of the line and of the stream; counts begin now."""
        self._stream.faults = faults
        self._plan = FaultPlan(faults, self._n_sent)
        self._injected.clear()
        self._has_some.set()

    def announce_end(self, expires_at: int | None) -> None:
        """Let the session say from now on that it ends then; None: what it says itself."""
        self._stream.expires_at = expires_at

    def inject(self, faults: Faults) -> None:
        """Add faults of the line, each to happen once; counts begin now."""
        self._injected.append(FaultPlan(faults, self._n_sent))
        self._has_some.set()

    async def wait_for_room(self) -> None:
        """Wait while the client is behind."""
        await self._has_room.wait()

    async def run(self) -> None:
        """Send until the connection ends, from either side or by a fault; returns then."""
        try:
            # That the client has gone is how most sessions end; nobody is left to be told.
            with contextlib.suppress(ConnectionClosed):
                await self._send_all()
        finally:
            for task in list(self._delayed):
                await tasks.cancel(task)

    async def _send_all(self) -> None:
        while not await self._went_wrong():
            if self._queue:
                await self._send_next()
            elif self._ending is not None:
                await self._line.close(*self._ending)
                return
            else:
                self._has_some.clear()
                await self._has_some.wait()

    async def _send_next(self) -> None:
        if (slow_ms := self._plan.faults.slow_ms) > 0:
            await self._clock.sleep(slow_ms / 1000)
            if not self._queue:  # dropped meanwhile
                return
        text = self._queue.popleft()
        try:
            async with asyncio.timeout(self._send_timeout_s):
                await self._line.send(text)
        except TimeoutError:
            self._drop_slow_client()
            await self._line.wait_closed()
            return
        if self._watch is not None:
            self._watch(text)
        self._n_sent += 1
        self._queued_bytes -= len(text)
        if not self._queue:
            self._largest_step_bytes = 0
        if self._queued_bytes <= ROOM_BYTES:
            self._has_room.set()

    def _drop_slow_client(self) -> None:
        logger.warning("dropped a client that left %d bytes unread", self._queued_bytes)
        self._queue.clear()
        self._queued_bytes = 0
        self._line.transport.abort()

    # ------------------------------------------------------------ faults

    async def _went_wrong(self) -> bool:
        """Carry out all faults that are due; return whether the line has ended with them."""
        for plan in [self._plan, *self._injected]:
            while (deed := plan.take_due(self._n_sent)) is not None:
                if await self._do(deed, plan.faults):
                    return True
        return False

    async def _do(self, deed: Deed, faults: Faults) -> bool:
        match deed:
            case Deed.GARBAGE:
                for frame in fault_plan.garbage(faults.garbage_count):
                    await self._line.send(frame)
            case Deed.BROKEN_UTF8:
                await self._line.send(b'{"type":"\xff\xfe"}', text=True)
            case Deed.HUGE:
                await self._line.send(fault_plan.huge_event())
            case Deed.CLOSE:
                await self._line.close(faults.close_code, faults.close_reason)
                return True
            case Deed.DROP:
                self._line.transport.abort()
                return True
            case Deed.STALL:
                self._line.go_silent()
                await self._line.wait_closed()
                return True
        return False
