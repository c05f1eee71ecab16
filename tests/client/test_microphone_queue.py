"""The microphone's sound while the network is behind."""

import asyncio

import pytest

from console import pcm
from console.client.microphone_queue import MicrophoneQueue
from console.errors import NotConnectedError
from tests.fakes import settle

CHUNK = bytes(100 * pcm.BYTES_PER_MS)


class Network:
    """Takes a chunk for each permit that the test gives."""

    def __init__(self) -> None:
        self.permits = asyncio.Semaphore(0)
        self.sent: list[bytes] = []
        self.skipped_ms: list[float] = []
        self.is_down = False
        self.now_s = 0.0
        self.queue = MicrophoneQueue(
            self.send, self.skipped_ms.append, now_s=lambda: self.now_s, max_ms=500
        )

    async def speak(self, *chunks: bytes) -> None:
        """Let sound come as it is spoken."""
        for each in chunks:
            self.now_s += 0.1
            await self.queue.put(each)
            await settle()

    async def send(self, chunk: bytes) -> None:
        await self.permits.acquire()
        if self.is_down:
            raise NotConnectedError("send")
        self.sent.append(chunk)

    def allow(self, n_chunks: int) -> None:
        for _ in range(n_chunks):
            self.permits.release()


@pytest.fixture
async def network() -> Network:
    return Network()


def chunk(n: int) -> bytes:
    return bytes([n]) * len(CHUNK)


async def test_what_is_held_leaves_in_order_when_the_network_takes_it(network):
    await network.speak(*(chunk(n) for n in range(4)))
    assert (network.queue.is_idle, network.queue.queued_ms) == (False, 300)

    network.allow(4)
    await network.queue.wait_until_sent()

    assert network.sent == [chunk(n) for n in range(4)]
    assert (network.queue.is_idle, network.queue.queued_ms) == (True, 0)
    assert network.skipped_ms == []


async def test_beyond_the_bound_the_oldest_is_dropped_and_told_once_when_it_is_over(network):
    await network.speak(chunk(0))
    await settle()
    await network.speak(*(chunk(n) for n in range(1, 9)))
    assert network.queue.queued_ms == 500
    assert network.skipped_ms == []

    network.allow(9)
    await network.queue.wait_until_sent()

    assert network.sent == [chunk(0), *(chunk(n) for n in range(4, 9))]
    assert network.skipped_ms == [300]


async def test_each_stretch_of_slowness_is_told_by_itself(network):
    for _ in range(2):
        await network.speak(*(chunk(n) for n in range(7)))
        network.allow(7)
        await network.queue.wait_until_sent()
        network.permits = asyncio.Semaphore(0)

    assert network.skipped_ms == [100, 100]


async def test_a_chunk_longer_than_the_bound_is_held_all_the_same(network):
    await network.queue.put(bytes(700 * pcm.BYTES_PER_MS))

    network.allow(1)
    await network.queue.wait_until_sent()

    assert len(network.sent) == 1


async def test_what_is_given_up_never_leaves_and_what_comes_next_does(network):
    await network.speak(*(chunk(n) for n in range(7)))
    await settle()

    network.queue.clear()
    await network.queue.put(chunk(9))
    network.allow(9)
    await network.queue.wait_until_sent()

    assert network.sent == [chunk(9)]
    assert network.skipped_ms == [100]


async def test_a_line_that_ends_takes_what_is_held_with_it(network):
    network.is_down = True
    await network.speak(chunk(0), chunk(1))

    network.allow(1)
    await network.queue.wait_until_sent()

    assert (network.sent, network.queue.queued_ms, network.queue.is_idle) == ([], 0, True)


async def test_waiting_for_an_empty_queue_is_no_wait(network):
    await network.queue.wait_until_sent()
    network.queue.clear()

    assert network.queue.is_idle


async def test_sound_of_a_file_waits_for_the_network_and_loses_nothing(network):
    whole = [chunk(n) for n in range(20)]

    async def play() -> None:
        for each in whole:
            await network.queue.put(each)

    playing = asyncio.create_task(play())
    await settle()
    assert not playing.done()
    assert network.queue.queued_ms <= 500

    network.allow(20)
    await playing
    await network.queue.wait_until_sent()

    assert network.sent == whole
    assert network.skipped_ms == []
