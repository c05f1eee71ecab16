"""How a test finds out where a sound was cut that a busy machine put gaps into."""

import numpy as np
import pytest

from tests.pulse import RATE_HZ, end_in

MS = RATE_HZ // 1000
FADE_MS = 20


def noise(n_ms: int) -> np.ndarray:
    return np.random.default_rng(7).normal(0, 3_000, n_ms * MS).astype(np.int16)


def with_gap(sound: np.ndarray, at_ms: int, gap_ms: int) -> np.ndarray:
    return np.insert(sound, at_ms * MS, np.zeros(gap_ms * MS, dtype=np.int16))


def test_the_end_of_a_whole_sound_is_found():
    whole = noise(2_000)

    assert end_in(whole, whole[: 1_000 * MS]) == 1_000 * MS


@pytest.mark.parametrize("before_end_ms", [300, 90, 55, 30, 25])
@pytest.mark.parametrize("gap_ms", [10, 30, 60])
def test_a_gap_near_the_end_is_not_taken_for_sound(before_end_ms, gap_ms):
    whole = noise(2_000)
    heard = with_gap(whole[: 1_000 * MS], 1_000 - before_end_ms, gap_ms)

    assert end_in(whole, heard) == pytest.approx(1_000 * MS, abs=5 * MS)


def test_another_sound_has_no_end_in_it():
    assert end_in(noise(2_000), np.flip(noise(1_000))) is None
