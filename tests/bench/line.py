"""A server in a process of its own, so that a benchmark measures the other end alone."""

from __future__ import annotations

import asyncio
import contextlib
import math
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import orjson
import pybase64
from websockets.asyncio.server import ServerConnection, serve

ROOT = Path(__file__).resolve().parents[2]
DELTA_MS = 100
DELTA_BYTES = DELTA_MS * 48
ITEM_ID = "item_of_the_benchmark00000"
END = "response.done"


@contextlib.asynccontextmanager
async def server() -> AsyncIterator[str]:
    """Run the server; yields its URL."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from tests.bench.line import run; run()",
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        port = int(await process.stdout.readline())
        yield f"ws://127.0.0.1:{port}/v1/realtime"
    finally:
        process.terminate()
        await process.wait()


def run() -> None:
    """Serve until terminated; prints the port."""
    asyncio.run(_serve())


async def _serve() -> None:
    async with serve(_session, "127.0.0.1", 0, compression=None, max_size=None) as listener:
        print(next(iter(listener.sockets)).getsockname()[1], flush=True)
        await asyncio.get_running_loop().create_future()


async def _session(connection: ServerConnection) -> None:
    assert connection.request is not None
    query = parse_qs(urlsplit(connection.request.path).query)
    seconds = float(query.get("seconds", ["0"])[0])
    await connection.send(_event("session.created", session={"type": "realtime", "id": "s"}))
    async for message in connection:
        if '"response.create"' in message[:80]:
            for frame in _answer(seconds):
                await connection.send(frame)


def _event(event_type: str, **fields: object) -> str:
    return orjson.dumps({"type": event_type, "event_id": "event_0", **fields}).decode()


def _answer(seconds: float) -> Iterator[str]:
    """Yield a response with one item of audio; a transcript delta with every second chunk."""
    response = {"id": "resp_1", "status": "in_progress", "conversation_id": "conv_1"}
    item = {"id": ITEM_ID, "type": "message", "role": "assistant", "status": "in_progress"}
    where = {
        "response_id": "resp_1",
        "item_id": ITEM_ID,
        "output_index": 0,
        "content_index": 0,
    }
    tone = b"".join(
        int(8000 * math.sin(n / 10)).to_bytes(2, "little", signed=True)
        for n in range(DELTA_BYTES // 2)
    )
    audio = _event("response.output_audio.delta", **where, delta=pybase64.b64encode_as_string(tone))
    words = _event("response.output_audio_transcript.delta", **where, delta=" word")
    yield _event("response.created", response=response)
    yield _event("response.output_item.added", response_id="resp_1", output_index=0, item=item)
    yield _event("conversation.item.added", previous_item_id=None, item=item)
    for n in range(int(seconds * 1000 / DELTA_MS)):
        if n % 2 == 0:
            yield words
        yield audio
    yield _event(END, response={**response, "status": "completed", "output": []})
