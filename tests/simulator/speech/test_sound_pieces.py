from __future__ import annotations

import itertools

import numpy as np
import pytest

from console import pcm
from console.simulator.speech.sound_pieces import CHUNK_BYTES, SoundPieces


def hum(n_samples: int, rate_hz: int, level=0.5):
    return (level * np.sin(2 * np.pi * 300 / rate_hz * np.arange(n_samples))).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 24_000])
@pytest.mark.parametrize("piece", [100, 5000])
def test_sound_of_any_rate_keeps_its_length_in_chunks_of_100_ms(rate_hz, piece):
    pieces, sound = SoundPieces(rate_hz), hum(2 * rate_hz, rate_hz)
    chunks = [
        chunk
        for at in range(0, len(sound), piece)
        for chunk in pieces.take(sound[at : at + piece], last=at + piece >= len(sound))
    ]

    assert {len(each) for each in chunks[:-1]} == {CHUNK_BYTES}
    assert pcm.bytes_to_ms(len(b"".join(chunks))) == pytest.approx(2000, abs=1)
    samples = [pcm.to_float(each) for each in chunks]
    steps = [abs(float(after[0] - before[-1])) for before, after in itertools.pairwise(samples)]
    assert max(steps) < 0.05


def test_the_gain_is_in_decibels():
    (chunk,) = SoundPieces(24_000, -6.0).take(hum(2400, 24_000), last=True)

    assert pcm.rms_dbfs(chunk) == pytest.approx(
        pcm.rms_dbfs(pcm.from_float(hum(2400, 24_000))) - 6, abs=0.1
    )


def test_what_is_too_loud_is_bent_and_not_clipped():
    samples = pcm.to_float(
        b"".join(SoundPieces(24_000, 20.0).take(hum(2400, 24_000, 0.9), last=True))
    )

    assert 0.9 < np.max(np.abs(samples)) <= 1.0


def test_nothing_gives_nothing():
    assert SoundPieces(16_000).take(np.zeros(0, dtype=np.float32), last=True) == []
