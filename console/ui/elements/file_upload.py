"""An element that sends files of its user to the session, and says so when one is not sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui
from nicegui.events import GenericEventArguments

MAX_SENTENCE_CHARS: Final = 500


class FileUpload(ui.element):
    """What such elements have in common; their JavaScript sends with ``upload`` of file_upload.js.

    What is wrong with a file is told by the session itself; `on_refused` hears only what the
    session cannot know, since the file never reached it.
    """

    def __init__(
        self, session_id: str, *, max_bytes: int, on_refused: Callable[[str], Awaitable[None]]
    ) -> None:
        """Make the element; one for each page.

        Args:
            session_id: Who gets the files.
            max_bytes: A file that has more is not sent.
            on_refused: Called with a sentence when a file is not sent.
        """
        super().__init__()
        self._props["session"] = session_id
        self._props["max-bytes"] = max_bytes
        self._on_refused = on_refused
        self.on("refused", self._refused)

    async def _refused(self, event: GenericEventArguments) -> None:
        sentence = event.args.get("sentence") if isinstance(event.args, dict) else None
        if isinstance(sentence, str) and sentence:
            await self._on_refused(sentence[:MAX_SENTENCE_CHARS])
