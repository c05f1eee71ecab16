"""The picture of the next message: chosen, pasted or dropped, and seen before it is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.view_model import Picture
from console.client.images import MAX_IMAGE_BYTES

MAX_SENTENCE_CHARS: Final = 500


class PictureBox(ui.element, component="picture_box.js"):
    """A button that attaches a picture, and what is attached, which can be taken away.

    What is wrong with a picture is told by the session itself; `on_refused` hears only what the
    session cannot know, since the picture never reached it.
    """

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
        super().__init__()
        self._props["session"] = session_id
        self._props["max-bytes"] = MAX_IMAGE_BYTES
        self._on_refused = on_refused
        self.on("refused", self._refused)
        self.on("removed", lambda _: on_removed())

    def show(self, picture: Picture | None) -> None:
        """Show what goes with the next message; None: nothing does."""
        self._props["name"] = "" if picture is None else picture.name
        self._props["number"] = 0 if picture is None else picture.number
        self.update()

    async def _refused(self, event: GenericEventArguments) -> None:
        sentence = event.args.get("sentence") if isinstance(event.args, dict) else None
        if isinstance(sentence, str) and sentence:
            await self._on_refused(sentence[:MAX_SENTENCE_CHARS])
