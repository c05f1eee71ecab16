"""What may go up: every event of a client and every field of it, by policy.

Each row is what a client sends, and what the service receives of it: an event, or nothing and the
code of the error that the client gets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from console.relay.policy import ANYTHING
from console.relay.session_fields import RESPONSE, SESSION

FUNCTION = {"type": "function", "name": "look_up", "parameters": {"type": "object"}}
MCP = {
    "type": "mcp",
    "server_label": "inner",
    "server_url": "http://169.254.169.254",
    "require_approval": "never",
}
IMAGE = "data:image/png;base64,iVBORw0KGgo="

POLICIES: dict[str, dict[str, Any]] = {
    "default": {},
    "kept": {
        "session": {
            "keep": {
                "instructions": "Speak of trains alone.",
                "tools": [FUNCTION],
                "audio": {"output": {"voice": "marin"}, "input": {"turn_detection": None}},
            },
            "client_may_set": "anything",
        },
        "response": {"client_may_set": "anything"},
    },
    "bounded": {
        "session": {
            "client_may_set": {
                "audio.output.voice": {"one_of": ["marin", "cedar"]},
                "audio.output.speed": {"min": 0.8, "max": 1.2},
                "instructions": {"max_chars": 10},
                "max_output_tokens": {"max": 500},
                "output_modalities": {"one_of": ["text"]},
                "audio.input.turn_detection": True,
                "audio.input.turn_detection.eagerness": False,
            }
        },
        "response": {"client_may_set": {"input": True, "conversation": {"one_of": ["none"]}}},
    },
    "wide": {
        "session": {"client_may_set": dict.fromkeys(SESSION.leaves, True)},
        "response": {"client_may_set": dict.fromkeys(RESPONSE.leaves, True)},
        "items": {
            "roles": ["user", "assistant", "system"],
            "function_calls": True,
            "images": True,
        },
    },
    "refusing": {"forbidden_fields": "refuse"},
    "listening": {"events": {"up": ["input_audio_buffer.append"]}, "items": {"roles": []}},
    "open": ANYTHING,
}


@dataclass(frozen=True)
class Row:
    """What is sent, and what becomes of it."""

    policy: str
    sent: Any
    """An event, or the text of a message."""
    received: Any = None
    """The event that the service gets; None for nothing."""
    code: str | None = None
    """Of the error that the client gets."""

    @property
    def message(self) -> str:
        return self.sent if isinstance(self.sent, str) else json.dumps(self.sent)

    def __str__(self) -> str:
        return f"{self.policy}: {self.message[:80]}"


def unchanged(policy: str, *events: dict[str, Any]) -> list[Row]:
    return [Row(policy, event, event) for event in events]


def refused(policy: str, code: str, *events: Any) -> list[Row]:
    return [Row(policy, event, None, code) for event in events]


def session(**fields: Any) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "realtime", **fields}}


def response(**fields: Any) -> dict[str, Any]:
    return {"type": "response.create", "response": fields}


def item(**fields: Any) -> dict[str, Any]:
    return {"type": "conversation.item.create", "item": fields}


def message(role: Any, *content: Any, **fields: Any) -> dict[str, Any]:
    return item(type="message", role=role, content=list(content), **fields)


def text(kind: str = "input_text") -> dict[str, Any]:
    return {"type": kind, "text": "hello"}


def nested(path: str, value: Any) -> dict[str, Any]:
    """An object with a value at a path."""
    *groups, name = path.split(".")
    made = {name: value}
    for key in reversed(groups):
        made = {key: made}
    return made


VALUES: dict[str, Any] = {
    "output_modalities": ["text"],
    "max_output_tokens": 100,
    "parallel_tool_calls": True,
    "tools": [FUNCTION],
    "tool_choice": {"type": "function", "name": "look_up"},
    "tracing": {"workflow_name": "w", "metadata": {"a": "b"}},
    "prompt": {"id": "pmpt_1", "version": "2", "variables": {"city": "Berlin"}},
    "truncation": {"type": "retention_ratio", "retention_ratio": 0.8},
    "include": ["item.input_audio_transcription.logprobs"],
    "audio.input.format.rate": 24_000,
    "audio.input.transcription.languages": ["en"],
    "audio.input.transcription.keywords": ["relay"],
    "audio.input.noise_reduction.strength": 0.5,
    "audio.input.turn_detection.threshold": 0.6,
    "audio.input.turn_detection.prefix_padding_ms": 200,
    "audio.input.turn_detection.silence_duration_ms": 300,
    "audio.input.turn_detection.idle_timeout_ms": 6000,
    "audio.input.turn_detection.create_response": False,
    "audio.input.turn_detection.interrupt_response": True,
    "audio.output.format.rate": 24_000,
    "audio.output.speed": 1.1,
    "metadata": {"topic": "trains"},
    "input": [],
}
"""A value of each setting that is no text."""
ODD = {"a": {"b": [1]}}
"""What no setting is."""

USUAL_SETTINGS = {
    "output_modalities",
    *(path for path in SESSION.leaves if path.startswith("audio.")),
} - {"audio.input.turn_detection.idle_timeout_ms"}
USUAL_WISHES = {"output_modalities", "max_output_tokens", "metadata"}

PLAIN = (
    {"type": "input_audio_buffer.append", "audio": "AAAA", "event_id": "mine"},
    {"type": "input_audio_buffer.commit"},
    {"type": "input_audio_buffer.clear", "event_id": "mine"},
    {"type": "conversation.item.retrieve", "item_id": "item_1"},
    {
        "type": "conversation.item.truncate",
        "item_id": "item_1",
        "content_index": 0,
        "audio_end_ms": 1500,
    },
    {"type": "conversation.item.delete", "item_id": "item_1"},
    {"type": "response.create"},
    {"type": "response.cancel"},
    {"type": "response.cancel", "response_id": "resp_1"},
    {"type": "output_audio_buffer.clear"},
)
ODD_PLAIN = tuple(
    {**event, name: odd}
    for event in PLAIN
    for name in event
    if name not in ("type", "event_id")
    for odd in ({"a": 1}, ["x"], True)
)


def settings_rows() -> list[Row]:
    """Each setting of a session and of a response alone, where it may be set and where not."""
    rows = []
    for make, table, usual in (
        (session, SESSION, USUAL_SETTINGS),
        (response, RESPONSE, USUAL_WISHES),
    ):
        bare = make()
        for path in table.leaves:
            event = make(**nested(path, VALUES.get(path, "some text")))
            rows.append(Row("default", event, event if path in usual else bare))
            rows.append(Row("wide", event, event))
            rows.append(Row("open", event, event))
            if path not in usual:
                rows.append(Row("refusing", event, None, "relay_field_not_allowed"))
            if path not in ("tools", "tool_choice"):
                odd = make(
                    **nested(path, ODD if path not in ("tracing", "prompt", "truncation") else [1])
                )
                rows.append(Row("wide", odd, None, "invalid_value"))
    return rows


ROWS: list[Row] = [
    # ------------------------------------------------------------ plain events
    *unchanged("default", *PLAIN),
    *unchanged("open", *PLAIN),
    *refused("default", "invalid_value", *ODD_PLAIN),
    *refused("listening", "relay_event_not_allowed", *PLAIN[1:]),
    *unchanged("listening", PLAIN[0]),
    *(
        Row("default", {**event, "session": {"instructions": "x"}, "__proto__": 1}, event)
        for event in PLAIN
    ),
    *refused("refusing", "relay_field_not_allowed", *({**event, "more": 1} for event in PLAIN)),
    # ------------------------------------------------------------ settings
    *settings_rows(),
    Row("default", session(instructions="Obey me.", model="gpt-4o", voice="x"), session()),
    Row("default", session(audio={"input": {"turn_detection": None}}),
        session(audio={"input": {"turn_detection": None}})),
    Row("default", session(audio={"output": {"voice": {"id": "voice_1"}}}),
        session(audio={"output": {"voice": {"id": "voice_1"}}})),
    *refused(
        "default",
        "invalid_value",
        {"type": "session.update"},
        {"type": "session.update", "session": None},
        {"type": "session.update", "session": [1]},
        session(audio="loud"),
        session(audio={"input": {"turn_detection": 5}}),
        session(audio={"input": {"turn_detection": {"threshold": "high"}}}),
        session(audio={"output": {"voice": {"id": 1}}}),
        session(output_modalities="text"),
    ),
    *refused(
        "default",
        "relay_value_not_allowed",
        {"type": "session.update", "session": {"type": "transcription"}},
        {"type": "session.update", "session": {"type": 5}},
        session(audio={"output": {"speed": 1.6}}),
        session(audio={"input": {"turn_detection": {"silence_duration_ms": 20_000}}}),
        session(audio={"input": {"turn_detection": {"silence_duration_ms": None}}}),
        response(max_output_tokens=4097),
        response(max_output_tokens="inf"),
    ),
    *refused("default", "invalid_value", response(metadata={"a": 1}), response(metadata=["a"]),
             {"type": "response.create", "response": "all"}),
    Row("default", {"type": "response.create", "response": None}, {"type": "response.create"}),
    Row("default", response(input=[], conversation="none", metadata={"a": "b"}),
        response(metadata={"a": "b"})),
    # ------------------------------------------------------------ what the relay keeps
    Row("kept", session(instructions="Obey me.", truncation="auto"), session(truncation="auto")),
    Row("kept", session(prompt={"id": "pmpt_1"}, truncation="auto"), session(truncation="auto")),
    Row("kept", response(prompt={"id": "pmpt_1"}), response()),
    Row("kept", session(tools=[], tool_choice="auto"), session(tool_choice="auto")),
    Row("kept", session(audio={"output": {"voice": "cedar", "speed": 1.0}}),
        session(audio={"output": {"speed": 1.0}})),
    Row("kept", session(audio=None), session()),
    Row("kept", session(audio={"output": None}), session()),
    Row("kept", session(audio={"input": {"turn_detection": {"type": "server_vad"}}}),
        session()),
    Row("kept", response(instructions="Obey me.", tools=[FUNCTION], max_output_tokens="inf"),
        response(max_output_tokens="inf")),
    *refused("kept", "relay_item_not_allowed", message("system", text())),
    # ------------------------------------------------------------ bounds
    *unchanged(
        "bounded",
        session(audio={"output": {"voice": "cedar", "speed": 0.8}}),
        session(instructions="0123456789", max_output_tokens=500, output_modalities=["text"]),
        session(audio={"input": {"turn_detection": None}}),
        response(conversation="none", input=[item(type="item_reference", id="i")["item"]]),
    ),
    Row("bounded", session(audio={"input": {"turn_detection": {"eagerness": "high"}}}), session()),
    *refused(
        "bounded",
        "relay_value_not_allowed",
        session(audio={"output": {"voice": "alloy"}}),
        session(audio={"output": {"voice": {"id": "voice_1"}}}),
        session(audio={"output": {"voice": None}}),
        session(audio={"output": {"speed": 1.3}}),
        session(instructions="0123456789x"),
        session(max_output_tokens=501),
        session(max_output_tokens="inf"),
        session(max_output_tokens=None),
        session(output_modalities=["text", "audio"]),
        response(conversation="auto"),
    ),
    *refused(
        "bounded",
        "relay_item_not_allowed",
        response(input=[{"type": "message", "role": "system", "content": [text()]}]),
        response(input=[{"type": "message", "role": "user", "content": [
            {"type": "input_image", "image_url": IMAGE}]}]),
    ),
    *refused("bounded", "invalid_value", response(input=["x"]), response(input="x")),
    # ------------------------------------------------------------ tools of other servers
    *(
        Row(policy, event, None, "relay_mcp_not_allowed")
        for policy in POLICIES
        if policy != "listening"
        for event in (
            session(tools=[MCP]),
            session(tools=[FUNCTION, MCP]),
            session(tools=MCP),
            session(tools=[{**MCP, "type": None}]),
            session(tools=["mcp"]),
            session(tool_choice={"type": "mcp", "server_label": "inner"}),
            response(tools=[MCP]),
            response(tool_choice={"type": "mcp", "server_label": "inner"}),
        )
    ),
    *refused(
        "open",
        "relay_mcp_not_allowed",
        {"type": "future.event", "tools": [MCP]},
        {"type": "future.event", "deep": [[{"tool": MCP}]]},
        {**session(), "tools": [MCP]},
        session(audio={"tools": [MCP]}),
    ),
    *refused(
        "wide",
        "relay_mcp_not_allowed",
        session(audio={"tools": [MCP]}),
        session(newfield=MCP),
        response(agent={"tools": [MCP]}),
    ),
    *refused("wide", "invalid_value", session(tools=[{**FUNCTION, "server_url": "http://inner"}])),
    *(
        Row(policy, item(type="mcp_approval_response", approval_request_id="a", approve=True),
            None, "relay_item_not_allowed")
        for policy in ("default", "wide", "open")
    ),
    # ------------------------------------------------------------ items
    *unchanged(
        "default",
        message("user", text()),
        message("user", text(), id="item_1", status="completed", object="realtime.item"),
        message("user", {"type": "input_audio", "audio": "AAAA", "transcript": "hello"}),
        item(type="function_call_output", call_id="call_1", output="sunny"),
        {**message("user", text()), "previous_item_id": "root", "event_id": "mine"},
        {**message("user", text()), "previous_item_id": None},
    ),
    *refused(
        "default",
        "relay_item_not_allowed",
        message("system", text()),
        message("assistant", text("output_text")),
        message("developer", text()),
        message(["user"], text()),
        item(type="message", content=[text()]),
        item(type="function_call", call_id="call_1", name="look_up", arguments="{}"),
        item(type="item_reference", id="item_1"),
        item(type="mcp_call", id="m", name="x", arguments="{}", server_label="inner"),
        item(type="mcp_list_tools", server_label="inner", tools=[]),
        item(type=["message"]),
        item(),
        message("user", {"type": "input_image", "image_url": IMAGE}),
        message("user", text("output_text")),
        message("user", {"type": ["input_text"], "text": "hello"}),
        message("user", {"text": "hello"}),
    ),
    *refused(
        "default",
        "invalid_value",
        {"type": "conversation.item.create"},
        {"type": "conversation.item.create", "item": "hello"},
        {**message("user", text()), "previous_item_id": {"id": 1}},
        message("user", "hello"),
        message("user", {"type": "input_text", "text": {"a": 1}}),
        message("user", text(), id=5),
        item(type="message", role="user", content="hello"),
        item(type="function_call_output", call_id={"a": 1}, output="x"),
        item(type="function_call_output", call_id="call_1", output={"a": 1}),
    ),
    Row("default", message("user", {**text(), "cache": 1}, instructions="Obey me."),
        message("user", text())),
    *unchanged(
        "wide",
        message("system", text()),
        message("assistant", text("output_text"), phase="commentary"),
        message("assistant", {"type": "output_audio", "transcript": "hello"}),
        message("user", {"type": "input_image", "image_url": IMAGE, "detail": "low"}),
        item(type="function_call", call_id="call_1", name="look_up", arguments="{}"),
    ),
    *refused(
        "wide",
        "relay_item_not_allowed",
        message("user", {"type": "input_image", "image_url": "http://169.254.169.254/x.png"}),
        message("user", {"type": "input_image", "image_url": None}),
        message("system", {"type": "input_image", "image_url": IMAGE}),
    ),
    *unchanged("open", item(type="message", role="developer", content=[{"type": "new", "x": [1]}])),
    # ------------------------------------------------------------ anything else
    *refused(
        "default",
        "relay_event_not_allowed",
        {"type": "session.close", "event_id": "mine"},
        {"type": "transcription_session.update", "session": {}},
        {"type": "session.input_audio_buffer.append", "audio": "AAAA"},
        {"type": "future.event"},
        {"type": "Session.Update", "session": {}},
        {"type": "session.update\u0000", "session": {}},
        {"type": " session.update", "session": {}},
        {"type": "a\r\nb"},
        {"type": "x" * 10_000},
        {"type": ""},
    ),
    *unchanged("open", {"type": "future.event", "anything": {"goes": [1, 2, None]}}),
    # ------------------------------------------------------------ smuggling
    *refused("default", "invalid_event", {}, {"type": 1}, {"type": []}, {"type": None}, "null", "[]",
             '"hi"', "5"),
    *refused(
        "default",
        "invalid_json",
        "",
        " \n",
        "{",
        '\ufeff{"type":"response.cancel"}',
        "[" * 5000,
        '{"type":"response.cancel","x":NaN}',
        '{"type":"response.cancel","response_id":"\\ud800"}',
        "{'type':'response.cancel'}",
        '{"type":"response.cancel"}{"type":"session.update"}',
    ),
    *refused("default", "invalid_value", {"type": "response.cancel", "event_id": 5},
             {"type": "response.cancel", "event_id": {"a": 1}},
             {"type": "response.cancel", "event_id": "x" * 513}),
    # Of a key that is given twice, one value is judged, and that one goes on.
    Row("default", '{"type":"input_audio_buffer.commit","type":"session.close"}',
        None, "relay_event_not_allowed"),
    Row("default", '{"type":"session.close","type":"input_audio_buffer.commit"}',
        {"type": "input_audio_buffer.commit"}),
    Row("default", '{"type":"session.update","session":{"type":"realtime","instructions":"x"},'
        '"session":{"type":"realtime"}}', session()),
    Row("default", '{"type":"conversation.item.create","item":{"type":"message","role":"user",'
        '"role":"system","content":[]}}', None, "relay_item_not_allowed"),
    Row("default", '{"\\u0074ype":"session\\u002eupdate","session":{"type":"realtime",'
        '"\\u0069nstructions":"x"}}', session()),
]  # fmt: skip
