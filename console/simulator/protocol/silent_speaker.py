"""A speaker that makes no sound: the time that the sound would take is what passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from console import pcm
from console.simulator.protocol.timers import Timers


@dataclass(slots=True, eq=False)
class _Sound:
    """All that one response says."""

    response_id: str
    begins_at: datetime
    duration_ms: float = 0.0
    has_started: bool = False

    @property
    def ends_at(self) -> datetime:
        return self.begins_at + timedelta(milliseconds=self.duration_ms)


class SilentSpeaker:
    """Plays responses one after the other, for calls whose media streams were declined."""

    def __init__(self, timers: Timers, now: Callable[[], datetime]) -> None:
        self._timers = timers
        self._now = now
        self._sounds: list[_Sound] = []
        self.on_started: Callable[[str], None] = lambda _: None
        """Told the id of a response that begins to be heard."""
        self.on_stopped: Callable[[str], None] = lambda _: None
        """Told the id of a response of which all was heard."""

    def play(self, response_id: str, audio: bytes) -> None:
        """Take the next sound of a response."""
        sound = self._sound_of(response_id)
        if sound.has_started:
            # It ran dry when more than its length has passed already.
            sound.begins_at += max(timedelta(), self._now() - sound.ends_at)
        sound.duration_ms += pcm.bytes_to_ms(len(audio))

    def end(self, response_id: str) -> None:
        """Take note that a response has no more sound; it stops once all was played."""
        for sound in self._sounds:
            if sound.response_id == response_id:
                self._at(sound.ends_at, partial(self._stop, sound))

    def clear(self) -> dict[str, float]:
        """Be silent at once; return the milliseconds heard of each response not yet stopped."""
        now = self._now()
        sounds, self._sounds = self._sounds, []
        return {
            each.response_id: max(0.0, (now - each.begins_at) / timedelta(milliseconds=1))
            for each in sounds
        }

    def _sound_of(self, response_id: str) -> _Sound:
        for known in self._sounds:
            if known.response_id == response_id:
                return known
        now = self._now()
        begins_at = max([now, *(each.ends_at for each in self._sounds)])
        sound = _Sound(response_id, begins_at)
        self._sounds.append(sound)
        if begins_at == now:
            self._start(sound)
        else:
            self._at(begins_at, partial(self._start, sound))
        return sound

    def _start(self, sound: _Sound) -> None:
        if sound in self._sounds and not sound.has_started:
            sound.has_started = True
            self.on_started(sound.response_id)

    def _stop(self, sound: _Sound) -> None:
        if sound in self._sounds:
            self._start(sound)
            self._sounds.remove(sound)
            self.on_stopped(sound.response_id)

    def _at(self, when: datetime, action: Callable[[], None]) -> None:
        delay_ms = max(0.0, (when - self._now()) / timedelta(milliseconds=1))
        self._timers.after(delay_ms, action)
