"""The session's configuration: what we ask for, and how a patch changes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final, Literal

SessionType = Literal["realtime", "transcription"]

TRANSCRIPTION_MODEL: Final = "gpt-realtime-whisper"
"""What a transcription session begins with: it writes while the user still speaks."""

_MERGED: Final = frozenset(
    {
        (),
        ("audio",),
        ("audio", "input"),
        ("audio", "output"),
        ("audio", "input", "noise_reduction"),
        ("audio", "input", "transcription"),
        ("audio", "input", "turn_detection"),
    }
)
"""Where a patch goes into depth; anywhere else a value is replaced as a whole."""

_SHORT_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "voice": ("audio", "output", "voice"),
    "speed": ("audio", "output", "speed"),
    "output_format": ("audio", "output", "format"),
    "input_format": ("audio", "input", "format"),
    "transcription": ("audio", "input", "transcription"),
    "noise_reduction": ("audio", "input", "noise_reduction"),
    "turn_detection": ("audio", "input", "turn_detection"),
}


def defaults(session_type: SessionType = "realtime") -> dict[str, Any]:
    """Return the configuration with which the client begins: the user ends each turn.

    Args:
        session_type: A conversation with the model, or transcripts of speech alone.
    """
    audio_input = {
        "format": _pcm(),
        "transcription": None,
        "noise_reduction": None,
        "turn_detection": None,
    }
    if session_type == "transcription":
        audio_input["transcription"] = {"model": TRANSCRIPTION_MODEL}
        return {"type": "transcription", "audio": {"input": audio_input}}
    return {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": "",
        "audio": {"input": audio_input, "output": {"format": _pcm()}},
        "tools": [],
        "tool_choice": "auto",
    }


def _pcm() -> dict[str, Any]:
    return {"type": "audio/pcm", "rate": 24_000}


def session_type(session: Mapping[str, Any]) -> SessionType:
    """Return the type of a session; one that does not say so is a conversation."""
    return "transcription" if session.get("type") == "transcription" else "realtime"


def expand(patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return `patch` with short names, such as `voice`, moved to where the wire has them.

    A short name wins over the same field in `audio`.
    """
    expanded: dict[str, Any] = {}
    shorts: dict[tuple[str, ...], Any] = {}
    for key, value in patch.items():
        if (path := _SHORT_NAMES.get(key)) is not None:
            shorts[path] = copy.deepcopy(value)
        else:
            expanded[key] = copy.deepcopy(value)
    for path, value in shorts.items():
        place = expanded
        for key in path[:-1]:
            inner = place.get(key)
            place[key] = place = dict(inner) if isinstance(inner, dict) else {}
        place[path[-1]] = value
    return expanded


def merge(session: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return `session` changed by `patch`; neither of the two is touched.

    Absent fields keep their value; `None`, `""` and `[]` are values like others. `audio` is
    merged into the depth. Turn detection of another `type` starts afresh; everything that is no
    part of `audio` is replaced as a whole.
    """
    return _merge(session, patch, ())


def _merge(
    old: Mapping[str, Any], patch: Mapping[str, Any], path: tuple[str, ...]
) -> dict[str, Any]:
    merged = {key: copy.deepcopy(value) for key, value in old.items() if key not in patch}
    for key, value in patch.items():
        inner = (*path, key)
        current = old.get(key)
        if inner in _MERGED and isinstance(current, Mapping) and isinstance(value, Mapping):
            merged[key] = (
                copy.deepcopy(dict(value))
                if key == "turn_detection" and _changes_type(current, value)
                else _merge(current, value, inner)
            )
        else:
            merged[key] = copy.deepcopy(value)
    return merged


def _changes_type(old: Mapping[str, Any], patch: Mapping[str, Any]) -> bool:
    return "type" in patch and "type" in old and patch["type"] != old["type"]


def turn_detection(session: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the turn detection of a session; None: the user ends each turn."""
    found = _input(session).get("turn_detection")
    return found if isinstance(found, dict) else None


def has_transcription(session: Mapping[str, Any]) -> bool:
    """Return whether the user's speech is to be transcribed."""
    return isinstance(_input(session).get("transcription"), dict)


def is_interrupting(session: Mapping[str, Any]) -> bool:
    """Return whether the server cancels its response when the user begins to speak."""
    detection = turn_detection(session)
    if detection is None or session_type(session) == "transcription":
        return False
    return detection.get("interrupt_response") is not False


def _input(session: Mapping[str, Any]) -> dict[str, Any]:
    audio = session.get("audio")
    found = audio.get("input") if isinstance(audio, dict) else None
    return found if isinstance(found, dict) else {}
