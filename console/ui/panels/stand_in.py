"""What stands in for the microphone: a file or typed words, and the controls to have it heard."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nicegui import ui

from console.app.sound_settings import MicrophoneKind
from console.app.stand_in import MAX_TEXT_CHARS
from console.app.view_model import Notice, Phase
from console.ui.elements.sound_drop import SoundDrop
from console.ui.page_session import PageSession
from console.ui.panels.too_long import refuse_too_long

_WORDS: Final[dict[MicrophoneKind, str]] = {
    "file": "Sound file",
    "text": "Typed words",
    "tone": "Test tone",
    "noise": "Noise",
    "silence": "Silence",
}


class StandInControls:
    """Shows itself while something stands in for the microphone; built when it is shown first."""

    def __init__(self, session: PageSession) -> None:
        self._session = session
        self._view = session.view
        self._is_filling = False
        self._is_built = False
        self._element = ui.element("div").classes("rc-standin")
        self._element.props('role=group aria-label="In place of the microphone"')
        self.refresh()

    def _build(self) -> None:
        self._is_built = True
        ui.icon("graphic_eq").props("aria-hidden=true").classes("rc-standin__icon")
        self._what = ui.label().classes("rc-standin__what")
        self._build_file()
        self._build_text()
        self._play = self._button("play_arrow", self._play_clicked)
        self._stop = self._button("stop", self._session.stop_source, "Stop")
        self._hint = ui.label().classes("rc-standin__hint")
        self._button("mic", self._use_device, "Use the microphone")

    def _build_file(self) -> None:
        self._choose = self._button("folder_open", None, "Choose a file")
        # The browser's dialog opens only inside the click.
        self._choose.props("data-rc-choose-file")
        self._repeat = ui.switch("Repeat", on_change=self._repeat_changed).props("dense")

    def _build_text(self) -> None:
        self._text = ui.input(placeholder="Type what you would say").classes("rc-standin__text")
        self._text.props('dense outlined aria-label="Speak this as the user"')
        refuse_too_long(self._text, MAX_TEXT_CHARS, "what is spoken", self._refuse)
        self._text.on("keydown.enter", self._speak)
        self._speak_button = self._button("record_voice_over", self._speak, "Speak")

    def _refuse(self, sentence: str) -> None:
        self._view.add_notice(Notice("stand-in", "warning", sentence))

    def _button(self, icon: str, on_click: object, words: str = "") -> ui.button:
        button = ui.button(words, icon=icon, color=None, on_click=on_click)  # type: ignore[arg-type]  # a handler of any form
        return button.props("no-caps outline dense").classes("rc-button")

    def refresh(self) -> None:
        """Show what is chosen and what can be done with it now."""
        kind = self._view.sound.settings.microphone.kind
        self._element.set_visibility(kind != "device")
        if kind == "device":
            return
        if not self._is_built:
            with self._element:
                self._build()
        stand_in = self._view.stand_in
        is_file, is_text = kind == "file", kind == "text"
        has_sound = bool(stand_in.file_name) if is_file else is_text and bool(stand_in.text)
        is_connected = self._view.phase is Phase.CONNECTED
        is_manual = self._view.turn == "manual"
        self._what.text = self._name(kind)
        self._what.props(f'title="{_quoted(self._what.text)}"')
        for element, is_shown in (
            (self._choose, is_file),
            (self._repeat, is_file),
            (self._text, is_text),
            (self._speak_button, is_text),
            (self._play, has_sound and not stand_in.is_playing),
            (self._stop, has_sound and stand_in.is_playing),
        ):
            element.set_visibility(is_shown)
        self._play.text = "Send as one turn" if is_manual else "Play again"
        for element in (self._play, self._text, self._speak_button):
            element.set_enabled(is_connected)
        self._is_filling = True
        self._repeat.value = stand_in.repeats
        self._is_filling = False
        self._hint.text = self._advice(kind, has_sound, is_connected, is_manual)
        self._hint.set_visibility(bool(self._hint.text))

    def _name(self, kind: MicrophoneKind) -> str:
        stand_in = self._view.stand_in
        if kind == "file" and stand_in.is_loading:
            return "Reading the file"
        if kind == "file" and stand_in.file_name:
            return f"{stand_in.file_name} ({stand_in.file_ms / 1000:.1f} s)"
        return _WORDS.get(kind, "")

    def _advice(
        self, kind: MicrophoneKind, has_sound: bool, is_connected: bool, is_manual: bool
    ) -> str:
        if kind == "file" and not has_sound:
            return "Choose a file, or drop one onto the page."
        if not is_connected:
            return "Heard once you are connected."
        if kind == "text":
            return ""
        return "Or hold Push to talk." if is_manual and has_sound else ""

    async def _play_clicked(self) -> None:
        await self._session.play_source()

    async def _repeat_changed(self) -> None:
        if not self._is_filling:
            await self._session.repeat_source(bool(self._repeat.value))

    async def _speak(self) -> None:
        text = str(self._text.value or "").strip()
        if text and self._view.phase is Phase.CONNECTED:
            self._text.value = ""
            await self._session.speak_text(text)

    async def _use_device(self) -> None:
        microphone = replace(self._view.sound.settings.microphone, kind="device")
        await self._session.change_sound(microphone=microphone)


class StandInBar(StandInControls):
    """The controls above the foot of the page, and what takes files that are dropped onto it."""

    def __init__(self, session: PageSession) -> None:
        SoundDrop(session.session_id, on_refused=session.file_refused)
        super().__init__(session)
        self._element.classes("rc-standin--bar")


def _quoted(text: str) -> str:
    return text.replace('"', "'").replace("\\", "/")
