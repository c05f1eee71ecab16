from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import console
from console.simulator.engines import Engines
from console.simulator.vad import SileroTurnDetector
from tests import speech
from tests.simulator.turns import turn


async def test_the_engines_hear_think_and_speak_together():
    engines = Engines()
    await engines.open()
    try:
        heard = await engines.ears.transcribe(speech.turn("tell me a joke"))
        reply = engines.brain.reply(turn(heard.text))
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
    await engines.voice.worker.request({"text": ""}).aclose()
    async for _ in engines.voice.speak("hi", "ash", 1.0):
        pass
    process_id = engines.voice.worker.process_id
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
        "    pids = engines.voice.worker.process_id, engines.ears.worker.process_id\n"
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
