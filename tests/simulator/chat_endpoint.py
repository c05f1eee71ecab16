"""A chat-completions endpoint on loopback that streams what a test tells it, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

HEAD = "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nConnection: close\r\n{more}\r\n"
Send = Callable[[bytes], Awaitable[None]]


def chunk(content: str | None = None, *, finish: str | None = None, **delta: Any) -> bytes:
    """One event of the stream."""
    if content is not None:
        delta["content"] = content
    body = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


DONE = b"data: [DONE]\n\n"


@dataclass
class Endpoint:
    """What it was asked, and what it does."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    script: list[bytes | asyncio.Event] = field(default_factory=list)
    """Sent one after the other; an event is waited for."""
    status: int = 200
    kind: str = "text/event-stream"
    more: str = ""
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    """The client has closed before everything was sent."""
    _serving: list[asyncio.Task[None]] = field(default_factory=list)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.append(asyncio.ensure_future(self._serve(reader, writer)))

    async def end(self) -> None:
        for each in self._serving:
            each.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._one_request(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _one_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.paths.append(first.split()[1])
        self.headers.append(headers)
        self.requests.append(json.loads(body))
        with contextlib.suppress(ConnectionError):
            await self._answer(reader, writer)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD.format(status=self.status, kind=self.kind, more=self.more).encode())
        ended = asyncio.ensure_future(reader.read())
        try:
            for each in self.script:
                if isinstance(each, bytes):
                    writer.write(each)
                    await writer.drain()
                    continue
                waiting = asyncio.ensure_future(each.wait())
                await asyncio.wait([ended, waiting], return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if ended.done():
                    self.hung_up.set()
                    return
        finally:
            ended.cancel()


@contextlib.asynccontextmanager
async def endpoint(*script: bytes | asyncio.Event, **options: Any) -> AsyncIterator[Endpoint]:
    """An endpoint that answers every request with `script`."""
    made = Endpoint(script=list(script), **options)
    server = await asyncio.start_server(made.accept, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield made
        await made.end()
