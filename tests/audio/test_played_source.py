from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator

import numpy as np
import pytest
import pytest_asyncio

from console.audio.played_source import PlayedSource
from console.audio.ports import AudioSource
from console.audio.sounds import Recorded, Silence, Spoken, Tone
from console.clock import SystemClock
from console.pcm import SAMPLE_RATE_HZ, Int16Array
from tests.audio.port_suite import SourceSuite
from tests.audio.stepped_clock import SteppedClock
from tests.fakes import ManualClock, settle


def counting(n_samples: int) -> bytes:
    return (np.arange(n_samples) % 30_000 + 1).astype("<i2").tobytes()


def recorded(n_samples: int) -> Recorded:
    return Recorded(io.BytesIO(counting(n_samples)), n_samples)


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


async def take(source: PlayedSource, n_chunks: int) -> bytes:
    chunks = source.chunks()
    taken = b"".join([await anext(chunks) for _ in range(n_chunks)])
    await chunks.aclose()
    return taken


async def test_a_sound_is_heard_in_real_time_and_silence_follows(clock):
    source = PlayedSource(recorded(700), clock)
    await source.start()
    times, chunks = [], []

    async for chunk in source.chunks():
        times.append(round(clock.now - 100, 3))
        chunks.append(chunk)
        if len(chunks) == 4:
            await source.stop()

    assert times == [0.02, 0.04, 0.06, 0.08]
    assert b"".join(chunks) == counting(700) + bytes(2 * (4 * 480 - 700))
    assert source.dropped_chunks == 0


async def test_what_is_heard_of_a_sound_is_told_without_the_silence_behind_it(clock):
    source = PlayedSource(recorded(700), clock)
    told: list[bytes] = []
    source.spoken.connect(told.append)
    await source.start()

    await take(source, 4)

    assert told == [counting(480), counting(700)[960:].ljust(960, b"\0"), b""]


@pytest.mark.parametrize("end", [PlayedSource.rest, PlayedSource.hold, PlayedSource.stop])
async def test_a_sound_that_is_cut_off_is_told_to_be_silent(clock, end):
    source = PlayedSource(Tone(), clock)
    told: list[bytes] = []
    source.spoken.connect(told.append)
    await source.start()
    await take(source, 2)

    for _ in range(2):
        if (stopping := end(source)) is not None:
            await stopping

    assert [len(each) for each in told] == [960, 960, 0]


async def test_its_chunks_are_as_long_as_asked_for(clock):
    source = PlayedSource(Tone(), clock, chunk_ms=50)
    await source.start()

    assert await take(source, 1) == Tone().read(0, 1200)


async def test_a_repeated_sound_begins_again_at_its_end(clock):
    source = PlayedSource(recorded(700), clock)
    await source.start()
    source.play(repeats=True)

    assert await take(source, 5) == (counting(700) * 4)[: 5 * 960]
    assert source.is_playing


async def test_nothing_at_all_is_repeated_without_end_as_silence(clock):
    source = PlayedSource(recorded(0), clock)
    await source.start()
    source.play(repeats=True)

    assert await take(source, 2) == bytes(2 * 960)


async def test_playing_again_begins_at_the_beginning(clock):
    source = PlayedSource(recorded(4800), clock)
    await source.start()
    chunks = source.chunks()
    await anext(chunks)

    source.play()

    assert await anext(chunks) == counting(480)


async def test_at_rest_it_is_silent_and_held_it_says_nothing():
    clock = ManualClock()
    source = PlayedSource(recorded(4800), clock, is_held=True)
    await source.start()
    heard: list[bytes] = []

    async def listen() -> None:
        async for chunk in source.chunks():
            heard.append(chunk)  # noqa: PERF401 (seen while it grows)

    listening = asyncio.get_running_loop().create_task(listen())
    await clock.advance(1.0)
    assert heard == []

    source.rest()
    await clock.advance(0.04)
    assert heard == [bytes(960)] * 2
    source.play()
    await clock.advance(0.02)
    assert heard[2:] == [counting(480)]
    source.hold()
    await clock.advance(1.0)
    assert len(heard) == 3

    await source.stop()
    await settle()
    assert listening.done()


async def test_a_reader_that_was_held_up_gets_the_chunks_that_are_due_at_once(clock):
    source = PlayedSource(recorded(4800), clock)
    await source.start()
    chunks = source.chunks()

    await anext(chunks)
    clock.now += 0.05
    held_up = clock.now
    await anext(chunks)
    await anext(chunks)

    assert clock.now == held_up


async def test_a_reader_that_was_away_for_long_is_not_flooded(clock):
    source = PlayedSource(Silence(), clock)
    await source.start()
    chunks = source.chunks()
    await anext(chunks)
    clock.now += 3600
    back = clock.now

    for _ in range(10):
        await anext(chunks)

    assert clock.now == pytest.approx(back + 9 * 0.02)


async def test_the_end_is_told_once_the_last_chunk_has_been_read(clock):
    source = PlayedSource(recorded(500), clock)
    ended: list[None] = []
    source.ended.connect(ended.append)
    await source.start()
    chunks = source.chunks()

    await anext(chunks)
    await anext(chunks)
    assert ended == []
    assert not source.is_playing
    await anext(chunks)

    assert ended == [None]


async def test_a_sound_that_is_cut_off_does_not_end(clock):
    source = PlayedSource(recorded(500), clock)
    ended: list[None] = []
    source.ended.connect(ended.append)
    await source.start()
    chunks = source.chunks()
    await anext(chunks)
    source.rest()
    await anext(chunks)
    source.load(recorded(500))
    await anext(chunks)

    assert ended == []


async def test_the_chunk_that_is_being_sent_is_waited_for(clock):
    source = PlayedSource(recorded(4800), clock)
    await source.start()
    chunks = source.chunks()
    await source.wait_until_read()
    await anext(chunks)

    waiting = asyncio.get_running_loop().create_task(source.wait_until_read())
    await settle()
    assert not waiting.done()
    source.hold()
    await chunks.aclose()

    await asyncio.wait_for(waiting, 1)


async def test_speech_that_is_late_leaves_a_pause_and_loses_nothing(clock):
    spoken = Spoken()
    source = PlayedSource(spoken, clock)
    await source.start()
    chunks = source.chunks()
    heard = []

    async def speech():
        yield counting(600)
        heard.extend([await anext(chunks) for _ in range(3)])
        yield counting(480)

    await spoken.fill(speech())
    heard.append(await anext(chunks))

    assert b"".join(heard) == (counting(600) + bytes(960 - 240) + bytes(960) + counting(480))
    assert not source.is_playing


class PlayedRig:
    """A sound that is loaded when it is spoken; in real time."""

    least_share = 1.0
    has_room = True

    def __init__(self) -> None:
        self.player = PlayedSource(Silence(), SystemClock())
        self.source: AudioSource = self.player

    async def speak(self, samples: Int16Array) -> None:
        self.player.load(Recorded(io.BytesIO(samples.tobytes()), len(samples)))
        self.player.play()
        await asyncio.sleep(len(samples) / SAMPLE_RATE_HZ)


class TestAPlayedSound(SourceSuite):
    @pytest_asyncio.fixture
    async def rig(self) -> AsyncIterator[PlayedRig]:
        rig = PlayedRig()
        yield rig
        await rig.source.stop()
