"""The sound of a call on its way out: as fast as it is made in, in real time out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from console import pcm

FRAME_MS: Final = 20
"""Sound leaves in pieces of this length, as RTP carries it."""
FRAME_BYTES: Final = FRAME_MS * pcm.BYTES_PER_MS
ROOM_BYTES: Final = 60_000 * pcm.BYTES_PER_MS
"""No more is made while this much waits to be played."""


@dataclass(slots=True, eq=False)
class _Sound:
    """What one response says and has not been played."""

    response_id: str
    waiting: bytearray = field(default_factory=bytearray)
    n_played: int = 0
    has_started: bool = False
    is_whole: bool = False


class CallSpeaker:
    """Plays responses one after the other to whoever pulls, a frame at a time.

    Responses are told to have started with their first frame, and to have stopped when the frame
    after their last one is pulled: then it has been played.
    """

    def __init__(self) -> None:
        self.on_started: Callable[[str], None] = lambda _: None
        """Told the id of a response that begins to be played."""
        self.on_stopped: Callable[[str], None] = lambda _: None
        """Told the id of a response of which all was played."""
        self._sounds: deque[_Sound] = deque()
        self._has_room = asyncio.Event()
        self._has_room.set()

    # ------------------------------------------------------------ the session's side

    def play(self, response_id: str, audio: bytes) -> None:
        """Take the next sound of a response: PCM16 mono 24 kHz."""
        self._sound_of(response_id).waiting.extend(audio)
        self._look_for_room()

    def end(self, response_id: str) -> None:
        """Take note that a response has no more sound."""
        for sound in self._sounds:
            if sound.response_id == response_id:
                sound.is_whole = True

    def clear(self) -> dict[str, float]:
        """Be silent at once; return the milliseconds played of each response not yet stopped."""
        heard = {each.response_id: pcm.bytes_to_ms(each.n_played) for each in self._sounds}
        self._sounds.clear()
        self._look_for_room()
        return heard

    async def wait_for_room(self) -> None:
        """Wait while more waits than a listener can hear in a minute."""
        await self._has_room.wait()

    # ------------------------------------------------------------ the listener's side

    def pull(self) -> bytes | None:
        """Return the next frame, filled up with silence; None where all of it is silence."""
        while self._sounds and self._sounds[0].is_whole and not self._sounds[0].waiting:
            self.on_stopped(self._sounds.popleft().response_id)
        if not self._sounds or not self._sounds[0].waiting:
            return None
        sound = self._sounds[0]
        if not sound.has_started:
            sound.has_started = True
            self.on_started(sound.response_id)
        frame = bytes(sound.waiting[:FRAME_BYTES])
        del sound.waiting[:FRAME_BYTES]
        sound.n_played += len(frame)
        self._look_for_room()
        return frame.ljust(FRAME_BYTES, b"\0")

    def _sound_of(self, response_id: str) -> _Sound:
        for known in self._sounds:
            if known.response_id == response_id:
                return known
        sound = _Sound(response_id)
        self._sounds.append(sound)
        return sound

    def _look_for_room(self) -> None:
        if sum(len(each.waiting) for each in self._sounds) > ROOM_BYTES:
            self._has_room.clear()
        else:
            self._has_room.set()
