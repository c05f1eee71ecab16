"""The session as a program: each of them is run against the simulator."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from console import wav
from console.app.session_program import client_program, sdk_program
from console.client import targets
from console.client.targets import Target
from console.realtime import session as sessions
from console.realtime.session import SessionType
from console.simulator.senses import BrainTurn
from tests.simulator.fake_senses import tone

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 60
DETECTION = {"type": "server_vad", "silence_duration_ms": 300}
PROGRAMS = [pytest.param(client_program, id="ours"), pytest.param(sdk_program, id="openai")]


def session_of(kind: SessionType = "realtime", **fields: Any) -> dict[str, Any]:
    return sessions.merge(sessions.defaults(kind), sessions.expand(fields))


async def run(program: str, *arguments: str) -> tuple[int, str, str]:
    """Run a program as somebody would who has copied it."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, *arguments),
        env={**given, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("write", PROGRAMS)
async def test_a_conversation_as_a_program_is_answered_in_the_session_that_it_asks_for(
    server, senses, write, monkeypatch
) -> None:
    turns: list[BrainTurn] = []
    reply = senses.brain.reply

    def noted(turn: BrainTurn) -> object:
        turns.append(turn)
        return reply(turn)

    monkeypatch.setattr(senses.brain, "reply", noted)
    target = Target(url=server.url, model="gpt-realtime-2.1")
    session = session_of(instructions='Say "it\'s"\n\\ and {braces}.', turn_detection=DETECTION)

    status, out, err = await run(write(target, {**session, "model": "gpt-realtime-2.1"}), "Hello!")

    assert (status, err) == (0, "")
    assert out.strip()
    (turn,) = turns
    assert turn.instructions == session["instructions"]


@pytest.mark.parametrize("write", PROGRAMS)
@pytest.mark.parametrize("detection", [None, DETECTION], ids=["manual", "vad"])
async def test_a_transcription_as_a_program_prints_what_a_file_says(
    server, senses, tmp_path, write, detection
) -> None:
    senses.ears.says = ["the words of the file"]
    speech = tmp_path / "speech.wav"
    speech.write_bytes(wav.pack(tone(900)))
    heard = {"model": "gpt-4o-mini-transcribe"}
    session = session_of("transcription", transcription=heard, turn_detection=detection)

    status, out, err = await run(write(Target(url=server.url, model="m"), session), str(speech))

    assert (status, err) == (0, "")
    assert "the words of the file" in out


def test_no_program_holds_a_key() -> None:
    for target in (
        targets.openai(api_key="sk-planted"),
        targets.azure("https://res.openai.azure.com", "mine", api_key="planted"),
    ):
        for write in (client_program, sdk_program):
            program = write(target, session_of())
            assert "planted" not in program
            compile(program, "session.py", "exec")


def test_openai_needs_no_address_and_others_have_theirs() -> None:
    session = session_of()

    assert "base_url" not in sdk_program(targets.openai(), session)
    azure = targets.azure("https://res.openai.azure.com", "mine", api_key="k")
    assert "websocket_base_url='https://res.openai.azure.com/openai/v1'" in (
        sdk_program(azure, session)
    )
    assert "AZURE_OPENAI_API_KEY" in sdk_program(azure, session)
    assert "key_header='api-key'" in client_program(azure, session)


def test_a_call_is_joined_by_its_id() -> None:
    call = targets.call("rtc_1")

    assert "call_id='rtc_1'" in client_program(call, {})
    assert "call_id='rtc_1'" in sdk_program(call, {})


def test_what_else_the_address_says_is_said_again() -> None:
    target = Target(url="ws://127.0.0.1:1/v1/realtime?model=m&tenant=t", model="m")

    program = sdk_program(target, session_of())

    assert "model='m', extra_query={'tenant': 't'}" in program


def test_a_server_that_speaks_the_beta_is_spoken_to_so() -> None:
    target = Target(url="ws://127.0.0.1:1/v1/realtime", model="m", dialect="beta")

    assert "dialect='beta'" in client_program(target, session_of())


@pytest.mark.parametrize("write", [client_program, sdk_program])
def test_sound_of_the_telephone_is_read_as_the_session_wants_it(write) -> None:
    session = session_of("transcription", input_format={"type": "audio/pcmu"})

    program = write(Target(url="ws://127.0.0.1:1/v1/realtime", model="m"), session)

    compile(program, "session.py", "exec")
    assert ("read_bytes" in program) is (write is sdk_program)
