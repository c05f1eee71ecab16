"""A server that begins sessions and remembers what it is sent."""

from __future__ import annotations

import asyncio
import contextlib
import json
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed


def read(message: str | bytes) -> Any:
    """The event of a message, which must be one to whoever reads it: a text that says nothing twice."""
    assert isinstance(message, str)
    return json.loads(message, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    assert len(made) == len(pairs), f"a name stands twice: {pairs}"
    return made


class Recorder:
    """What the service has received, connection by connection."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.messages: list[str | bytes] = []
        self.connections: list[ServerConnection] = []
        self.closed: list[tuple[int | None, str | None]] = []
        self.has_closed = asyncio.Event()
        self.url = ""
        self._came = asyncio.Condition()

    async def serve(self, connection: ServerConnection) -> None:
        self.requests.append(connection.request)
        self.connections.append(connection)
        session: dict[str, Any] = {
            "type": "realtime",
            "id": "sess_1",
            "model": "m",
            "instructions": "as the service has them",
            "tools": [],
            "audio": {"input": {"format": {"type": "audio/pcm", "rate": 24_000}}},
        }
        await self.send(connection, "session.created", session=session)
        with contextlib.suppress(ConnectionClosed):
            await self._remember(connection, session)
        self.closed.append((connection.close_code, connection.close_reason))
        self.has_closed.set()

    async def _remember(self, connection: ServerConnection, session: dict[str, Any]) -> None:
        async for message in connection:
            async with self._came:
                self.messages.append(message)
                self._came.notify_all()
            event = json.loads(message)
            if event["type"] == "session.update":
                session = {**session, **event["session"]}
                await self.send(connection, "session.updated", session=session)

    async def send(self, connection: ServerConnection, event_type: str, **fields: Any) -> None:
        await connection.send(json.dumps({"type": event_type, "event_id": "event_s", **fields}))

    async def until(self, event_id: str) -> list[Any]:
        """All events up to the one of this id, which is left out; they are forgotten then."""
        async with asyncio.timeout(5), self._came:
            await self._came.wait_for(
                lambda: any(read(each).get("event_id") == event_id for each in self.messages)
            )
        events = [read(each) for each in self.messages]
        at = next(n for n, each in enumerate(events) if each.get("event_id") == event_id)
        del self.messages[: at + 1]
        return events[:at]


@asynccontextmanager
async def recording(**options: Any):
    """A recorder on a loopback port."""
    recorder = Recorder()
    async with serve(recorder.serve, "127.0.0.1", 0, compression=None, **options) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        recorder.url = f"ws://127.0.0.1:{port}/v1/realtime"
        yield recorder
