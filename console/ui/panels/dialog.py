"""Dialogs of the page: built when they are opened first, closed without asking the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nicegui import ui

# Run where the toolkit has its `elements`: nobody is locked in when the server has gone.
_FOLLOW: Final = '(is_open) => (element.props["model-value"] = is_open)'
_CLOSE: Final = '() => (elements[element.props["data-dialog"]].props["model-value"] = false)'


class PageDialog:
    """One dialog: a title, what `build` puts into it, and a foot with the button that closes it.

    Title and foot stand still where the rest must be scrolled.
    """

    def __init__(
        self,
        title: str,
        build: Callable[[], None],
        *,
        name: str = "",
        classes: str = "",
    ) -> None:
        """Say what it will be; it lives as long as what the caller builds it in.

        Args:
            title: Written at its head.
            build: Called once, in the dialog, when it is opened first.
            name: For screen readers and scripts; the title, if empty.
            classes: Of its card, beside its own.
        """
        self._title = title
        self._make = build
        self._name = name or title
        self._classes = f"rc-dialog {classes}"
        # Not where it is opened: that may be a notice, which goes away.
        self._place = ui.context.slot.parent
        self._dialog: ui.dialog | None = None

    @property
    def is_built(self) -> bool:
        """Whether there is anything of it yet."""
        return self._dialog is not None

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return self._dialog is not None and bool(self._dialog.value)

    def open(self) -> None:
        """Show the dialog."""
        if self._dialog is None:
            # Not before: each update of the page renders all of it.
            with self._place, ui.dialog() as self._dialog:
                self._build(self._dialog)
        self._dialog.open()

    def _build(self, dialog: ui.dialog) -> None:
        dialog.props(f'aria-label="{self._name}"')
        dialog.on("update:model-value", js_handler=_FOLLOW)
        with ui.card().classes(self._classes):
            self._build_card(dialog)

    def _build_card(self, dialog: ui.dialog) -> None:
        with ui.element("h2").classes("rc-dialog__title"):
            ui.label(self._title)
        body = ui.element("div").classes("rc-dialog__body")
        self.foot = ui.element("div").classes("rc-dialog__foot")
        """Its buttons; `build` may put some before the last."""
        with body:
            self._make()
        with self.foot:
            close = ui.button("Close", color=None, on_click=dialog.close)
            close.on("click", js_handler=_CLOSE)
            close.props(f"no-caps outline data-dialog={dialog.id}").classes("rc-button")
