from __future__ import annotations

import io

import numpy as np
import pytest

from console import pcm
from console.audio.sounds import LEVEL_DBFS, PinkNoise, Recorded, Silence, Spoken, Tone


def samples_of(data: bytes) -> np.ndarray:
    return np.frombuffer(data, dtype="<i2").astype(np.float64)


def test_silence_never_ends_and_is_silent():
    assert Silence().read(10**9, 480) == bytes(960)
    assert not Silence().is_over(10**9)
    assert Silence().n_samples is None


def test_a_tone_has_its_frequency_and_level_and_no_seam_between_reads():
    tone = Tone()

    whole = tone.read(0, 24_000)
    in_parts = b"".join(tone.read(at, 480) for at in range(0, 24_000, 480))

    assert in_parts == whole
    assert np.argmax(np.abs(np.fft.rfft(samples_of(whole)))) == 440
    assert pcm.rms_dbfs(whole) == pytest.approx(LEVEL_DBFS, abs=0.05)
    assert not tone.is_over(10**9)


@pytest.mark.parametrize(("frequency_hz", "level_dbfs"), [(0, -20), (12_000, -20), (440, -1)])
def test_a_tone_that_cannot_be_made_is_refused(frequency_hz, level_dbfs):
    with pytest.raises(ValueError, match=r"tone at 24 kHz|would clip"):
        Tone(frequency_hz, level_dbfs)


def test_pink_noise_has_as_much_power_in_each_octave():
    noise = samples_of(PinkNoise().read(0, 24_000 * 10))
    power = np.abs(np.fft.rfft(noise)) ** 2
    frequencies = np.fft.rfftfreq(noise.size, 1 / 24_000)

    octaves = [
        10 * np.log10(power[(frequencies >= low) & (frequencies < 2 * low)].sum())
        for low in (62.5, 125, 250, 500, 1000, 2000, 4000)
    ]

    assert max(octaves) - min(octaves) < 1.0
    assert pcm.rms_dbfs(PinkNoise().read(0, 1 << 18)) == pytest.approx(LEVEL_DBFS, abs=0.1)


def test_pink_noise_repeats_without_a_click():
    noise = PinkNoise()
    seam = samples_of(noise.read((1 << 18) - 2400, 4800))
    steps = np.abs(np.diff(seam))

    assert steps[2399] < np.percentile(steps, 99.9) * 1.5
    assert noise.read(1 << 18, 480) == noise.read(0, 480)
    assert not noise.is_over(10**9)


def test_a_recording_is_read_from_anywhere_until_it_is_closed():
    data = np.arange(1000).astype("<i2").tobytes()
    recorded = Recorded(io.BytesIO(data), 1000)

    assert recorded.n_samples == 1000
    assert recorded.read(10, 5) == data[20:30]
    assert recorded.read(998, 100) == data[1996:]
    assert recorded.read(2000, 100) == b""
    assert recorded.is_over(1000)
    assert not recorded.is_over(999)
    recorded.close()
    recorded.close()

    assert recorded.read(0, 10) == b""
    assert recorded.is_over(0)


async def test_speech_can_be_read_while_it_is_being_made():
    spoken = Spoken(before_ms=1, after_ms=2)
    seen = []

    async def speech():
        yield b"\1\0" * 10
        seen.append((spoken.read(24, 100), spoken.is_over(34), spoken.n_samples))
        yield b"\2\0" * 10

    await spoken.fill(speech())

    assert seen == [(b"\1\0" * 10, False, None)]
    assert spoken.n_samples == 24 + 20 + 48
    assert spoken.read(0, 1000) == bytes(48) + b"\1\0" * 10 + b"\2\0" * 10 + bytes(96)
    assert spoken.is_over(92)
    assert not spoken.is_over(91)


async def test_speech_that_fails_ends_with_what_was_made():
    spoken = Spoken()

    async def speech():
        yield b"\1\0"
        raise RuntimeError("no voice")

    with pytest.raises(RuntimeError, match="no voice"):
        await spoken.fill(speech())

    assert spoken.n_samples == 1
    assert spoken.is_over(1)


async def test_speech_without_end_is_cut_after_two_minutes():
    spoken = Spoken()

    async def speech():
        while True:
            yield bytes(48_000 * 50)

    await spoken.fill(speech())

    assert spoken.n_samples == 120 * 24_000
