"""The blocking half of OpenAI's Python SDK holds conversations with the simulator."""

import base64
import json

import pytest

from console import pcm
from tests.integration.sdk import DEPRECATED, blocking_talk
from tests.simulator.fake_senses import FakeSenses, silence, tone
from tests.simulator.serving import running

pytestmark = DEPRECATED
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Weather of a place",
    "parameters": {"type": "object", "properties": {"said": {"type": "string"}}},
}
COMPLETED = "conversation.item.input_audio_transcription.completed"


@pytest.fixture
async def senses():
    return FakeSenses()


@pytest.fixture
async def talk(senses):
    async with (
        running(senses) as server,
        blocking_talk(server, "ga", "gpt-realtime") as conversation,
    ):
        yield conversation


def _said(events):
    return events[-1].response.output[0].content[0].transcript


async def test_a_typed_message_is_answered_in_text(talk):
    await talk.sdk.session.update(session={"type": "realtime", "output_modalities": ["text"]})
    await talk.say("hello")
    await talk.sdk.response.create()
    events = await talk.until("response.done")

    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert text == "You said hello. What else?"
    assert events[-1].response.output[0].content[0].text == text


async def test_a_typed_message_is_answered_in_speech(talk):
    await talk.say("hello")
    await talk.sdk.response.create()
    events = await talk.until("response.done")

    audio = [base64.b64decode(e.delta) for e in events if e.type == "response.output_audio.delta"]
    assert pcm.rms_dbfs(b"".join(audio)) > -20
    assert _said(events) == "You said hello. What else?"


async def test_a_function_call_makes_its_round_trip(talk):
    await talk.sdk.session.update(session={"type": "realtime", "tools": [WEATHER]})
    await talk.say("call it")
    await talk.sdk.response.create()
    first = await talk.until("response.done")
    call = next(e for e in first if e.type == "response.function_call_arguments.done")
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    await talk.sdk.conversation.item.create(item=output)
    await talk.sdk.response.create()

    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"said": "call it"})
    assert _said(await talk.until("response.done")) == "The tool says sunny."


async def test_push_to_talk_is_transcribed_and_answered(talk, senses):
    senses.ears.says = ["good morning"]
    input_audio = {"turn_detection": None, "transcription": {"model": "gpt-realtime-whisper"}}
    await talk.sdk.session.update(session={"type": "realtime", "audio": {"input": input_audio}})
    await talk.sdk.input_audio_buffer.append(audio=pcm.encode(tone(800)))
    await talk.sdk.input_audio_buffer.commit()
    await talk.sdk.response.create()
    events = await talk.until("response.done")

    (transcription,) = [e for e in events if e.type == COMPLETED]
    assert transcription.transcript == "good morning"
    assert _said(events) == "You said good morning. What else?"


async def test_a_spoken_turn_is_found_by_the_server(talk, senses):
    senses.ears.says = ["good evening"]
    await talk.sdk.input_audio_buffer.append(audio=pcm.encode(tone(800) + silence(800)))
    events = await talk.until("response.done")

    assert "input_audio_buffer.speech_stopped" in [e.type for e in events]
    assert _said(events) == "You said good evening. What else?"


async def test_a_mistake_reaches_the_sdk_as_an_error_event(talk):
    await talk.sdk.response.cancel(event_id="mine")
    error = (await talk.until("error"))[-1].error

    assert (error.code, error.event_id) == ("response_cancel_not_active", "mine")
