"""Sound in the browser: microphone, speaker, push-to-talk and level meters of one session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.view_model import SpeakerState

CHUNK_MS = 30


class VoiceIO(ui.element, component="voice_io.js"):
    """Joins the browser's microphone and speaker to the session channel.

    Sound travels on the session channel alone; this element carries no audio. The page marks its
    buttons with attributes, because browsers open microphones and speakers only inside a click:

    - ``data-rc-connect`` on what connects; with ``data-rc-text-only`` no microphone is asked for;
    - ``data-rc-talk`` on the push-to-talk button; while it is held it has ``data-rc-held``.

    The page must serve the folder `assets` at ``/assets``, revalidated on each use.
    """

    def __init__(
        self,
        session_id: str,
        *,
        connect_selector: str = "[data-rc-connect]",
        talk_selector: str = "[data-rc-talk]",
        processing: bool = True,
        on_sound: Callable[[SpeakerState], None] | None = None,
    ) -> None:
        """Make the element.

        Args:
            session_id: The session whose channel it joins.
            connect_selector: CSS selector of the buttons that connect.
            talk_selector: CSS selector of the push-to-talk button.
            processing: Whether the browser cancels echo, suppresses noise and controls the gain.
            on_sound: Called when the browser's sound starts, is blocked or cannot be had.
        """
        super().__init__()
        ui.add_css(_STYLE)
        self._props["session"] = session_id
        self._props["connect-selector"] = connect_selector
        self._props["talk-selector"] = talk_selector
        self._props["processing"] = processing
        self._props["chunk-ms"] = CHUNK_MS
        self._on_sound = on_sound
        self.on("sound", self._sound_changed)

    def resume(self) -> None:
        """Ask the browser to sound; it obeys when the user has just clicked."""
        self.run_method("resume")

    def _sound_changed(self, event: GenericEventArguments) -> None:
        if self._on_sound is not None:
            self._on_sound(cast(SpeakerState, event.args["state"]))


_STYLE = (Path(__file__).parent / "voice_io.css").read_text(encoding="utf-8")
