"""A picture that goes with the next typed message: checked when it is chosen, kept until it is sent."""

from __future__ import annotations

from typing import Final

from console.app.view_model import Notice, Picture, ViewModel
from console.client.images import MAX_IMAGE_BYTES
from console.errors import ConsoleError
from console.realtime import events

NOTICE: Final = "picture"


class AttachedPicture:
    """At most one; the next that is chosen takes its place."""

    def __init__(self, view: ViewModel) -> None:
        """Begin without one; `view` is told which there is."""
        self._view = view
        self._content: bytes | None = None
        self._number = 0

    @property
    def content(self) -> bytes | None:
        """The file, a PNG or JPEG; None without one."""
        return self._content

    def attach(self, name: str, content: bytes) -> None:
        """Take a picture in place of the one before.

        Args:
            name: What the page calls it.
            content: The file.

        Raises:
            ConsoleError: It cannot be shown to the model; the page has been told so, and the one
                before stays.
        """
        if len(content) > MAX_IMAGE_BYTES:
            self._refuse_for(f"{name} is too large: {too_large()}")
        try:
            events.image_content(content)
        except ValueError:
            self._refuse_for(f"{name} is neither PNG nor JPEG: save it as one of these.")
        self._content = content
        self._number += 1
        self._view.dismiss(NOTICE)
        self._view.set_picture(Picture(name, self._number))

    def refuse(self, sentence: str) -> None:
        """Say why a picture did not get here."""
        self._view.add_notice(Notice(NOTICE, "warning", sentence))

    def take_away(self) -> None:
        """Be without one."""
        if self._content is not None:
            self._content = None
            self._view.set_picture(None)

    def _refuse_for(self, sentence: str) -> None:
        self.refuse(sentence)
        raise ConsoleError(sentence)


def too_large() -> str:
    """Return what is said behind the name of a picture with too many bytes."""
    return f"a picture may have {MAX_IMAGE_BYTES // 1024**2} MiB. Scale it down."
