"""A microphone that gives nothing at all although it is on: told while somebody wants to be heard."""

from __future__ import annotations

from typing import Final

from console import pcm as pcm_units
from console.app.session_notices import SessionNotices
from console.app.view_model import MicrophoneState, ViewModel

NOTICE: Final = "silent microphone"
PRESSED_MS: Final = 3_000
"""Of nothing but zeros while a button is held: who holds it speaks."""
LISTENING_MS: Final = 10_000
"""The same behind what was heard of who holds it, and where the server listens all the time: there
one may well say nothing for a while."""
GATE_MS: Final = 1_000
"""So much of zeros with sound behind it is a device, or a suppression of noise, that silences pauses."""


class DeadSilence:
    """Counts exact zeros: any room makes some noise, and a device that is gone or off makes none.

    Some microphones, and some suppressions of noise, make zeros of every pause: who was heard may
    hold the button on and think, but a press of zeros alone is odd soon. One that was heard again
    after such a pause is known from then on: its silence is told only while a button is held.
    """

    def __init__(
        self, view: ViewModel, notices: SessionNotices, *, may_be_held_back: bool = False
    ) -> None:
        """Begin with a microphone of which nothing is known.

        Args:
            view: What the page shows.
            notices: Tells the user.
            may_be_held_back: Whether the source itself gives zeros while the assistant speaks and
                the server listens all the time; silence means nothing then.
        """
        self._view = view
        self._notices = notices
        self._may_be_held_back = may_be_held_back
        self.is_told = False
        """Whether the user has been told, and nothing was heard since."""
        self._silent_ms = 0.0
        self._was_heard = False
        self._was_heard_in_press = False
        self._has_pauses_silenced = False
        self._device_id = view.sound.settings.microphone.device_id

    def heard(self, chunk: bytes) -> None:
        """Take note of a chunk that somebody wants to be heard: PCM16 mono 24 kHz."""
        view, microphone = self._view, self._view.sound.settings.microphone
        if microphone.device_id != self._device_id:
            self._device_id = microphone.device_id
            self.begin()
        if view.microphone is not MicrophoneState.ON:
            self.begin()  # why it is not heard is told elsewhere
        elif microphone.kind != "device":
            self.begin()  # what stands in may be silent
        elif chunk.strip(b"\0"):
            self._has_pauses_silenced |= self._silent_ms >= GATE_MS
            self._was_heard = self._was_heard_in_press = True
            self._count_anew()
        elif view.turn == "manual" or not self._may_be_held_back:
            self._silent_ms += pcm_units.bytes_to_ms(len(chunk))
            if not self.is_told and self._is_odd():
                self._tell()

    def begin(self) -> None:
        """Count from here on: another microphone is used, or the same one anew."""
        self._was_heard = self._was_heard_in_press = False
        self._count_anew()

    def press(self) -> None:
        """Take note that a button is held: what was heard before says nothing of this press."""
        self._was_heard_in_press = False
        if self._was_heard:  # else several short presses are as odd as a long one
            self._silent_ms = 0.0

    def _count_anew(self) -> None:
        self._silent_ms = 0.0
        if self.is_told:
            self.is_told = False
            self._notices.take_back(NOTICE)

    def _is_odd(self) -> bool:
        if self._view.turn == "manual":
            return self._silent_ms >= (LISTENING_MS if self._was_heard_in_press else PRESSED_MS)
        return self._silent_ms >= LISTENING_MS and not self._has_pauses_silenced

    def _tell(self) -> None:
        self.is_told = True
        self._notices.tell(
            NOTICE,
            "warning",
            f"The microphone has given no sound at all for {self._silent_ms / 1000:.0f} s: it may be "
            "switched off or unplugged. See to it and use it again, or choose another under Sound.",
            "use_microphone",
        )
