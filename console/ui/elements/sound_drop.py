"""Sound files onto the page: chosen by a button or dropped anywhere, then sent to the session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.audio.sound_file import MAX_FILE_BYTES

MAX_SENTENCE_CHARS = 500


class SoundDrop(ui.element, component="sound_drop.js"):
    """Takes files for one session; buttons marked ``data-rc-choose-file`` open the file dialog.

    What is wrong with a file is told by the session itself; `on_refused` hears only what the
    session cannot know, since the file never reached it.
    """

    def __init__(self, session_id: str, *, on_refused: Callable[[str], Awaitable[None]]) -> None:
        """Make the element; one for each page.

        Args:
            session_id: Whose microphone the file becomes.
            on_refused: Called with a sentence when a file is not sent.
        """
        super().__init__()
        self._props["session"] = session_id
        self._props["max-bytes"] = MAX_FILE_BYTES
        self._on_refused = on_refused
        self.on("refused", self._refused)

    async def _refused(self, event: GenericEventArguments) -> None:
        sentence = event.args.get("sentence") if isinstance(event.args, dict) else None
        if isinstance(sentence, str) and sentence:
            await self._on_refused(sentence[:MAX_SENTENCE_CHARS])
