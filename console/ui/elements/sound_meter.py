"""A second level meter of the microphone or the speaker, wherever the page wants one."""

from __future__ import annotations

from typing import Literal

from nicegui import ui


class SoundMeter(ui.element, component="sound_meter.js"):
    """Shows what the voice element of the same session hears or plays."""

    def __init__(self, session_id: str, which: Literal["microphone", "speaker"]) -> None:
        """Make the meter.

        Args:
            session_id: The session whose `VoiceIO` is on the same page.
            which: What to measure.
        """
        super().__init__()
        self._props["session"] = session_id
        self._props["which"] = which
