"""Every step of a scenario as a client sees it on the wire."""

from __future__ import annotations

import asyncio
import json

import pytest
from websockets.exceptions import ConnectionClosed

from console import pcm
from console.simulator.engines import engines_from
from tests.fakes import ManualClock
from tests.simulator.fake_senses import silence, tone
from tests.simulator.serving import Talker, open_session, running

TOOL = {"type": "function", "name": "book", "parameters": {"type": "object", "properties": {}}}


async def answered(scenario, *, text="hello", response=None, **options):
    """What comes after a typed message, up to the end of the response."""
    engines = engines_from(scenario=scenario)
    async with running(engines, **options) as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.until("session.created")
        await talker.say(text)
        await talker.send(type="response.create", response=response or {})
        return await talker.until("response.done")


def steps(*do):
    return {"else": list(do)}


def done(events):
    return events[-1]["response"]


async def test_sentences_are_spoken_for_exactly_as_long_as_they_are():
    events = await answered({"ms_per_character": 20, **steps({"say": ["One.", "Two words."]})})

    audio = [e["delta"] for e in events if e["type"] == "response.output_audio.delta"]
    assert sum(len(pcm.decode(each)) for each in audio) == 20 * 14 * pcm.BYTES_PER_MS
    assert done(events)["output"][0]["content"][0]["transcript"] == "One. Two words."


async def test_calls_go_over_the_wire_as_they_are_written():
    calls = [
        {"call": {"name": "book", "arguments": {"to": "Rome"}}},
        {"call": {"name": "book", "arguments": "{not json"}},
    ]
    output = done(await answered(steps(*calls)))["output"]

    assert [each["arguments"] for each in output] == ['{"to":"Rome"}', "{not json"]


@pytest.mark.parametrize("reason", ["content_filter", "max_output_tokens"])
async def test_an_answer_can_stop_short(reason):
    response = done(await answered(steps({"say": "It is"}, {"stop": reason}, {"say": "never"})))

    assert response["status"] == "incomplete"
    assert response["status_details"] == {"type": "incomplete", "reason": reason}
    assert response["output"][0]["content"][0]["transcript"] == "It is"


async def test_an_answer_can_be_silence():
    response = done(await answered({"else": "silence"}))

    assert (response["status"], response["output"]) == ("completed", [])


async def test_an_answer_can_fail_with_any_code():
    fail = {"fail": {"code": "insufficient_quota", "message": "No more."}}
    response = done(await answered(steps(fail)))

    error = response["status_details"]["error"]
    assert (response["status"], error["code"], error["message"]) == (
        "failed",
        "insufficient_quota",
        "No more.",
    )


async def test_rules_can_look_at_the_metadata_of_a_response_beside_the_conversation():
    rules = [
        {"when": {"metadata": {"topic": "title"}, "out_of_band": True}, "do": [{"say": "A title."}]}
    ]
    aside = {
        "conversation": "none",
        "metadata": {"topic": "title"},
        "output_modalities": ["text"],
    }
    response = done(await answered({"rules": rules, **steps({"say": "Hello."})}, response=aside))

    assert response["output"][0]["content"][0]["text"] == "A title."


async def test_a_fault_can_come_in_the_middle_of_an_answer():
    scenario = steps({"say": "One."}, {"fault": "drop_after=0"}, {"say": "Two."})
    with pytest.raises(ConnectionClosed):
        await answered(scenario)


async def test_what_is_spoken_is_heard_as_the_scenario_says():
    scenario = {
        "turns": "loudness",
        "hears": ["I need a taxi"],
        "rules": [{"when": {"says": "i need a taxi", "turn": 1}, "do": [{"say": "Where to?"}]}],
    }
    transcription = {"input": {"transcription": {"model": "gpt-realtime-whisper"}}}
    engines = engines_from(scenario=scenario)
    async with running(engines) as server, open_session(server) as connection:
        talker = Talker(connection)
        session = {"type": "realtime", "audio": transcription}
        await talker.send(type="session.update", session=session)
        sound = silence(320) + tone(640) + silence(1000)
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(sound))
        events = await talker.until("response.done")

    heard = [e["transcript"] for e in events if e["type"].endswith("transcription.completed")]
    assert heard == ["I need a taxi"]
    assert done(events)["output"][0]["content"][0]["transcript"] == "Where to?"


async def test_steps_come_to_the_millisecond():
    clock = ManualClock()
    scenario = steps(
        {"wait_ms": 250}, {"call": {"name": "a"}}, {"wait_ms": 1000}, {"call": {"name": "b"}}
    )
    seen: list[tuple[int, str]] = []
    began_s = clock.now_s()

    def watch(_session, _source, data) -> None:
        event = json.loads(data)
        if event["type"] == "response.function_call_arguments.done":
            seen.append((round((clock.now_s() - began_s) * 1000), event["name"]))

    engines = engines_from(scenario=scenario, clock=clock)
    async with (
        running(engines, clock=clock, watch=watch) as server,
        open_session(server) as connection,
    ):
        talker = Talker(connection)
        await talker.send(type="response.create")
        await talker.until("response.created")
        async with asyncio.timeout(10):
            while len(seen) < 2:
                await clock.advance(0.001)

    assert [name for _, name in seen] == ["a", "b"]
    assert seen[1][0] - seen[0][0] == 1000
