"""The client's objects as checks: session, items and responses of today's protocol."""

from __future__ import annotations

from typing import Any, Final

from console.simulator import defaults
from console.simulator.refusals import Refusal, not_simulated
from console.simulator.validation import (
    Check,
    anything,
    array,
    boolean,
    choice,
    integer,
    json_object,
    metadata,
    nullable,
    number,
    record,
    string,
    tagged,
)

_TEXT: Final = string()


def _modalities(value: Any, path: str) -> list[str]:
    if value not in (["audio"], ["text"]):
        raise Refusal(
            f"Invalid modalities: {value}. Supported combinations are: ['text'] and ['audio'].",
            param=path,
        )
    return list(value)


def _pcm_format(value: Any, path: str) -> dict[str, Any]:
    return {"type": "audio/pcm", "rate": 24_000, **_PCM(value, path)}


def _rate(value: Any, path: str) -> int:
    if value != 24_000 or isinstance(value, bool):
        raise Refusal(f"Invalid value: {value}. Supported values are: 24000.", param=path)
    return 24_000


def _g711(value: Any, path: str) -> Any:
    raise not_simulated("G.711 audio", "use {'type': 'audio/pcm', 'rate': 24000}", f"{path}.type")


def _mcp(value: Any, path: str) -> Any:
    raise not_simulated("MCP", "use tools of type 'function'", f"{path}.type")


def _voice(value: Any, path: str) -> str:
    if isinstance(value, dict):
        return str(record({"id": _TEXT}, required=["id"])(value, path)["id"])
    return str(choice(*defaults.VOICES)(value, path))


def _max_output_tokens(value: Any, path: str) -> int | str:
    if value == "inf":
        return "inf"
    return int(integer(1, defaults.MAX_OUTPUT_TOKENS)(value, path))


def _tool_choice(value: Any, path: str) -> Any:
    if isinstance(value, str):
        return choice("none", "auto", "required")(value, path)
    return _TOOL_CHOICE(value, path)


def _or_object(words: Check, fields: Check) -> Check:
    return lambda value, path: (fields if isinstance(value, dict) else words)(value, path)


_PCM: Final = record({"type": anything, "rate": _rate})
_FORMAT: Final = tagged({"audio/pcm": _pcm_format, "audio/pcmu": _g711, "audio/pcma": _g711})
_TOOL_CHOICE: Final = tagged(
    {"function": record({"type": anything, "name": _TEXT}, required=["name"]), "mcp": _mcp}
)
_TOOLS: Final = array(
    tagged(
        {
            "function": record(
                {
                    "type": anything,
                    "name": string(max_length=64),
                    "description": nullable(_TEXT),
                    "parameters": nullable(json_object),
                },
                required=["name"],
            ),
            "mcp": _mcp,
        }
    )
)
_TURN_DETECTION: Final = tagged(
    {
        "server_vad": record(
            {
                "type": anything,
                "threshold": number(0.0, 1.0),
                "prefix_padding_ms": integer(0, 10_000),
                "silence_duration_ms": integer(0, 10_000),
                "idle_timeout_ms": nullable(integer(*defaults.IDLE_TIMEOUT_RANGE_MS)),
                "create_response": boolean,
                "interrupt_response": boolean,
            }
        ),
        "semantic_vad": record(
            {
                "type": anything,
                "eagerness": choice("low", "medium", "high", "auto"),
                "create_response": boolean,
                "interrupt_response": boolean,
            }
        ),
    }
)
_TRANSCRIPTION: Final = record(
    {
        "model": _TEXT,
        "language": nullable(_TEXT),
        "prompt": nullable(_TEXT),
        "keywords": nullable(array(_TEXT)),
        "languages": nullable(array(_TEXT)),
        "delay": nullable(choice("minimal", "low", "medium", "high", "xhigh")),
    }
)
_NOISE_REDUCTION: Final = record(
    {"type": choice("near_field", "far_field"), "strength": number(0.0, 1.0)}
)
_TRACING: Final = _or_object(
    choice("auto"),
    record({"workflow_name": _TEXT, "group_id": _TEXT, "metadata": json_object}),
)
_TRUNCATION: Final = _or_object(
    choice("auto", "disabled"),
    tagged(
        {
            "retention_ratio": record(
                {
                    "type": anything,
                    "retention_ratio": number(0.0, 1.0),
                    "token_limits": record({"post_instructions": integer(0)}),
                },
                required=["retention_ratio"],
            )
        }
    ),
)
_PROMPT: Final = record(
    {"id": _TEXT, "version": nullable(_TEXT), "variables": nullable(json_object)},
    required=["id"],
)
_REASONING: Final = record({"effort": choice("minimal", "low", "medium", "high", "xhigh")})

SESSION: Final = record(
    {
        "type": anything,
        "model": _TEXT,
        "output_modalities": nullable(_modalities),
        "instructions": nullable(_TEXT),
        "tools": nullable(_TOOLS),
        "tool_choice": nullable(_tool_choice),
        "max_output_tokens": nullable(_max_output_tokens),
        "parallel_tool_calls": nullable(boolean),
        "reasoning": nullable(_REASONING),
        "tracing": nullable(_TRACING),
        "truncation": nullable(_TRUNCATION),
        "prompt": nullable(_PROMPT),
        "include": nullable(array(choice("item.input_audio_transcription.logprobs"))),
        "audio": record(
            {
                "input": record(
                    {
                        "format": nullable(_FORMAT),
                        "transcription": nullable(_TRANSCRIPTION),
                        "noise_reduction": nullable(_NOISE_REDUCTION),
                        "turn_detection": nullable(_TURN_DETECTION),
                    }
                ),
                "output": record(
                    {
                        "format": nullable(_FORMAT),
                        "voice": nullable(_voice),
                        "speed": nullable(number(*defaults.SPEED_RANGE)),
                    }
                ),
            }
        ),
    }
)
"""`session` of `session.update`, once its type is known to be `realtime`."""

_STATUS: Final = choice("completed", "incomplete", "in_progress")
_INPUT_TEXT: Final = record({"type": anything, "text": _TEXT}, required=["text"])
_INPUT_AUDIO: Final = record(
    {"type": anything, "audio": _TEXT, "transcript": nullable(_TEXT)}, required=["audio"]
)
_INPUT_IMAGE: Final = record(
    {"type": anything, "image_url": _TEXT, "detail": choice("auto", "low", "high")},
    required=["image_url"],
)
_OUTPUT_TEXT: Final = _INPUT_TEXT
_OUTPUT_AUDIO: Final = record(
    {"type": anything, "audio": nullable(_TEXT), "transcript": nullable(_TEXT)}
)
_ITEM_FIELDS: Final = {
    "type": anything,
    "id": nullable(string(max_length=defaults.MAX_ITEM_ID_LENGTH)),
    "object": choice("realtime.item"),
    "status": nullable(_STATUS),
}


def _message(**content: Check) -> Check:
    return record(
        {**_ITEM_FIELDS, "role": anything, "content": array(tagged(content))},
        required=["content"],
    )


ITEM: Final = tagged(
    {
        "message": tagged(
            {
                "system": _message(input_text=_INPUT_TEXT),
                "user": _message(
                    input_text=_INPUT_TEXT, input_audio=_INPUT_AUDIO, input_image=_INPUT_IMAGE
                ),
                "assistant": _message(output_text=_OUTPUT_TEXT, output_audio=_OUTPUT_AUDIO),
            },
            tag="role",
        ),
        "function_call": record(
            {**_ITEM_FIELDS, "name": _TEXT, "call_id": _TEXT, "arguments": _TEXT},
            required=["name", "arguments"],
        ),
        "function_call_output": record(
            {**_ITEM_FIELDS, "call_id": _TEXT, "output": _TEXT}, required=["call_id", "output"]
        ),
        "mcp_approval_response": _mcp,
        "mcp_approval_request": _mcp,
        "mcp_call": _mcp,
        "mcp_list_tools": _mcp,
    }
)
"""An item as a client may make it; the content depends on the role."""


def _conversation(value: Any, path: str) -> str:
    if choice("auto", "none")(value, path) == "none":
        raise not_simulated("out-of-band responses", "leave 'conversation' at 'auto'", path)
    return "auto"


def _own_input(value: Any, path: str) -> Any:
    raise not_simulated("a response's own input", "create the items first", path)


RESPONSE: Final = record(
    {
        "output_modalities": nullable(_modalities),
        "instructions": nullable(_TEXT),
        "audio": record({"output": record({"format": nullable(_FORMAT), "voice": _voice})}),
        "tools": nullable(_TOOLS),
        "tool_choice": nullable(_tool_choice),
        "parallel_tool_calls": nullable(boolean),
        "reasoning": nullable(_REASONING),
        "max_output_tokens": nullable(_max_output_tokens),
        "conversation": nullable(_conversation),
        "metadata": nullable(metadata),
        "prompt": nullable(_PROMPT),
        "input": nullable(_own_input),
    }
)
"""`response` of `response.create`."""

_ID: Final = _TEXT
_EVENT_FIELDS: Final = {"type": anything, "event_id": anything}


def _event(required: tuple[str, ...] = (), **fields: Check) -> Check:
    return record({**_EVENT_FIELDS, **fields}, required=required)


EVENTS: Final[dict[str, Check]] = {
    "session.update": _event(("session",), session=json_object),
    "input_audio_buffer.append": _event(("audio",), audio=_TEXT),
    "input_audio_buffer.commit": _event(),
    "input_audio_buffer.clear": _event(),
    "conversation.item.create": _event(("item",), item=ITEM, previous_item_id=nullable(_ID)),
    "conversation.item.truncate": _event(
        ("item_id", "content_index", "audio_end_ms"),
        item_id=_ID,
        content_index=integer(0),
        audio_end_ms=integer(0),
    ),
    "conversation.item.delete": _event(("item_id",), item_id=_ID),
    "conversation.item.retrieve": _event(("item_id",), item_id=_ID),
    "response.create": _event(response=nullable(RESPONSE)),
    "response.cancel": _event(response_id=nullable(_ID)),
}
"""Every client event, each by its type."""
