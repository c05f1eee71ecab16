"""How loud what stands in for the microphone is: levels for the page's meter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from console.app.sound_choice import SoundChoice
from console.audio.levels import LevelBars
from console.clock import Clock
from console.signals import Signal

LEVELS_PER_S: Final = 20
N_BARS: Final = 10


class StandInMeter:
    """Shows the bars of each sound that is played in the microphone's place, while it is heard."""

    def __init__(
        self,
        spoken: Signal[bytes],
        choice: SoundChoice,
        clock: Clock,
        *,
        show_levels: Callable[[Sequence[float]], None],
    ) -> None:
        """Follow what is spoken.

        Args:
            spoken: The chunks as they are heard, PCM16 mono at 24 kHz; an empty one ends them.
            choice: Says whether the microphone is muted, or a device: then nothing is shown.
            clock: Time.
            show_levels: Takes the bars, from the lowest band to the highest, each from 0 to 1.
        """
        self._choice = choice
        self._clock = clock
        self._show_levels = show_levels
        self._bars = LevelBars(N_BARS)
        self._shown_s = float("-inf")
        spoken.connect(self._hear)

    def _hear(self, chunk: bytes) -> None:
        microphone = self._choice.settings.microphone
        if microphone.kind == "device":
            self._forget()  # the last of it comes after the choice; the device shows its own
            return
        if not chunk:
            self._forget()
            self._show_levels([0.0] * N_BARS)
            return
        if microphone.is_muted:
            return
        self._bars.push(chunk)
        now_s = self._clock.now_s()
        if now_s - self._shown_s >= 1 / LEVELS_PER_S:
            self._shown_s = now_s
            # Finer than one can see.
            self._show_levels([round(each, 2) for each in self._bars.frame()])

    def _forget(self) -> None:
        self._bars = LevelBars(N_BARS)
        self._shown_s = float("-inf")
