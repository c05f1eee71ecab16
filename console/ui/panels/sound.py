"""A dialog about the sound: which microphone, which speaker, how they are used, what is odd."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, cast

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.sound_settings import (
    MAX_CHUNK_MS,
    MIN_CHUNK_MS,
    Device,
    Microphone,
    MicrophoneKind,
    SoundState,
)
from console.audio.playback import PlaybackHealth
from console.ui.elements.sound_meter import SoundMeter
from console.ui.page_session import PageSession
from console.ui.panels.dialog import PageDialog
from console.ui.panels.echo import EchoControls
from console.ui.panels.stand_in import StandInControls

DEFAULT: Final = "System default"
_DEVICE: Final = "device:"
"""Begins the value of an option that is a device; its id comes behind."""
_STAND_INS: Final[dict[MicrophoneKind, str]] = {
    "file": "A sound file",
    "text": "Typed text, spoken by a voice",
    "tone": "A test tone",
    "noise": "Noise",
    "silence": "Silence",
}
_DIVIDER: Final = "divider"
INSTEAD: Final = "Instead of a microphone"
"""Stands in the list between devices and what stands in for them; cannot be chosen."""
# Quasar says what a slider is around the part of it that takes the focus: it belongs to that part.
_NAME_HANDLE: Final = """({ el }) => {
  const handle = el.querySelector("[tabindex]");
  const names = ["role", "aria-label", "aria-orientation"];
  names.push("aria-valuemin", "aria-valuemax", "aria-valuenow");
  const move = () => {
    for (const name of names.filter((each) => el.hasAttribute(each))) {
      handle.setAttribute(name, el.getAttribute(name));
      el.removeAttribute(name);
    }
  };
  move();
  new MutationObserver(move).observe(el, { attributeFilter: names });
}"""
_SWITCHES: Final = {
    "echo_cancellation": "Echo cancellation",
    "noise_suppression": "Noise suppression",
    "auto_gain": "Automatic gain",
}
# This machine's sound has no echo to cancel but by not listening.
_LOCAL_SWITCHES: Final = {
    "echo_cancellation": "Hold the microphone back while the assistant speaks (off with headphones)"
}
_NAMELESS: Final = "The browser names its devices once it was allowed to use the microphone."
_NO_DEVICES: Final = "This machine has no microphone that its sound system names."


class SoundDialog:
    """Opened from the bar at the foot of the page; built when it is opened first."""

    def __init__(self, session: PageSession) -> None:
        self._session = session
        self._is_filling = False
        self._switches: dict[str, ui.switch] = {}
        self._dialog = PageDialog("Sound", self._build, classes="rc-sound")

    def open(self) -> None:
        """Show the dialog."""
        self._dialog.open()
        self.refresh()

    def refresh(self) -> None:
        """Show what is chosen, what there is to choose from, and what is odd."""
        if not self._dialog.is_built:
            return
        sound = self._session.view.sound
        with self._filling():
            self._fill_microphone(sound)
            self._fill_speaker(sound)
        self._remarks.clear()
        with self._remarks:
            for sentence in sound.remarks:
                ui.label(sentence)
        self._remarks.set_visibility(bool(sound.remarks))

    def refresh_controls(self) -> None:
        """Show what can be done now with what stands in for the microphone, and the echo test."""
        if self._dialog.is_built:
            self._stand_in.refresh()
            self._echo.refresh()

    def _build(self) -> None:
        self._remarks = ui.element("div").classes("rc-sound__remarks").props("role=status")
        self._build_microphone()
        self._build_speaker()

    def _build_microphone(self) -> None:
        with ui.element("section").classes("rc-sound__part").props("aria-label=Microphone"):
            self._build_heading("Microphone")
            self._source = _select("Microphone", self._source_chosen)
            self._source.props(f":option-disable=\"each => each.label === '{INSTEAD}'\"")
            self._nameless = ui.label(_NAMELESS).classes("rc-dialog__about")
            with ui.element("div").classes("rc-sound__controls"):
                self._mute_microphone = ui.switch(
                    "Mute microphone", on_change=self._microphone_changed
                ).props("dense")
                for name, words in _SWITCHES.items():
                    self._switches[name] = ui.switch(
                        words, on_change=self._microphone_changed
                    ).props("dense")
                self._chunk = ui.number(
                    "Chunk, ms",
                    min=MIN_CHUNK_MS,
                    max=MAX_CHUNK_MS,
                    step=10,
                    precision=0,
                    on_change=self._microphone_changed,
                ).props("dense outlined debounce=400")
                self._chunk.props('hint="10 to 100: a short one is sent sooner"')
                # What is used stands there again once the field is left empty, or beyond the limits.
                self._chunk.on("blur", self._show_chunk)
            self._stand_in = StandInControls(self._session)

    def _build_speaker(self) -> None:
        with ui.element("section").classes("rc-sound__part").props("aria-label=Speaker"):
            self._build_heading("Speaker")
            self._output = _select("Speaker", self._speaker_changed)
            with ui.element("div").classes("rc-sound__controls"):
                self._mute_speaker = ui.switch(
                    "Mute speaker", on_change=self._speaker_changed
                ).props("dense")
                with ui.element("div").classes("rc-sound__volume"):
                    ui.label("Volume").props("aria-hidden=true")
                    self._volume = ui.slider(min=0, max=100, step=5, value=100)
                    self._volume.props("aria-label=Volume label")
                    self._volume.on("vnodeMounted", js_handler=_NAME_HANDLE)
                    # Heard when the handle is let go or moved by a key, not all the way.
                    self._volume.on("change", self._volume_changed)
            self._playback = ui.label().classes("rc-dialog__about")
            self._echo = EchoControls(self._session)

    def _build_heading(self, words: str) -> None:
        with ui.element("div").classes("rc-sound__heading"):
            with ui.element("h3").classes("rc-dialog__heading"):
                ui.label(words)
            SoundMeter(
                self._session.session_id, "microphone" if words == "Microphone" else "speaker"
            )

    def _fill_microphone(self, sound: SoundState) -> None:
        chosen = sound.settings.microphone
        options = _devices(sound.inputs, chosen.device_id, chosen.label)
        options |= {_DIVIDER: INSTEAD} | _STAND_INS
        is_device = chosen.kind == "device"
        self._source.set_options(
            options, value=_DEVICE + chosen.device_id if is_device else chosen.kind
        )
        self._nameless.text = _NAMELESS if sound.is_browser else _NO_DEVICES
        self._nameless.set_visibility(is_device and not sound.inputs)
        for name, switch in self._switches.items():
            switch.value = getattr(chosen, name)
            is_here = sound.is_browser or name in _LOCAL_SWITCHES
            switch.set_visibility(is_device and is_here)
            switch.text = (_SWITCHES if sound.is_browser else _LOCAL_SWITCHES).get(name, "")
        self._chunk.value = chosen.chunk_ms
        self._mute_microphone.value = chosen.is_muted

    def _fill_speaker(self, sound: SoundState) -> None:
        chosen = sound.settings.speaker
        options = _devices(sound.outputs, chosen.device_id, chosen.label)
        self._output.set_options(options, value=_DEVICE + chosen.device_id)
        self._output.set_enabled(sound.can_choose_output)
        why = "" if sound.can_choose_output else "hint='This browser leaves it to the system.'"
        self._output.props(why, remove="" if why else "hint")
        self._volume.value = round(chosen.volume * 100)
        self._mute_speaker.value = chosen.is_muted
        self._playback.text = _health(sound.playback)
        self._playback.set_visibility(bool(self._playback.text))

    def _source_chosen(self) -> Awaitable[None] | None:
        # Not a coroutine itself, like the others here: it would look when the filling is over.
        if self._is_filling:
            return None
        before = self._session.view.sound.settings.microphone
        value = str(self._source.value)
        if value == _DIVIDER:
            self.refresh()
            return None
        if not value.startswith(_DEVICE):
            stand_in = replace(before, kind=cast(MicrophoneKind, value))
            return self._session.change_sound(microphone=stand_in)
        device_id, label = self._named(value, self._session.view.sound.inputs, before.label)
        return self._session.change_sound(
            microphone=replace(before, kind="device", device_id=device_id, label=label)
        )

    def _show_chunk(self) -> None:
        with self._filling():
            self._chunk.value = self._session.view.sound.settings.microphone.chunk_ms
            self._chunk.update()

    def _microphone_changed(self) -> Awaitable[None] | None:
        return None if self._is_filling else self._session.change_sound(microphone=self._chosen())

    def _chosen(self) -> Microphone:
        before = self._session.view.sound.settings.microphone
        chunk_ms = before.chunk_ms if self._chunk.value is None else int(self._chunk.value)
        return replace(
            before,
            echo_cancellation=bool(self._switches["echo_cancellation"].value),
            noise_suppression=bool(self._switches["noise_suppression"].value),
            auto_gain=bool(self._switches["auto_gain"].value),
            # A number on its way to another one may be beyond the limits.
            chunk_ms=min(MAX_CHUNK_MS, max(MIN_CHUNK_MS, chunk_ms)),
            is_muted=bool(self._mute_microphone.value),
        )

    def _speaker_changed(self) -> Awaitable[None] | None:
        if self._is_filling:
            return None
        before = self._session.view.sound.settings.speaker
        value = str(self._output.value)
        device_id, label = self._named(value, self._session.view.sound.outputs, before.label)
        return self._session.change_sound(
            speaker=replace(
                before,
                device_id=device_id,
                label=label,
                is_muted=bool(self._mute_speaker.value),
            )
        )

    async def _volume_changed(self, event: GenericEventArguments) -> None:
        before = self._session.view.sound.settings.speaker
        volume = min(1.0, max(0.0, float(event.args) / 100))
        await self._session.change_sound(speaker=replace(before, volume=volume))

    def _named(self, value: str, devices: tuple[Device, ...], before: str) -> tuple[str, str]:
        device_id = value.removeprefix(_DEVICE)
        labels = {each.device_id: each.label for each in devices}
        # One that is not there now keeps the name by which it may be found again.
        return device_id, labels.get(device_id, before if device_id else "")

    @contextmanager
    def _filling(self) -> Iterator[None]:
        self._is_filling = True
        try:
            yield
        finally:
            self._is_filling = False


def _health(playback: PlaybackHealth) -> str:
    """Return how well the speaker keeps up, in words; empty before anything was played."""
    if not playback.prebuffer_ms:
        return ""
    gaps = "1 gap" if playback.underruns == 1 else f"{playback.underruns or 'no'} gaps"
    dropped = f", {playback.dropped_ms / 1000:.1f} s dropped" if playback.dropped_ms else ""
    return f"Buffer {playback.prebuffer_ms} ms, {gaps} so far{dropped}."


def _select(name: str, on_change: Any) -> ui.select:
    """Build the choice of a device; its name is for screen readers: the heading above says it."""
    select = ui.select({}, label=name, on_change=on_change).props("dense outlined options-dense")
    select.props("popup-content-class=rc-select-list")
    return select.classes("rc-sound__device")


def _devices(devices: tuple[Device, ...], chosen_id: str, chosen_label: str) -> dict[str, str]:
    """Return the devices as options; one that was chosen and has gone is among them."""
    options = {_DEVICE: DEFAULT} | {_DEVICE + each.device_id: each.label for each in devices}
    options.setdefault(_DEVICE + chosen_id, f"{chosen_label or 'Chosen device'} (not there)")
    return options
