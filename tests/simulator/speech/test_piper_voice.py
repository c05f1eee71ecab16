"""With a stand-in for the package: its voices cannot be part of the tests."""

from __future__ import annotations

import json

import pytest

from console import pcm
from console.errors import ConfigurationError, SpeechEngineError
from console.simulator.speech.piper_voice import PiperVoice, speaker
from tests.simulator.stub_packages import use


def voice_file(folder, **changes):
    described = {
        "num_speakers": 1,
        "audio": {"sample_rate": 22_050},
        "inference": {"length_scale": 1.0},
        **changes,
    }
    path = folder / "amy.onnx"
    path.touch()
    path.with_name("amy.onnx.json").write_text(json.dumps(described))
    return path


@pytest.fixture
async def speaking(tmp_path, monkeypatch):
    """Makes voices; they are closed after the test."""
    use(monkeypatch)
    made: list[PiperVoice] = []

    def make(**changes) -> PiperVoice:
        made.append(PiperVoice(voice_file(tmp_path, **changes)))
        return made[-1]

    yield make
    for each in made:
        await each.worker.close()


async def say(voice, text="x" * 20, name="marin", speed=1.0):
    return [chunk async for chunk in voice.speak(text, name, speed)]


async def test_a_sentence_comes_at_the_rate_of_the_wire_in_chunks_of_100_ms(speaking):
    chunks = await say(speaking())

    assert {len(each) for each in chunks[:-1]} == {100 * pcm.BYTES_PER_MS}
    assert pcm.bytes_to_ms(len(b"".join(chunks))) == pytest.approx(1200, abs=2)
    assert -15 < pcm.rms_dbfs(b"".join(chunks)) < -5


async def test_speed_counts_from_the_pace_of_the_voice_itself(speaking):
    voice = speaking(inference={"length_scale": 1.5})
    normal, slow = [len(b"".join(await say(voice, speed=speed))) for speed in (1.5, 0.75)]

    assert pcm.bytes_to_ms(normal) == pytest.approx(1200, abs=2)
    assert slow == pytest.approx(2 * normal, rel=0.01)


async def test_names_of_voices_are_speakers_where_there_are_several(speaking):
    voice = speaking(num_speakers=4)
    one, other, again = [
        b"".join(await say(voice, name=each)) for each in ("alloy", "ash", "alloy")
    ]

    assert one != other
    assert one == again


async def test_a_voice_that_would_fetch_dictionaries_is_refused(speaking):
    with pytest.raises(SpeechEngineError, match="'pinyin' are not supported"):
        await say(speaking(phoneme_type="pinyin"))


async def test_closing_stops_the_synthesis_for_the_next_sentence(speaking):
    voice = speaking()
    begun = voice.speak("one two three. " * 500, "marin", 0.25)
    await anext(begun)
    await begun.aclose()

    assert await say(voice, "yes")


async def test_a_speed_of_nothing_is_refused(speaking):
    with pytest.raises(ValueError, match="above zero"):
        await say(speaking(), speed=0)


def test_an_unknown_name_is_always_the_same_speaker():
    assert speaker("nova") == speaker("nova")
    assert len({speaker(each) for each in ("alloy", "ash", "marin")}) == 3


def test_without_the_package_it_says_how_to_get_it(tmp_path):
    with pytest.raises(ConfigurationError, match=r"pip install .*\[voices\]"):
        PiperVoice(voice_file(tmp_path))


@pytest.mark.parametrize("name", ["amy.onnx", "amy.onnx.json"])
def test_a_file_that_is_missing_is_named(tmp_path, monkeypatch, name):
    use(monkeypatch)
    path = voice_file(tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(ConfigurationError, match=rf"there is no file .*{name}\."):
        PiperVoice(path)
