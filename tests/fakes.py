"""Small real implementations of the ports, for tests."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Mapping
from typing import Any

import orjson
import websockets

from console.transport import Closed

PATIENCE_S = 5.0
"""How long a test waits for what must come; only a failing test waits that long."""


class ManualClock:
    """A clock that stands still until the test moves it."""

    def __init__(self, now_s: float = 1000.0, wall_s: float = 1_750_000_000.0) -> None:
        self._now_s = now_s
        self._wall_s = wall_s
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def now_s(self) -> float:
        return self._now_s

    def wall_s(self) -> float:
        return self._wall_s

    @property
    def sleepers(self) -> int:
        """How many wait for the clock."""
        return sum(not future.done() for _, _, future in self._sleepers)

    def sleep_machine(self, duration_s: float) -> None:
        """Let the machine be suspended: only the wall clock goes on."""
        self._wall_s += duration_s

    async def sleep(self, duration_s: float) -> None:
        if duration_s <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_s + duration_s, next(self._count), future))
        await future

    async def advance(self, duration_s: float) -> None:
        """Move the clock; who sleeps wakes at its own time and may sleep again."""
        end_s = self._now_s + duration_s
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end_s:
            at_s, _, future = heapq.heappop(self._sleepers)
            self._wall_s += at_s - self._now_s
            self._now_s = at_s
            if not future.done():
                future.set_result(None)
            await settle()
        self._wall_s += end_s - self._now_s
        self._now_s = end_s
        await settle()


async def settle(rounds: int = 20) -> None:
    """Let the tasks that are ready run on."""
    for _ in range(rounds):
        await asyncio.sleep(0)


class FakeTransport:
    """A connection whose other end is the test.

    The test delivers the server's events with `deliver` and takes the client's, one by one and
    in order, with `expect`. An event of another type than the expected fails; so does, in
    `finish`, one that nobody expected; so does an expected one that does not come.
    """

    def __init__(self) -> None:
        self.url = ""
        self.headers: dict[str, str] = {}
        self.closed: Closed | None = None
        """How it ended, whoever ended it."""
        self.is_backed_up = False
        """Whether the network is behind."""
        self.is_answering = True
        """Whether a ping gets its pong."""
        self._incoming: asyncio.Queue[str | bytes | Closed | Exception] = asyncio.Queue()
        self._sent: deque[dict[str, Any]] = deque()
        self._came = asyncio.Event()

    async def open(self, url: str, headers: Mapping[str, str], timeout_s: float) -> FakeTransport:
        """Stand in for the opening of a connection."""
        self.url, self.headers = url, dict(headers)
        return self

    # What the client does

    async def send(self, text: str) -> None:
        if self.closed is not None:
            raise websockets.ConnectionClosedOK(None, None)
        self._sent.append(orjson.loads(text))
        self._came.set()

    async def receive(self) -> str | bytes | Closed:
        message = await self._incoming.get()
        if isinstance(message, Closed):
            self.closed = message
            self._incoming.put_nowait(message)
        if isinstance(message, Exception):
            raise message
        return message

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self.closed is None:
            self.closed = Closed(code, reason)
            self._incoming.put_nowait(self.closed)

    async def ping(self, timeout_s: float) -> bool:
        return self.is_answering

    # What the test does

    def deliver(self, event_type: str, **fields: Any) -> None:
        """Send an event of the server."""
        self.deliver_raw(
            orjson.dumps({"type": event_type, "event_id": "event_s", **fields}).decode()
        )

    def deliver_raw(self, message: str | bytes) -> None:
        """Send a message of the server as it is."""
        self._incoming.put_nowait(message)

    def hang_up(self, code: int = 1000, reason: str = "", *, is_ours: bool = False) -> None:
        """End the connection: the server does, or this side since the server has broken it."""
        self._incoming.put_nowait(Closed(code, reason, is_ours))

    def fail(self, error: Exception) -> None:
        """Make the connection raise what no connection should."""
        self._incoming.put_nowait(error)

    async def expect(self, event_type: str) -> dict[str, Any]:
        """Return the next event of the client, which must be of this type."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not self._sent:
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise AssertionError(f"expected {event_type}, but nothing was sent") from None
        event = self._sent.popleft()
        assert event["type"] == event_type, f"expected {event_type}, got {event}"
        return event

    async def finish(self) -> None:
        """Fail if the client sent anything that was not expected."""
        await settle()
        assert not self._sent, f"nobody expected {list(self._sent)}"
