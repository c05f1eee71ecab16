"""The sound in events: how long it is, and as PCM16 at 24 kHz to be heard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from console import pcm
from console.app.event_payloads import AUDIO_FIELDS
from console.app.event_shelf import Entry, Source
from console.audio_format import AudioFormat, Decoder
from console.client.input_audio import format_of
from console.realtime.events import Event
from console.realtime.fields import mapping

_TOLD: Final = ("session.created", "session.updated")
_SIDES: Final[tuple[tuple[Source, str], ...]] = (("client", "input"), ("server", "output"))


class EventSound:
    """Knows the formats of a session, as the service tells them."""

    def __init__(self) -> None:
        self._formats: dict[Source, AudioFormat] = dict.fromkeys(
            ("client", "server"), AudioFormat.PCM
        )

    def take(self, source: Source, event: Event) -> None:
        """Take in what the service says of the session."""
        if source == "server" and event.type in _TOLD:
            session = mapping(event.fields, "session")
            self._formats |= {sender: format_of(session, side) for sender, side in _SIDES}

    def duration_ms(self, source: Source, event: Event) -> float:
        """Return how long the sound of an event is, without decoding it; 0 if there is none."""
        audio_field = AUDIO_FIELDS.get(event.type)
        if audio_field is None or not isinstance(audio := event.fields.get(audio_field), str):
            return 0.0
        return self._formats[source].duration_ms(pcm.decoded_size(audio))

    def pcm_of(self, entries: Iterable[Entry]) -> bytes:
        """Return the sound of events that follow one another, as PCM16 mono at 24 kHz.

        What is no base64, or was dropped, is silent for no time.
        """
        found = bytearray()
        decoder: Decoder | None = None
        for entry in entries:
            decoder = decoder or Decoder(self._formats[entry.source])
            found += _decoded(entry.event, decoder)
        return bytes(found + (decoder.decode(b"", last=True) if decoder is not None else b""))


def _decoded(event: Event, decoder: Decoder) -> bytes:
    audio = event.fields.get(AUDIO_FIELDS.get(event.type, ""))
    try:
        return decoder.decode(pcm.decode(audio)) if isinstance(audio, str) else b""
    except ValueError:
        return b""
