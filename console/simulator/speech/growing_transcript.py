"""What is sure of speech while it goes on, from drafts that are made of it again and again.

A draft's last words are guesses: there is more to come that they must fit to. What two drafts in
a row agree on is sure. Long speech is drafted in windows, so that a draft costs no more in the
tenth minute than in the first.
"""

from __future__ import annotations

import itertools
import re
from typing import Final

import numpy as np

from console import pcm

STEP_MS: Final = 600
"""So much more must have been said for another draft."""
LONGEST_MS: Final = 12_000
"""A longer window is closed at the quietest place of its second half."""
_FRAME_MS: Final = 20
_END: Final = re.compile(r"[.,?!]+$")


class GrowingTranscript:
    """The words of one turn that are sure so far; they only ever grow."""

    def __init__(self) -> None:
        self._window = bytearray()
        self._drafted_bytes = 0
        self._closing_bytes = 0
        """How much of the window the draft that is being made closes; 0: it stays open."""
        self._closed: list[str] = []
        """The words of windows before this one."""
        self._sure: list[str] = []
        """Of this window."""
        self._latest: list[str] = []

    def hear(self, pcm24k: bytes) -> None:
        """Take the next of the speech."""
        self._window += pcm24k

    def next_sound(self) -> bytes | None:
        """Return what should be drafted now, if there is enough that is new.

        Tell `drafted` what comes of it; or ask again later, if nothing does.
        """
        size = len(self._window)
        self._closing_bytes = 0
        if size > LONGEST_MS * pcm.BYTES_PER_MS:
            self._closing_bytes = self._quietest()
            return bytes(self._window[: self._closing_bytes])
        if size - self._drafted_bytes < STEP_MS * pcm.BYTES_PER_MS:
            return None
        self._drafted_bytes = size
        return bytes(self._window)

    def drafted(self, text: str) -> str:
        """Take a draft of what `next_sound` gave; returns all words that are sure."""
        words = _END.sub("", text).split()
        if self._closed and words and not re.fullmatch(r"I('\w+)?", words[0]):
            # Every draft begins like a sentence.
            words[0] = words[0][0].lower() + words[0][1:]
        if self._closing_bytes:
            self._closed += self._sure + words[len(self._sure) :]
            del self._window[: self._closing_bytes]
            self._drafted_bytes = 0
            self._sure, self._latest = [], []
        else:
            # What is sure stands, also where later drafts would have it otherwise.
            n_sure = len(self._sure)
            both = zip(words[n_sure:], self._latest[n_sure:], strict=False)
            self._sure += [
                one for one, _ in itertools.takewhile(lambda each: each[0] == each[1], both)
            ]
            self._latest = words
        return " ".join(self._closed + self._sure)

    def _quietest(self) -> int:
        """Return where to cut the window: in the middle of its quietest frame, past the half."""
        frame = _FRAME_MS * pcm.BYTES_PER_MS
        longest = LONGEST_MS * pcm.BYTES_PER_MS
        frames = pcm.to_float(bytes(self._window[longest // 2 : longest])).reshape(-1, frame // 2)
        quietest = int(np.argmin(np.mean(np.square(frames), axis=1)))
        return longest // 2 + quietest * frame + frame // 2
