"""The sound of a call: it leaves by the media server, which knows how far it has been heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from console.simulator.protocol.items import Conversation, Item
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.timers import Timers


@dataclass(slots=True)
class _Sound:
    """What one response says."""

    response_id: str
    begins_at: datetime
    spans: list[tuple[Item, float]] = field(default_factory=list)
    """Items in the order in which they are said, with their milliseconds."""
    has_started: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.begins_at + timedelta(milliseconds=sum(ms for _, ms in self.spans))


class CallPlayback:
    """Plays responses one after the other, and tells with `output_audio_buffer.*`.

    Nothing sounds here: the time that the sound would take is what passes.
    """

    def __init__(
        self,
        conversation: Conversation,
        outbox: Outbox,
        timers: Timers,
        now: Callable[[], datetime],
    ) -> None:
        self._conversation = conversation
        self._outbox = outbox
        self._timers = timers
        self._now = now
        self._sounds: list[_Sound] = []

    def play(self, response_id: str, item: Item, duration_ms: float) -> None:
        """Take the next sound of a response."""
        sound = self._sound_of(response_id)
        if sound.has_started:
            # It ran dry when more than its length has passed already.
            sound.begins_at += max(timedelta(), self._now() - sound.ends_at)
        if sound.spans and sound.spans[-1][0] is item:
            duration_ms += sound.spans.pop()[1]
        sound.spans.append((item, duration_ms))

    def end(self, response_id: str) -> None:
        """Take note that a response has no more sound; it stops once all was played."""
        if (sound := self._known(response_id)) is not None:
            self._at(sound.ends_at, lambda: self._stop(sound))

    def clear(self) -> None:
        """Be silent at once, and forget of each item what was not heard of it."""
        now = self._now()
        sounds, self._sounds = self._sounds, []
        for sound in sounds:
            heard_ms = max(0.0, (now - sound.begins_at) / timedelta(milliseconds=1))
            for item, duration_ms in sound.spans:
                if heard_ms < duration_ms:
                    self._truncate(item, int(heard_ms))
                heard_ms = max(0.0, heard_ms - duration_ms)
            if sound.has_started:
                self._tell("cleared", sound)

    def _sound_of(self, response_id: str) -> _Sound:
        if (known := self._known(response_id)) is not None:
            return known
        now = self._now()
        begins_at = max([now, *(each.ends_at for each in self._sounds)])
        sound = _Sound(response_id, begins_at)
        self._sounds.append(sound)
        if begins_at == now:
            self._start(sound)
        else:
            self._at(begins_at, lambda: self._start(sound))
        return sound

    def _known(self, response_id: str) -> _Sound | None:
        same = (each for each in self._sounds if each.response_id == response_id)
        return next(same, None)

    def _start(self, sound: _Sound) -> None:
        if sound in self._sounds and not sound.has_started:
            sound.has_started = True
            self._tell("started", sound)

    def _stop(self, sound: _Sound) -> None:
        if sound not in self._sounds:
            return
        self._start(sound)
        self._sounds.remove(sound)
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

    def _at(self, when: datetime, action: Callable[[], None]) -> None:
        delay_ms = max(0.0, (when - self._now()) / timedelta(milliseconds=1))
        self._timers.after(delay_ms, action)

    def _tell(self, what: str, sound: _Sound) -> None:
        self._outbox.emit_by_media_server(
            f"output_audio_buffer.{what}", response_id=sound.response_id
        )
