"""The sound of a call: it leaves by the media server, which knows how far it has been heard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from console import pcm
from console.simulator.protocol.items import Conversation, Item
from console.simulator.protocol.outbox import Outbox


class Speaker(Protocol):
    """Where the sound of a call comes out, one response after the other.

    It tells when a response begins to be heard and when all of it was: by `CallPlayback.started`
    and `CallPlayback.stopped`, as a step of the session.
    """

    def play(self, response_id: str, audio: bytes) -> None:
        """Take the next sound of a response: PCM16 mono 24 kHz."""

    def end(self, response_id: str) -> None:
        """Take note that a response has no more sound."""

    def clear(self) -> Mapping[str, float]:
        """Be silent at once; return the milliseconds heard of each response not yet stopped."""


@dataclass(slots=True)
class _Sound:
    """What one response says."""

    response_id: str
    spans: list[tuple[Item, float]] = field(default_factory=list)
    """Items in the order in which they are said, with their milliseconds."""
    has_started: bool = False


class CallPlayback:
    """Gives what responses say to a speaker, and tells of it with `output_audio_buffer.*`."""

    def __init__(self, conversation: Conversation, outbox: Outbox, speaker: Speaker) -> None:
        self._conversation = conversation
        self._outbox = outbox
        self._speaker = speaker
        self._sounds: dict[str, _Sound] = {}

    def play(self, response_id: str, item: Item, audio: bytes) -> None:
        """Take the next sound of a response."""
        sound = self._sounds.setdefault(response_id, _Sound(response_id))
        duration_ms = pcm.bytes_to_ms(len(audio))
        if sound.spans and sound.spans[-1][0] is item:
            duration_ms += sound.spans.pop()[1]
        sound.spans.append((item, duration_ms))
        self._speaker.play(response_id, audio)

    def end(self, response_id: str) -> None:
        """Take note that a response has no more sound; it stops once all was played."""
        if response_id in self._sounds:
            self._speaker.end(response_id)

    def clear(self) -> None:
        """Be silent at once, and forget of each item what was not heard of it."""
        heard = self._speaker.clear()
        sounds, self._sounds = self._sounds, {}
        for sound in sounds.values():
            heard_ms = heard.get(sound.response_id, 0.0)
            for item, duration_ms in sound.spans:
                if heard_ms < duration_ms:
                    self._truncate(item, int(heard_ms))
                heard_ms = max(0.0, heard_ms - duration_ms)
            if sound.has_started:
                self._tell("cleared", sound)

    # ------------------------------------------------------------ told by the speaker

    def started(self, response_id: str) -> None:
        """Take note that a response begins to be heard; one that was cleared is forgotten."""
        sound = self._sounds.get(response_id)
        if sound is not None and not sound.has_started:
            sound.has_started = True
            self._tell("started", sound)

    def stopped(self, response_id: str) -> None:
        """Take note that all of a response was heard; one that was cleared is forgotten."""
        if (sound := self._sounds.pop(response_id, None)) is not None:
            self._tell("stopped", sound)

    def _truncate(self, item: Item, audio_end_ms: int) -> None:
        if item.id not in self._conversation:
            return
        self._conversation.truncate(item.id, 0, audio_end_ms)
        self._outbox.emit(
            "conversation.item.truncated",
            item_id=item.id,
            content_index=0,
            audio_end_ms=audio_end_ms,
        )

    def _tell(self, what: str, sound: _Sound) -> None:
        self._outbox.emit_by_media_server(
            f"output_audio_buffer.{what}", response_id=sound.response_id
        )
