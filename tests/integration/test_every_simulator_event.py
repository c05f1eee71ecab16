"""Every event of today's protocol: the simulator sends each of its own, and takes each of a client.

The driver checks whatever it is sent against OpenAI's strict types. A type that is new there and
missing here fails by its name.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, get_args

import pytest
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import TypeAdapter

from console.simulator.protocol.beta import BetaSession
from console.simulator.protocol.ids import IdMaker
from console.simulator.protocol.session import SimulatorSession
from console.simulator.senses import BrainCall
from tests.simulator.session_driver import NOW, STRICT, WEATHER, Driver, kinds

Events = list[dict[str, Any]]


def types_of(union: Any) -> list[str]:
    members = get_args(get_args(union)[0]) or get_args(union)
    return sorted(get_args(each.model_fields["type"].annotation)[0] for each in members)


SERVER_TYPES = types_of(RealtimeServerEvent)
CLIENT_TYPES = types_of(RealtimeClientEvent)
CLIENT: TypeAdapter[Any] = TypeAdapter(RealtimeClientEvent)
MCP_SERVER = {
    "type": "mcp",
    "server_label": "demo",
    "server_url": "https://127.0.0.1/mcp",
    "require_approval": "never",
}
WHISPER = {"model": "gpt-realtime-whisper"}


# ---------------------------------------------------------------- what the server sends


def connected():
    return Driver().events


def configured():
    return Driver().configure(instructions="Be brief.")


def refused():
    return Driver().send("nonsense")


def answered_in_text():
    driver = Driver()
    driver.type("hello")
    driver.respond("Hello.", output_modalities=["text"])
    return driver.events


def answered_in_audio():
    return Driver().respond("Hello.")


def called_a_function():
    return Driver().respond(calls=[BrainCall("get_weather", {"lat": 1})], tools=[WEATHER])


def changed_items():
    driver = Driver()
    item_id = driver.respond("Hi.")[1]["item"]["id"]
    where = {"item_id": item_id, "content_index": 0, "audio_end_ms": 50}
    driver.send("conversation.item.truncate", **where)
    for what in ("retrieve", "delete"):
        driver.send(f"conversation.item.{what}", item_id=item_id)
    return driver.events


def heard(said: str | None = "good morning", **transcription: str):
    driver = Driver()
    driver.configure(audio={"input": {"transcription": {**WHISPER, **transcription}}})
    driver.says.append(said)
    driver.expect("Hi.")
    driver.append(1000)
    driver.speech_starts()
    driver.speech_stops()
    driver.work()
    driver.send("input_audio_buffer.clear")
    return driver.events


def not_understood():
    return heard(None)


def diarized():
    return heard("good morning", model="gpt-4o-transcribe-diarize")


def was_silent():
    driver = Driver()
    detection = {"type": "server_vad", "idle_timeout_ms": 5000}
    driver.configure(audio={"input": {"turn_detection": detection}})
    driver.respond("Are you there?")
    driver.expect("Hello?")
    driver.says.append("")
    driver.pass_time(6000)
    return driver.events


def called_by_phone():
    driver = Driver(is_call=True)
    driver.take(driver.session.dtmf("5"))
    driver.respond("Hello.")
    driver.pass_time(1000)
    driver.respond("And more.")
    driver.send("output_audio_buffer.clear")
    return driver.events


def used_a_server():
    driver = Driver()
    driver.configure(tools=[MCP_SERVER])
    driver.respond(calls=[BrainCall("count_words", {"text": "one two"})])
    driver.respond(calls=[BrainCall("count_words", {"text": 2})])
    gone = {**MCP_SERVER, "server_label": "gone", "server_url": "https://gone.invalid"}
    driver.configure(tools=[gone])
    return driver.events


def spoke_beta():
    """Two events are left in the types that only a client of the beta still gets."""
    new_id = IdMaker(random.Random(7), NOW.timestamp)
    session = BetaSession(SimulatorSession("gpt-realtime", new_id=new_id, now=lambda: NOW))
    content = '[{"type":"input_text","text":"hello"}]'
    item = f'{{"type":"message","role":"user","content":{content}}}'
    events = session.open().events
    events += session.receive(f'{{"type":"conversation.item.create","item":{item}}}').events
    return [e for e in events if e["type"] != "session.created"]  # that one is of the beta's form


SAID = "conversation.item.input_audio_transcription"
PRODUCED_BY: dict[str, Callable[[], Events]] = {
    "conversation.created": spoke_beta,
    "conversation.item.added": answered_in_text,
    "conversation.item.created": spoke_beta,
    "conversation.item.deleted": changed_items,
    "conversation.item.done": answered_in_text,
    f"{SAID}.completed": heard,
    f"{SAID}.delta": heard,
    f"{SAID}.failed": not_understood,
    f"{SAID}.segment": diarized,
    "conversation.item.retrieved": changed_items,
    "conversation.item.truncated": changed_items,
    "error": refused,
    "input_audio_buffer.cleared": heard,
    "input_audio_buffer.committed": heard,
    "input_audio_buffer.dtmf_event_received": called_by_phone,
    "input_audio_buffer.speech_started": heard,
    "input_audio_buffer.speech_stopped": heard,
    "input_audio_buffer.timeout_triggered": was_silent,
    "mcp_list_tools.completed": used_a_server,
    "mcp_list_tools.failed": used_a_server,
    "mcp_list_tools.in_progress": used_a_server,
    "output_audio_buffer.cleared": called_by_phone,
    "output_audio_buffer.started": called_by_phone,
    "output_audio_buffer.stopped": called_by_phone,
    "rate_limits.updated": answered_in_text,
    "response.content_part.added": answered_in_text,
    "response.content_part.done": answered_in_text,
    "response.created": answered_in_text,
    "response.done": answered_in_text,
    "response.function_call_arguments.delta": called_a_function,
    "response.function_call_arguments.done": called_a_function,
    "response.mcp_call.completed": used_a_server,
    "response.mcp_call.failed": used_a_server,
    "response.mcp_call.in_progress": used_a_server,
    "response.mcp_call_arguments.delta": used_a_server,
    "response.mcp_call_arguments.done": used_a_server,
    "response.output_audio.delta": answered_in_audio,
    "response.output_audio.done": answered_in_audio,
    "response.output_audio_transcript.delta": answered_in_audio,
    "response.output_audio_transcript.done": answered_in_audio,
    "response.output_item.added": answered_in_text,
    "response.output_item.done": answered_in_text,
    "response.output_text.delta": answered_in_text,
    "response.output_text.done": answered_in_text,
    "session.created": connected,
    "session.updated": configured,
}


def test_the_table_names_exactly_the_servers_events():
    assert sorted(PRODUCED_BY) == SERVER_TYPES
    assert len(SERVER_TYPES) == 46


@pytest.mark.parametrize("kind", SERVER_TYPES)
def test_the_simulator_sends_it_as_the_types_demand(kind):
    events = PRODUCED_BY[kind]()

    found = [event for event in events if event["type"] == kind]
    assert found, f"nothing of {kind} among {sorted(set(kinds(events)))}"
    for event in found:
        assert STRICT.validate_python(event).type == kind


# ---------------------------------------------------------------- what a client sends


def of_an_answer(driver: Driver) -> str:
    return str(driver.respond("Hi.")[1]["item"]["id"])


def sent_alone(**fields: Any) -> Callable[[Driver], dict[str, Any]]:
    return lambda driver: fields


def for_an_answer(**fields: Any) -> Callable[[Driver], dict[str, Any]]:
    return lambda driver: {"item_id": of_an_answer(driver), **fields}


def with_audio(driver: Driver) -> dict[str, Any]:
    driver.append(500)
    return {}


def while_answering(driver: Driver) -> dict[str, Any]:
    driver.begin("One.", limit=1)
    return {}


def after_sound(driver: Driver) -> dict[str, Any]:
    driver.respond("One.")
    return {}


TYPED = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "x"}]}
ACCEPTED: dict[str, tuple[Callable[[Driver], dict[str, Any]], list[str]]] = {
    "conversation.item.create": (
        sent_alone(item=TYPED),
        ["conversation.item.added", "conversation.item.done"],
    ),
    "conversation.item.delete": (for_an_answer(), ["conversation.item.deleted"]),
    "conversation.item.retrieve": (for_an_answer(), ["conversation.item.retrieved"]),
    "conversation.item.truncate": (
        for_an_answer(content_index=0, audio_end_ms=10),
        ["conversation.item.truncated"],
    ),
    "input_audio_buffer.append": (sent_alone(audio="AAA="), []),
    "input_audio_buffer.clear": (with_audio, ["input_audio_buffer.cleared"]),
    "input_audio_buffer.commit": (
        with_audio,
        [
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
        ],
    ),
    "output_audio_buffer.clear": (
        after_sound,
        ["conversation.item.truncated", "output_audio_buffer.cleared"],
    ),
    "response.cancel": (
        while_answering,
        [
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "conversation.item.done",
            "response.output_item.done",
            "response.done",
        ],
    ),
    "response.create": (sent_alone(), ["response.created"]),
    "session.update": (sent_alone(session={"type": "realtime"}), ["session.updated"]),
}


def test_the_table_names_exactly_the_clients_events():
    assert sorted(ACCEPTED) == CLIENT_TYPES
    assert len(CLIENT_TYPES) == 11


@pytest.mark.parametrize("kind", CLIENT_TYPES)
def test_the_simulator_accepts_it_and_answers(kind):
    prepare, answer = ACCEPTED[kind]
    driver = Driver(is_call=kind.startswith("output_audio_buffer"))
    fields = prepare(driver)
    CLIENT.validate_python({"type": kind, **fields})

    assert kinds(driver.send(kind, **fields)) == answer
