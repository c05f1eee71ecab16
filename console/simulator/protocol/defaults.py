"""What a session is before its client says anything, and the limits of the protocol."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

from console.audio_format import AudioFormat

SessionKind = Literal["realtime", "transcription"]
ModelUse = Literal["realtime", "transcription", "translation"]

MODELS: Final = (
    "gpt-realtime",
    "gpt-realtime-1.5",
    "gpt-realtime-2",
    "gpt-realtime-2.1",
    "gpt-realtime-2.1-mini",
    "gpt-realtime-mini",
)
"""Offered by `GET /v1/models`; any other name is served as well unless the server says not."""
_REALTIME: Final = ("-realtime", "gpt-audio")
_SPECIAL: Final[dict[str, ModelUse]] = {
    "gpt-realtime-whisper": "transcription",
    "gpt-realtime-translate": "translation",
}
"""Called realtime, yet of no use for a conversation; dated names of them begin the same."""
_NOT_REALTIME: Final = re.compile(
    r"(whisper|tts|dall-e|davinci|babbage|codex|chatgpt)-.*"
    r"|(text|omni)-(embedding|moderation)-.*"
    r"|o[1-9](-.*)?|gpt-[1-9](\.\d+)?(o|-.*)?(-.*)?"
    r"|gpt-(image|live-transcribe|transcribe)(-.*)?"
)
"""Models of the service for chat, transcription, speech, images and the like, by their names."""
VOICES: Final = (
    "alloy",
    "ash",
    "ballad",
    "coral",
    "echo",
    "sage",
    "shimmer",
    "verse",
    "marin",
    "cedar",
)
INSTRUCTIONS: Final = (
    "You are the voice of a local simulator. You understand short, clear English sentences: "
    "you greet, count, repeat, tell the time, and use the tools that you are given. "
    "Be brief and friendly, and say so when you have not understood."
)

SESSION_LENGTH_S: Final = 3600
BETA_SESSION_LENGTH_S: Final = 1800
"""As the beta had it last; it began with half of that."""
MAX_AUDIO_BYTES: Final = 15 * 1024 * 1024
"""Audio in one `input_audio_buffer.append`."""
MIN_COMMIT_MS: Final = 100
MAX_EVENT_ID_LENGTH: Final = 512
MAX_ITEM_ID_LENGTH: Final = 32
MAX_OUTPUT_TOKENS: Final = 4096
SPEED_RANGE: Final = (0.25, 1.5)
IDLE_TIMEOUT_RANGE_MS: Final = (5000, 30_000)

SEMANTIC_SILENCE_MS: Final = {"low": 1500, "medium": 700, "high": 400, "auto": 700}
"""How long `semantic_vad` waits by eagerness. There is no model of meaning behind it here, so
each waits a fixed time, well under the most that the protocol allows (8, 4 and 2 seconds)."""
SEMANTIC_LONGEST_MS: Final = {"low": 8000, "medium": 4000, "high": 2000, "auto": 4000}
SEMANTIC_THRESHOLD: Final = 0.5
SEMANTIC_PREFIX_MS: Final = 300


def session_length_s(*, is_beta: bool) -> int:
    """Return how long a session may last."""
    return BETA_SESSION_LENGTH_S if is_beta else SESSION_LENGTH_S


def may_serve(model: str, use: ModelUse = "realtime") -> bool:
    """Return whether sessions of this kind may have `model`: all that is not known to be another."""
    for name, only in _SPECIAL.items():
        if model == name or model.startswith(f"{name}-"):
            return use == only
    return any(each in model for each in _REALTIME) or not _NOT_REALTIME.fullmatch(model)


def is_second_generation(model: str) -> bool:
    """Return whether `model` belongs to the family whose defaults changed."""
    return model.startswith("gpt-realtime-2") and not model.startswith("gpt-realtime-2025")


def may_reason(model: str) -> bool:
    """Return whether `model` may take `reasoning` and `parallel_tool_calls`.

    Only the known families of the first generation may not: the name of a deployment says nothing.
    """
    is_known = model.startswith(("gpt-realtime", "gpt-4o", "gpt-audio"))
    return is_second_generation(model) or not is_known


def server_vad(model: str) -> dict[str, Any]:
    """Return `turn_detection` of type `server_vad` with every field filled in."""
    return {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500 if is_second_generation(model) else 200,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    }


def semantic_vad() -> dict[str, Any]:
    """Return `turn_detection` of type `semantic_vad` with every field filled in."""
    return {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    }


def transcription_vad() -> dict[str, Any]:
    """Return the `turn_detection` of a new transcription session."""
    return {**server_vad(""), "silence_duration_ms": 500}


_TRANSCRIPTION_VAD: Final = (
    "type",
    "threshold",
    "prefix_padding_ms",
    "silence_duration_ms",
    "eagerness",
)
"""What a transcription session shows of it: nothing that is about responses."""


def transcription_session(fields: dict[str, Any]) -> dict[str, Any]:
    """Return what a transcription session shows of all `fields`, keys in the wire's order."""
    shown = dict(fields["audio"]["input"])
    if (detection := shown["turn_detection"]) is not None:
        shown["turn_detection"] = {
            name: detection[name] for name in _TRANSCRIPTION_VAD if name in detection
        }
    return {
        "type": "transcription",
        "object": "realtime.transcription_session",
        "id": fields["id"],
        "expires_at": fields["expires_at"],
        "audio": {"input": shown},
        "include": fields["include"],
    }


def session(session_id: str, model: str, expires_at: int) -> dict[str, Any]:
    """Return a new session as `session.created` shows it, keys in the wire's order."""
    pcm = AudioFormat.PCM.wire()
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "output_modalities": ["audio"],
        "instructions": INSTRUCTIONS,
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "prompt": None,
        "expires_at": expires_at,
        "audio": {
            "input": {
                "format": dict(pcm),
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": server_vad(model),
            },
            "output": {
                "format": dict(pcm),
                "voice": "marin" if is_second_generation(model) else "alloy",
                "speed": 1.0,
            },
        },
        "include": None,
    }
