"""Every event of today's servers: an example that OpenAI's types accept, and what it changes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import pytest
from openai.types.realtime import RealtimeServerEvent
from pydantic import TypeAdapter

from console import pcm
from console.realtime import events
from console.realtime.call import PressedKey
from console.realtime.conversation import Conversation
from console.realtime.events import Event
from console.realtime.items import ItemUpdate, LogProb, ResponseUpdate, Segment
from console.realtime.mcp import McpTool
from console.realtime.usage import TokenUsage, TranscriptionUsage

STRICT: TypeAdapter[Any] = TypeAdapter(RealtimeServerEvent)
ALL_TYPES = {
    get_args(each.model_fields["type"].annotation)[0]
    for each in get_args(get_args(RealtimeServerEvent)[0])
}

SOUND = b"\x01\x00" * pcm.ms_to_samples(100)
VAD = {"type": "server_vad", "interrupt_response": True}
SESSION = {
    "type": "realtime",
    "audio": {"input": {"transcription": {"model": "m"}, "turn_detection": VAD}},
}
PLACE = {"response_id": "r", "item_id": "a", "output_index": 0, "content_index": 0}
CALL = {"response_id": "r", "item_id": "f", "output_index": 1, "call_id": "call_1"}
TOOL_CALL = {"response_id": "r", "item_id": "m", "output_index": 2}
RESPONSE = {"object": "realtime.response", "id": "r", "conversation_id": "c"}
SAID = "conversation.item.input_audio_transcription."
NOTHING_YET: tuple[Any, ...] = (None, False, "", [], {}, (), bytearray(), "none", "unknown")
ERROR = {"type": "server_error", "code": "x", "message": "It broke."}
USAGE = {"total_tokens": 30, "input_tokens": 20, "output_tokens": 10}


def message(item_id: str, role: str, status: str, **part: Any) -> dict[str, Any]:
    content = [part] if part else []
    return {"id": item_id, "type": "message", "role": role, "status": status, "content": content}


def spoken(item_id: str) -> dict[str, Any]:
    return message(item_id, "user", "completed", type="input_audio", transcript=None)


def call(status: str, arguments: str = "") -> dict[str, Any]:
    return {
        "id": "f",
        "type": "function_call",
        "status": status,
        "name": "get",
        "call_id": "call_1",
        "arguments": arguments,
    }


TOOL_LIST = {"id": "l", "type": "mcp_list_tools", "server_label": "files", "tools": []}
SERVER_CALL = {
    "id": "m",
    "type": "mcp_call",
    "server_label": "files",
    "name": "read",
    "arguments": "",
}


def scene() -> Conversation:
    """Return a conversation in the middle of things: see each line."""
    conversation = Conversation()
    conversation.speech.append(SOUND * 5)
    for fields_ in (
        {"type": "session.created", "session": SESSION},
        # A typed message, and speech that waits for its transcript.
        added(message("t", "user", "completed", type="input_text", text="Hi")),
        {"type": "input_audio_buffer.committed", "item_id": "u", "previous_item_id": "t"},
        added(spoken("u"), previous="t"),
        # Speech that is known, but not committed yet.
        {"type": "input_audio_buffer.speech_started", "item_id": "v", "audio_start_ms": 100},
        {"type": "input_audio_buffer.speech_stopped", "item_id": "v", "audio_end_ms": 300},
        added(spoken("v"), previous="u"),
        # An answer that is being spoken, with a call of a function and one of a server's tool.
        {"type": "response.created", "response": {**RESPONSE, "status": "in_progress"}},
        *output(0, message("a", "assistant", "in_progress"), previous="v"),
        {"type": "response.content_part.added", **PLACE, "part": {"type": "audio"}},
        {"type": "response.output_audio_transcript.delta", **PLACE, "delta": "One two"},
        {"type": "response.output_audio.delta", **PLACE, "delta": pcm.encode(SOUND)},
        *output(1, call("in_progress"), previous="a"),
        {"type": "response.function_call_arguments.delta", **CALL, "delta": '{"a"'},
        *output(2, SERVER_CALL, previous="f"),
        added(TOOL_LIST, previous="m"),
    ):
        conversation.receive(events.from_dict(fields_))
    return conversation


def added(item: dict[str, Any], previous: str | None = None) -> dict[str, Any]:
    return {"type": "conversation.item.added", "item": item, "previous_item_id": previous}


def output(index: int, item: dict[str, Any], previous: str) -> list[dict[str, Any]]:
    place = {"response_id": "r", "output_index": index}
    return [
        {"type": "response.output_item.added", **place, "item": item},
        added(item, previous),
    ]


def facts(conversation: Conversation) -> dict[str, Any]:
    """Everything that a conversation says of itself, flat."""
    found: dict[str, Any] = {
        "id": conversation.id,
        "order": [item.id for item in conversation.items],
        "out of band": [item.id for item in conversation.out_of_band_items],
        "active": getattr(conversation.active_response, "id", None),
        "unfinished": getattr(conversation.unfinished_response, "id", None),
        "playing": getattr(conversation.call.playing, "id", None),
        "keys": list(conversation.call.keys),
        "rate limits": conversation.rate_limits,
        "kept audio": conversation.kept_audio_bytes,
        "approvals": [item.id for item in conversation.unanswered_approvals],
        "cost of responses": conversation.usage.responses,
        "cost of transcripts": conversation.usage.transcripts,
    }
    for item in conversation.items:
        found |= {f"{item.id}.{key}": value for key, value in values(item).items()}
        for index, part in enumerate(item.content):
            named = values(part).items()
            found |= {f"{item.id}[{index}].{key}": value for key, value in named}
    for response in conversation.responses.values():
        found |= {f"{response.id}.{key}": value for key, value in values(response).items()}
    return found


def values(thing: Any) -> dict[str, Any]:
    """The fields of an item, part or response that hold something, as they are now."""
    found = {}
    for each in fields(thing):
        value = getattr(thing, each.name)
        if each.name != "content" and value not in NOTHING_YET:
            found[each.name] = value.copy() if isinstance(value, list | dict | bytearray) else value
    return found


def changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    keys = before.keys() | after.keys()
    return {key: after.get(key) for key in keys if before.get(key) != after.get(key)}


def told(updates: tuple[Any, ...]) -> list[str]:
    """What was told: kind and item, or the response."""
    return [
        f"{each.kind} {each.item.id}"
        if isinstance(each, ItemUpdate)
        else f"response {each.response.id}"
        if isinstance(each, ResponseUpdate)
        else each.message
        for each in updates
    ]


NEW = {"n.id": "n", "n.is_in_conversation": True, "n.type": "message", "n.role": "user"}
NEW_PART = {"n[0].type": "input_text", "n[0].text": "New", "n.status": "completed"}
ORDER = ["t", "u", "v", "a", "f", "m", "l"]
TEXT = message("n", "user", "completed", type="input_text", text="New")
COST = TokenUsage(n_responses=1, total=30, input=20, output=10)

# An event, what it changes, and what is told. Nothing else may change.
TABLE: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    (
        {"type": "conversation.created", "conversation": {"id": "conv_1"}},
        {"id": "conv_1"},
        [],
    ),
    (
        added(TEXT, previous="t"),
        {
            **NEW,
            **NEW_PART,
            "n.is_done": True,
            "n.previous_item_id": "t",
            "order": ["t", "n", *ORDER[1:]],
        },
        ["appended n", "completed n"],
    ),
    (
        {**added(TEXT, previous="root"), "type": "conversation.item.created"},
        {
            **NEW,
            **NEW_PART,
            "n.is_done": True,
            "n.previous_item_id": "root",
            "order": ["n", *ORDER],
        },
        ["appended n", "completed n"],
    ),
    (
        {
            "type": "conversation.item.done",
            "item": message(
                "a", "assistant", "incomplete", type="output_audio", transcript="One two."
            ),
            "previous_item_id": "v",
        },
        {
            "a.status": "incomplete",
            "a.is_done": True,
            "a[0].transcript": "One two.",
            "a[0].is_text_final": True,
        },
        ["completed a"],
    ),
    (
        {"type": "conversation.item.deleted", "item_id": "l"},
        {
            "order": ORDER[:-1],
            "l.id": None,
            "l.type": None,
            "l.server_label": None,
            "l.previous_item_id": None,
            "l.is_in_conversation": None,
        },
        ["deleted l"],
    ),
    (
        {
            "type": "conversation.item.retrieved",
            "item": message("v", "user", "completed", type="input_audio", audio=pcm.encode(SOUND)),
        },
        {
            "v[0].audio": bytearray(SOUND),
            "v[0].received_bytes": len(SOUND),
            "kept audio": 7 * len(SOUND),
        },
        ["updated v"],
    ),
    (
        {
            "type": "conversation.item.truncated",
            "item_id": "a",
            "content_index": 0,
            "audio_end_ms": 40,
        },
        {"a[0].heard_ms": 40, "a.is_interrupted": True},
        ["truncated a"],
    ),
    (
        {
            "type": SAID + "delta",
            "item_id": "u",
            "content_index": 0,
            "delta": "Hel",
            "logprobs": [{"token": "Hel", "logprob": -0.5, "bytes": [72, 101, 108]}],
        },
        {"u[0].transcript": "Hel", "u[0].logprobs": [LogProb("Hel", -0.5, b"Hel")]},
        ["updated u"],
    ),
    (
        {
            "type": SAID + "completed",
            "item_id": "u",
            "content_index": 0,
            "transcript": "Hello",
            "usage": {"type": "duration", "seconds": 3},
            "languages": [{"code": "en"}],
            "logprobs": [{"token": "Hello", "logprob": -0.25, "bytes": []}],
        },
        {
            "u[0].transcript": "Hello",
            "u[0].is_text_final": True,
            "u[0].transcription": "completed",
            "u[0].transcription_usage": TranscriptionUsage(n_transcripts=1, seconds=3.0),
            "u[0].languages": ("en",),
            "u[0].logprobs": [LogProb("Hello", -0.25)],
            "cost of transcripts": TranscriptionUsage(n_transcripts=1, seconds=3.0),
        },
        ["updated u"],
    ),
    (
        {
            "type": SAID + "segment",
            "item_id": "u",
            "content_index": 0,
            "id": "s1",
            "speaker": "A",
            "text": "Hello",
            "start": 0.5,
            "end": 1.25,
        },
        {"u[0].segments": [Segment("s1", "A", "Hello", 0.5, 1.25)]},
        ["updated u"],
    ),
    (
        {"type": SAID + "failed", "item_id": "u", "content_index": 0, "error": ERROR},
        {"u[0].transcription": "failed", "u[0].transcription_error": "It broke."},
        ["updated u"],
    ),
    ({"type": "error", "error": {"type": "server_error", "message": "It broke."}}, {}, []),
    ({"type": "input_audio_buffer.cleared"}, {}, []),
    (
        {"type": "input_audio_buffer.committed", "item_id": "v", "previous_item_id": "u"},
        {
            "v[0].audio": bytearray(SOUND * 2),
            "v[0].received_bytes": 2 * len(SOUND),
            "v[0].transcription": "pending",
            "kept audio": 8 * len(SOUND),
        },
        ["updated v"],
    ),
    (
        {
            "type": "input_audio_buffer.dtmf_event_received",
            "event": "#",
            "received_at": 1_763_000_000,
        },
        {"keys": [PressedKey("#", 1_763_000_000)]},
        [],
    ),
    (
        # The server interrupts its answer.
        {"type": "input_audio_buffer.speech_started", "item_id": "w", "audio_start_ms": 400},
        {"active": None, "r.is_interrupted": True},
        [],
    ),
    # These two only say which audio the next item will have.
    ({"type": "input_audio_buffer.speech_stopped", "item_id": "w", "audio_end_ms": 450}, {}, []),
    (
        {
            "type": "input_audio_buffer.timeout_triggered",
            "item_id": "w",
            "audio_start_ms": 0,
            "audio_end_ms": 9,
        },
        {},
        [],
    ),
    (
        {
            "type": "rate_limits.updated",
            "rate_limits": [{"name": "tokens", "limit": 9, "remaining": 5, "reset_seconds": 0.5}],
        },
        {"rate limits": [{"name": "tokens", "limit": 9, "remaining": 5, "reset_seconds": 0.5}]},
        [],
    ),
    (
        {"type": "response.output_audio.delta", **PLACE, "delta": pcm.encode(SOUND)},
        {
            "a[0].audio": bytearray(SOUND * 2),
            "a[0].received_bytes": 2 * len(SOUND),
            "kept audio": 7 * len(SOUND),
        },
        ["updated a"],
    ),
    ({"type": "response.output_audio.done", **PLACE}, {}, []),
    (
        {"type": "response.output_audio_transcript.delta", **PLACE, "delta": " three"},
        {"a[0].transcript": "One two three"},
        ["updated a"],
    ),
    (
        {"type": "response.output_audio_transcript.done", **PLACE, "transcript": "One two."},
        {"a[0].transcript": "One two.", "a[0].is_text_final": True},
        ["updated a"],
    ),
    (
        {
            "type": "response.content_part.added",
            **PLACE,
            "content_index": 1,
            "part": {"type": "text", "text": "So"},
        },
        {"a[1].type": "output_text", "a[1].text": "So"},
        ["updated a"],
    ),
    (
        {
            "type": "response.content_part.done",
            **PLACE,
            "part": {"type": "audio", "transcript": "One two."},
        },
        {"a[0].transcript": "One two."},
        ["updated a"],
    ),
    (
        {
            "type": "response.created",
            "response": {
                **RESPONSE,
                "id": "o",
                "conversation_id": None,
                "status": "in_progress",
                "metadata": {"topic": "x"},
            },
        },
        {
            "o.id": "o",
            "o.status": "in_progress",
            "o.has_begun": True,
            "o.is_out_of_band": True,
            "o.metadata": {"topic": "x"},
        },
        ["response o"],
    ),
    (
        {
            "type": "response.done",
            "response": {
                **RESPONSE,
                "status": "cancelled",
                "status_details": {"type": "cancelled", "reason": "turn_detected"},
                "output": [],
                "usage": USAGE,
                "metadata": {"k": "v"},
            },
        },
        {
            "active": None,
            "unfinished": None,
            "r.status": "cancelled",
            "r.status_details": {"type": "cancelled", "reason": "turn_detected"},
            "r.usage": USAGE,
            "r.tokens": COST,
            "r.metadata": {"k": "v"},
            "cost of responses": COST,
            **{f"{item}.status": "incomplete" for item in "afm"},
            **{f"{item}.is_done": True for item in "afm"},
        },
        ["completed a", "completed f", "completed m", "response r"],
    ),
    (
        {"type": "response.function_call_arguments.delta", **CALL, "delta": ":1}"},
        {"f.arguments": '{"a":1}'},
        ["updated f"],
    ),
    (
        {
            "type": "response.function_call_arguments.done",
            **CALL,
            "name": "get",
            "arguments": '{"a":1}',
        },
        {"f.arguments": '{"a":1}', "f.is_arguments_final": True},
        ["updated f"],
    ),
    (
        # It enters the conversation with conversation.item.added, which knows its place.
        {
            "type": "response.output_item.added",
            "response_id": "r",
            "output_index": 3,
            "item": message("n", "assistant", "in_progress"),
        },
        {"r.item_ids": ["a", "f", "m", "n"]},
        [],
    ),
    (
        {
            "type": "response.output_item.done",
            "response_id": "r",
            "output_index": 1,
            "item": call("completed", '{"a":1}'),
        },
        {
            "f.status": "completed",
            "f.arguments": '{"a":1}',
            "f.is_arguments_final": True,
            "f.is_done": True,
        },
        ["completed f"],
    ),
    (
        {"type": "response.output_text.delta", **PLACE, "content_index": 1, "delta": "So"},
        {"a[1].type": "output_text", "a[1].text": "So"},
        ["updated a"],
    ),
    (
        {"type": "response.output_text.done", **PLACE, "content_index": 1, "text": "So."},
        {"a[1].type": "output_text", "a[1].text": "So.", "a[1].is_text_final": True},
        ["updated a"],
    ),
    # Of the session the conversation takes over how turns end and whether speech is transcribed;
    # they show with the next turn: see the tests of those.
    ({"type": "session.created", "session": {"type": "realtime"}}, {}, []),
    ({"type": "session.updated", "session": {"type": "transcription"}}, {}, []),
    (
        {"type": "output_audio_buffer.started", "response_id": "r"},
        {"playing": "r", "r.playback": "playing", "a.is_playing": True},
        ["updated a"],
    ),
    (
        {"type": "output_audio_buffer.stopped", "response_id": "r"},
        {"r.playback": "stopped"},
        [],
    ),
    (
        {"type": "output_audio_buffer.cleared", "response_id": "r"},
        {"r.playback": "cleared", "a.is_interrupted": True},
        ["truncated a"],
    ),
    (
        {"type": "mcp_list_tools.in_progress", "item_id": "l"},
        {"l.status": "in_progress"},
        ["updated l"],
    ),
    (
        {"type": "mcp_list_tools.completed", "item_id": "l"},
        {"l.status": "completed"},
        ["updated l"],
    ),
    ({"type": "mcp_list_tools.failed", "item_id": "l"}, {"l.status": "failed"}, ["updated l"]),
    (
        {
            "type": "response.mcp_call_arguments.delta",
            **TOOL_CALL,
            "delta": "{",
            "obfuscation": "x",
        },
        {"m.arguments": "{"},
        ["updated m"],
    ),
    (
        {"type": "response.mcp_call_arguments.done", **TOOL_CALL, "arguments": "{}"},
        {"m.arguments": "{}", "m.is_arguments_final": True},
        ["updated m"],
    ),
    (
        {"type": "response.mcp_call.in_progress", "item_id": "m", "output_index": 2},
        {"m.status": "in_progress"},
        ["updated m"],
    ),
    (
        {"type": "response.mcp_call.completed", "item_id": "m", "output_index": 2},
        {"m.status": "completed"},
        ["updated m"],
    ),
    (
        {"type": "response.mcp_call.failed", "item_id": "m", "output_index": 2},
        {"m.status": "failed"},
        ["updated m"],
    ),
]


def wire(event: dict[str, Any]) -> dict[str, Any]:
    """The event with its id; one type has none."""
    is_without = event["type"] == "input_audio_buffer.dtmf_event_received"
    return event if is_without else {**event, "event_id": "event_1"}


def test_no_type_is_missing_and_none_is_there_twice():
    types = [event["type"] for event, _, _ in TABLE]

    assert len(ALL_TYPES) == 46
    assert set(types) == ALL_TYPES
    assert len(types) == 46


@pytest.mark.parametrize(("event", "_", "__"), TABLE, ids=lambda each: type_of(each))
def test_the_example_is_what_openai_says_that_the_event_is(event, _, __):
    assert STRICT.validate_python(wire(event)).type == event["type"]


@pytest.mark.parametrize(("event", "changed", "expected"), TABLE, ids=lambda each: type_of(each))
def test_an_event_changes_this_and_nothing_else(event, changed, expected):
    conversation = scene()
    before = facts(conversation)

    updates = conversation.receive(events.from_dict(wire(event)))

    assert changes(before, facts(conversation)) == changed
    assert told(updates) == expected


def type_of(value: Any) -> str:
    return str(value.get("type", "")) if isinstance(value, dict) else ""


ITEMS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        message("n", "system", "completed", type="input_text", text="Be kind."),
        {"role": "system", "status": "completed"},
    ),
    (
        message("n", "user", "completed", type="input_image", image_url="data:", detail="low"),
        {"role": "user", "[0].image_url": "data:", "[0].detail": "low"},
    ),
    (
        {
            **message("n", "assistant", "completed", type="output_text", text="Hm."),
            "phase": "commentary",
        },
        {"role": "assistant", "phase": "commentary", "[0].text": "Hm."},
    ),
    (
        {**call("completed", "{}"), "id": "n"},
        {"name": "get", "call_id": "call_1", "arguments": "{}", "is_arguments_final": True},
    ),
    (
        {"id": "n", "type": "function_call_output", "call_id": "call_1", "output": "{}"},
        {"call_id": "call_1", "output": "{}"},
    ),
    (
        {**TOOL_LIST, "id": "n", "tools": [{"name": "read", "input_schema": {}}]},
        {"server_label": "files", "tools": (McpTool("read"),)},
    ),
    (
        {
            **SERVER_CALL,
            "id": "n",
            "approval_request_id": "q",
            "error": {"type": "http_error", "code": 404, "message": "Not found"},
        },
        {"server_label": "files", "name": "read", "approval_request_id": "q"},
    ),
    (
        {**SERVER_CALL, "id": "n", "type": "mcp_approval_request", "arguments": "{}"},
        {"server_label": "files", "name": "read", "arguments": "{}"},
    ),
    (
        {
            "id": "n",
            "type": "mcp_approval_response",
            "approval_request_id": "q",
            "approve": True,
            "reason": "private",
        },
        {"approval_request_id": "q", "approve": True, "reason": "private"},
    ),
]


@pytest.mark.parametrize(
    ("raw", "known"), ITEMS, ids=lambda each: f"{type_of(each)} {each.get('role', '')}"
)
def test_every_kind_of_item_is_taken_over_in_full(raw, known):
    event = {**added(raw), "event_id": "event_1"}
    if "phase" not in raw:  # it is on the wire, but not in the types
        STRICT.validate_python(event)
    conversation = Conversation()

    conversation.receive(events.from_dict(event))

    item = conversation.get("n")
    assert item is not None
    part = values(item.content[0]) if item.content else {}
    found = values(item) | {f"[0].{key}": value for key, value in part.items()}
    assert found | known == found
    assert item.type == raw["type"]
    assert item.other == {}


def test_an_error_of_a_server_of_tools_is_told_in_words():
    conversation = Conversation()
    conversation.receive(Event("conversation.item.added", None, {"item": ITEMS[6][0]}))

    item = conversation.get("n")
    assert item is not None
    assert str(item.error) == "http error 404: Not found"
