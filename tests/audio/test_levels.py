from __future__ import annotations

import numpy as np
import pytest

from console import pcm
from console.audio.levels import LevelBars


def tone(frequency_hz: float, level: float = 0.5, n_samples: int = 2400) -> bytes:
    times = np.arange(n_samples) / pcm.SAMPLE_RATE_HZ
    return pcm.from_float(level * np.sin(2 * np.pi * frequency_hz * times))


def test_silence_leaves_every_bar_empty():
    bars = LevelBars()
    bars.push(bytes(4800))

    assert bars.frame() == [0.0] * 10


@pytest.mark.parametrize(("frequency_hz", "bar"), [(100, 0), (950, 5), (5600, 9)])
def test_a_tone_fills_the_bar_of_its_band(frequency_hz, bar):
    bars = LevelBars()
    bars.push(tone(frequency_hz))

    levels = bars.frame()

    assert max(range(10), key=levels.__getitem__) == bar
    assert levels[bar] > 0.6


def test_a_louder_tone_makes_a_taller_bar():
    quiet, loud = LevelBars(1), LevelBars(1)
    quiet.push(tone(440, 0.01))
    loud.push(tone(440, 0.1))

    assert 0 < quiet.frame()[0] < loud.frame()[0]


def test_bars_rise_fast_and_fall_slowly():
    bars = LevelBars(1)
    bars.push(tone(440))
    rising = [bars.frame()[0] for _ in range(3)]
    bars.push(bytes(4800))
    falling = [bars.frame()[0] for _ in range(3)]

    assert rising[1] > 0.9 * rising[2] > 0.8
    assert 0.7 < falling[0] < rising[2]
    assert falling[0] > falling[1] > falling[2] > 0.3


def test_small_chunks_and_one_large_chunk_show_the_same():
    sound = tone(300)
    small, large = LevelBars(), LevelBars()
    for start in range(0, len(sound), 960):
        small.push(sound[start : start + 960])
    large.push(sound)
    large.push(b"")

    assert small.frame() == large.frame()


@pytest.mark.parametrize("n_bars", [0, 65])
def test_a_number_of_bars_that_cannot_be_drawn_is_refused(n_bars):
    with pytest.raises(ValueError, match=f"{n_bars} bars"):
        LevelBars(n_bars)


def test_64_bars_each_have_a_band_of_their_own():
    bars = LevelBars(64)
    bars.push(tone(2000))

    assert len(bars.frame()) == 64
