import numpy as np
import pytest

from console.audio.peaks import MAX_PEAKS, peaks


def sound(samples):
    return np.asarray(samples, dtype="<i2").tobytes()


def test_each_peak_is_the_loudest_sample_of_its_stretch_above_or_below_zero():
    stretch = np.zeros(480, dtype=np.int16)
    quiet, above, below = stretch.copy(), stretch.copy(), stretch.copy()
    above[100], above[200] = 16_384, -100
    below[479] = -8_192

    assert peaks(sound(np.concatenate((quiet, above, below)))) == [0.0, 0.5, 0.25]


def test_the_lowest_sample_is_full_scale_and_no_number_runs_over():
    assert peaks(sound([-32_768] * 480)) == [1.0]


def test_no_sound_has_no_peaks():
    assert peaks(b"") == []
    assert peaks(b"\x01") == []


def test_half_a_sample_at_the_end_does_not_count():
    assert peaks(sound([3_277]) + b"\xff") == [0.1]


@pytest.mark.parametrize(
    ("n_samples", "n_peaks"),
    [(1, 1), (480, 1), (481, 2), (24_000, 50), (24_000 * 12, MAX_PEAKS), (24_000 * 600, MAX_PEAKS)],
)
def test_a_peak_stands_for_20_ms_or_more_and_their_number_is_bounded(n_samples, n_peaks):
    assert len(peaks(bytes(2 * n_samples))) == n_peaks


def test_every_sample_counts_in_one_stretch():
    for at in (0, 359, 360, 719, 999):
        samples = np.zeros(1_000, dtype=np.int16)
        samples[at] = 32_767

        assert sum(each == 1.0 for each in peaks(sound(samples), 2)) == 1


def test_a_sound_that_swells_has_peaks_that_rise():
    found = peaks(sound(np.linspace(0, 32_767, 240_000)))

    assert found == sorted(found)
    assert found[0] < 0.01
    assert found[-1] == 1.0


def test_a_growing_sound_may_be_read_where_it_lies():
    audio = bytearray(sound([1_000] * 480))
    found = peaks(audio)
    audio += b"\x00\x00"  # no view of it was kept

    assert found == [0.031]


def test_less_than_one_peak_is_refused():
    with pytest.raises(ValueError, match="ask for 1 or more"):
        peaks(b"\x00\x00", 0)
