from __future__ import annotations

import asyncio
import itertools
import time

import numpy as np
import pytest
import pytest_asyncio

from console import pcm
from console.simulator.speech.voice import VOICES, EspeakSpeech, choose

pytestmark = pytest.mark.asyncio(loop_scope="module")

SENTENCE = "It is nineteen point four degrees in Paris, with a light wind from the west."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def voice():
    made = EspeakSpeech()
    made.worker.start()
    yield made
    await made.worker.close()


async def say(speech: EspeakSpeech, text: str = SENTENCE, name: str = "marin", speed=1.0) -> bytes:
    return b"".join([chunk async for chunk in speech.speak(text, name, speed)])


def pitch_hz(audio: bytes) -> float:
    """Median pitch by autocorrelation, over frames of 40 ms that are loud and voiced."""
    samples = pcm.to_float(audio)
    shortest, longest = pcm.SAMPLE_RATE_HZ // 400, pcm.SAMPLE_RATE_HZ // 70
    found = []
    for start in range(0, len(samples) - 960, 960):
        frame = samples[start : start + 960]
        if np.std(frame) < 0.03:
            continue
        alike = np.correlate(frame, frame, "full")[959:]
        lag = shortest + int(np.argmax(alike[shortest:longest]))
        if alike[lag] > 0.5 * alike[0]:
            found.append(pcm.SAMPLE_RATE_HZ / lag)
    return float(np.median(found))


def spectrum(audio: bytes):
    """Level in 40 bands from 80 to 8000 Hz in dB, without the overall loudness."""
    power = np.abs(np.fft.rfft(pcm.to_float(audio))) ** 2
    edges = np.geomspace(80, 8000, 41) * len(audio) / 2 / pcm.SAMPLE_RATE_HZ
    bands = [power[int(low) : int(high) + 1].mean() for low, high in itertools.pairwise(edges)]
    level = 10 * np.log10(np.array(bands) + 1e-9)
    return level - level.mean()


async def test_the_voices_sound_different(voice):
    said = {name: await say(voice, name=name) for name in VOICES}

    pitches = {name: pitch_hz(audio) for name, audio in said.items()}
    colours = {name: spectrum(audio) for name, audio in said.items()}
    too_close = [
        (one, other)
        for one in VOICES
        for other in VOICES
        if one < other
        and abs(np.log2(pitches[one] / pitches[other])) < 1 / 12
        and np.sqrt(np.mean((colours[one] - colours[other]) ** 2)) < 2
    ]
    assert too_close == []
    assert max(pitches.values()) > 2 * min(pitches.values())


@pytest.mark.parametrize("name", VOICES)
async def test_every_voice_is_about_as_loud_and_never_clips(voice, name):
    audio = await say(voice, name=name)

    assert pcm.rms_dbfs(audio) == pytest.approx(-20.5, abs=2)
    assert np.max(np.abs(pcm.to_float(audio))) < 0.99


async def test_an_unknown_voice_is_always_the_same_one(voice):
    assert choose("nova") == choose("nova")
    assert choose("nova") in VOICES.values()
    assert choose("Marin") == VOICES["marin"]
    assert await say(voice, name="nova")


async def test_chunks_are_100_ms_of_whole_samples(voice):
    sizes = [len(chunk) async for chunk in voice.speak(SENTENCE, "alloy", 1.0)]

    assert set(sizes[:-1]) == {100 * pcm.BYTES_PER_MS}
    assert sizes[-1] % 2 == 0


async def test_speed_changes_the_duration(voice):
    normal = len(await say(voice))

    for speed in (0.25, 0.5, 1.5):
        ratio = len(await say(voice, speed=speed)) / normal
        assert ratio == pytest.approx(1 / speed, rel=0.25)


@pytest.mark.parametrize("speed", [0.0, 0.2, 1.6, -1.0, float("nan")])
async def test_a_speed_out_of_range_is_refused(voice, speed):
    with pytest.raises(ValueError, match="speed must be"):
        await say(voice, speed=speed)


async def test_units_are_said_in_words(voice):
    written = await say(voice, "19 °C")
    spelled = await say(voice, "19 degrees Celsius")

    assert len(written) == pytest.approx(len(spelled), rel=0.02)


@pytest.mark.parametrize("text", ["", "   ", "\0", "...", "\u200b"])
async def test_nothing_to_say_is_no_error(voice, text):
    assert pcm.bytes_to_ms(len(await say(voice, text))) < 1000


async def test_a_text_after_a_nul_is_not_lost(voice):
    assert len(await say(voice, "one\0two three four")) > 1.5 * len(await say(voice, "one"))


async def test_long_text_is_said_to_its_end(voice):
    text = "one two three four five, " * 40

    seconds = pcm.bytes_to_ms(len(await say(voice, text))) / 1000

    assert 40 < seconds < 120


async def test_sound_has_no_clicks_between_chunks(voice):
    chunks = [pcm.to_float(each) async for each in voice.speak(SENTENCE, "ash", 1.0)]

    inside = max(float(np.max(np.abs(np.diff(each)))) for each in chunks)
    between = max(abs(float(after[0] - before[-1])) for before, after in itertools.pairwise(chunks))
    assert between <= inside


async def test_the_same_text_sounds_the_same(voice):
    one, other = await say(voice), await say(voice)

    # Not to the sample: the engine adds breath, which is noise.
    assert len(one) == pytest.approx(len(other), rel=0.01)
    assert np.max(np.abs(spectrum(one) - spectrum(other))) < 3


async def test_closing_stops_the_synthesis_for_the_next_sentence(voice):
    speaking = voice.speak("one two three four " * 2000, "alloy", 0.25)
    await anext(speaking)
    began_s = time.monotonic()
    await speaking.aclose()
    assert await say(voice, "yes")

    # Said to its end, the long text would take the engine many seconds.
    assert time.monotonic() - began_s < 3


async def test_several_sessions_speak_at_the_same_time(voice):
    alone = await say(voice, "hello there", "ash")

    together = await asyncio.gather(
        say(voice, name="coral"), say(voice, "hello there", "ash"), say(voice, name="echo")
    )

    assert len(together[1]) == pytest.approx(len(alone), rel=0.02)
