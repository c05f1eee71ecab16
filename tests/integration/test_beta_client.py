"""Our client holds the same conversation with a server of the beta as with one of today."""

import asyncio

import pytest

from console import pcm
from console.client import RealtimeClient
from console.client.wire import Dialect
from console.examples.program import answer
from console.tools.registry import Tool
from tests.simulator.fake_senses import FakeSenses, silence, tone
from tests.simulator.serving import running

MODEL = "gpt-4o-realtime-preview"
WEATHER = Tool(
    name="get_weather",
    description="Weather of a place",
    parameters={"type": "object", "properties": {"said": {"type": "string"}}},
    handler=lambda said: f"sunny, and you said {said}",
)
HEARD_SAMPLES = pcm.ms_to_samples(300)


def shown(client):
    """What a page would show of a conversation: nothing of it depends on chance."""
    return [
        (
            item.type,
            item.role,
            item.status,
            [(part.type, part.text, part.transcript, part.heard_ms) for part in item.content],
            item.audio_ms,
            item.name,
            item.arguments,
            item.output,
            item.is_done,
        )
        for item in client.conversation.items
    ]


async def hold(client, senses):
    """Type, talk with the button, let a tool be called, interrupt, and talk without the button."""
    senses.ears.says = ["call it", "good evening"]
    await client.add_tool(WEATHER)
    await client.update_session(turn_detection=None, transcription={"model": "whisper-1"})
    async with client:
        first = await answer(client, client.send_user_message_content("hello"))
        await client.append_input_audio(tone(800))
        await answer(client, client.create_response())
        await client.cancel_response(first.item_ids[0], HEARD_SAMPLES)
        await client.update_session(turn_detection={"type": "server_vad"})
        spoken = client.append_input_audio(tone(800) + silence(800))
        await answer(client, spoken)
        return await client.ask_out_of_band("and you?", metadata={"topic": "aside"})


async def conversation(path: str, dialect: Dialect):
    senses = FakeSenses()
    async with running(senses) as server:
        url = f"ws://127.0.0.1:{server.port}{path}"
        client = RealtimeClient(url=url, model=MODEL, dialect=dialect)
        async with asyncio.timeout(30):
            aside = await hold(client, senses)
    return client, aside.text


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/v1/realtime", "beta"),
        (f"/openai/realtime?api-version=2025-04-01-preview&deployment={MODEL}", "auto"),
    ],
    ids=["asked for", "by its address"],
)
async def test_a_conversation_is_the_same_in_beta_as_today(path, dialect):
    today, said_today = await conversation("/v1/realtime", "ga")
    beta, said = await conversation(path, dialect)

    assert len(shown(today)) == 8
    assert shown(beta) == shown(today)
    assert said == said_today
    # Only a server of the beta has this to tell.
    assert beta.session["temperature"] == 0.8
    assert "temperature" not in today.session
