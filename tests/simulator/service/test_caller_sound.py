import asyncio

import numpy as np
import pytest

from console import pcm, tasks
from console.simulator.service import caller_sound
from console.simulator.service.caller_sound import CallerSound


class Ear:
    """Hears when it is let; keeps what it has heard."""

    def __init__(self):
        self.pieces = []
        self.may_hear = asyncio.Event()
        self.may_hear.set()

    async def hear(self, audio):
        self.pieces.append(audio)
        await self.may_hear.wait()


def stereo(duration_ms, frequency_hz=440.0):
    seconds = np.arange(duration_ms * 48) / 48_000
    left = 20_000 * np.sin(2 * np.pi * frequency_hz * seconds)
    return np.stack([left, left / 2], axis=1).astype(np.int16)


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
async def ear():
    return Ear()


@pytest.fixture
async def sound(ear):
    sound = CallerSound(ear.hear)
    running = tasks.spawn(sound.run(), name="hear")
    yield sound
    await tasks.cancel(running)


async def test_stereo_at_48_khz_is_heard_as_mono_at_24(sound, ear):
    for frame in np.split(stereo(1000), 50):
        sound.push(frame)
    await settle()
    heard = pcm.to_float(b"".join(ear.pieces))

    assert 950 < pcm.samples_to_ms(len(heard)) <= 1000
    middle = heard[6000:18000]
    spectrum = np.abs(np.fft.rfft(middle))
    assert np.argmax(spectrum) * 24_000 / len(middle) == pytest.approx(440, abs=2)
    assert np.abs(middle).max() == pytest.approx(15_000 / 32_768, rel=0.02)


async def test_what_comes_while_something_is_heard_is_heard_in_one_piece(sound, ear):
    ear.may_hear.clear()
    sound.push(stereo(100))
    await settle()
    for _ in range(5):
        sound.push(stereo(20))
    ear.may_hear.set()
    await settle()

    assert len(ear.pieces) == 2
    assert pcm.bytes_to_ms(len(ear.pieces[1])) == pytest.approx(100, abs=20)


async def test_silence_is_heard_as_silence_of_that_length(sound, ear):
    sound.push_silence(100)
    sound.push_silence(100)
    await settle()
    heard = b"".join(ear.pieces)

    assert 150 < pcm.bytes_to_ms(len(heard)) <= 200
    assert not any(heard)


async def test_of_what_nobody_hears_the_oldest_is_dropped_and_counted(
    sound, ear, monkeypatch, caplog
):
    monkeypatch.setattr(caller_sound, "MAX_WAITING_BYTES", 100 * pcm.BYTES_PER_MS)
    ear.may_hear.clear()
    sound.push(stereo(100))
    await settle()
    for _ in range(10):
        sound.push(stereo(100))
    ear.may_hear.set()
    await settle()

    assert pcm.bytes_to_ms(len(ear.pieces[1])) == 100
    assert pcm.bytes_to_ms(sound.n_dropped) == pytest.approx(900, abs=20)
    assert len(caplog.records) == 1
