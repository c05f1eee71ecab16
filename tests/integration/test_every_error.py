"""Every error that the protocol names, provoked by an event through a whole session.

Each row is an event, after what has to happen first, with the `code`, `param` and `message` of the
one `error` that answers it; the id of the client's event is echoed in each. Where the live
service's answer is not established the row is marked as a choice of this server.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from console import pcm
from console.simulator.protocol import defaults
from tests.simulator.session_driver import Driver

MESSAGE = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}
SUPPORTED = (
    "'session.update', 'session.close', 'input_audio_buffer.append', "
    "'session.input_audio_buffer.append', 'input_audio_buffer.commit', "
    "'input_audio_buffer.clear', 'conversation.item.create', 'conversation.item.truncate', "
    "'conversation.item.delete', 'conversation.item.retrieve', 'response.create', and "
    "'response.cancel'"
)


def nothing(driver):
    pass


def manual(driver):
    driver.manual()


def held_60_ms(driver):
    driver.manual()
    driver.append(60)


def answering(driver):
    driver.begin("One.", "Two.", limit=2)


def answered(driver):
    driver.respond("Hello there.")


def typed(driver):
    driver.type("hello", id="item_typed")


def traced(driver):
    driver.configure(tracing="auto")


@dataclass(frozen=True)
class Row:
    """One mistake."""

    event: dict[str, Any]
    code: str | None
    param: str | None
    message: str
    """`{response}` stands for the id of the last one."""
    first: Callable[[Driver], None] = nothing
    options: dict[str, Any] = field(default_factory=dict)


def update(code, param, message, *, first=nothing, options=None, **session):
    session = {"type": "realtime", **session}
    event = {"type": "session.update", "session": session}
    return Row(event, code, param, message, first, options or {})


def audio_input(code, name, message, **fields):
    param = f"session.audio.input.{name}"
    return update(code, param, message, audio={"input": fields})


def item(code, param, message, *, first=nothing, **fields):
    return Row({"type": "conversation.item.create", "item": fields}, code, param, message, first)


def truncate(item_id, content_index=0, audio_end_ms=0):
    return {
        "type": "conversation.item.truncate",
        "item_id": item_id,
        "content_index": content_index,
        "audio_end_ms": audio_end_ms,
    }


ESTABLISHED = [
    Row({"type": "response.start"}, "invalid_value", "type", f"Invalid value: 'response.start'. Supported values are: {SUPPORTED}."),
    Row({"type": "output_audio_buffer.clear"}, "invalid_value", "type", f"Invalid value: 'output_audio_buffer.clear'. Supported values are: {SUPPORTED}."),
    Row({}, "invalid_event", None, "The 'type' field is missing."),
    Row({"type": "session.update", "session": {"type": "session"}}, "invalid_value", "session.type", "Invalid value: 'session'. Supported values are: 'realtime' and 'transcription'."),
    Row({"type": "session.update", "session": {}}, "missing_required_parameter", "session.type", "Missing required parameter: 'session.type'."),
    Row({"type": "session.update"}, "missing_required_parameter", "session", "Missing required parameter: 'session'."),
    update("unknown_parameter", "session.modalities", "Unknown parameter: 'session.modalities'.", modalities=["text"]),
    update("unknown_parameter", "session.temperature", "Unknown parameter: 'session.temperature'.", temperature=0.8),
    Row({"type": "session.update", "session": {"type": "transcription"}}, "invalid_value", "session.type", "Passing a transcription session update event to a realtime session is not allowed."),
    Row({"type": "input_audio_buffer.commit"}, "input_audio_buffer_commit_empty", None, "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has 0.00ms of audio.", manual),
    Row({"type": "input_audio_buffer.commit"}, "input_audio_buffer_commit_empty", None, "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has 60.00ms of audio.", held_60_ms),
    Row({"type": "response.create"}, "conversation_already_has_active_response", None, "Conversation already has an active response in progress: {response}. Wait until the response is finished before creating a new one.", answering),
    Row({"type": "response.cancel"}, "response_cancel_not_active", None, "Cancellation failed: no active response found"),
    Row({"type": "response.cancel"}, "response_cancel_not_active", None, "Cancellation failed: no active response found", answered),
    Row({"type": "response.cancel", "response_id": "resp_gone"}, "response_cancel_not_active", None, "Cancellation failed: no active response found", answering),
    Row({"type": "conversation.item.delete", "item_id": "gone"}, "item_delete_invalid_item_id", None, "Error deleting item: the item with id 'gone' does not exist."),
    Row(truncate("gone"), "item_truncate_invalid_item_id", None, "Error truncating item: the item with id 'gone' does not exist."),
    Row({"type": "conversation.item.retrieve", "item_id": "gone"}, "item_retrieve_invalid_item_id", None, "Error retrieving item: the item with id 'gone' does not exist."),
    Row(truncate("item_typed"), None, None, "Only model output audio messages can be truncated", typed),
    Row(truncate("{item}", audio_end_ms=201), "invalid_value", "audio_end_ms", "Audio content of 200ms is already shorter than 201ms", answered),
    update("cannot_update_voice", None, "Cannot update a conversation's voice if assistant audio is present.", first=answered, audio={"output": {"voice": "cedar"}}),
    item("string_above_max_length", "item.id", "Invalid 'item.id': string too long. Expected a string with maximum length 32, but got a string with length 33 instead.", id="i" * 33, **MESSAGE),
]  # fmt: skip
"""What the service is known to say."""

CHOSEN = [
    # Sessions of the two kinds.
    Row({"type": "session.update", "session": {"type": "realtime"}}, "invalid_value", "session.type", "Passing a realtime session update event to a transcription session is not allowed.", options={"kind": "transcription"}),
    Row({"type": "response.create"}, "invalid_value", "type", "Responses are not supported in transcription sessions: there is no assistant.", options={"kind": "transcription"}),
    Row({"type": "session.close"}, "invalid_value", "type", "Invalid value: 'session.close'. This event belongs to translation sessions."),
    # What is fixed.
    update("invalid_value", "session.model", "Invalid value: 'gpt-realtime'. The model of a session cannot be changed; this one uses 'gpt-realtime-2.1'.", model="gpt-realtime"),
    update("invalid_value", "session.tracing", "Tracing cannot be changed once it is enabled for a session.", first=traced, tracing=None),
    update("invalid_value", "session.audio.output.speed", "Cannot update the speed while a response is in progress. Wait until the response is finished.", first=answering, audio={"output": {"speed": 1.2}}),
    update("invalid_value", "session.reasoning", "Unsupported parameter: 'session.reasoning' is not supported with the model 'gpt-realtime'.", reasoning={"effort": "low"}, options={"model": "gpt-realtime"}),
    Row({"type": "response.create", "response": {"parallel_tool_calls": True}}, "invalid_value", "response.parallel_tool_calls", "Unsupported parameter: 'response.parallel_tool_calls' is not supported with the model 'gpt-realtime'.", options={"model": "gpt-realtime"}),
    # Values.
    update("invalid_value", "session.instructions", "Invalid type for 'session.instructions': expected a string, but got an integer instead.", instructions=1),
    update("invalid_value", "session.output_modalities", "Invalid modalities: ['text', 'audio']. Supported combinations are: ['text'] and ['audio'].", output_modalities=["text", "audio"]),
    update("invalid_value", "session.max_output_tokens", "Invalid value: 0. Expected a value between 1 and 4096.", max_output_tokens=0),
    update("invalid_value", "session.audio.output.speed", "Invalid value: 1.6. Expected a value between 0.25 and 1.5.", audio={"output": {"speed": 1.6}}),
    audio_input("invalid_value", "turn_detection.idle_timeout_ms", "Invalid value: 4999. Expected a value between 5000 and 30000.", turn_detection={"type": "server_vad", "idle_timeout_ms": 4999}),
    audio_input("unknown_parameter", "turn_detection.idle_timeout_ms", "Unknown parameter: 'session.audio.input.turn_detection.idle_timeout_ms'.", turn_detection={"type": "semantic_vad", "idle_timeout_ms": 6000}),
    audio_input("missing_required_parameter", "transcription.model", "Missing required parameter: 'session.audio.input.transcription.model'.", transcription={"language": "en"}),
    audio_input("invalid_value", "transcription.keywords", "Unsupported parameter: 'session.audio.input.transcription.keywords' is not supported with the model 'whisper-1'.", transcription={"model": "whisper-1", "keywords": ["x"]}),
    update("missing_required_parameter", "session.tools[0].server_url", "Missing required parameter: one of 'session.tools[0].server_url', 'session.tools[0].connector_id' and 'session.tools[0].tunnel_id'.", tools=[{"type": "mcp", "server_label": "docs"}]),
    # Audio.
    Row({"type": "input_audio_buffer.append", "audio": "?"}, "invalid_value", "audio", "Invalid 'audio': expected base64."),
    Row({"type": "input_audio_buffer.append", "audio": "AAAA"}, "invalid_value", "audio", "Invalid 'audio': expected 16-bit PCM audio, but 3 bytes are no whole samples."),
    Row({"type": "input_audio_buffer.append", "audio": pcm.encode(bytes(defaults.MAX_AUDIO_BYTES + 3))}, "invalid_value", "audio", "Invalid 'audio': 15728643 bytes of audio are more than the 15728640 that one event may carry."),
    # Items.
    item("invalid_value", "item.id", "Error adding item: an item with id 'item_typed' already exists.", first=typed, id="item_typed", **MESSAGE),
    Row({"type": "conversation.item.create", "item": MESSAGE, "previous_item_id": "gone"}, "invalid_value", "previous_item_id", "Error adding item: the previous item with id 'gone' does not exist."),
    item("invalid_value", "item.call_id", "Error adding item: there is no function call with the call_id 'call_x' in the conversation.", type="function_call_output", call_id="call_x", output="{}"),
    item("invalid_value", "item.content[0].type", "Invalid value: 'text'. Supported values are: 'output_text' and 'output_audio'.", type="message", role="assistant", content=[{"type": "text", "text": "x"}]),
    item("invalid_value", "item.content[0].image_url", "Invalid 'item.content[0].image_url': expected a PNG or JPEG image as a base64 data URI, such as 'data:image/png;base64,...'.", type="message", role="user", content=[{"type": "input_image", "image_url": "https://example.com/x.png"}]),
    # The event itself.
    Row({"type": "response.cancel", "now": True}, "unknown_parameter", "now", "Unknown parameter: 'now'."),
    Row({"type": 1}, "invalid_value", "type", "Invalid type for 'type': expected a string, but got an integer instead."),
]  # fmt: skip
"""Where it is not established what the service says."""


def known(driver):
    """What messages and events of rows refer to."""
    events = driver.events
    ids = [each["response"]["id"] for each in events if each["type"] == "response.created"]
    said = [each["item"]["id"] for each in events if each["type"] == "response.output_item.done"]
    return {"{response}": ids[-1] if ids else "", "{item}": said[-1] if said else ""}


@pytest.mark.parametrize("row", ESTABLISHED + CHOSEN, ids=lambda row: f"{row.code}-{row.param}")
def test_a_mistake_is_told_in_words_that_are_known_and_changes_nothing(row):
    driver = Driver(**{"model": "gpt-realtime-2.1", **row.options})
    row.first(driver)
    ids = known(driver)
    event = {name: ids.get(str(value), value) for name, value in row.event.items()}
    before = driver.session._config.wire()

    message = json.dumps({**event, "event_id": "evt_mine"})
    (answer,) = driver.take(driver.session.receive(message))

    assert answer["type"] == "error"
    assert answer["error"] == {
        "type": "invalid_request_error",
        "code": row.code,
        "message": row.message.replace("{response}", ids["{response}"]),
        "param": row.param,
        "event_id": "evt_mine",
    }
    assert driver.session._config.wire() == before


@pytest.mark.parametrize(
    ("message", "code", "text"),
    [
        ("{", "invalid_json", "Invalid event: failed to parse JSON value. "),
        ("", "invalid_json", "Invalid event: failed to parse JSON value. "),
        (
            b"{}",
            "invalid_event",
            "Expected a text WebSocket message; binary frames are not supported.",
        ),
        # Not established.
        ("[]", "invalid_event", "Invalid event: expected a JSON object."),
    ],
)
def test_what_is_no_event_is_told_without_an_id(message, code, text):
    driver = Driver()

    (answer,) = driver.take(driver.session.receive(message))

    assert answer["error"] == {
        "type": "invalid_request_error",
        "code": code,
        "message": text,
        "param": None,
        "event_id": None,
    }


def test_an_id_of_an_event_that_is_too_long_is_not_echoed():
    code, param = "string_above_max_length", "event_id"
    driver = Driver()

    message = json.dumps({"type": "input_audio_buffer.clear", "event_id": "e" * 513})
    (answer,) = driver.take(driver.session.receive(message))

    assert (answer["error"]["code"], answer["error"]["param"]) == (code, param)
    assert answer["error"]["event_id"] is None


def test_the_turn_that_cannot_be_answered_is_an_error_without_an_event():
    driver = Driver()
    detection = {"type": "server_vad", "interrupt_response": False}
    driver.configure(audio={"input": {"turn_detection": detection}})
    answering(driver)
    driver.append(1000)
    driver.speech_starts(100)

    error = driver.speech_stops(900)[-1]["error"]

    assert error["code"] == "conversation_already_has_active_response"
    assert error["event_id"] is None
