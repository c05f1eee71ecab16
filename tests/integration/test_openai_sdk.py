"""OpenAI's own Python SDK holds conversations with the simulator."""

import asyncio
import base64
import json
from contextlib import asynccontextmanager

import pytest
from openai import AsyncOpenAI

from console import pcm
from console.simulator.server import SimulatorServer
from console.simulator.service.session_work import Pace
from tests.simulator.fake_senses import FakeSenses, silence, tone

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Weather of a place",
    "parameters": {"type": "object", "properties": {"said": {"type": "string"}}},
}


@pytest.fixture
async def senses():
    return FakeSenses()


@pytest.fixture
async def talk(senses):
    """A connection of the SDK to a simulator."""
    server = SimulatorServer("127.0.0.1", 0, senses, pace=Pace(speech_rate=0, writing_interval_s=0))
    await server.start()
    try:
        async with _sdk(server) as connection:
            yield connection
    finally:
        await server.stop()


@asynccontextmanager
async def _sdk(server):
    async with (
        AsyncOpenAI(api_key="any", base_url=f"http://127.0.0.1:{server.port}/v1") as client,
        client.realtime.connect(model="gpt-realtime-2.1") as connection,
    ):
        yield connection


async def _until(connection, event_type):
    events = []
    async with asyncio.timeout(10):
        async for event in connection:
            assert event.type != "error", event
            events.append(event)
            if event.type == event_type:
                return events
    raise AssertionError(f"the connection ended before {event_type}")


async def _say(connection, text):
    content = [{"type": "input_text", "text": text}]
    await connection.conversation.item.create(
        item={"type": "message", "role": "user", "content": content}
    )


async def test_a_typed_message_is_answered_in_text(talk):
    await talk.session.update(session={"type": "realtime", "output_modalities": ["text"]})
    await _say(talk, "hello")
    await talk.response.create()
    events = await _until(talk, "response.done")

    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert text == "You said hello. What else?"
    assert events[-1].response.output[0].content[0].text == text


async def test_a_typed_message_is_answered_in_speech(talk, senses):
    await _say(talk, "hello")
    await talk.response.create()
    events = await _until(talk, "response.done")

    audio = [base64.b64decode(e.delta) for e in events if e.type == "response.output_audio.delta"]
    said = [e.delta for e in events if e.type == "response.output_audio_transcript.delta"]
    assert "".join(said) == "You said hello. What else?"
    assert pcm.rms_dbfs(b"".join(audio)) > -20
    assert {voice for _, voice, _ in senses.voice.asked} == {"marin"}


async def test_a_function_call_makes_its_round_trip(talk):
    await talk.session.update(session={"type": "realtime", "tools": [WEATHER]})
    await _say(talk, "call it")
    await talk.response.create()
    first = await _until(talk, "response.done")
    call = next(e for e in first if e.type == "response.function_call_arguments.done")
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    await talk.conversation.item.create(item=output)
    await talk.response.create()
    second = await _until(talk, "response.done")

    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"said": "call it"})
    said = second[-1].response.output[0].content[0].transcript
    assert said == "The tool says sunny."


async def test_push_to_talk_is_transcribed_and_answered(talk, senses):
    senses.ears.says = ["good morning"]
    input_audio = {"turn_detection": None, "transcription": {"model": "gpt-realtime-whisper"}}
    await talk.session.update(session={"type": "realtime", "audio": {"input": input_audio}})
    await talk.input_audio_buffer.append(audio=pcm.encode(tone(800)))
    await talk.input_audio_buffer.commit()
    await talk.response.create()
    events = await _until(talk, "response.done")

    completed = "conversation.item.input_audio_transcription.completed"
    (transcription,) = [e for e in events if e.type == completed]
    assert transcription.transcript == "good morning"
    said = events[-1].response.output[0].content[0].transcript
    assert said == "You said good morning. What else?"


async def test_a_spoken_turn_is_found_by_the_server(talk, senses):
    senses.ears.says = ["good evening"]
    await talk.input_audio_buffer.append(audio=pcm.encode(tone(800) + silence(800)))
    events = await _until(talk, "response.done")

    assert "input_audio_buffer.speech_stopped" in [e.type for e in events]
    said = events[-1].response.output[0].content[0].transcript
    assert said == "You said good evening. What else?"


async def test_a_mistake_reaches_the_sdk_as_an_error_event(talk):
    await talk.response.cancel(event_id="mine")
    async for event in talk:
        if event.type == "error":
            break

    assert (event.error.code, event.error.event_id) == ("response_cancel_not_active", "mine")
