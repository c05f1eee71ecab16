"""The session's configuration: what we ask for, and how a patch changes it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
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
        current: Any = old.get(key)
        is_inside = _goes_inside(inner, current, value)
        merged[key] = _merge(current, value, inner) if is_inside else copy.deepcopy(value)
    return merged


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return the least patch with which `merge` makes of `old` what stands in `new`.

    What `new` leaves out is no part of it: a patch can only say what something shall be. A part
    that has a `type` says it along with what changes in it.
    """
    return _difference(old, new, ())


def _difference(
    old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...]
) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, value in new.items():
        inner = (*path, key)
        current: Any = old.get(key)
        if key in old and current == value:
            continue
        if not _goes_inside(inner, current, value):
            patch[key] = copy.deepcopy(value)
        elif change := _difference(current, value, inner):
            patch[key] = {**({"type": value["type"]} if "type" in value else {}), **change}
    return patch


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the fields of `new` that `old` has otherwise or not at all, named as by `left_out`."""
    return [".".join(path) for path in _changed(old, new, ())]


def _changed(
    old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for key, value in new.items():
        inner = (*path, key)
        current: Any = old.get(key)
        if _goes_inside(inner, current, value):
            yield from _changed(current, value, inner)
        elif key not in old or current != value:
            yield inner


def left_out(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return the fields of `old` that `new` does not have, as in `audio.output.speed`."""
    return [".".join(path) for path in _left_out(old, new, ())]


def _left_out(
    old: Mapping[str, Any], new: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    for key, current in old.items():
        inner = (*path, key)
        if key not in new:
            yield inner
        elif _goes_inside(inner, current, new[key]):
            yield from _left_out(current, new[key], inner)


def without(session: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return `session` without a field, named as `left_out` does; one that it lacks is no matter."""
    key, _, inner = name.partition(".")
    found = {each: copy.deepcopy(value) for each, value in session.items() if each != key}
    if inner and isinstance(session.get(key), Mapping):
        found[key] = without(session[key], inner)
    return found


def _goes_inside(path: tuple[str, ...], old: Any, new: Any) -> bool:
    """Return whether a patch goes into a value, instead of replacing it."""
    if path not in _MERGED or not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return False
    return not (path[-1] == "turn_detection" and _changes_type(old, new))


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
