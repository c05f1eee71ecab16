"""One event of every type that OpenAI's types know, in both dialects, as small as they allow."""

from __future__ import annotations

from typing import Any, get_args

from openai.types.beta.realtime import realtime_client_event as beta_client
from openai.types.beta.realtime import realtime_server_event as beta_server
from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent
from pydantic import TypeAdapter

STRICT: dict[tuple[str, str], TypeAdapter[Any]] = {
    ("ga", "client"): TypeAdapter(RealtimeClientEvent),
    ("ga", "server"): TypeAdapter(RealtimeServerEvent),
    ("beta", "client"): TypeAdapter(beta_client.RealtimeClientEvent),
    ("beta", "server"): TypeAdapter(beta_server.RealtimeServerEvent),
}
_UNIONS: dict[tuple[str, str], Any] = {
    ("ga", "client"): RealtimeClientEvent,
    ("ga", "server"): RealtimeServerEvent,
    ("beta", "client"): beta_client.RealtimeClientEvent,
    ("beta", "server"): beta_server.RealtimeServerEvent,
}

ITEM = {"item_id": "item_1"}
PLACE = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0}
PART = {**PLACE, "content_index": 0}
USAGE = {"type": "duration", "seconds": 2.0}
PCM = {"type": "audio/pcm", "rate": 24_000}
VAD = {"type": "server_vad", "threshold": 0.5, "create_response": True}
TOOL = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}
TRANSCRIBED = "conversation.item.input_audio_transcription"


def types_of(dialect: str, side: str) -> set[str]:
    """Every event type of one side, from OpenAI's own types."""
    (union, *_) = get_args(_UNIONS[dialect, side])
    return {get_args(each.model_fields["type"].annotation)[0] for each in get_args(union)}


def check(dialect: str, side: str, event: dict[str, Any]) -> None:
    """Raise unless `event` is one of the dialect, to the letter, of the type that it names."""
    found = STRICT[dialect, side].validate_python(event)
    assert found.type == event["type"]


def message(role="user", part="input_text", **more):
    content = {"type": part, "text": "hello"}
    if part.endswith("audio"):
        content = {"type": part, "transcript": "hello"}
    return {
        "id": "item_1",
        "object": "realtime.item",
        "type": "message",
        "status": "completed",
        "role": role,
        "content": [content],
        **more,
    }


def function_call(status="completed", arguments="{}"):
    return {
        "id": "item_1",
        "object": "realtime.item",
        "type": "function_call",
        "status": status,
        "name": "get_weather",
        "call_id": "call_1",
        "arguments": arguments,
    }


def ga_session(**more):
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": "sess_1",
        "model": "gpt-realtime",
        "output_modalities": ["audio"],
        "instructions": "Be brief.",
        "tools": [TOOL],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "audio": {
            "input": {
                "format": PCM,
                "transcription": {"model": "whisper-1"},
                "noise_reduction": {"type": "near_field"},
                "turn_detection": VAD,
            },
            "output": {"format": {"type": "audio/pcma"}, "voice": "alloy", "speed": 1.0},
        },
        **more,
    }


def beta_session(**more):
    return {
        "object": "realtime.session",
        "id": "sess_1",
        "model": "gpt-realtime",
        "instructions": "Be brief.",
        "tools": [TOOL],
        "tool_choice": "auto",
        "tracing": None,
        "modalities": ["text", "audio"],
        "voice": "alloy",
        "output_audio_format": "g711_alaw",
        "max_response_output_tokens": "inf",
        "speed": 1.0,
        "input_audio_format": "pcm16",
        "input_audio_transcription": {"model": "whisper-1"},
        "input_audio_noise_reduction": {"type": "near_field"},
        "turn_detection": VAD,
        "temperature": 0.9,
        **more,
    }


def ga_response(**more):
    return {
        "object": "realtime.response",
        "id": "resp_1",
        "status": "completed",
        "status_details": None,
        "output": [message("assistant", "output_audio")],
        "conversation_id": "conv_1",
        "output_modalities": ["audio"],
        "max_output_tokens": 100,
        "audio": {"output": {"format": PCM, "voice": "alloy"}},
        "usage": {"total_tokens": 3, "input_tokens": 1, "output_tokens": 2},
        "metadata": {"topic": "weather"},
        **more,
    }


def beta_response(**more):
    return {
        "object": "realtime.response",
        "id": "resp_1",
        "status": "completed",
        "status_details": None,
        "output": [message("assistant", "audio")],
        "conversation_id": "conv_1",
        "max_output_tokens": 100,
        "usage": {"total_tokens": 3, "input_tokens": 1, "output_tokens": 2},
        "metadata": {"topic": "weather"},
        "modalities": ["text", "audio"],
        "voice": "alloy",
        "output_audio_format": "pcm16",
        "temperature": 0.9,
        **more,
    }


def beta_transcription(**more):
    return {
        "object": "realtime.transcription_session",
        "id": "sess_1",
        "client_secret": {"value": "ek_1", "expires_at": 1},
        "input_audio_format": "pcm16",
        "input_audio_transcription": {"model": "whisper-1"},
        "turn_detection": {"type": "server_vad", "threshold": 0.5},
        **more,
    }


_SHARED_CLIENT: dict[str, dict[str, Any]] = {
    "input_audio_buffer.append": {"audio": "AAAA"},
    "input_audio_buffer.commit": {},
    "input_audio_buffer.clear": {},
    "conversation.item.retrieve": ITEM,
    "conversation.item.truncate": {**ITEM, "content_index": 0, "audio_end_ms": 100},
    "conversation.item.delete": ITEM,
    "response.cancel": {"response_id": "resp_1"},
    "output_audio_buffer.clear": {},
}
_SHARED_SERVER: dict[str, dict[str, Any]] = {
    "error": {
        "error": {
            "type": "invalid_request_error",
            "code": "unknown_parameter",
            "message": "Unknown parameter: 'session.colour'.",
            "param": "session.colour",
            "event_id": "mine",
        }
    },
    "conversation.created": {"conversation": {"id": "conv_1", "object": "realtime.conversation"}},
    "conversation.item.deleted": ITEM,
    "conversation.item.truncated": {**ITEM, "content_index": 0, "audio_end_ms": 100},
    f"{TRANSCRIBED}.delta": {**ITEM, "content_index": 0, "delta": "hel"},
    f"{TRANSCRIBED}.completed": {
        **ITEM,
        "content_index": 0,
        "transcript": "hello",
        "usage": USAGE,
    },
    f"{TRANSCRIBED}.failed": {**ITEM, "content_index": 0, "error": {"type": "server_error"}},
    "input_audio_buffer.committed": {"previous_item_id": None, **ITEM},
    "input_audio_buffer.cleared": {},
    "input_audio_buffer.speech_started": {"audio_start_ms": 0, **ITEM},
    "input_audio_buffer.speech_stopped": {"audio_end_ms": 900, **ITEM},
    "output_audio_buffer.started": {"response_id": "resp_1"},
    "output_audio_buffer.stopped": {"response_id": "resp_1"},
    "output_audio_buffer.cleared": {"response_id": "resp_1"},
    "response.content_part.added": {**PART, "part": {"type": "audio", "transcript": ""}},
    "response.content_part.done": {**PART, "part": {"type": "text", "text": "hello"}},
    "response.function_call_arguments.delta": {**PLACE, "call_id": "call_1", "delta": "{"},
    "rate_limits.updated": {
        "rate_limits": [{"name": "tokens", "limit": 100, "remaining": 90, "reset_seconds": 1.5}]
    },
}
_ADDED = {"previous_item_id": "item_0", "item": message("user", "input_audio")}
_OUTPUT = {"response_id": "resp_1", "output_index": 0}
_ARGUMENTS = {**PLACE, "call_id": "call_1", "arguments": "{}"}


def _deltas(prefix: str) -> dict[str, dict[str, Any]]:
    return {
        f"response.{prefix}text.delta": {**PART, "delta": "hel"},
        f"response.{prefix}text.done": {**PART, "text": "hello"},
        f"response.{prefix}audio.delta": {**PART, "delta": "AAAA"},
        f"response.{prefix}audio.done": PART,
        f"response.{prefix}audio_transcript.delta": {**PART, "delta": "hel"},
        f"response.{prefix}audio_transcript.done": {**PART, "transcript": "hello"},
    }


_GA_CLIENT = {
    **_SHARED_CLIENT,
    "session.update": {"session": ga_session()},
    "conversation.item.create": {
        "previous_item_id": "root",
        "item": message("assistant", "output_text"),
    },
    "response.create": {
        "response": {
            "output_modalities": ["text"],
            "conversation": "none",
            "audio": {"output": {"format": {"type": "audio/pcmu"}, "voice": "echo"}},
            "max_output_tokens": 100,
            "input": [message("assistant", "output_text")],
        }
    },
}
_BETA_CLIENT = {
    **_SHARED_CLIENT,
    "session.update": {"session": beta_session()},
    "transcription_session.update": {
        "session": {
            "input_audio_format": "g711_ulaw",
            "input_audio_transcription": {"model": "whisper-1"},
            "turn_detection": None,
        }
    },
    "conversation.item.create": {
        "previous_item_id": "root",
        "item": message("assistant", "text"),
    },
    "response.create": {
        "response": {
            "conversation": "none",
            "input": [message("assistant", "text")],
            "modalities": ["text"],
            "voice": "echo",
            "output_audio_format": "g711_ulaw",
            "max_response_output_tokens": 100,
        }
    },
}
_GA_SERVER = {
    **_SHARED_SERVER,
    **_deltas("output_"),
    "session.created": {"session": ga_session()},
    "session.updated": {"session": ga_session()},
    "conversation.item.created": _ADDED,
    "conversation.item.added": _ADDED,
    "conversation.item.done": _ADDED,
    "conversation.item.retrieved": {"item": message("assistant", "output_audio")},
    "response.created": {"response": ga_response(status="in_progress", output=[])},
    "response.done": {"response": ga_response()},
    "response.output_item.added": {**_OUTPUT, "item": function_call("in_progress", "")},
    "response.output_item.done": {**_OUTPUT, "item": message("assistant", "output_text")},
    "response.function_call_arguments.done": {**_ARGUMENTS, "name": "get_weather"},
    "input_audio_buffer.timeout_triggered": {
        "audio_start_ms": 0,
        "audio_end_ms": 5000,
        **ITEM,
    },
    "input_audio_buffer.dtmf_event_received": {"event": "9", "received_at": 1},
    f"{TRANSCRIBED}.segment": {
        **ITEM,
        "id": "seg_1",
        "content_index": 0,
        "text": "hello",
        "speaker": "A",
        "start": 0.0,
        "end": 1.0,
    },
    **{f"mcp_list_tools.{step}": ITEM for step in ("in_progress", "completed", "failed")},
    "response.mcp_call_arguments.delta": {**PLACE, "delta": "{"},
    "response.mcp_call_arguments.done": {**PLACE, "arguments": "{}"},
    **{
        f"response.mcp_call.{step}": {**ITEM, "output_index": 0}
        for step in ("in_progress", "completed", "failed")
    },
}
_BETA_SERVER = {
    **_SHARED_SERVER,
    **_deltas(""),
    "session.created": {"session": beta_session()},
    "session.updated": {"session": beta_session()},
    "transcription_session.updated": {"session": beta_transcription()},
    "conversation.item.created": _ADDED,
    "conversation.item.retrieved": {"item": message("assistant", "audio")},
    "response.created": {"response": beta_response(status="in_progress", output=[])},
    "response.done": {"response": beta_response()},
    "response.output_item.added": {**_OUTPUT, "item": function_call("in_progress", "")},
    "response.output_item.done": {**_OUTPUT, "item": message("assistant", "text")},
    "response.function_call_arguments.done": _ARGUMENTS,
}


def _events(contents: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        kind: {"type": kind, "event_id": "event_1", **content} for kind, content in contents.items()
    }


EXAMPLES = {
    ("ga", "client"): _events(_GA_CLIENT),
    ("ga", "server"): _events(_GA_SERVER),
    ("beta", "client"): _events(_BETA_CLIENT),
    ("beta", "server"): _events(_BETA_SERVER),
}
