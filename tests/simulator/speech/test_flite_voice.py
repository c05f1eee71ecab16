from __future__ import annotations

import asyncio
import contextlib
import stat
from pathlib import Path

import pytest

from console import pcm
from console.errors import ConfigurationError, SpeechEngineError
from console.simulator.speech import flite_voice
from console.simulator.speech.flite_voice import VOICES, FliteVoice, choose

SENTENCE = "It is nineteen point four degrees in Paris, with a light wind from the west."


async def say(text=SENTENCE, name="marin", speed=1.0, program=None) -> bytes:
    return b"".join([chunk async for chunk in FliteVoice(program).speak(text, name, speed)])


@pytest.mark.parametrize("name", ["marin", "cedar", "ballad", "echo"])
async def test_every_voice_is_about_as_loud(name):
    assert pcm.rms_dbfs(await say(name=name)) == pytest.approx(-20.5, abs=2)


async def test_chunks_are_100_ms_of_whole_samples():
    sizes = [len(chunk) async for chunk in FliteVoice().speak(SENTENCE, "alloy", 1.0)]

    assert set(sizes[:-1]) == {100 * pcm.BYTES_PER_MS}
    assert sizes[-1] % 2 == 0


@pytest.mark.parametrize("speed", [0.25, 1.5])
async def test_speed_changes_the_duration(speed):
    ratio = len(await say(speed=speed)) / len(await say())

    assert ratio == pytest.approx(1 / speed, rel=0.1)


@pytest.mark.parametrize("text", ["-h", "--help me", "$(reboot)", "a 'quoted' \"text\""])
async def test_any_text_is_said_and_never_an_option(text):
    assert pcm.bytes_to_ms(len(await say(text))) > 200


@pytest.mark.parametrize("text", ["", "   ", "\0"])
async def test_nothing_to_say_is_silent(text):
    assert await say(text) == b""


def test_an_unknown_voice_is_always_the_same_one():
    assert choose("nova") == choose("nova")
    assert choose("nova") in VOICES.values()
    assert choose("Marin") == VOICES["marin"]


def test_without_the_program_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match="apt-get install flite"):
        FliteVoice()


def program(folder: Path, text: str) -> str:
    path = folder / "flite"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


async def test_a_program_that_fails_is_told_with_its_reason(tmp_path):
    with pytest.raises(SpeechEngineError, match="The voice failed: no such voice"):
        await say(program=program(tmp_path, "echo no such voice >&2; exit 3"))


async def test_a_program_that_writes_no_sound_is_told(tmp_path):
    # The last of the arguments is the file to write.
    script = 'for last; do :; done; echo rubbish > "$last"'
    with pytest.raises(SpeechEngineError, match="no sound that can be read"):
        await say(program=program(tmp_path, script))


async def test_a_program_that_cannot_be_started_is_told(tmp_path):
    with pytest.raises(SpeechEngineError, match="cannot be started"):
        await say(program=str(tmp_path))


async def test_a_program_that_hangs_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(flite_voice, "TIMEOUT_S", 0.05)
    with pytest.raises(SpeechEngineError, match="said nothing"):
        await say(program=program(tmp_path, "exec sleep 60"))


async def test_leaving_ends_the_program_at_once(tmp_path):
    begun = tmp_path / "begun"
    voice = FliteVoice(program(tmp_path, f"echo > {begun}; exec sleep 60"))

    async def speak() -> None:
        async with contextlib.aclosing(voice.speak("hello", "marin", 1.0)) as chunks:
            async for _ in chunks:
                pass

    task = asyncio.ensure_future(speak())
    while not begun.exists():  # noqa: ASYNC110 - a file tells nobody
        await asyncio.sleep(0.005)
    task.cancel()
    async with asyncio.timeout(5):
        with pytest.raises(asyncio.CancelledError):
            await task
