"""OpenAI's Python SDK, both halves of it, speaks beta with the simulator."""

import asyncio
import base64
import json
from typing import Any

import pytest
from openai import AsyncOpenAI

from console import pcm
from tests.integration.sdk import DEPRECATED, base_url, blocking_talk, waiting_talk
from tests.simulator.fake_senses import FakeSenses, silence, tone
from tests.simulator.serving import running

pytestmark = DEPRECATED
MODEL = "gpt-4o-realtime-preview"
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


@pytest.fixture(params=[waiting_talk, blocking_talk], ids=["async", "sync"])
async def talk(request, senses):
    async with running(senses) as server, request.param(server, "beta", MODEL) as conversation:
        yield conversation


def _types(events):
    return [event.type for event in events]


def _said(events):
    return events[-1].response.output[0].content[0].transcript


async def test_a_session_begins_as_the_beta_did(talk):
    created, conversation = await talk.until("conversation.created")

    assert created.type == "session.created"
    assert created.session.modalities == ["text", "audio"]
    assert (created.session.voice, created.session.temperature) == ("alloy", 0.8)
    assert created.session.turn_detection.silence_duration_ms == 200
    assert conversation.conversation.object == "realtime.conversation"


async def test_a_typed_message_is_answered_in_text(talk):
    await talk.sdk.session.update(session={"modalities": ["text"], "temperature": 1.0})
    updated = (await talk.until("session.updated"))[-1]
    await talk.say("hello")
    await talk.sdk.response.create()
    events = await talk.until("response.done")

    assert (updated.session.modalities, updated.session.temperature) == (["text"], 1.0)
    text = "".join(e.delta for e in events if e.type == "response.text.delta")
    assert text == "You said hello. What else?"
    (part,) = events[-1].response.output[0].content
    assert (part.type, part.text) == ("text", text)
    assert _types(events).count("conversation.item.created") == 2


async def test_a_typed_message_is_answered_in_speech(talk, senses):
    await talk.say("hello")
    await talk.sdk.response.create(response={"voice": "echo", "modalities": ["text", "audio"]})
    events = await talk.until("response.done")

    audio = [base64.b64decode(e.delta) for e in events if e.type == "response.audio.delta"]
    said = [e.delta for e in events if e.type == "response.audio_transcript.delta"]
    assert pcm.rms_dbfs(b"".join(audio)) > -20
    assert "".join(said) == _said(events) == "You said hello. What else?"
    assert {voice for _, voice, _ in senses.voice.asked} == {"echo"}


async def test_a_function_call_makes_its_round_trip(talk):
    await talk.sdk.session.update(session={"tools": [WEATHER]})
    await talk.say("call it")
    await talk.sdk.response.create()
    first = await talk.until("response.done")
    (call,) = first[-1].response.output
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    await talk.sdk.conversation.item.create(item=output)
    await talk.sdk.response.create()

    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"said": "call it"})
    assert _said(await talk.until("response.done")) == "The tool says sunny."


async def test_push_to_talk_is_transcribed_and_answered(talk, senses):
    senses.ears.says = ["good morning"]
    transcription = {"model": "whisper-1"}
    await talk.sdk.session.update(
        session={"turn_detection": None, "input_audio_transcription": transcription}
    )
    await talk.sdk.input_audio_buffer.append(audio=pcm.encode(tone(800)))
    await talk.sdk.input_audio_buffer.commit()
    await talk.sdk.response.create()
    events = await talk.until("response.done")

    (heard,) = [e for e in events if e.type == COMPLETED]
    assert heard.transcript == "good morning"
    assert _said(events) == "You said good morning. What else?"


async def test_a_spoken_turn_is_found_by_the_server(talk, senses):
    senses.ears.says = ["good evening"]
    await talk.sdk.input_audio_buffer.append(audio=pcm.encode(tone(800) + silence(800)))
    events = await talk.until("response.done")

    assert "input_audio_buffer.speech_stopped" in _types(events)
    assert _said(events) == "You said good evening. What else?"


async def test_items_can_be_retrieved_and_deleted(talk):
    await talk.say("hello")
    created = (await talk.until("conversation.item.created"))[-1].item
    await talk.sdk.conversation.item.retrieve(item_id=created.id)
    retrieved = (await talk.until("conversation.item.retrieved"))[-1].item
    await talk.sdk.conversation.item.delete(item_id=created.id)
    deleted = (await talk.until("conversation.item.deleted"))[-1]

    assert retrieved.object == "realtime.item"
    assert retrieved.content[0].text == "hello"
    assert deleted.item_id == created.id


async def test_a_mistake_reaches_the_sdk_in_words_of_the_beta(talk):
    await talk.sdk.session.update(session={"speed": 9.0}, event_id="mine")
    error = (await talk.until("error"))[-1].error

    assert (error.code, error.param, error.event_id) == ("invalid_value", "session.speed", "mine")


async def test_a_transcription_does_not_fit_a_conversation(talk):
    await talk.sdk.transcription_session.update(session={"input_audio_format": "pcm16"})
    error = (await talk.until("error"))[-1].error

    assert "transcription session" in error.message


async def test_speech_is_only_transcribed_where_that_was_asked_for(senses):
    senses.ears.says = ["good morning"]
    settings: Any = {"input_audio_transcription": {"model": "whisper-1"}, "turn_detection": None}
    async with (
        running(senses) as server,
        AsyncOpenAI(api_key="any", websocket_base_url=base_url(server)) as client,
        client.beta.realtime.connect(
            model=MODEL, extra_query={"intent": "transcription"}
        ) as connection,
        asyncio.timeout(10),
    ):
        await connection.transcription_session.update(session=settings)
        await connection.input_audio_buffer.append(audio=pcm.encode(tone(800)))
        await connection.input_audio_buffer.commit()
        events: list[Any] = []
        while not events or events[-1].type != COMPLETED:
            events.append(await connection.recv())

    assert _types(events)[:2] == ["transcription_session.created", "transcription_session.updated"]
    assert events[1].session.input_audio_transcription.model == "whisper-1"
    assert events[-1].transcript == "good morning"
