"""A spoken question goes through the simulator's real engines, asked by OpenAI's own SDK."""

import asyncio
import base64
import json
from typing import Any

from openai import AsyncOpenAI

from console import pcm
from console.simulator.engines import Engines
from console.simulator.server import SimulatorServer
from tests.speech import turn

WEATHER: dict[str, Any] = {
    "type": "function",
    "name": "get_weather",
    "description": "Weather at a place",
    "parameters": {
        "type": "object",
        "properties": {
            "lat": {"type": "number"},
            "lng": {"type": "number"},
            "location": {"type": "string"},
        },
        "required": ["lat", "lng", "location"],
    },
}
SESSION: Any = {
    "type": "realtime",
    "tools": [WEATHER],
    "audio": {"input": {"transcription": {"model": "gpt-realtime-whisper"}}},
}


async def _until_done(connection):
    events = []
    async with asyncio.timeout(60):
        async for event in connection:
            assert event.type != "error", event
            events.append(event)
            if event.type == "response.done":
                return events
    raise AssertionError("the connection ended before response.done")


async def test_a_spoken_question_calls_the_tool_and_its_result_is_spoken():
    server = SimulatorServer("127.0.0.1", 0, Engines())
    await server.start()
    try:
        async with (
            AsyncOpenAI(api_key="any", base_url=f"http://127.0.0.1:{server.port}/v1") as client,
            client.realtime.connect(model="gpt-realtime-2.1") as talk,
        ):
            await talk.session.update(session=SESSION)
            question = turn("What is the weather in Toronto?")
            await talk.input_audio_buffer.append(audio=pcm.encode(question))
            asked = await _until_done(talk)
            call = next(e for e in asked if e.type == "response.function_call_arguments.done")
            result = json.dumps({"temperature": {"value": 19.4, "units": "°C"}})
            output: Any = {
                "type": "function_call_output",
                "call_id": call.call_id,
                "output": result,
            }
            await talk.conversation.item.create(item=output)
            await talk.response.create()
            answered = await _until_done(talk)
    finally:
        await server.stop()

    completed = "conversation.item.input_audio_transcription.completed"
    (transcription,) = [e for e in asked if e.type == completed]
    audio = [base64.b64decode(e.delta) for e in answered if e.type == "response.output_audio.delta"]
    assert "toronto" in transcription.transcript.lower()
    assert json.loads(call.arguments)["location"] == "Toronto"
    assert "19" in answered[-1].response.output[0].content[0].transcript
    assert pcm.bytes_to_ms(len(b"".join(audio))) > 500
    assert pcm.rms_dbfs(b"".join(audio)) > -40
