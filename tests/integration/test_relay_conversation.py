"""Whole conversations through a relay: unchanged in today's form, the same in the beta."""

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from console.client import RealtimeClient
from console.relay.policy import ANYTHING
from tests.integration.test_beta_client import MODEL, conversation, hold, shown
from tests.relay.rig import TOKEN, relaying, relaying_to_simulator
from tests.simulator.fake_senses import FakeSenses
from tests.simulator.serving import MANUAL, Talker, running

BROWSER: list[Any] = ["realtime", f"openai-insecure-api-key.{TOKEN}"]
LOCAL_PAGE: Any = "http://localhost:3000"


@pytest.mark.parametrize("dialect", ["ga", "beta"])
async def test_a_conversation_through_a_relay_is_the_same_as_without_one(dialect):
    """Text, push-to-talk, a tool that the client answers, an interruption, turn detection."""
    direct, said_directly = await conversation("/v1/realtime", "ga")
    senses = FakeSenses()
    policy = ANYTHING | {"upstream": {"models": [MODEL]}}
    async with relaying_to_simulator(senses, policy, is_open=True) as relay:
        client = RealtimeClient(url=relay.url, model=MODEL, dialect=dialect)
        async with asyncio.timeout(30):
            aside = await hold(client, senses)

    assert shown(client) == shown(direct)
    assert aside.text == said_directly


async def test_every_event_of_today_passes_in_order_and_unchanged_both_ways():
    seen: dict[str, list[str]] = {"client": [], "server": []}
    sent, received = [], []
    async with (
        running(watch=lambda number, source, text: seen[source].append(text)) as simulator,
        relaying(simulator.url) as relay,
        connect(relay.url, compression=None, subprotocols=BROWSER) as connection,
    ):
        talker = Talker(connection)
        for event in (
            {"type": "session.update", "session": MANUAL, "event_id": "mine"},
            {"type": "input_audio_buffer.append", "audio": "AAAA" * 1600},
            {"type": "input_audio_buffer.clear"},
            {"type": "response.create", "response": {"metadata": {"a": "b"}}},
        ):
            sent.append(event)
            await talker.send(**event)
        received += await talker.until("rate_limits.updated")

    assert connection.subprotocol == "realtime"
    assert [json.loads(each) for each in seen["client"]] == sent
    assert received == [json.loads(each) for each in seen["server"]]
    assert [each.event for each in relay.told.passed("up")] == sent


async def test_a_browser_of_the_beta_is_let_in_by_its_subprotocols():
    offered = [*BROWSER, "openai-beta.realtime-v1"]
    async with (
        relaying_to_simulator(policy={}) as relay,
        connect(
            f"ws://127.0.0.1:{relay.port}/?model=gpt-4o-realtime-preview-2024-10-01",
            compression=None,
            subprotocols=offered,
            origin=LOCAL_PAGE,
        ) as connection,
    ):
        events = await Talker(connection).until("conversation.created")

    assert connection.subprotocol == "realtime"
    assert events[0]["session"]["modalities"] == ["text", "audio"]
    (visitor,) = relay.admission.visitors
    assert visitor.token == "default"


@pytest.mark.parametrize(
    ("more", "created"),
    [([], "session.created"), (["openai-beta.realtime-v1"], "transcription_session.created")],
    ids=["today", "beta"],
)
async def test_a_transcription_passes_where_the_policy_lets_it(more, created):
    policy = {"session": {"kinds": ["transcription"]}}
    async with (
        relaying_to_simulator(policy=policy) as relay,
        connect(
            f"{relay.url}?intent=transcription", compression=None, subprotocols=[*BROWSER, *more]
        ) as connection,
    ):
        (event,) = await Talker(connection).until(created)

    assert event["session"]["object"] == "realtime.transcription_session"
