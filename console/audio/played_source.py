"""A sound that is played into the console as if somebody spoke it: an `AudioSource`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Final, Literal

from console import pcm as pcm_units
from console.audio.sounds import Silence, Sound
from console.clock import Clock
from console.signals import Signal

CHUNK_MS: Final = 20
MAX_BEHIND_S: Final = 2.0
"""A reader that was away for longer goes on from where it left off, not at many times the speed."""

_State = Literal["held", "resting", "playing"]


class PlayedSource:
    """A sound at a clock's pace; silence follows it, as in a quiet room.

    Nothing is dropped: the sound waits for its reader. It is at rest (silence), playing, or held
    (no chunks at all, as of a microphone while push-to-talk is not pressed).
    """

    def __init__(
        self, sound: Sound, clock: Clock, *, chunk_ms: int = CHUNK_MS, is_held: bool = False
    ) -> None:
        """Prepare to play.

        Args:
            sound: What is heard.
            clock: Time.
            chunk_ms: The length of each chunk.
            is_held: Wait for `play` instead of playing from the start.
        """
        self.ended: Signal[None] = Signal("played sound ended")
        """The sound was played to its end, and its last chunk has been read."""
        self.started: Signal[None] = Signal("played source started")
        self.spoken: Signal[bytes] = Signal("chunk of a played sound")
        """Each chunk of the sound when it is heard, and an empty one when it falls silent."""
        self._clock = clock
        self._chunk_samples = pcm_units.ms_to_samples(chunk_ms)
        self._sound = sound
        self._position = 0
        self._repeats = False
        self._state: _State = "held" if is_held else "playing"
        self._is_running = False
        self._changed = asyncio.Event()
        self._is_free = asyncio.Event()
        self._is_free.set()

    @property
    def dropped_chunks(self) -> int:
        """Always 0: a sound waits for its reader."""
        return 0

    @property
    def sound(self) -> Sound:
        """What is heard when it plays."""
        return self._sound

    @property
    def is_playing(self) -> bool:
        """Whether the sound is being heard."""
        return self._state == "playing"

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._is_running

    def load(self, sound: Sound, *, chunk_ms: int = CHUNK_MS) -> None:
        """Take another sound; what was playing is cut off."""
        self._sound = sound
        self._chunk_samples = pcm_units.ms_to_samples(chunk_ms)
        self._position = 0
        if self._state == "playing":
            self._set("resting")

    def play(self, *, repeats: bool = False) -> None:
        """Play the sound from its beginning, once or again and again."""
        self._position = 0
        self._repeats = repeats
        self._set("playing")

    def repeat(self, repeats: bool) -> None:
        """Say whether what plays now begins again at its end."""
        self._repeats = repeats

    def rest(self) -> None:
        """Be silent from now on."""
        self._set("resting")

    def hold(self) -> None:
        """Give no chunks from now on, until it plays or rests."""
        self._set("held")

    async def start(self) -> None:
        """Let `chunks` begin; what had been played before begins anew."""
        if not self._is_running:
            self._is_running = True
            self._position = 0
            self.started.emit(None)

    async def stop(self) -> None:
        """End `chunks`; safe to call twice."""
        if self._is_running and self._state == "playing":
            self.spoken.emit(b"")
        self._is_running = False
        self._changed.set()
        self._is_free.set()

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Yield chunks, each when its last sample has been spoken, until `stop`."""
        due_s = self._clock.now_s()
        while self._is_running:
            if self._state == "held":
                self._changed.clear()
                await self._changed.wait()
                due_s = self._clock.now_s()
                continue
            due_s += pcm_units.samples_to_ms(self._chunk_samples) / 1000
            if self._clock.now_s() - due_s > MAX_BEHIND_S:
                due_s = self._clock.now_s()
            await self._clock.sleep(max(0.0, due_s - self._clock.now_s()))
            if not self._may_speak():
                continue
            is_sound = self._state == "playing"
            chunk, is_last = self._next()
            if is_sound:
                self.spoken.emit(chunk)
            self._is_free.clear()
            try:
                yield chunk
            finally:
                self._is_free.set()
            if is_last and self._state == "resting":
                self.spoken.emit(b"")
                self.ended.emit(None)

    async def wait_until_read(self) -> None:
        """Wait until the reader of `chunks` has done with the chunk that it has, if any."""
        await self._is_free.wait()

    def _may_speak(self) -> bool:
        return self._is_running and self._state != "held"

    def _set(self, state: _State) -> None:
        if self._state == "playing" and state != "playing":
            self.spoken.emit(b"")
        self._state = state
        self._changed.set()

    def _next(self) -> tuple[bytes, bool]:
        """Return the next chunk, and whether the sound ends with it."""
        size = pcm_units.BYTES_PER_SAMPLE * self._chunk_samples
        if self._state != "playing":
            return Silence().read(0, self._chunk_samples), False
        chunk = self._take(self._chunk_samples)
        if self._repeats and self._position > 0:
            while len(chunk) < size and self._sound.is_over(self._position):
                self._position = 0
                chunk += self._take(self._chunk_samples - len(chunk) // pcm_units.BYTES_PER_SAMPLE)
        is_last = not self._repeats and self._sound.is_over(self._position)
        if is_last:
            self._state = "resting"
        return chunk.ljust(size, b"\0"), is_last

    def _take(self, n_samples: int) -> bytes:
        part = self._sound.read(self._position, n_samples)
        self._position += len(part) // pcm_units.BYTES_PER_SAMPLE
        return part
