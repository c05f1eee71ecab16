"""A line on pages that came by http from another machine: what browsers keep from them, and why."""

from __future__ import annotations

from typing import Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from starlette.requests import Request

from console.lan.addresses import is_loopback
from console.ui.door.trusted_proxy import is_behind_proxy

_SENTENCE: Final = (
    "No microphone or sound: browsers allow them on https only. You can type; under Sound a file, "
    "a tone or typed words can speak. For your voice, "
)
_FLAG: Final = "--lan."
SENTENCE: Final = f"{_SENTENCE}start with {_FLAG}"
FOR_GUESTS: Final = f"{_SENTENCE}ask the host to start with {_FLAG}"
BEHIND_PROXY: Final = f"{_SENTENCE}the proxy has to serve this page by https."


def is_insecure(request: Request) -> bool:
    """Return whether the browser will treat the page as insecure: by http, not of its machine."""
    return request.url.scheme != "https" and not is_loopback(request.url.hostname or "")


def insecure_line(request: Request, *, is_guest: bool = False) -> None:
    """Add the line if the page needs it; a guest cannot start the console."""
    if not is_insecure(request):
        return
    with ui.element("div").classes("rc-notice rc-notice--warning").props("role=status") as line:
        ui.icon("warning_amber").props("aria-hidden=true").classes("rc-notice__icon")
        here = FOR_GUESTS if is_guest else SENTENCE
        sentence = BEHIND_PROXY if is_behind_proxy(request) else here
        before, flag, _ = sentence.partition(_FLAG)
        with ui.element("span").classes("rc-notice__sentence"):
            TextElement(tag="span", text=before)
            # In a piece of its own: a line would break after its hyphens.
            TextElement(tag="span", text=flag).classes("rc-unbroken")
        ui.button(icon="close", color=None, on_click=lambda: line.set_visibility(False)).props(
            'flat round dense size=sm aria-label="Dismiss" title="Dismiss"'
        )
