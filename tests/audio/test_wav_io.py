from __future__ import annotations

import numpy as np
import pytest

from console import wav
from console.audio.ports import Heard
from console.audio.wav_io import WavSink
from console.errors import AudioDeviceError
from tests.audio.stepped_clock import SteppedClock


def counting(n_samples: int) -> bytes:
    return (np.arange(n_samples) % 30_000 + 1).astype("<i2").tobytes()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


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
