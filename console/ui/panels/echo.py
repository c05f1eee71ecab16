"""The echo test: one button, and what came of it in words."""

from __future__ import annotations

from nicegui import ui

from console.app.view_model import Phase
from console.ui.page_session import PageSession

_BUSY = "Disconnect first: the test needs microphone and speaker for itself."


class EchoControls:
    """Runs the echo test and shows where it stands."""

    def __init__(self, session: PageSession) -> None:
        self._session = session
        with ui.element("div").classes("rc-echo") as self._element:
            self._button = ui.button("Echo test", icon="hearing", color=None)
            self._button.on_click(session.echo_test)
            # The mark lets the browser open microphone and speaker inside the click.
            self._button.props("no-caps outline data-rc-echo").classes("rc-button")
            self._sentence = ui.label().classes("rc-echo__sentence").props("role=status")
        self.refresh()

    def refresh(self) -> None:
        """Show where the test stands."""
        view = self._session.view
        is_free = view.phase is Phase.DISCONNECTED
        self._button.set_enabled(is_free and not view.echo.is_running)
        self._sentence.text = view.echo.sentence or ("" if is_free else _BUSY)
        self._element.props(f"data-phase={view.echo.phase}")
