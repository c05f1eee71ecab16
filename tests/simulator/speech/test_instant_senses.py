from __future__ import annotations

import numpy as np
import pytest

from console import pcm
from console.simulator.senses import SpeechStarted, SpeechStopped
from console.simulator.speech.instant_senses import CHUNK_MS, FRAME_MS, LoudnessDetector, ToneVoice
from tests.simulator.fake_senses import silence, tone


async def hummed(text="Hello there.", voice="marin", speed=1.0, ms_per_character=60):
    return [each async for each in ToneVoice(ms_per_character).speak(text, voice, speed)]


@pytest.mark.parametrize(
    ("text", "speed", "per_character", "duration_ms"),
    [("x" * 10, 1.0, 60, 600), ("x" * 10, 1.5, 60, 400), ("x" * 7, 0.25, 10, 280), ("", 1, 60, 0)],
)
async def test_a_sentence_lasts_exactly_as_long_as_its_characters(
    text, speed, per_character, duration_ms
):
    chunks = await hummed(text, speed=speed, ms_per_character=per_character)

    assert len(b"".join(chunks)) == duration_ms * pcm.BYTES_PER_MS
    assert all(len(each) == CHUNK_MS * pcm.BYTES_PER_MS for each in chunks[:-1])


async def test_the_tone_can_be_heard_and_neither_clicks_nor_clips():
    samples = pcm.to_float(b"".join(await hummed()))

    assert pcm.rms_dbfs(pcm.from_float(samples)) == pytest.approx(-15, abs=1)
    assert np.max(np.abs(samples)) < 0.3
    assert np.max(np.abs(np.diff(samples, prepend=0, append=0))) < 0.05


async def test_voices_differ_and_are_always_the_same():
    names = ("marin", "cedar", "ash")
    first = {name: b"".join(await hummed(voice=name)) for name in names}

    assert len(set(first.values())) == len(names)
    assert b"".join(await hummed()) == first["marin"]


async def test_a_speed_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above zero"):
        await hummed(speed=0)


def heard(*sounds: bytes, chunk_ms=20, **settings):
    detector = LoudnessDetector()
    if settings:
        detector.configure(**settings)
    audio = b"".join(sounds)
    size = chunk_ms * pcm.BYTES_PER_MS
    return [
        found for at in range(0, len(audio), size) for found in detector.push(audio[at : at + size])
    ]


@pytest.mark.parametrize("chunk_ms", [1, 20, 33, 5000])
def test_a_sound_is_a_turn_to_the_frame(chunk_ms):
    found = heard(silence(640), tone(320), silence(1000), chunk_ms=chunk_ms)

    assert found == [SpeechStarted(640 - 300), SpeechStopped(960 + 512)]


def test_the_settings_of_the_session_are_obeyed():
    found = heard(silence(640), tone(320), silence(1000),
                  threshold=0.5, prefix_padding_ms=100, silence_duration_ms=200)  # fmt: skip

    assert found == [SpeechStarted(540), SpeechStopped(960 + 224)]


@pytest.mark.parametrize(("threshold", "is_heard"), [(0.1, True), (0.9, False)])
def test_the_threshold_decides_how_loud_speech_is(threshold, is_heard):
    settings = {"threshold": threshold, "prefix_padding_ms": 0, "silence_duration_ms": 200}

    assert bool(heard(tone(320, level=0.02), **settings)) is is_heard


def test_padding_never_reaches_before_the_origin():
    detector = LoudnessDetector()
    detector.push(tone(50))
    detector.reset(2000)

    assert detector.push(tone(FRAME_MS)) == [SpeechStarted(2000)]
