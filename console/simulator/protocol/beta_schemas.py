"""What the beta accepted of a client where it differs from today, as checks.

A field that both dialects know is only let through here: the session behind checks it, and its
refusal is worded for beta on the way back.
"""

from __future__ import annotations

from typing import Any, Final

from console.simulator.protocol.refusals import Refusal
from console.simulator.protocol.validation import (
    Check,
    anything,
    array,
    choice,
    json_object,
    nullable,
    number,
    record,
    tagged,
)

VOICES: Final = ("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse")
DEFAULT_VOICE: Final = "alloy"
TEMPERATURE_RANGE: Final = (0.6, 1.2)


def _modalities(value: Any, path: str) -> list[str]:
    if value not in (["text"], ["text", "audio"], ["audio", "text"]):
        raise Refusal(
            f"Invalid modalities: {value}. Supported combinations are: ['text'] and "
            "['audio', 'text'].",
            param=path,
        )
    return list(value)


def _voice(value: Any, path: str) -> str:
    return DEFAULT_VOICE if value is None else str(choice(*VOICES)(value, path))


def _known(*names: str) -> Check:
    """Return a check for an object of which only the names are looked at."""
    return record(dict.fromkeys(names, anything))


def _parts(*kinds: str) -> Check:
    """Return a check for a message whose content is of these kinds."""
    content = array(tagged(dict.fromkeys(kinds, json_object)))

    def check(value: Any, path: str) -> Any:
        if "content" in value:
            content(value["content"], f"{path}.content")
        return value

    return check


_FORMAT: Final = nullable(choice("pcm16", "g711_ulaw", "g711_alaw"))
_TEMPERATURE: Final = nullable(number(*TEMPERATURE_RANGE))
_TOOLS: Final = nullable(array(tagged({"function": json_object})))
_ANSWERED_BY: Final = ("create_response", "interrupt_response")
_LISTENING: Final[dict[str, Check]] = {
    "input_audio_format": _FORMAT,
    "input_audio_transcription": nullable(_known("model", "language", "prompt")),
    "input_audio_noise_reduction": nullable(_known("type")),
    "turn_detection": nullable(
        tagged(
            {
                "server_vad": _known(
                    "type",
                    "threshold",
                    "prefix_padding_ms",
                    "silence_duration_ms",
                    *_ANSWERED_BY,
                ),
                "semantic_vad": _known("type", "eagerness", *_ANSWERED_BY),
            }
        )
    ),
    "modalities": nullable(_modalities),
    "client_secret": anything,
}
_SESSION: Final = record(
    {
        **_LISTENING,
        "model": anything,
        "instructions": anything,
        "voice": _voice,
        "output_audio_format": _FORMAT,
        "tools": _TOOLS,
        "tool_choice": anything,
        "temperature": _TEMPERATURE,
        "max_response_output_tokens": anything,
        "speed": anything,
        "tracing": anything,
    }
)
_TRANSCRIPTION_SESSION: Final = record({**_LISTENING, "include": anything})

_ITEMS: Final[dict[str, Check]] = {
    "message": tagged(
        {
            "system": _parts("input_text"),
            "user": _parts("input_text", "input_audio"),
            "assistant": _parts("text", "audio"),
        },
        tag="role",
    ),
    "function_call": json_object,
    "function_call_output": json_object,
}
_RESPONSE: Final = record(
    {
        "conversation": anything,
        "input": nullable(array(tagged({**_ITEMS, "item_reference": json_object}))),
        "instructions": anything,
        "max_output_tokens": anything,
        "max_response_output_tokens": anything,
        "metadata": anything,
        "modalities": nullable(_modalities),
        "output_audio_format": _FORMAT,
        "temperature": _TEMPERATURE,
        "tool_choice": anything,
        "tools": _TOOLS,
        "voice": nullable(choice(*VOICES)),
    }
)
_EVENT: Final[dict[str, Check]] = {"type": anything, "event_id": anything}

CHANGED_EVENTS: Final[dict[str, Check]] = {
    "session.update": record({**_EVENT, "session": _SESSION}, required=["session"]),
    "transcription_session.update": record(
        {**_EVENT, "session": _TRANSCRIPTION_SESSION}, required=["session"]
    ),
    "conversation.item.create": record(
        {**_EVENT, "item": tagged(_ITEMS), "previous_item_id": anything}, required=["item"]
    ),
    "response.create": record({**_EVENT, "response": nullable(_RESPONSE)}),
}
"""Client events that differ from today's, each by its type."""

EVENT_TYPES: Final = (
    "session.update",
    "transcription_session.update",
    "input_audio_buffer.append",
    "input_audio_buffer.commit",
    "input_audio_buffer.clear",
    "conversation.item.create",
    "conversation.item.truncate",
    "conversation.item.delete",
    "conversation.item.retrieve",
    "response.create",
    "response.cancel",
)
"""Every client event of the beta, in the order in which a refusal lists them."""
