"""The picture of the next message: chosen, pasted or dropped, and seen before it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from console.app.view_model import Picture
from console.client.images import MAX_IMAGE_BYTES
from console.ui.elements.file_upload import FileUpload


class PictureBox(FileUpload, component="picture_box.js"):
    """A button that attaches a picture, and what is attached, which can be taken away."""

    def __init__(
        self,
        session_id: str,
        *,
        on_refused: Callable[[str], Awaitable[None]],
        on_removed: Callable[[], Awaitable[None]],
    ) -> None:
        """Make the element; one for each page.

        Args:
            session_id: Whose message the picture goes with.
            on_refused: Called with a sentence when a picture is not sent.
            on_removed: Called when the picture shall not go with the message.
        """
        super().__init__(session_id, max_bytes=MAX_IMAGE_BYTES, on_refused=on_refused)
        self.on("removed", lambda _: on_removed())

    def show(self, picture: Picture | None) -> None:
        """Show what goes with the next message; None: nothing does."""
        self._props["name"] = "" if picture is None else picture.name
        self._props["number"] = 0 if picture is None else picture.number
        self.update()
