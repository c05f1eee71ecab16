"""The bar at the foot of the page: who ends a turn, talk, type, connect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from nicegui import ui
from nicegui.events import ValueChangeEventArguments

from console.app.controller import MAX_MESSAGE_CHARACTERS
from console.app.microphone_watch import TROUBLES
from console.app.view_model import MicrophoneState, Notice, Phase, TurnMode
from console.printable import half_character
from console.ui.elements.picture_box import PictureBox
from console.ui.elements.voice_io import BrowserDevices, VoiceIO
from console.ui.page_session import PageSession
from console.ui.panels.insecure import is_insecure
from console.ui.panels.too_long import refuse_too_long

_TURNS: Final[dict[TurnMode, str]] = {"manual": "Manual", "vad": "VAD"}
_TURN_HINTS: Final[dict[TurnMode, str]] = {
    "manual": "you end each turn: hold Push to talk",
    "vad": "voice activity detection: just speak",
}
_HOLD: Final = "hold to speak"
_NO_MICROPHONE: Final = {
    MicrophoneState.OFF: "Connected without a microphone: type, or take one up.",
    MicrophoneState.ASKING: "Allow the microphone in the browser's question.",
    **{state: f"{each.sentence} {each.remedy}" for state, each in TROUBLES.items()},
}


class ActionsBar:
    """Everything that the user does to a session."""

    def __init__(self, session: PageSession, open_sound: Callable[[], None]) -> None:
        """Build the bar.

        Args:
            session: What the buttons act on.
            open_sound: Opens the dialog about microphone and speaker.
        """
        self._session = session
        self._view = session.view
        self._open_sound = open_sound
        self._is_insecure = is_insecure(ui.context.client.request)
        with ui.element("footer").classes("rc-actions") as self._bar:
            self._build_voice()
            self._build_message()
            self._build_connection()
        self.refresh()

    def _build_voice(self) -> None:
        with ui.element("div").classes("rc-actions__voice"):
            self.turn = ui.radio(
                dict(_TURNS), value=self._view.turn, on_change=self._turn_changed
            ).props('inline dense aria-label="Turn detection"')
            self.turn.classes("rc-turn")
            for at, (mode, words) in enumerate(_TURNS.items()):
                self.turn.add_slot(
                    f"label-{at}", f'<span title="{_TURN_HINTS[mode]}">{words}</span>'
                )
            self._build_sound()
            with ui.element("div").classes("rc-talk-frame") as self._talk_frame:
                self.talk = ui.button(color=None).props(
                    "data-rc-talk no-caps unelevated :ripple=false"
                )
                self.talk.props('aria-label="Push to talk" aria-describedby=rc-talk-hint')
                self.talk.classes("rc-button rc-talk")
                with self.talk:
                    ui.icon("mic").props("aria-hidden=true")
                    ui.label("Push to talk")
                    with ui.element("div").classes("rc-talk__hint").props("id=rc-talk-hint"):
                        self._talk_hint = ui.label()
                        # Told only where there is a keyboard to do it with.
                        self._talk_key = ui.label(", or hold space").classes("rc-talk__key")

    def _build_sound(self) -> None:
        # Each button stands before the meter of what it mutes: the stylesheet puts them in order.
        with ui.element("div").classes("rc-actions__sound"):
            self.voice = VoiceIO(
                self._session.session_id,
                settings=self._view.sound.settings,
                on_sound=self._session.speaker_changed,
                on_devices=self._devices_changed,
            )
            self._mute_microphone = self._icon_button(self._toggle_microphone)
            self._mute_speaker = self._icon_button(self._toggle_speaker)
            # Inside the click, so that the sound stops at once: see VoiceIO.
            self._mute_speaker.props("data-rc-mute=speaker")
            sound = self._icon_button(self._open_sound)
            sound.props('icon=tune aria-label=Sound title="Microphone, speaker, echo test"')

    def _icon_button(self, on_click: Callable[[], Any]) -> ui.button:
        button = ui.button(color=None, on_click=on_click).props("flat round dense")
        return button.classes("rc-icon-button")

    def _build_message(self) -> None:
        with ui.element("div").classes("rc-actions__message") as self._message_frame:
            self.picture = PictureBox(
                self._session.session_id,
                on_refused=self._session.picture_refused,
                on_removed=self._session.remove_picture,
            )
            self.picture.show(self._view.picture)
            self.message = ui.input(placeholder="Type a message").props(
                'dense borderless aria-label="Message" autocomplete=off'
            )
            self.message.classes("rc-message").on("keydown.enter", self._send)
            refuse_too_long(self.message, MAX_MESSAGE_CHARACTERS, "a message", self._refuse)
            self.send = ui.button("Send", color=None, on_click=self._send).props("no-caps outline")
            self.send.classes("rc-button rc-send")

    def _build_connection(self) -> None:
        with ui.element("div").classes("rc-actions__connection") as self._connection_frame:
            self.connect = ui.button("Connect", color=None, on_click=self._connect)
            self.connect.props("data-rc-connect no-caps unelevated").classes(
                "rc-button rc-button--primary"
            )
            self.disconnect = ui.button(color=None, on_click=self._disconnect)
            self.disconnect.props("no-caps outline").classes("rc-button")

    def refresh(self) -> None:
        """Show what can be done now, and say why the rest cannot."""
        phase = self._view.phase
        self._bar.props(f"data-phase={phase}")
        # A phone that sleeps takes the microphone away.
        self.voice.keep_awake(phase is not Phase.DISCONNECTED)
        self.connect.set_visibility(phase is Phase.DISCONNECTED)
        self.disconnect.set_visibility(phase is not Phase.DISCONNECTED)
        self.disconnect.text = "Cancel" if phase is Phase.CONNECTING else "Disconnect"
        if self.turn.value != self._view.turn:
            self.turn.value = self._view.turn
        self.refresh_limits()
        self._refresh_sound()

    def refresh_limits(self) -> None:
        """Let no session be begun where a limit forbids it, and say so."""
        obstacle = self._limit()
        self.connect.set_enabled(not obstacle)
        self._connection_frame.props(f'title="{obstacle}"')
        self._refresh_talk()
        self._refresh_message()

    def _limit(self) -> str:
        """Return the limit that forbids to connect; empty: none is known, or it goes on."""
        is_idle = self._view.phase is Phase.DISCONNECTED
        return self._view.spending.obstacle if is_idle else ""

    def refresh_picture(self) -> None:
        """Show the picture that goes with the next message."""
        self.picture.show(self._view.picture)

    def refresh_sound(self) -> None:
        """Let the sound be as it was chosen, and show it."""
        self.voice.apply(self._view.sound.settings)
        self._refresh_talk()
        self._refresh_sound()

    def _refresh_sound(self) -> None:
        settings = self._view.sound.settings
        if self._can_take_up():
            _show(self._mute_microphone, "mic_off", "Use microphone", is_pressed=None)
            self._mute_microphone.props("data-rc-microphone", remove="data-rc-mute")
        else:
            is_muted = settings.microphone.is_muted
            icon = "mic_off" if is_muted else "mic_none"
            _show(self._mute_microphone, icon, "Mute microphone", is_pressed=is_muted)
            self._mute_microphone.props("data-rc-mute=microphone", remove="data-rc-microphone")
        is_muted = settings.speaker.is_muted
        icon = "volume_off" if is_muted else "volume_up"
        _show(self._mute_speaker, icon, "Mute speaker", is_pressed=is_muted)

    def _can_take_up(self) -> bool:
        """Whether the session goes on without a microphone that one click may bring."""
        no_click_brings = (
            MicrophoneState.ON,
            MicrophoneState.ASKING,
            MicrophoneState.WAITING,
            MicrophoneState.SILENCED,
        )
        is_connected = self._view.phase is Phase.CONNECTED
        return is_connected and self._view.microphone not in no_click_brings

    def _refresh_talk(self) -> None:
        obstacle = self._talk_obstacle()
        self.talk.set_enabled(not obstacle)
        self._talk_frame.props(f'title="{obstacle}"')
        self._talk_hint.text = words = self._talk_words(obstacle)
        self._talk_key.set_visibility(words == _HOLD)
        self.talk.classes(
            add="rc-talk--on" if self._view.is_talking else "",
            remove="" if self._view.is_talking else "rc-talk--on",
        )

    def _talk_obstacle(self) -> str:
        if self._view.phase is not Phase.CONNECTED:
            return self._line_obstacle()
        if self._view.microphone is not MicrophoneState.ON:
            return _NO_MICROPHONE[self._view.microphone]
        if self._view.sound.settings.microphone.is_muted:
            return "The microphone is muted: unmute it to speak."
        if self._view.turn == "vad":
            return "VAD listens all the time: just speak. Choose Manual to push and hold."
        return ""

    def _talk_words(self, obstacle: str) -> str:
        if self._view.phase is Phase.RECONNECTING:
            return "no line"
        if self._view.phase is not Phase.CONNECTED:
            return "limit reached" if self._limit() else "connect first"
        if self._view.microphone is not MicrophoneState.ON:
            return "no microphone"
        if self._view.sound.settings.microphone.is_muted:
            return "microphone muted"
        if self._view.is_talking:
            return "hearing you" if obstacle else "release to send"
        return "just speak" if obstacle else _HOLD

    def _refresh_message(self) -> None:
        is_connected = self._view.phase is Phase.CONNECTED
        self.send.set_enabled(is_connected)
        self.message.set_enabled(is_connected)
        self._message_frame.props(f'title="{self._line_obstacle()}"')
        self.message.props(f'placeholder="{self._message_words()}"')

    def _message_words(self) -> str:
        if self._view.phase is Phase.CONNECTED:
            return "Type a message"
        if self._limit():
            return "Limit reached"
        return "No line" if self._view.phase is Phase.RECONNECTING else "Connect to type"

    def _line_obstacle(self) -> str:
        if self._view.phase is Phase.CONNECTED:
            return ""
        is_coming_back = self._view.phase is Phase.RECONNECTING
        return (
            "The line is being restored." if is_coming_back else self._limit() or "Connect first."
        )

    def _devices_changed(self, devices: BrowserDevices) -> None:
        self._session.devices_changed(
            devices.inputs,
            devices.outputs,
            can_choose_output=devices.can_choose_output,
            remarks=devices.remarks,
        )

    async def _toggle_microphone(self) -> None:
        if self._can_take_up():
            await self._session.use_microphone()
            return
        microphone = self._view.sound.settings.microphone
        await self._session.change_sound(
            microphone=replace(microphone, is_muted=not microphone.is_muted)
        )

    async def _toggle_speaker(self) -> None:
        speaker = self._view.sound.settings.speaker
        await self._session.change_sound(speaker=replace(speaker, is_muted=not speaker.is_muted))

    async def _turn_changed(self, event: ValueChangeEventArguments[TurnMode]) -> None:
        if event.value != self._view.turn:
            await self._session.set_turn(event.value)

    async def _send(self) -> None:
        text = self.message.value.strip()
        is_empty = not text and self._view.picture is None
        if is_empty or self._view.phase is not Phase.CONNECTED:
            return
        if half := half_character(text):
            self._refuse(
                f"The message holds half a character, {half}, which cannot be sent. Delete it, or "
                "type it again."
            )
            return
        self.message.value = ""
        is_sent = await self._session.send_text(text)
        if not is_sent and not self.message.value:
            self.message.value = text

    def _refuse(self, sentence: str) -> None:
        self._view.add_notice(Notice("message", "warning", sentence))

    async def _connect(self) -> None:
        # Where browsers give pages no microphone, nobody is refused one: the page says so above.
        has_device = self._view.sound.settings.microphone.kind == "device"
        is_deaf = has_device and self._view.sound.is_browser and self._is_insecure
        await self._session.connect(with_microphone=not is_deaf)

    async def _disconnect(self) -> None:
        await self._session.disconnect()


def _show(button: ui.button, icon: str, words: str, *, is_pressed: bool | None) -> None:
    """Let a button of one icon say what it does, and whether it is pressed."""
    pressed = "" if is_pressed is None else f" aria-pressed={'true' if is_pressed else 'false'}"
    button.props(f'icon={icon} aria-label="{words}" title="{words}"{pressed}')
    if is_pressed is None:
        button.props(remove="aria-pressed")
    button.classes(
        add="rc-icon-button--on" if is_pressed else "",
        remove="" if is_pressed else "rc-icon-button--on",
    )
