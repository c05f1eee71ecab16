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
    queue = ChunkQueue(max_bytes=2)
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


async def test_who_waits_for_the_reader_is_told_when_it_has_done_with_what_came_before():
    queue = ChunkQueue()
    queue.put(b"a")
    chunks = queue.chunks()
    waiting = tasks.spawn(queue.wait_until_read(), name="wait")
    assert await anext(chunks) == b"a"
    await asyncio.sleep(0)
    assert not waiting.done()  # the reader has the chunk, but has not come back for the next

    queue.put(b"b")
    assert await anext(chunks) == b"b"

    await waiting


async def test_closing_with_discard_ends_the_reader_and_who_waits_for_it():
    queue = ChunkQueue()
    queue.put(b"a")
    waiting = tasks.spawn(queue.wait_until_read(), name="wait")
    await asyncio.sleep(0)

    queue.close(discard=True)

    await waiting
    assert await everything(queue) == []
    await queue.wait_until_read()


async def test_dropped_chunks_do_not_keep_anyone_waiting():
    queue = ChunkQueue(max_bytes=1)
    queue.put(b"a")
    queue.put(b"b")
    chunks = queue.chunks()

    assert await anext(chunks) == b"b"
    queue.put(b"c")
    waiting = tasks.spawn(queue.wait_until_read(), name="wait")
    assert await anext(chunks) == b"c"
    queue.close()
    with pytest.raises(StopAsyncIteration):
        await anext(chunks)

    await waiting
