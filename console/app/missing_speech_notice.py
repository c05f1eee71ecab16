"""Tells of speech that was lost on its way to the console, for as long as it is worth saying again."""

from __future__ import annotations

from typing import Final

from console.app.sound_choice import SoundChoice
from console.app.view_model import Notice, Part, Phase, ViewModel
from console.clock import Clock

NOTICE: Final = "missing speech"
LATE_S: Final = 1.0
"""Within it after it began, speech is found by who listens all the time."""
_WHY: Final = "of your speech were lost: the browser or its line was too busy."
_OTHERWISE: Final = "close other tabs and programs."


class MissingSpeechNotice:
    """A notice that goes when the user was heard whole, and a remark about the sound that stays."""

    def __init__(self, view: ViewModel, choice: SoundChoice, clock: Clock) -> None:
        """Begin with nothing lost.

        Args:
            view: What the page shows; changed here.
            choice: Has the remark.
            clock: Time.
        """
        self._view = view
        self._choice = choice
        self._clock = clock
        self._total_ms = 0.0
        self._made_up_for_ms = 0.0
        self._lost_at_s = 0.0
        self._was_talking = False
        self._is_whole = False
        """Nothing is missing of what the user says, or has said last."""

    def lost(self, total_ms: float) -> None:
        """Tell that more was lost.

        Args:
            total_ms: How much in all since the page was opened.
        """
        self._total_ms, self._lost_at_s = total_ms, self._clock.now_s()
        self._is_whole = False
        all_of_it = f"{total_ms / 1000:.1f} s {_WHY} If it goes on, {_OTHERWISE}"
        self._choice.remark(NOTICE, [all_of_it])
        lately_s = (total_ms - self._made_up_for_ms) / 1000
        sentence = f"{lately_s:.1f} s {_WHY} Say it again; if it goes on, {_OTHERWISE}"
        self._view.add_notice(Notice(NOTICE, "warning", sentence))

    def view_changed(self, parts: frozenset[Part]) -> None:
        """Follow what the user says, and whether it is answered."""
        if "connection" in parts and self._view.phase is not Phase.CONNECTED:
            self._is_whole = False
        if "turn" in parts:
            self._turn_changed()

    def _turn_changed(self) -> None:
        view = self._view
        if view.is_talking and not self._was_talking:
            # What was lost a moment ago may be the beginning of what is found only now.
            is_apart = self._clock.now_s() - self._lost_at_s >= LATE_S
            self._is_whole = is_apart or view.turn == "manual"
        self._was_talking = view.is_talking
        if self._is_whole and not view.is_talking and self._is_heard():
            self._made_up_for_ms = self._total_ms
            view.dismiss(NOTICE)

    def _is_heard(self) -> bool:
        is_transcribed = self._view.session.requested.get("type") == "transcription"
        return self._view.is_answering or is_transcribed
