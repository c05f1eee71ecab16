from __future__ import annotations

import numpy as np
import pytest

from console import wav
from console.audio.ports import Heard
from console.audio.wav_io import WavSink, WavSource
from console.errors import AudioDeviceError


class SteppedClock:
    """A clock that moves only when somebody sleeps or the test steps it."""

    def __init__(self) -> None:
        self.now = 100.0

    def now_s(self) -> float:
        return self.now

    def wall_s(self) -> float:
        return self.now

    async def sleep(self, duration_s: float) -> None:
        self.now += duration_s


def counting(n_samples: int) -> bytes:
    return (np.arange(n_samples) % 30_000 + 1).astype("<i2").tobytes()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


async def test_a_file_is_spoken_in_real_time_and_silence_follows(tmp_path, clock):
    path = tmp_path / "said.wav"
    path.write_bytes(wav.pack(counting(700)))
    source = WavSource(path, clock)
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


async def test_a_reader_that_was_held_up_gets_the_chunks_that_are_due_at_once(tmp_path, clock):
    path = tmp_path / "said.wav"
    path.write_bytes(wav.pack(counting(4800)))
    source = WavSource(path, clock)
    await source.start()
    chunks = source.chunks()

    await anext(chunks)
    clock.now += 0.05
    held_up = clock.now
    await anext(chunks)
    await anext(chunks)

    assert clock.now == held_up


async def test_a_file_of_another_rate_is_resampled(tmp_path, clock):
    times = np.arange(48_000) / 48_000
    tone = (10_000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes()
    path = tmp_path / "said.wav"
    path.write_bytes(wav.pack(tone, 48_000))
    source = WavSource(path, clock)
    await source.start()
    chunks = source.chunks()

    second = b"".join([await anext(chunks) for _ in range(50)])

    spectrum = np.abs(np.fft.rfft(np.frombuffer(second, "<i2")))
    assert np.argmax(spectrum) == 440


@pytest.mark.parametrize("content", [None, b"not a sound"])
async def test_a_file_that_cannot_be_the_microphone_is_named(tmp_path, clock, content):
    path = tmp_path / "said.wav"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(AudioDeviceError, match=r"said\.wav cannot be the microphone"):
        await WavSource(path, clock).start()


def played(path) -> bytes:
    return wav.unpack(path.read_bytes())[0]


async def test_the_file_holds_what_a_speaker_would_have_played_with_its_pauses(tmp_path, clock):
    path = tmp_path / "heard.wav"
    sink = WavSink(path, clock)
    await sink.start()

    clock.now += 0.01
    sink.play("item", counting(480))
    clock.now += 0.03
    sink.play("item", counting(240))
    sink.finish("item")
    clock.now += 0.02
    await sink.stop()
    await sink.stop()

    assert played(path) == (
        bytes(2 * 240) + counting(480) + bytes(2 * 240) + counting(240) + bytes(2 * 240)
    )


async def test_interrupt_reports_what_was_due_by_the_clock(tmp_path, clock):
    sink = WavSink(tmp_path / "heard.wav", clock)
    await sink.start()
    sink.play("first", counting(24_000))
    sink.play("second", counting(24_000))
    clock.now += 0.25

    assert await sink.interrupt() == Heard("first", 6_000)

    sink.play("first", counting(24_000))
    assert await sink.interrupt() is None
    await sink.clear()
    sink.play("first", counting(24_000))
    assert await sink.interrupt() == Heard("first", 0)
    await sink.stop()


async def test_sound_for_a_closed_file_is_ignored(tmp_path, clock):
    sink = WavSink(tmp_path / "heard.wav", clock)
    sink.play("item", counting(480))
    await sink.start()
    await sink.start()
    await sink.stop()

    assert played(tmp_path / "heard.wav") == b""
    assert await sink.interrupt() is None


async def test_a_file_that_cannot_be_written_is_named(tmp_path, clock):
    sink = WavSink(tmp_path / "nowhere" / "heard.wav", clock)

    with pytest.raises(AudioDeviceError, match=r"heard\.wav cannot be the speaker: No such file"):
        await sink.start()
