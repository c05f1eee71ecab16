from __future__ import annotations

import asyncio

import pytest

from console import tasks
from console.audio.chunk_queue import ChunkQueue
from console.errors import AudioDeviceError


async def everything(queue: ChunkQueue) -> list[bytes]:
    return [chunk async for chunk in queue.chunks()]


async def test_chunks_come_in_order_and_end_with_the_queue():
    queue = ChunkQueue()
    queue.put(b"a")
    queue.put(b"b")
    queue.close()

    assert await everything(queue) == [b"a", b"b"]


async def test_a_reader_that_waits_gets_the_chunk_that_comes():
    queue = ChunkQueue()
    reading = tasks.spawn(everything(queue), name="read")
    await asyncio.sleep(0)  # the reader runs up to where it waits
    queue.put(b"a")
    await asyncio.sleep(0)
    queue.close()

    assert await reading == [b"a"]


async def test_a_reader_that_falls_behind_loses_the_oldest_and_it_is_counted():
    queue = ChunkQueue(max_chunks=2)
    for chunk in (b"a", b"b", b"c", b"d"):
        queue.put(chunk)
    queue.close()

    assert await everything(queue) == [b"c", b"d"]
    assert queue.dropped_chunks == 2


async def test_an_error_reaches_the_reader_after_what_was_captured_before_it():
    queue = ChunkQueue()
    queue.put(b"a")
    queue.close(AudioDeviceError("gone"))
    queue.put(b"late")
    chunks = queue.chunks()

    assert await anext(chunks) == b"a"
    with pytest.raises(AudioDeviceError, match="gone"):
        await anext(chunks)


async def test_the_first_close_decides_how_the_queue_ends():
    queue = ChunkQueue()
    queue.close()
    queue.close(AudioDeviceError("the device was closed on purpose"))

    assert await everything(queue) == []
