"""What a page says while the console does not answer it, drawn by the browser: one element."""

from __future__ import annotations

from nicegui import ui


class LineNotices(ui.element, component="line_notices.js"):
    """Two notices that the stylesheet shows by where the page's line stands.

    They are there from the beginning: who could build them then is what cannot be reached.
    """

    def __init__(self, unreachable: str, ended: str) -> None:
        """Make them, unseen.

        Args:
            unreachable: What is said while the console cannot be reached.
            ended: What is said when the console knows this page no more; a reload is offered.
        """
        super().__init__()
        self._props.update(unreachable=unreachable, ended=ended)
