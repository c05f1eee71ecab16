"""The user's audio on its way to the server: checked, cut, encoded, and enough for a turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from console import audio_format
from console import pcm as pcm_units
from console.audio_format import AudioFormat, Decoder, Encoder
from console.errors import ConsoleError
from console.realtime import events
from console.realtime.events import Event
from console.realtime.fields import mapping, mappings

MIN_COMMIT_MS: Final = 100
"""The server refuses to make an item of less input audio."""
MAX_APPEND_BYTES: Final = 1024 * 1024
"""Longer audio travels as several events."""


def chunks(pcm: bytes | bytearray) -> list[bytes]:
    """Return PCM16 in pieces that an event may carry; none for no audio.

    Raises:
        TypeError: It is no bytes.
        ValueError: The length is odd.
    """
    if not isinstance(pcm, bytes | bytearray | memoryview):
        raise TypeError(f"Input audio is PCM16 as bytes, not of type {type(pcm).__name__}.")
    pcm_units.check_chunk(pcm)
    if len(pcm) <= MAX_APPEND_BYTES:
        # Nearly always: this runs for every chunk of the microphone.
        return [bytes(pcm)] if pcm else []
    starts = range(0, len(pcm), MAX_APPEND_BYTES)
    return [bytes(pcm[start : start + MAX_APPEND_BYTES]) for start in starts]


def format_of(session: Mapping[str, Any], side: str) -> AudioFormat:
    """Return the format of a session's `input` or `output` audio; PCM where nobody says."""
    shown = mapping(mapping(mapping(dict(session), "audio"), side), "format")
    try:
        return audio_format.of_wire(shown)
    except ValueError:
        # A server may have formats of its own; it says so itself if it has not.
        return AudioFormat.PCM


class InputAudio:
    """Turns PCM16 24 kHz into the session's input format, and back. PCM passes untouched."""

    def __init__(self) -> None:
        self._format = AudioFormat.PCM
        self._microphone: Encoder | None = None

    def configured(self, session: Mapping[str, Any]) -> None:
        """Take over the format that a session is to have; what an old one held back is gone."""
        wanted = format_of(session, "input")
        if wanted is not self._format:
            self._format = wanted
            self._microphone = None if wanted is AudioFormat.PCM else Encoder(wanted)

    def encode(self, chunk: bytes) -> bytes:
        """Return what is ready of the microphone's stream; at first that may be nothing."""
        return chunk if self._microphone is None else self._microphone.encode(chunk)

    def rest(self) -> bytes:
        """Return what was held back of the microphone's stream; a new one begins."""
        return b"" if self._microphone is None else self._microphone.encode(b"", last=True)

    def of_append(self, event: Event) -> bytes:
        """Return the PCM16 24 kHz of an `input_audio_buffer.append` that was built elsewhere.

        Raises:
            ValueError: It holds no base64 audio, or half a sample.
        """
        try:
            return self._decoded(event.fields["audio"])
        except (KeyError, TypeError, ValueError) as error:
            wanted = "PCM16" if self._format is AudioFormat.PCM else f"of {self._format}"
            raise ValueError(
                f"input_audio_buffer.append needs 'audio', base64 {wanted}: {error}"
            ) from error

    def part(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """Return a content part with PCM16 24 kHz bytes as the wire has them; others as they are.

        Raises:
            ValueError: The bytes end in half a sample, or it is no content part.
        """
        if not isinstance(part, Mapping):
            raise ValueError(
                f"A content part is a mapping such as {{'type': 'input_text', 'text': 'Hello'}}, "
                f"not {part!r:.80}; a text alone is given without a list."
            )
        audio = part.get("audio")
        if not isinstance(audio, bytes | bytearray):
            return dict(part)
        pcm_units.check_chunk(audio)
        coded = Encoder(self._format).encode(bytes(audio), last=True)
        return {**part, "audio": pcm_units.encode(coded)}

    def item_in_pcm(self, event: Event) -> Event:
        """Return a `conversation.item.create` with its audio as PCM, for our own conversation.

        Audio that cannot be read stays as it is: the server will say so.
        """
        if self._microphone is None:
            return event
        item = mapping(event.fields, "item")
        content = [self._part_in_pcm(part) for part in mappings(item, "content")]
        return events.item_create({**item, "content": content})

    def _part_in_pcm(self, part: dict[str, Any]) -> dict[str, Any]:
        audio = part.get("audio")
        if not isinstance(audio, str) or not audio:
            return part
        try:
            return {**part, "audio": pcm_units.encode(self._decoded(audio))}
        except ValueError:
            return part

    def _decoded(self, text: str) -> bytes:
        return Decoder(self._format).decode(pcm_units.decode(text), last=True)


def is_too_short(pending_ms: float) -> bool:
    """Return whether there is audio, but less than an item needs."""
    return 0 < pending_ms < MIN_COMMIT_MS


def too_short(pending_ms: float) -> ConsoleError:
    """Return the error that tells that too little was said, and that it was dropped."""
    return ConsoleError(
        f"Only {pending_ms:.0f} ms were said; a turn needs at least {MIN_COMMIT_MS} ms. "
        "They were dropped."
    )
