"""Sound files onto the page: chosen by a button or dropped anywhere, then sent to the session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from console.audio.sound_file import MAX_FILE_BYTES
from console.ui.elements.file_upload import FileUpload


class SoundDrop(FileUpload, component="sound_drop.js"):
    """Takes files for one session; buttons marked ``data-rc-choose-file`` open the file dialog."""

    def __init__(self, session_id: str, *, on_refused: Callable[[str], Awaitable[None]]) -> None:
        """Make the element; one for each page.

        Args:
            session_id: Whose microphone the file becomes.
            on_refused: Called with a sentence when a file is not sent.
        """
        super().__init__(session_id, max_bytes=MAX_FILE_BYTES, on_refused=on_refused)
