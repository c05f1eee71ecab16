"""What is played, sample by sample: which part of which track has reached the ear.

A state machine without threads, devices or clocks. Whoever plays asks for samples with `pull`;
everything that this module says about what was heard is counted there, on the reading side.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from console import pcm as pcm_units
from console.audio.ports import Heard
from console.audio.prebuffer import Prebuffer

FADE_MS: Final = 5
"""How long the sound takes to fade at an interrupt and at the edges of a gap; a cut would click.

One multiplication of so few samples (5 microseconds), and only at such an edge."""
MAX_QUEUED_S: Final = 20 * 60
"""How much may wait; a server that sends more loses the newest."""


@dataclass(frozen=True, slots=True)
class PlaybackHealth:
    """How well sound keeps up with its listener; told when it changes."""

    prebuffer_ms: int = 0
    """How much has to wait before sound begins; 0 as long as nothing was played."""
    underruns: int = 0
    """How often sound came too late, so that there was a gap."""
    dropped_ms: int = 0
    """Sound that was thrown away because too much was waiting."""


class PlaybackQueue:
    """Audio of one or more tracks, in the order in which it was queued.

    Thread: one owner at a time. A device's callback owns it while the device runs; others reach
    it through commands that the callback carries out, so an interrupt never falls between taking
    a sample and counting it.
    """

    def __init__(
        self,
        *,
        sample_rate_hz: int = pcm_units.SAMPLE_RATE_HZ,
        prebuffer_ms: float = 0.0,
        fade_ms: float = FADE_MS,
        adapts: bool = False,
    ) -> None:
        """Make an empty queue.

        Args:
            sample_rate_hz: Rate of what is queued and of what is pulled.
            prebuffer_ms: How much has to wait before sound begins, and begins again after an
                underrun. Sound begins sooner when the track is finished, or when that much time
                has been pulled as silence, so the shortest track is heard as well.
            fade_ms: How long the sound fades after an interrupt.
            adapts: Whether more has to wait after underruns, and less while there are none.
        """
        self._prebuffer = Prebuffer(prebuffer_ms, sample_rate_hz=sample_rate_hz)
        self._adapts = adapts
        self._fade_samples = int(sample_rate_hz * fade_ms / 1000)
        self._max_queued_samples = sample_rate_hz * MAX_QUEUED_S
        self.underruns = 0
        """How often a track that was not finished had no sample when one was wanted."""
        self.dropped_samples = 0
        """Samples that were refused because too much was waiting."""
        self._reset()

    def _reset(self) -> None:
        self._chunks: deque[tuple[str, bytes]] = deque()
        self._head_offset = 0
        self._queued_samples = 0
        self._heard: dict[str, int] = {}
        self._finished: set[str] = set()
        self._interrupted: set[str] = set()
        self._current: str | None = None
        self._fade = b""
        self._past = b""  # what was pulled last, as long as a fade
        self._rises = False
        self._waited_samples: int | None = 0  # None: sound is running

    @property
    def prebuffer_ms(self) -> float:
        """How much has to wait before sound begins."""
        return self._prebuffer.size_ms

    @property
    def queued_samples(self) -> int:
        """How many samples wait to be pulled."""
        return self._queued_samples

    @property
    def position(self) -> Heard | None:
        """What is at the ear and how much of it was heard; None when nothing plays."""
        return None if self._current is None else Heard(self._current, self.heard(self._current))

    def heard(self, track: str) -> int:
        """Return how many samples of `track` were heard; 0 for a track that is not known."""
        return self._heard.get(track, 0)

    def play(self, track: str, pcm: bytes) -> None:
        """Queue `pcm` behind what waits; ignored when the track was interrupted.

        Raises:
            ValueError: `pcm` has an odd length.
        """
        pcm_units.check_chunk(pcm)
        n_samples = len(pcm) // 2
        if not n_samples or track in self._interrupted:
            return
        if self._queued_samples + n_samples > self._max_queued_samples:
            self.dropped_samples += n_samples
            return
        self._chunks.append((track, bytes(pcm)))
        self._queued_samples += n_samples

    def finish(self, track: str) -> None:
        """Say that no more audio of `track` will come."""
        if track not in self._interrupted:
            self._finished.add(track)

    def pull(self, n_samples: int) -> bytes:
        """Return the next audio to play and count it as heard.

        Args:
            n_samples: How many samples the device wants now.

        Returns:
            PCM16 mono, exactly `2 * n_samples` bytes; silence fills what is missing and is not
            counted as heard.

        Raises:
            ValueError: `n_samples` is negative.
        """
        if n_samples < 0:
            raise ValueError(f"cannot pull {n_samples} samples; pass 0 or more")
        size = 2 * n_samples
        sound = bytearray(self._fade[:size])
        self._fade = self._fade[size:]
        if self._is_held_back((size - len(sound)) // 2):
            return bytes(sound.ljust(size, b"\0"))
        n_before = len(sound)
        while len(sound) < size and self._chunks:
            sound += self._take(size - len(sound))
        if self._rises and len(sound) > n_before:
            self._rises = False
            sound[n_before:] = _ramped(sound[n_before:], self._fade_samples, rises=True)
        self._past = (self._past + sound)[-2 * self._fade_samples :] if self._fade_samples else b""
        if len(sound) < size:
            self._run_dry()
            n_before = len(sound)
            sound += self._fade[: size - n_before]
            self._fade = self._fade[size - n_before :]
        return bytes(sound.ljust(size, b"\0"))

    def interrupt(self) -> Heard | None:
        """Stop: forget what waits, and refuse what still comes of the tracks concerned.

        Returns:
            The track at the ear and how much of it was heard, not counting the short fade that
            the next pull returns; None when nothing was playing. A track that is waiting for
            more of its audio is playing; one that is finished and was played to its end is not.
        """
        track = self._chunks[0][0] if self._chunks else self._current
        if track is None:
            return None
        self._fade = self._fade or self._faded_head()
        self._past = b""
        self._rises = False
        self._interrupted.update(each for each, _ in self._chunks)
        self._interrupted.add(track)
        self._chunks.clear()
        self._head_offset = self._queued_samples = 0
        self._current = None
        self._waited_samples = 0
        return Heard(track, self.heard(track))

    def clear(self) -> None:
        """Forget all tracks, interrupted ones too; the next pull is silence."""
        self._reset()

    def _is_held_back(self, n_samples: int) -> bool:
        """Whether sound waits for more of it; `n_samples` of waiting pass."""
        if self._waited_samples is None:
            return False
        if not self._chunks:
            self._prebuffer.note_gap(n_samples)
            return True
        if self._adapts:
            self._prebuffer.more_came()
        if (
            self._queued_samples >= self._prebuffer.size
            or self._waited_samples >= self._prebuffer.size
            or self._chunks[-1][0] in self._finished
        ):
            self._waited_samples = None
            self._prebuffer.begun(self._queued_samples)
            return False
        self._waited_samples += n_samples
        return True

    def _take(self, size: int) -> bytes:
        track, chunk = self._chunks[0]
        taken = chunk[self._head_offset : self._head_offset + size]
        self._head_offset += len(taken)
        if self._head_offset == len(chunk):
            self._chunks.popleft()
            self._head_offset = 0
        n_samples = len(taken) // 2
        self._queued_samples -= n_samples
        self._heard[track] = self.heard(track) + n_samples
        self._current = track
        if self._adapts:
            self._note_level(n_samples)
        return taken

    def _note_level(self, n_samples: int) -> None:
        self._prebuffer.played(n_samples)
        # At its end a track runs out as it should: that says nothing about the line.
        if self._chunks and self._chunks[-1][0] not in self._finished:
            self._prebuffer.note_level(self._queued_samples)

    def _run_dry(self) -> None:
        self._waited_samples = 0
        if self._current in self._finished:
            self._current = None
            self._prebuffer.ended()
        elif self._current is not None:
            self.underruns += 1
            self._prebuffer.ran_out()
            if self._past:
                # Backwards from where it broke off: the sound goes on without a step, and is gone.
                self._fade = _ramped(_backwards(self._past), self._fade_samples, rises=False)
                self._past = b""
                self._rises = True

    def _faded_head(self) -> bytes:
        if self._current is None or not self._chunks or self._chunks[0][0] != self._current:
            return b""  # nothing was sounding, so nothing can click
        chunk = self._chunks[0][1][self._head_offset :][: 2 * self._fade_samples]
        return _ramped(chunk, self._fade_samples, rises=False)


def _ramped(sound: bytes | bytearray, n_samples: int, *, rises: bool) -> bytes:
    """Return `sound` with its first `n_samples` fading, in one multiplication; the rest as it is."""
    samples = pcm_units.to_int16(bytes(sound[: 2 * n_samples]))
    ramp = np.linspace(1, 0, num=len(samples), endpoint=False)
    faded = samples * (1 - ramp if rises else ramp)
    return faded.astype("<i2").tobytes() + bytes(sound[2 * n_samples :])


def _backwards(sound: bytes) -> bytes:
    return pcm_units.to_int16(sound)[::-1].tobytes()
