"""What every microphone and every speaker of the console must do, whoever provides it.

A port is tested by a class of its own that inherits a suite and gives a rig: the port, and the
other end of it, where a test speaks and listens. So the machine's sound, the browser's and files
pass the same tests::

    class TestTheMachinesMicrophone(SourceSuite):
        @pytest_asyncio.fixture
        async def rig(self): ...
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

import numpy as np
import pytest

from console import tasks
from console.audio.ports import AudioSink, AudioSource, Heard
from console.pcm import SAMPLE_RATE_HZ, Int16Array
from tests import speech
from tests.pulse import best_match, share_found

SAID = np.frombuffer(speech.say("What is the weather in Paris?"), dtype="<i2")
SENTENCE = SAID[np.argmax(np.abs(SAID) > 300) :]
"""A sentence that begins with sound, so that its first sample can be found in a recording."""
TONE = (8000 * np.sin(2 * np.pi * 440 * np.arange(5 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ)).astype(
    "<i2"
)
DEADLINE_S = 15.0


def chunks_of(samples: Int16Array, n_samples: int = 2400) -> list[bytes]:
    """Cut samples into chunks of 100 ms, as a server sends them."""
    return [samples[at : at + n_samples].tobytes() for at in range(0, len(samples), n_samples)]


# ---------------------------------------------------------------- microphones


class SourceRig(Protocol):
    """A microphone and a mouth in front of it."""

    source: AudioSource
    least_share: float
    """So much of what was said has to come in: 1 is all; a busy machine puts gaps into sound."""
    has_room: bool
    """Whether sound comes in while nobody speaks, as in a room."""

    async def speak(self, samples: Int16Array) -> None:
        """Say `samples` (24 kHz); returns when the last was said."""


async def heard_until(source: AudioSource, n_samples: int) -> Int16Array:
    """Return what comes in from the first sound on, until `n_samples` are there."""
    captured = bytearray()
    async with asyncio.timeout(DEADLINE_S):
        async for chunk in source.chunks():
            if captured or np.any(np.frombuffer(chunk, "<i2")):
                captured += chunk
            if len(captured) >= 2 * n_samples:
                break
    return np.frombuffer(bytes(captured), "<i2")


async def first_of(source: AudioSource) -> bytes:
    """Return the first chunk that comes."""
    async with asyncio.timeout(DEADLINE_S):
        async for chunk in source.chunks():
            return chunk
    raise AssertionError("the source ended without a chunk")


async def drain(source: AudioSource) -> int:
    """Read to the end; return how many chunks there were."""
    n_chunks = 0
    async with asyncio.timeout(DEADLINE_S):
        async for _ in source.chunks():
            n_chunks += 1
    return n_chunks


class SourceSuite:
    """The tests of an `AudioSource`."""

    async def test_what_is_said_comes_in_from_first_to_last_sample(self, rig: SourceRig):
        await rig.source.start()
        speaking = tasks.spawn(rig.speak(SENTENCE), name="speak")
        captured = await heard_until(rig.source, len(SENTENCE))
        await speaking

        assert share_found(captured, SENTENCE) >= rig.least_share
        assert rig.source.dropped_chunks == 0

    async def test_what_comes_in_is_as_loud_as_it_was_said(self, rig: SourceRig):
        await rig.source.start()
        speaking = tasks.spawn(rig.speak(TONE[:SAMPLE_RATE_HZ]), name="speak")
        captured = await heard_until(rig.source, SAMPLE_RATE_HZ // 2)
        await speaking

        # In windows of 10 ms: a busy machine may put gaps between them.
        levels = [float(np.std(each)) for each in np.array_split(captured.astype(float), 50)]
        assert np.median(levels) == pytest.approx(float(np.std(TONE)), rel=0.05)

    async def test_chunks_are_whole_samples(self, rig: SourceRig):
        await rig.source.start()
        speaking = tasks.spawn(rig.speak(TONE[:4800]), name="speak")
        chunk = await first_of(rig.source)
        await speaking

        assert chunk
        assert len(chunk) % 2 == 0

    async def test_stopping_ends_the_chunks_and_can_be_done_twice(self, rig: SourceRig):
        await rig.source.start()
        reading = tasks.spawn(drain(rig.source), name="read")
        await rig.source.stop()
        await rig.source.stop()

        await asyncio.wait_for(reading, DEADLINE_S)

    async def test_starting_twice_is_starting_once(self, rig: SourceRig):
        await rig.source.start()
        await rig.source.start()
        speaking = tasks.spawn(rig.speak(SENTENCE), name="speak")
        captured = await heard_until(rig.source, len(SENTENCE))
        await speaking

        # Two captures at once would be heard as an echo, or at half the speed.
        assert share_found(captured, SENTENCE) >= rig.least_share

    async def test_it_is_heard_again_after_a_stop_and_without_what_was_said_before(
        self, rig: SourceRig
    ):
        await rig.source.start()
        await rig.speak(TONE[:4800])
        await rig.source.stop()
        await rig.source.start()
        speaking = tasks.spawn(rig.speak(SENTENCE), name="speak")
        captured = await heard_until(rig.source, len(SENTENCE))
        await speaking

        assert share_found(captured, SENTENCE) >= rig.least_share
        assert best_match(captured, TONE[:2400])[1] < 0.7

    async def test_the_end_of_a_turn_waits_for_a_reader_that_still_holds_a_chunk(
        self, rig: SourceRig
    ):
        await rig.source.start()
        speaking = tasks.spawn(rig.speak(TONE[:4800]), name="speak")
        chunks = rig.source.chunks()
        await asyncio.wait_for(_next(chunks), DEADLINE_S)
        waiting = tasks.spawn(rig.source.wait_until_read(), name="wait")
        await asyncio.sleep(0)
        was_waiting = not waiting.done()
        await rig.source.stop()

        await asyncio.wait_for(waiting, DEADLINE_S)
        await speaking
        assert was_waiting or not rig.has_room


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    return await anext(chunks)


# ---------------------------------------------------------------- speakers


class SinkRig(Protocol):
    """A speaker and an ear in front of it."""

    sink: AudioSink
    least_share: float
    """So much of what is queued has to be heard: 1 is all; a busy machine puts gaps into sound."""
    slack_ms: float
    """How exact the ear is about where a sound ends."""

    async def listen(self, n_samples: int) -> Int16Array:
        """Return what was heard from the first sound on, once there are `n_samples` of it."""

    async def ask(self, question: Awaitable[Heard | None]) -> Heard | None:
        """Await what the speaker has to answer, and let it answer."""

    async def feed(self, track: str, samples: Int16Array, delta_ms: int) -> None:
        """Queue `samples` in deltas, each when it is spoken, while they are heard."""

    async def sounding_ms(self) -> float:
        """Return for how long anything sounds in all, once it is silent."""


class SinkSuite:
    """The tests of an `AudioSink`."""

    async def test_what_is_queued_is_heard_from_first_to_last_sample(self, rig: SinkRig):
        for chunk in chunks_of(SENTENCE):
            rig.sink.play("item", chunk)
        rig.sink.finish("item")

        assert share_found(await rig.listen(len(SENTENCE)), SENTENCE) >= rig.least_share

    async def test_a_track_shorter_than_any_buffer_is_heard(self, rig: SinkRig):
        rig.sink.play("item", TONE[:480].tobytes())
        rig.sink.finish("item")

        heard = await rig.listen(480)
        assert np.max(np.abs(heard)) == pytest.approx(8000, rel=0.1)

    async def test_tracks_are_heard_one_after_the_other(self, rig: SinkRig):
        half = len(SENTENCE) // 2
        rig.sink.play("first", SENTENCE[:half].tobytes())
        rig.sink.finish("first")
        rig.sink.play("second", SENTENCE[half:].tobytes())
        rig.sink.finish("second")

        assert share_found(await rig.listen(len(SENTENCE)), SENTENCE) >= rig.least_share

    async def test_deltas_of_20_ms_at_the_pace_of_speech_make_no_gaps(self, rig: SinkRig):
        await rig.feed("item", SENTENCE, 20)
        rig.sink.finish("item")

        assert share_found(await rig.listen(len(SENTENCE)), SENTENCE) >= rig.least_share

    async def test_a_stall_of_300_ms_loses_nothing(self, rig: SinkRig):
        half = len(SENTENCE) // 2
        rig.sink.play("item", SENTENCE[:half].tobytes())
        await rig.listen(half + SAMPLE_RATE_HZ * 3 // 10)
        rig.sink.play("item", SENTENCE[half:].tobytes())
        rig.sink.finish("item")
        await rig.sounding_ms()

        heard = await rig.listen(len(SENTENCE) + SAMPLE_RATE_HZ * 3 // 10)
        assert share_found(heard, SENTENCE[half:]) >= rig.least_share

    async def test_an_interruption_tells_the_track_at_the_ear_and_how_far_it_was_heard(
        self, rig: SinkRig
    ):
        rig.sink.play("first", TONE.tobytes())
        rig.sink.play("second", TONE.tobytes())
        await rig.listen(SAMPLE_RATE_HZ // 2)
        heard = await rig.ask(rig.sink.interrupt())
        sounding_ms = await rig.sounding_ms()

        assert heard is not None
        assert heard.track == "first"
        assert heard.n_samples * 1000 / SAMPLE_RATE_HZ == pytest.approx(
            sounding_ms, abs=rig.slack_ms
        )

    async def test_what_still_comes_of_interrupted_tracks_is_not_heard(self, rig: SinkRig):
        rig.sink.play("first", TONE.tobytes())
        rig.sink.play("second", TONE.tobytes())
        await rig.listen(2400)
        heard = await rig.ask(rig.sink.interrupt())
        rig.sink.play("first", TONE.tobytes())
        rig.sink.play("second", TONE.tobytes())

        assert heard is not None
        assert await rig.sounding_ms() < 2000
        assert await rig.ask(rig.sink.interrupt()) is None

    async def test_nothing_was_heard_when_nothing_was_played(self, rig: SinkRig):
        assert await rig.ask(rig.sink.interrupt()) is None

    async def test_clear_lets_an_interrupted_track_be_heard_again(self, rig: SinkRig):
        rig.sink.play("item", TONE[:2400].tobytes())
        await rig.ask(rig.sink.interrupt())
        await rig.sink.clear()
        for chunk in chunks_of(SENTENCE):
            rig.sink.play("item", chunk)
        rig.sink.finish("item")

        assert share_found(await rig.listen(len(SENTENCE)), SENTENCE) >= rig.least_share

    async def test_half_a_sample_is_refused(self, rig: SinkRig):
        with pytest.raises(ValueError, match="pairs of bytes"):
            rig.sink.play("item", b"\0\0\0")

    async def test_stopping_twice_is_stopping_once_and_it_can_be_started_again(self, rig: SinkRig):
        await rig.sink.stop()
        await rig.sink.stop()
        await rig.sink.start()
        await rig.sink.start()
        rig.sink.play("item", SENTENCE.tobytes())
        rig.sink.finish("item")

        assert share_found(await rig.listen(len(SENTENCE)), SENTENCE) >= rig.least_share
