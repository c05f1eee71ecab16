"""The user's audio on its way to the server: checked, cut, encoded, and enough for a turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console import pcm as pcm_units
from console.errors import ConsoleError
from console.realtime.events import Event

MIN_COMMIT_MS: Final = 100
"""The server refuses to make an item of less input audio."""
MAX_APPEND_BYTES: Final = 1024 * 1024
"""Longer audio travels as several events."""


def chunks(pcm: bytes | bytearray) -> list[bytes]:
    """Return PCM16 in pieces that an event may carry; none for no audio.

    Raises:
        ValueError: The length is odd.
    """
    pcm_units.check_chunk(pcm)
    if len(pcm) <= MAX_APPEND_BYTES:
        # Nearly always: this runs for every chunk of the microphone.
        return [bytes(pcm)] if pcm else []
    starts = range(0, len(pcm), MAX_APPEND_BYTES)
    return [bytes(pcm[start : start + MAX_APPEND_BYTES]) for start in starts]


def of_append(event: Event) -> bytes:
    """Return the audio of an `input_audio_buffer.append` that was built elsewhere.

    Raises:
        ValueError: It holds no base64 PCM16.
    """
    try:
        pcm = pcm_units.decode(event.fields["audio"])
        pcm_units.check_chunk(pcm)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"input_audio_buffer.append needs 'audio', base64 PCM16: {error}"
        ) from error
    return pcm


def encoded(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a content part with audio bytes as base64; any other part as it is.

    Raises:
        ValueError: The bytes end in half a sample.
    """
    audio = part.get("audio")
    if not isinstance(audio, bytes | bytearray):
        return dict(part)
    pcm_units.check_chunk(audio)
    return {**part, "audio": pcm_units.encode(audio)}


def is_too_short(pending_ms: float) -> bool:
    """Return whether there is audio, but less than an item needs."""
    return 0 < pending_ms < MIN_COMMIT_MS


def too_short(pending_ms: float) -> ConsoleError:
    """Return the error that tells that too little was said, and that it was dropped."""
    return ConsoleError(
        f"Only {pending_ms:.0f} ms were said; a turn needs at least {MIN_COMMIT_MS} ms. "
        "They were dropped."
    )
