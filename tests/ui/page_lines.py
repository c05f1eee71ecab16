"""A browser without a network on a real Starlette WebSocket, and a feed that a test fills."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol, Self

import orjson
from starlette.websockets import WebSocket

from console import tasks
from console.app.event_view import Find, Look
from console.signals import Signal

HELLO = {"k": "hello", "epoch": None}
LOOK = {
    "k": "look", "view": 1, "zoom": "spans", "text": "", "client": True, "server": True,
    "errors": False, "types": None, "first": 0, "count": 50, "tail": True, "counts": False,
}  # fmt: skip


class Served(Protocol):
    """A channel, as far as a browser is concerned."""

    async def serve(self, websocket: WebSocket) -> None:
        """Serve a WebSocket until it ends."""


class ScriptedFeed:
    """Rows and changes that a test puts in."""

    def __init__(self) -> None:
        self.epoch = 1
        self.new_rows: list[dict[str, Any]] = []
        """Messages of rows that wait."""
        self.looked: list[Look | Find] = []
        self.n_pieces = 0
        """How many more pieces of a search there are."""
        self.changed: list[dict[str, Any]] = []
        self.asked = 0
        self.touched: Signal[None] = Signal("feed touched")

    def touch(self) -> None:
        self.touched.emit(None)

    def reader(self) -> Self:
        return self

    def close(self) -> None:
        pass

    @property
    def is_scanning(self) -> bool:
        return self.n_pieces > 0

    def look(self, look: Look) -> None:
        self.looked.append(look)

    def find(self, find: Find) -> None:
        self.looked.append(find)

    def scan(self) -> bool:
        self.n_pieces -= 1
        return self.is_scanning

    def rows(self) -> Sequence[Any]:
        self.asked += 1
        if self.is_scanning:
            return []
        rows, self.new_rows = self.new_rows, []
        return rows

    def snapshot(self) -> Sequence[Any]:
        self.changed.clear()
        return [{"k": "cleared"}]

    def changes(self) -> Sequence[Any]:
        changed, self.changed = self.changed, []
        return changed


class Browser:
    """A browser on a real Starlette WebSocket, without a network."""

    def __init__(self, channel: Served) -> None:
        self.closed: tuple[int, str] | None = None
        self.is_reading = True
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._messages: list[dict[str, Any]] = []
        scope = {"type": "websocket", "headers": [], "path": "/rt/x"}
        websocket = WebSocket(scope, self._incoming.get, self._take)
        self._incoming.put_nowait({"type": "websocket.connect"})
        self.served = tasks.spawn(channel.serve(websocket), name="serve")

    async def _take(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.closed = (message["code"], message["reason"])
            self._incoming.put_nowait({"type": "websocket.disconnect", "code": message["code"]})
            return
        while not self.is_reading:
            await asyncio.get_running_loop().create_future()
        if message["type"] == "websocket.send":
            self._outgoing.put_nowait(message)

    def send(self, *messages: dict[str, Any]) -> None:
        self.send_text(orjson.dumps(messages).decode())

    def send_text(self, text: str) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "text": text})

    def send_bytes(self, data: bytes) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "bytes": data})

    def send_chunk(
        self, pcm: bytes, sequence: int = 0, *, time_ms: float = 0.0, is_first: bool = False
    ) -> None:
        self.send_bytes(struct.pack("<BB2xId", 1, is_first, sequence, time_ms) + pcm)

    async def frame(self) -> bytes | list[dict[str, Any]]:
        async with asyncio.timeout(2):
            message = await self._outgoing.get()
        if (data := message.get("bytes")) is not None:
            return bytes(data)
        return list(orjson.loads(message["text"]))

    @property
    def is_idle(self) -> bool:
        """Whether nothing was sent that has not been read here."""
        return self._outgoing.empty()

    async def until(self, kind: str) -> dict[str, Any]:
        """Return the next message of the kind; others before it are passed over."""
        while True:
            while self._messages:
                message = self._messages.pop(0)
                if message["k"] == kind:
                    return message
            if isinstance(frame := await self.frame(), list):
                self._messages = frame

    def leave(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})

    async def ended(self) -> tuple[int, str] | None:
        async with asyncio.timeout(2):
            await asyncio.wait([self.served])
        return self.closed


@contextlib.asynccontextmanager
async def connected(channel: Served, hello: dict[str, Any] = HELLO) -> AsyncIterator[Browser]:
    """Yield a browser that has said hello and was welcomed."""
    browser = Browser(channel)
    browser.send(hello)
    await browser.until("welcome")
    yield browser
    browser.leave()
    await browser.ended()
