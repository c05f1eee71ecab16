"""Two panes and the line between them, which can be moved with the keyboard, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

from console.ui.preferences import PANE_LIMITS


class PaneSplitter(ui.splitter, component="pane_splitter.js"):
    """The toolkit's splitter, with a line that the keyboard reaches and screen readers name."""

    def __init__(
        self,
        label: str,
        *,
        value: float = 50.0,
        is_stacked: bool = False,
        on_moved: Callable[[], Any] = lambda: None,
    ) -> None:
        """Make it; `before` and `after` are to be filled.

        Args:
            label: Names the line: what it makes smaller and larger.
            value: Where the line stands, in percent of the length.
            is_stacked: Whether one pane stands above the other, not beside it.
            on_moved: Called when the line stands elsewhere.
        """
        super().__init__(
            value=value, horizontal=is_stacked, limits=PANE_LIMITS, on_change=lambda _: on_moved()
        )
        assert self.component is not None
        self.tag = self.component.tag
        self._props["label"] = label
        self.classes("rc-splitter")
