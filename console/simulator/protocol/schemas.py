"""The client's objects as checks: sessions, responses and events of today's protocol.

Items stand in `item_schemas.py`, tools in `tool_schemas.py`. What depends on the rest of a session
(its model, what was said) is for `session_config.py` to check.
"""

from __future__ import annotations

from typing import Any, Final

from console.audio_format import AudioFormat
from console.simulator.protocol import defaults
from console.simulator.protocol.item_schemas import INPUT, ITEM
from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.tool_schemas import TOOL_CHOICE, TOOLS
from console.simulator.protocol.validation import (
    Check,
    anything,
    array,
    boolean,
    by_json_type,
    choice,
    dictionary,
    integer,
    json_object,
    metadata,
    nullable,
    number,
    record,
    shown,
    string,
    tagged,
)

_TEXT: Final = string()
_CUSTOM_VOICE: Final = "voice_"


def _modalities(value: Any, path: str) -> list[str]:
    if value not in (["audio"], ["text"]):
        raise Refusal(
            f"Invalid modalities: {shown(value)}. Supported combinations are: ['text'] and ['audio'].",
            param=path,
        )
    return list(value)


def _pcm_format(value: Any, path: str) -> dict[str, Any]:
    return {**AudioFormat.PCM.wire(), **_PCM(value, path)}


def _rate(value: Any, path: str) -> int:
    if value != 24_000 or isinstance(value, bool):
        raise Refusal(f"Invalid value: {shown(value)}. Supported values are: 24000.", param=path)
    return 24_000


def _voice(value: Any, path: str) -> str:
    # A voice of one's own is given as an object and shown by its id, which may come back.
    if isinstance(value, dict):
        return str(record({"id": string(min_length=1)}, required=["id"])(value, path)["id"])
    if isinstance(value, str) and value.startswith(_CUSTOM_VOICE):
        return value
    return str(choice(*defaults.VOICES)(value, path))


def _max_output_tokens(value: Any, path: str) -> int | str:
    if value == "inf":
        return "inf"
    return int(integer(1, defaults.MAX_OUTPUT_TOKENS)(value, path))


_PCM: Final = record({"type": anything, "rate": _rate})
_PHONE: Final = record({"type": anything})
_FORMAT: Final = tagged({"audio/pcm": _pcm_format, "audio/pcmu": _PHONE, "audio/pcma": _PHONE})
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
_TRACING: Final = by_json_type(
    word=choice("auto"),
    fields=record(
        {
            "workflow_name": nullable(_TEXT),
            "group_id": nullable(_TEXT),
            "metadata": nullable(json_object),
        }
    ),
)
_TRUNCATION: Final = by_json_type(
    word=choice("auto", "disabled"),
    fields=tagged(
        {
            "retention_ratio": record(
                {
                    "type": anything,
                    "retention_ratio": number(0.0, 1.0),
                    "token_limits": nullable(record({"post_instructions": integer(0)})),
                },
                required=["retention_ratio"],
            )
        }
    ),
)
_VARIABLE: Final = by_json_type(
    word=_TEXT,
    fields=tagged(dict.fromkeys(("input_text", "input_image", "input_file"), json_object)),
)
_PROMPT: Final = record(
    {
        "id": string(min_length=1),
        "version": nullable(_TEXT),
        "variables": nullable(dictionary(_VARIABLE)),
    },
    required=["id"],
)
_REASONING: Final = record({"effort": choice("minimal", "low", "medium", "high", "xhigh")})

_INCLUDE: Final = array(choice("item.input_audio_transcription.logprobs"))
_AUDIO_INPUT: Final = record(
    {
        "format": nullable(_FORMAT),
        "transcription": nullable(_TRANSCRIPTION),
        "noise_reduction": nullable(_NOISE_REDUCTION),
        "turn_detection": nullable(_TURN_DETECTION),
    }
)

SESSION: Final = record(
    {
        "type": anything,
        "model": _TEXT,
        "output_modalities": nullable(_modalities),
        "instructions": nullable(_TEXT),
        "tools": nullable(TOOLS),
        "tool_choice": nullable(TOOL_CHOICE),
        "max_output_tokens": nullable(_max_output_tokens),
        "parallel_tool_calls": nullable(boolean),
        "reasoning": nullable(_REASONING),
        "tracing": nullable(_TRACING),
        "truncation": nullable(_TRUNCATION),
        "prompt": nullable(_PROMPT),
        "include": nullable(_INCLUDE),
        "audio": record(
            {
                "input": _AUDIO_INPUT,
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

TRANSCRIPTION_SESSION: Final = record(
    {
        "type": anything,
        "include": nullable(_INCLUDE),
        "audio": record({"input": _AUDIO_INPUT}),
    }
)
"""The same once its type is known to be `transcription`."""

RESPONSE: Final = record(
    {
        "output_modalities": nullable(_modalities),
        "instructions": nullable(_TEXT),
        "audio": record(
            {"output": record({"format": nullable(_FORMAT), "voice": nullable(_voice)})}
        ),
        "tools": nullable(TOOLS),
        "tool_choice": nullable(TOOL_CHOICE),
        "parallel_tool_calls": nullable(boolean),
        "reasoning": nullable(_REASONING),
        "max_output_tokens": nullable(_max_output_tokens),
        "conversation": nullable(choice("auto", "none")),
        "metadata": nullable(metadata),
        "prompt": nullable(_PROMPT),
        "input": nullable(INPUT),
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
    "output_audio_buffer.clear": _event(),
}
"""Every client event, each by its type; the last one is for calls alone."""
