from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import console
from console.errors import ConfigurationError
from console.simulator.assistant.brain import RuleBrain
from console.simulator.assistant.chat_brain import ChatBrain
from console.simulator.assistant.scenario_brain import ScenarioBrain
from console.simulator.engines import Engines, engines_from
from console.simulator.speech.flite_voice import FliteVoice
from console.simulator.speech.instant_senses import LoudnessDetector, ToneVoice
from console.simulator.speech.vad import SileroTurnDetector
from tests import speech
from tests.simulator.chat_endpoint import DONE, chunk, endpoint
from tests.simulator.fake_senses import tone
from tests.simulator.turns import turn


async def test_the_engines_hear_think_and_speak_together():
    engines = Engines()
    await engines.open()
    try:
        heard = await engines.ears.transcribe(speech.turn("tell me a joke"))
        (reply,) = [each async for each in engines.brain.respond(turn(heard.text))]
        sound = [each async for each in engines.voice.speak(reply.sentences[0], "marin", 1.0)]

        assert reply.understood
        assert len(sound) > 10
        assert engines.is_ready
        assert engines.progress == "The simulator is ready."
    finally:
        await engines.close()


async def test_opening_returns_before_anything_is_loaded():
    engines = Engines()
    await engines.open()

    assert not engines.is_ready
    assert engines.progress == "Loading the speech recogniser and the voice."
    async with asyncio.timeout(2):
        await engines.close()


async def test_closing_is_safe_twice_and_leaves_no_process():
    engines = Engines()
    await engines.open()
    async for _ in engines.voice.speak("hi", "ash", 1.0):
        pass
    process_id = engines.workers["the voice"].process_id
    assert process_id is not None

    await engines.close()
    await engines.close()

    with pytest.raises(ProcessLookupError):
        os.kill(process_id, 0)


async def test_every_session_has_a_detector_of_its_own():
    engines = Engines()

    first, second = engines.new_detector(), engines.new_detector()

    assert isinstance(first, SileroTurnDetector)
    assert first is not second


def test_workers_end_with_the_console_even_when_it_is_killed(tmp_path):
    script = tmp_path / "console_like.py"
    script.write_text(
        "import asyncio, os\n"
        "from console.simulator.engines import Engines\n"
        "async def main():\n"
        "    engines = Engines()\n"
        "    await engines.open()\n"
        "    async for _ in engines.voice.speak('hi', 'ash', 1.0): pass\n"
        "    await engines.ears.transcribe(bytes(4800))\n"
        "    pids = [each.process_id for each in engines.workers.values()]\n"
        "    print(*pids, flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )

    # The workers inherit standard error: reading it to its end waits until the last has ended.
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        timeout=60,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(console.__file__).parents[1]), "PATH": os.environ["PATH"]},
    )

    assert done.returncode == -signal.SIGKILL
    assert len(done.stdout.split()) == 2, done.stderr


# ---------------------------------------------------------------- by settings


async def answer(engines, text="hello"):
    pieces = [each async for each in engines.brain.respond(turn(text))]
    return [sentence for each in pieces for sentence in each.sentences]


def test_without_settings_there_are_the_usual_engines():
    engines = engines_from()

    assert isinstance(engines.brain, RuleBrain)
    assert list(engines.workers) == ["the speech recogniser", "the voice"]
    assert engines.for_session() is engines


async def test_an_endpoint_can_be_the_assistant_and_ends_with_the_engines():
    async with endpoint(chunk("Yes.", finish="stop"), DONE) as made:
        engines = engines_from(brain_url=made.url, brain_model="tiny", brain_key="k", voices="tone")
        assert isinstance(engines.brain, ChatBrain)
        assert await answer(engines) == ["Yes."]
        await engines.close()
        await engines.close()


async def test_a_scenario_needs_no_process_and_every_session_hears_it_from_its_beginning():
    scenario = {"hears": ["one", "two"], "else": [{"say": "Fine."}], "turns": "loudness"}
    engines = engines_from(scenario=scenario)
    first, second = engines.for_session(), engines.for_session()
    heard = [(await each.ears.transcribe(tone(200))).text for each in (first, first, second)]

    assert heard == ["one", "two", "one"]
    assert await answer(first) == ["Fine."]
    assert isinstance(first.brain, ScenarioBrain)
    assert isinstance(first.voice, ToneVoice)
    assert isinstance(first.new_detector(), LoudnessDetector)
    assert engines.workers == {}
    assert engines.is_ready
    await engines.close()


def test_a_scenario_may_have_the_real_engines():
    engines = engines_from(scenario={"voice": "real", "ears": "real"}, voices="flite")

    assert isinstance(engines.voice, FliteVoice)
    assert list(engines.workers) == ["the speech recogniser"]
    assert isinstance(engines.new_detector(), SileroTurnDetector)


async def test_behind_a_scenario_stands_the_assistant_of_the_settings():
    async with endpoint(chunk("From afar.", finish="stop"), DONE) as made:
        engines = engines_from(brain_url=made.url, brain_model="tiny", scenario={"rules": []})
        assert await answer(engines) == ["From afar."]
        await engines.close()


async def test_a_session_opens_and_closes_the_shared_engines():
    shared = engines_from(scenario={})
    session = shared.for_session()
    await session.open()

    assert session.for_session().ears is not session.ears
    assert session.new_detector() is not session.new_detector()
    await session.close()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"brain_model": "tiny"}, "--brain-model needs --brain"),
        ({"brain_url": "http://127.0.0.1/v1"}, "--brain needs a model"),
        ({"ears": "big"}, "--ears big: use pocketsphinx or whisper:FOLDER"),
        ({"ears": "whisper"}, "--ears whisper: use"),
        ({"ears": "whisper:/nowhere"}, "--ears whisper needs a package more"),
        ({"voices": "loud"}, "--voices loud: use espeak, flite, tone or piper:FILE.onnx"),
        ({"voices": "piper:/nowhere.onnx"}, "--voices piper needs a package more"),
        ({"scenario": "/nowhere.yaml"}, "/nowhere.yaml cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(settings, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        engines_from(**settings)
