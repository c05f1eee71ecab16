"""The model's audio on its way in: PCM16 24 kHz for everybody, whatever the wire has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from console import pcm
from console.audio_format import AudioFormat, Decoder
from console.client.input_audio import format_of
from console.realtime.events import Event
from console.realtime.fields import mapping, mappings, text

MAX_STREAMS: Final = 64
"""Content parts that may stream at once; beyond it the oldest is forgotten."""

_DELTA: Final = "response.output_audio.delta"
_DONE: Final = "response.output_audio.done"


class OutputAudio:
    """Decodes what is not PCM before the conversation sees it.

    Each content part is a stream of its own, since items may overlap. While a session and its
    responses have PCM, an event costs one look-up.
    """

    def __init__(self) -> None:
        self._always: dict[str, Callable[[Event], tuple[Event, ...]]] = {
            "session.created": self._session,
            "session.updated": self._session,
            "response.created": self._response_created,
        }
        self._while_coded = {
            **self._always,
            _DELTA: self._delta,
            _DONE: self._part_done,
            "response.done": self._response_done,
            "conversation.item.retrieved": self._retrieved,
        }
        self.reset()

    def reset(self) -> None:
        """Begin with PCM: a new session."""
        self._session_formats = {"input": AudioFormat.PCM, "output": AudioFormat.PCM}
        self._formats: dict[str, AudioFormat] = {}
        self._streams: dict[tuple[str, str, int], Decoder] = {}
        self._steps = self._always

    def in_pcm(self, event: Event) -> tuple[Event, ...]:
        """Return an event of the server as events whose audio is PCM16 24 kHz.

        Usually that is the event itself. The end of a stream comes as a delta of its own.
        """
        step = self._steps.get(event.type)
        return (event,) if step is None else step(event)

    def _session(self, event: Event) -> tuple[Event, ...]:
        shown = mapping(event.fields, "session")
        self._session_formats = {side: format_of(shown, side) for side in ("input", "output")}
        self._choose_steps()
        return (event,)

    def _response_created(self, event: Event) -> tuple[Event, ...]:
        # A response may have another format than its session.
        response = mapping(event.fields, "response")
        if mapping(mapping(response, "audio"), "output").get("format") is not None:
            if len(self._formats) >= MAX_STREAMS:
                del self._formats[next(iter(self._formats))]
            self._formats[text(response, "id")] = format_of(response, "output")
            self._choose_steps()
        return (event,)

    def _choose_steps(self) -> None:
        formats = {*self._session_formats.values(), *self._formats.values()}
        is_coded = formats != {AudioFormat.PCM} or bool(self._streams)
        self._steps = self._while_coded if is_coded else self._always

    def _delta(self, event: Event) -> tuple[Event, ...]:
        stream = self._stream(event)
        if stream is None:
            return (event,)
        try:
            coded = pcm.decode(event.fields["delta"])
        except (KeyError, TypeError, ValueError):
            # The conversation says what is wrong with it.
            return (event,)
        audio = stream.decode(coded)
        return (_with_audio(event, audio),) if audio else ()

    def _stream(self, event: Event) -> Decoder | None:
        """Return the decoder of the part that an event is about; None for PCM."""
        key = _part_of(event)
        if (known := self._streams.get(key)) is not None:
            return known
        audio_format = self._formats.get(key[0], self._session_formats["output"])
        if audio_format is AudioFormat.PCM:
            return None
        if len(self._streams) >= MAX_STREAMS:
            del self._streams[next(iter(self._streams))]
        self._streams[key] = stream = Decoder(audio_format)
        return stream

    def _part_done(self, event: Event) -> tuple[Event, ...]:
        stream = self._streams.pop(_part_of(event), None)
        rest = stream.decode(b"", last=True) if stream is not None else b""
        return (_with_audio(event, rest), event) if rest else (event,)

    def _response_done(self, event: Event) -> tuple[Event, ...]:
        """End the streams of a response: closing events may be missing."""
        response_id = text(mapping(event.fields, "response"), "id")
        self._formats.pop(response_id, None)
        ends: tuple[Event, ...] = ()
        for key in [key for key in self._streams if key[0] == response_id]:
            part = dict(zip(("response_id", "item_id", "content_index"), key, strict=True))
            ends += self._part_done(Event(_DONE, event.event_id, part))[:-1]
        self._choose_steps()
        return (*ends, event)

    def _retrieved(self, event: Event) -> tuple[Event, ...]:
        item = mapping(event.fields, "item")
        content = [self._part_in_pcm(part) for part in mappings(item, "content")]
        fields = {**event.fields, "item": {**item, "content": content}}
        return (Event(event.type, event.event_id, fields),)

    def _part_in_pcm(self, part: dict[str, Any]) -> dict[str, Any]:
        audio = text(part, "audio")
        side = "input" if text(part, "type").startswith("input") else "output"
        audio_format = self._session_formats[side]
        if not audio or audio_format is AudioFormat.PCM:
            return part
        try:
            coded = pcm.decode(audio)
        except ValueError:
            return part
        return {**part, "audio": pcm.encode(Decoder(audio_format).decode(coded, last=True))}


def _part_of(event: Event) -> tuple[str, str, int]:
    fields: Mapping[str, Any] = event.fields
    index = fields.get("content_index")
    response_id, item_id = text(event.fields, "response_id"), text(event.fields, "item_id")
    return response_id, item_id, index if type(index) is int else 0


def _with_audio(event: Event, audio: bytes) -> Event:
    return Event(_DELTA, event.event_id, {**event.fields, "delta": pcm.encode(audio)})
