from __future__ import annotations

import numpy as np
import pytest

from console import pcm
from console.app import echo_report
from console.audio.sounds import PinkNoise, Tone
from tests import speech

RATE_HZ = pcm.SAMPLE_RATE_HZ


def with_chirp(at: int, level: float = 1.0, noise_rms: float = 0.0) -> bytes:
    samples = np.random.default_rng(7).normal(0, 1, RATE_HZ) * noise_rms
    chirp = pcm.to_float(echo_report.chirp())
    samples[at : at + chirp.size] += level * chirp
    return pcm.from_float(samples)


@pytest.mark.parametrize(
    ("level", "noise_rms"), [(1.0, 0.0), (0.01, 0.0), (0.3, 0.03)], ids=["loud", "far", "noisy"]
)
def test_a_chirp_is_found_where_it_is(level, noise_rms):
    assert echo_report.find_chirp(with_chirp(9_000, level, noise_rms)) == pytest.approx(
        9_000, abs=12
    )


def test_the_first_of_two_chirps_is_the_way_and_the_other_the_room():
    first = pcm.to_float(with_chirp(6_000, 0.5))
    later = pcm.to_float(with_chirp(7_500, 0.6))

    assert echo_report.find_chirp(pcm.from_float(first + later)) == pytest.approx(6_000, abs=12)


@pytest.mark.parametrize(
    "heard",
    [
        bytes(2 * RATE_HZ),
        b"",
        PinkNoise().read(0, RATE_HZ),
        Tone().read(0, RATE_HZ),
        speech.say("What is the weather in Paris?"),
        speech.say("Please remember that my favourite colour is blue"),
    ],
    ids=["silence", "nothing", "noise", "tone", "a question", "a wish"],
)
def test_what_is_no_chirp_is_not_taken_for_one(heard):
    assert echo_report.find_chirp(heard) is None


@pytest.mark.parametrize(
    ("heard", "word"),
    [
        (bytes(48_000), "silent"),
        (b"", "silent"),
        (Tone(level_dbfs=-50).read(0, RATE_HZ), "too quiet"),
        (Tone(level_dbfs=-20).read(0, RATE_HZ), "good"),
        (pcm.from_float(2 * pcm.to_float(Tone(level_dbfs=-3.1).read(0, RATE_HZ))), "clipped"),
    ],
)
def test_a_level_has_a_word(heard, word):
    assert echo_report.loudness_of(heard)[0] == word


def test_the_loudest_moment_counts_not_the_pauses():
    heard = bytes(2 * RATE_HZ) + Tone(level_dbfs=-20).read(0, RATE_HZ // 10)

    word, level_dbfs = echo_report.loudness_of(heard)
    assert word == "good"
    assert level_dbfs == pytest.approx(-20, abs=0.5)


def test_two_samples_at_full_scale_are_a_peak_and_not_clipping():
    samples = np.zeros(2400, dtype="<i2")
    samples[100:102] = 32_767
    samples[500] = -32_768

    assert echo_report.loudness_of(samples.tobytes())[0] != "clipped"
