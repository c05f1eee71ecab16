"""What one session's user chose of microphone and speaker, and what is odd about them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from console.app.sound_settings import Device, Microphone, SoundSettings, Speaker
from console.app.view_model import ViewModel
from console.signals import Signal

Lister = Literal["browser", "local"]
"""Whose microphones and speakers the session uses."""


class SoundChoice:
    """Keeps the choice in the view, and tells whoever has to act on it."""

    def __init__(self, view: ViewModel, lister: Lister = "browser") -> None:
        """Begin with the defaults.

        Args:
            view: What the page shows; changed here.
            lister: Whose lists of devices count; those of others are ignored.
        """
        self.changed: Signal[SoundSettings] = Signal("sound settings")
        """Something was chosen; the view has it already."""
        self._view = view
        self._lister = lister
        self._has_chosen = False
        self._remarks: dict[str, tuple[str, ...]] = {}
        view.set_sound(is_browser=lister == "browser")

    @property
    def settings(self) -> SoundSettings:
        """What is chosen now."""
        return self._view.sound.settings

    def change(
        self, *, microphone: Microphone | None = None, speaker: Speaker | None = None
    ) -> None:
        """Choose; what is None stays as it is."""
        self._has_chosen = True
        self._set(
            SoundSettings(
                microphone or self.settings.microphone,
                speaker or self.settings.speaker,
            )
        )

    def restore(self, settings: SoundSettings) -> None:
        """Begin with what a browser remembers; ignored once something was chosen."""
        if not self._has_chosen:
            self._set(settings)

    def list_devices(
        self,
        lister: Lister,
        inputs: Sequence[Device],
        outputs: Sequence[Device],
        *,
        can_choose_output: bool,
    ) -> None:
        """Say which devices there are."""
        if lister == self._lister:
            self._view.set_sound(
                inputs=tuple(inputs), outputs=tuple(outputs), can_choose_output=can_choose_output
            )

    def remark(self, who: str, sentences: Sequence[str]) -> None:
        """Say what is odd about the sound; replaces what `who` said before."""
        self._remarks[who] = tuple(sentences)
        self._view.set_sound(remarks=tuple(s for all_of in self._remarks.values() for s in all_of))

    def _set(self, settings: SoundSettings) -> None:
        if settings != self.settings:
            self._view.set_sound(settings=settings)
            self.changed.emit(settings)
