"""Those who make trouble for a console: page loads without a link, bombs, readers that stall."""

from __future__ import annotations

import asyncio
import base64
import collections
import contextlib
import functools
import os
import struct
import zlib
from collections.abc import AsyncIterator, Mapping

import httpx

from tests.live_console import Program

SENT_AWAY = "closing a browser's line with 1013: the browser has not read for 5 s"
"""What the console's log says of each who does not read."""
PAGE_SOCKET = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
"""Of pages, where any guest may begin to talk."""
_FINAL_COMPRESSED_TEXT = 0xC1
_IS_MASKED = 0x80
_LONG = 127


async def load_pages(program: Program, n_loads: int, address: str) -> collections.Counter[int]:
    """Load pages without a cookie, ten at a time; return how often each status was answered."""
    statuses: collections.Counter[int] = collections.Counter()
    # Each on a connection of its own: one that waits too long for the next is closed.
    limits = httpx.Limits(max_keepalive_connections=0)
    transport = httpx.AsyncHTTPTransport(local_address=address, limits=limits)
    async with httpx.AsyncClient(transport=transport, timeout=30) as client:

        async def load(n: int) -> None:
            for _ in range(n):
                statuses[(await client.get(f"{program.origin}/")).status_code] += 1

        await asyncio.gather(*(load(n_loads // 10) for _ in range(10)))
    return statuses


@functools.cache
def bomb(size: int) -> bytes:
    """Return `size` bytes of text, a multiple of a mebibyte, deflated to a thousandth."""
    deflate = zlib.compressobj(9, wbits=-15)
    spaces = b" " * (1 << 20)
    parts = [deflate.compress(spaces) for _ in range(size >> 20)]
    return b"".join([*parts, deflate.flush(zlib.Z_SYNC_FLUSH)]).removesuffix(b"\0\0\xff\xff")


@contextlib.asynccontextmanager
async def bombed(
    program: Program, headers: Mapping[str, str], path: str, address: str, size: int
) -> AsyncIterator[bytes]:
    """Send one message to a WebSocket that would be `size` bytes if anybody inflated it.

    Yields what the console has answered when it has taken the message or ended the line.
    """
    host, _, port = program.origin.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), local_addr=(address, 0))
    asked = {
        "Host": f"{host}:{port}",
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Extensions": "permessage-deflate",
        **headers,
    }
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    payload = bomb(size)
    # A mask of zeros leaves the payload as it is.
    head = struct.pack(">BBQI", _FINAL_COMPRESSED_TEXT, _IS_MASKED | _LONG, len(payload), 0)
    try:
        with contextlib.suppress(ConnectionError):
            writer.write(head + payload)
            await writer.drain()
            answer += await reader.read()
        yield answer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
