"""Bins, notes and bars of a sound."""

from __future__ import annotations

import numpy as np
import pytest

from console.audio import Spectrum, analyse, voice_bars


def tone(hz: float, *, seconds: float = 0.5, level: float = 0.5, rate_hz: int = 24_000) -> bytes:
    times = np.arange(int(seconds * rate_hz)) / rate_hz
    return (level * 32_767 * np.sin(2 * np.pi * hz * times)).astype("<i2").tobytes()


@pytest.mark.parametrize("rate_hz", [8_000, 24_000, 44_100, 48_000])
def test_a_tone_is_strongest_in_its_own_bin_at_any_rate(rate_hz):
    found = analyse(tone(1000, rate_hz=rate_hz), sample_rate_hz=rate_hz, max_dbfs=0)

    assert found.frequencies_hz[int(np.argmax(found.values))] == pytest.approx(1000, abs=25)
    assert found.frequencies_hz[-1] == rate_hz / 2
    assert len(found.values) == len(found.frequencies_hz) == len(found.labels)


@pytest.mark.parametrize(
    ("hz", "label"), [(440, "A4"), (261.63, "C4"), (65.41, "C2"), (110, "A2"), (7902, "B8")]
)
def test_a_note_is_known_by_its_name(hz, label):
    found = analyse(tone(hz), "music", max_dbfs=0)

    assert found.labels[int(np.argmax(found.values))] == label


def test_the_notes_of_a_voice_lie_between_32_and_2000_hz():
    found = analyse(tone(440), "voice", max_dbfs=0)

    assert (found.labels[0], found.labels[-1]) == ("C1", "B6")
    assert found.frequencies_hz.min() > 32
    assert found.frequencies_hz.max() < 2000
    assert found.labels[int(np.argmax(found.values))] == "A4"


def test_notes_beyond_half_the_rate_are_left_out():
    assert analyse(tone(440, rate_hz=8_000), "music", sample_rate_hz=8_000).labels[-1] == "B7"


def test_values_are_levels_between_the_two_that_are_asked_for():
    full_scale = tone(23.4375 * 40, level=1.0)  # in the middle of a bin

    found = analyse(full_scale, min_dbfs=-60, max_dbfs=20)

    assert found.values.max() == pytest.approx(60 / 80, abs=0.01)
    assert analyse(full_scale).values.max() == 1
    assert analyse(b"").values.max() == 0


def test_only_the_end_of_a_long_sound_counts():
    assert np.array_equal(
        analyse(tone(3000) + tone(440, seconds=1), "music").values,
        analyse(tone(440, seconds=1), "music").values,
    )


def test_what_cannot_be_analysed_is_named():
    with pytest.raises(ValueError, match="frequency, music or voice, not 'smell'"):
        analyse(b"", "smell")  # type: ignore[arg-type]  # what the test is about
    with pytest.raises(ValueError, match="must lie below"):
        analyse(b"", min_dbfs=-30, max_dbfs=-30)


def test_the_spectrum_of_a_stream_is_that_of_its_end():
    spectrum = Spectrum()
    sound = tone(440, seconds=1)
    for at in range(0, len(sound), 962):
        spectrum.push(sound[at : at + 962])

    assert np.array_equal(spectrum.frequencies("music").values, analyse(sound, "music").values)
    spectrum.clear()
    assert spectrum.frequencies().values.max() == 0
    with pytest.raises(ValueError, match="pairs of bytes"):
        spectrum.push(b"\0")


def test_a_recording_has_a_frame_of_bars_for_each_twentieth_of_a_second():
    bars = voice_bars(tone(440, seconds=1.01) + bytes(48_000))

    assert bars.shape == (41, 10)
    assert bars[:20].max() > 0.9
    assert bars[-1].max() < 0.1
    assert voice_bars(b"").shape == (0, 10)
    assert int(np.argmax(bars[15])) == int(np.searchsorted(np.geomspace(80, 7000, 11), 440)) - 1


def test_bars_of_half_a_sample_are_refused():
    with pytest.raises(ValueError, match="pairs of bytes"):
        voice_bars(b"\0")
