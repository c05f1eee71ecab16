"""A dialog of the simulator: what it shall do wrong, now or as long as a switch is on."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final

from nicegui import ui

from console.app.view_model import Phase
from console.simulator.faults import Faults
from console.ui.page_session import PageSession
from console.ui.panels.dialog import PageDialog

_AT_ONCE: Final = {
    "drop": ("Cut the line", "As when a network goes away: no close frame."),
    "stall": ("Go silent", "The line stays open and nothing comes any more, no pongs either."),
    "garbage": ("Send garbage", "Frames that are no events."),
    "huge": ("Send a huge event", "One of 17 MiB."),
    "broken_utf8": ("Send broken UTF-8", "A text frame that clients have to close with 1007."),
    "expire": ("Expire", "As after the 60 minutes, without a warning."),
}
"""Faults that happen once, with what they are called and what they are like."""
_SWITCHES: Final = {
    "late_deltas": "Deltas after a cancel",
    "missing_closers": "Closing events are missing",
    "overlapping_items": "Items of a response overlap",
    "null_event_id": "Errors name no client event",
    "no_rate_limits": "No rate_limits.updated",
    "fail_transcription": "Transcriptions fail",
}
_FAILURES: Final = {
    "": "No",
    "insufficient_quota": "insufficient_quota",
    "rate_limit_exceeded": "rate_limit_exceeded",
    "server_error": "server_error",
}
_DELAYS: Final = {
    "slow_ms": "Delay events, ms",
    "late_transcription_ms": "Delay transcripts, ms",
}
_MOST_DELAY_MS: Final = 60_000
_CLOSE_CODE: Final = 1011
_TEXT_HINT: Final = "As in --faults and in URLs: refuse=503,times=2 or expire_after=90"


class FaultsDialog:
    """Opened from the head of the page while the simulator is the target; built when it is."""

    def __init__(self, session: PageSession) -> None:
        self._session = session
        self._is_filling = False
        self._switches: dict[str, ui.switch] = {}
        self._delays: dict[str, ui.number] = {}
        self._at_once: list[ui.button | ui.number] = []
        self._dialog = PageDialog("Simulator faults", self._build)

    def open(self) -> None:
        """Show the dialog."""
        self._dialog.open()
        self.refresh()

    def _build(self) -> None:
        ui.label("What goes wrong in your session, to see how an application takes it.").classes(
            "rc-dialog__about"
        )
        self._build_at_once()
        self._build_standing()
        with self._dialog.foot:
            self._off = ui.button("All off", color=None, on_click=lambda: self._set(""))
            self._off.props("no-caps outline").classes("rc-button")

    def refresh(self) -> None:
        """Show what is on."""
        if not self._dialog.is_built:
            return
        standing = dict(_pairs(self._session.view.faults))
        self._is_filling = True
        try:
            for name, switch in self._switches.items():
                switch.value = name in standing
            for name, delay in self._delays.items():
                delay.value = float(standing[name]) if name in standing else None
            failure = standing.get("fail_response", "")
            self._failure.set_options({**_FAILURES, failure: failure or "No"}, value=failure)
            self._text.value = self._session.view.faults
            self._text.error = None
        finally:
            self._is_filling = False
        self._off.set_enabled(bool(standing))
        is_connected = self._session.view.phase is Phase.CONNECTED
        self._once.text = "Now, once" if is_connected else "Now, once (connect first)"
        for control in self._at_once:
            control.set_enabled(is_connected)

    def _build_at_once(self) -> None:
        with ui.element("h3").classes("rc-dialog__heading"):
            self._once = ui.label()
        with ui.element("div").classes("rc-dialog__row"):
            for text, (words, about) in _AT_ONCE.items():
                button = ui.button(
                    words, color=None, on_click=lambda text=text: self._session.inject_fault(text)
                )
                button.props(f'no-caps outline title="{about}"').classes("rc-button")
                self._at_once.append(button)
            close = ui.button("Close with", color=None, on_click=self._close)
            close.props('no-caps outline title="In good order, with this code."')
            self._code = ui.number(value=_CLOSE_CODE, min=1000, max=4999, precision=0)
            self._code.props('dense outlined aria-label="Close code"').classes("rc-dialog__code")
            self._at_once += [close.classes("rc-button"), self._code]

    def _build_standing(self) -> None:
        with ui.element("h3").classes("rc-dialog__heading"):
            ui.label("As long as it is on")
        with ui.element("div").classes("rc-dialog__switches"):
            for name, words in _SWITCHES.items():
                self._switches[name] = ui.switch(words, on_change=self._changed).props("dense")
        with ui.element("div").classes("rc-dialog__fields"):
            self._failure = ui.select(
                dict(_FAILURES), value="", label="Every response fails", on_change=self._changed
            ).props("dense outlined options-dense")
            for name, words in _DELAYS.items():
                self._delays[name] = ui.number(
                    words, min=0, max=_MOST_DELAY_MS, precision=0, on_change=self._changed
                ).props("dense outlined debounce=400")
        self._text = ui.input("All of them as text").props(
            f'dense outlined clearable hint="{_TEXT_HINT}"'
        )
        self._text.classes("rc-dialog__wide").on("change", self._typed)
        self._text.on("clear", self._typed)

    async def _close(self) -> None:
        code = int(self._code.value or _CLOSE_CODE)
        await self._session.inject_fault(f"close_after=0,close_code={code}")

    async def _typed(self) -> None:
        text = str(self._text.value or "")
        try:
            Faults.parse(text)
        except ValueError as error:
            self._text.error = str(error)
        else:
            await self._set(text)

    def _changed(self) -> Awaitable[None] | None:
        # Not a coroutine itself: it would look when the filling is over.
        return None if self._is_filling else self._set(self._chosen())

    def _chosen(self) -> str:
        chosen = [name for name, switch in self._switches.items() if switch.value]
        if self._failure.value:
            chosen.append(f"fail_response={self._failure.value}")
        for name, delay in self._delays.items():
            if delay.value:
                chosen.append(f"{name}={min(_MOST_DELAY_MS, max(0, int(delay.value)))}")
        # What the dialog has no control for stays as it was set elsewhere.
        known = {*self._switches, *self._delays, "fail_response"}
        others = [
            f"{name}={value}" if value else name
            for name, value in _pairs(self._session.view.faults)
            if name not in known
        ]
        return ",".join([*chosen, *others])

    async def _set(self, text: str) -> None:
        await self._session.set_faults(text)


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return the names and values of faults in their text form."""
    parts = (each.partition("=") for each in text.split(",") if each)
    return [(name, value) for name, _, value in parts]
