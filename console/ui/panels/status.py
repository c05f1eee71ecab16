"""The head of the page: what runs, where the connection stands, what to try first."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from console.app.microphone_watch import TROUBLES
from console.app.view_model import MicrophoneState, Phase, ViewModel
from console.ui import preferences, theme
from console.ui.elements.elapsed import Elapsed
from console.ui.panels.shortcuts import OPENS_SHEET, TITLE

TRY_FIRST: Final = 'Try: Connect, then say or type "What is the weather in Toronto?"'
ADD_KEY: Final = "To use your own key: key button above, or OPENAI_API_KEY in .env."
AS_GUEST: Final = "You are a guest here: the host can watch your session."
WATCHED_TITLE: Final = "Who watches sees your events and your conversation. Click for more."
USE_TITLE: Final = (
    "Latest turn: end of speech to first sample heard. Tokens and cost of the session."
)

_MICROPHONE: Final = {
    MicrophoneState.ASKING: "waiting for your leave to use the microphone",
    **{state: trouble.brief for state, trouble in TROUBLES.items()},
}


class Header:
    """Name, target, state of the connection, theme."""

    def __init__(
        self,
        view: ViewModel,
        theme_switch: tuple[preferences.Theme, ui.dark_mode],
        open_faults: Callable[[], None] | None = None,
        open_people: Callable[[], None] | None = None,
        open_key: Callable[[], None] | None = None,
        open_share: Callable[[], None] | None = None,
        open_relays: Callable[[], None] | None = None,
        open_shortcuts: Callable[[], None] | None = None,
    ) -> None:
        """Build it.

        Args:
            view: What it shows.
            theme_switch: The theme of this browser.
            open_faults: Opens the dialog of the simulator's faults; without it there is no button.
            open_people: Opens the dialog about others; without it there is no button.
            open_key: Opens the dialog of the key; without it there is no button.
            open_share: Opens the dialog about links for others; without it there is no button.
            open_relays: Opens the page of relays' sessions; without it there is no button.
            open_shortcuts: Opens the sheet of the keys; without it there is no button.
        """
        self._view = view
        self._has_faults = open_faults is not None
        with ui.element("header").classes("rc-header"):
            ui.element("img").classes("rc-header__logo").props(
                f'src={theme.asset_url("icon.svg")} alt=""'
            )
            with ui.element("div").classes("rc-header__who"):
                TextElement(tag="h1", text="Realtime Console").classes("rc-header__name")
                with ui.element("dl").classes("rc-target"):
                    self._target = _fact("target")
                    self._model = _fact("model")
                    self._voice = _fact("voice")
            self._build_state()
            self._build_watched(open_people)
            self._use = ui.label().classes("rc-header__use").props(f'title="{USE_TITLE}"')
            self._faults = _button("bug_report", "Simulator faults", open_faults)
            self._key = _button("vpn_key", "Key of the OpenAI API", open_key)
            self._has_key = open_key is not None
            if open_people is not None:
                _button("group", "People", open_people).props("title=People").classes(
                    "rc-header__people"
                )
            if open_share is not None:
                _button("share", "Share", open_share).props('title="Share this console"')
            if open_relays is not None:
                _button("hub", "Sessions of relays", open_relays).props(
                    'title="Sessions of relays"'
                )
            if open_shortcuts is not None:
                _button("keyboard", TITLE, open_shortcuts).props(
                    f'title="{TITLE} (?)" {OPENS_SHEET}'
                ).classes("rc-header__keys")
            theme.ThemeSwitch(*theme_switch)
        self.refresh_target()
        self.refresh_key()
        self.refresh_connection()
        self.refresh_use()

    def _build_state(self) -> None:
        with ui.element("div").classes("rc-state").props("role=status") as self._state:
            self._dot = ui.element("span").classes("rc-state__dot").props("aria-hidden=true")
            self._ended = ui.icon("link_off").classes("rc-state__ended")
            self._ended.props("aria-hidden=true")
            self._phase = ui.label()
            self._elapsed = Elapsed()
            self._activity = ui.label().classes("rc-state__activity")

    def _build_watched(self, open_people: Callable[[], None] | None) -> None:
        """Build the eye of those who watch: told by a reader of screens, too, when it changes."""
        with ui.element("div").classes("rc-watched").props("role=status"):
            self._watched = ui.button(icon="visibility", color=None, on_click=open_people).props(
                f'flat no-caps title="{WATCHED_TITLE}"'
            )
            with self._watched.classes("rc-watched__button"):
                self._n_watchers = ui.label()
                ui.label("watching").classes("rc-watched__word")
        self.show_watchers(0)

    def show_watchers(self, n_watchers: int) -> None:
        """Show how many others watch this session."""
        self._n_watchers.text = str(n_watchers)
        self._watched.props(f'aria-label="{n_watchers} watching"')
        self._watched.set_visibility(n_watchers > 0)

    def refresh_target(self) -> None:
        """Show whom the console talks to."""
        target = self._view.target
        self._target.text = target.label
        self._target.props["title"] = target.hint
        self._model.text = target.model
        self._voice.text = target.voice
        self._faults.set_visibility(target.is_simulator and self._has_faults)
        on = self._view.faults
        self._faults.props["title"] = f"Simulator faults: {on or 'none'}"
        mark = "rc-header__button--on"
        self._faults.classes(add=mark if on else "", remove="" if on else mark)

    def refresh_key(self) -> None:
        """Show whether a key can be typed in."""
        key = self._view.key
        self._key.set_visibility(self._has_key and key.may_change)
        self._key.props["title"] = f"Key of the OpenAI API: {key.masked or 'none'}"

    def refresh_connection(self) -> None:
        """Show where the connection stands."""
        phase = self._view.phase
        has_ended = phase is Phase.DISCONNECTED and self._view.had_session
        words = {
            Phase.DISCONNECTED: "Disconnected" if has_ended else "Not connected",
            Phase.CONNECTING: f"Connecting: {self._view.step}" if self._view.step else "Connecting",
            Phase.CONNECTED: "Connected",
            Phase.RECONNECTING: "Reconnecting",  # a notice tells why, and which try it is
        }
        self._phase.text = words[phase]
        self._state.props(f"data-phase={phase}")
        self._dot.set_visibility(not has_ended)
        self._ended.set_visibility(has_ended)
        began = self._view.connected_at_s
        is_counting = phase is Phase.CONNECTED and began is not None
        self._elapsed.set_visibility(is_counting)
        if is_counting and began is not None:
            self._elapsed.restart(max(0.0, time.monotonic() - began))
        self.refresh_activity()

    def refresh_use(self) -> None:
        """Show how long the latest turn took, and what the session has used."""
        self._use.text = use_words(self._view)
        self._use.set_visibility(bool(self._use.text))

    def refresh_activity(self) -> None:
        """Show who is speaking, or why the microphone is not heard."""
        self._activity.text = self._activity_words()

    def _activity_words(self) -> str:
        view = self._view
        if view.phase is Phase.DISCONNECTED:
            return ""
        if view.phase is Phase.CONNECTED and view.is_talking:
            return "hearing you"
        if view.phase is Phase.CONNECTED and view.is_speaking:
            return "speaking"
        if view.phase is Phase.CONNECTED and view.is_answering:
            return "answering"
        if view.microphone is MicrophoneState.ON and view.sound.settings.microphone.is_muted:
            return "microphone muted"
        return _MICROPHONE.get(view.microphone, "")


class Newcomer:
    """One line until the first session: what is running, what to try first, how to add a key."""

    def __init__(self, view: ViewModel, is_shown: bool, *, is_guest: bool = False) -> None:
        self._view = view
        self._is_wanted = is_shown
        self._is_guest = is_guest
        self._is_built = False
        self.element = ui.element("aside").classes("rc-hint").props('aria-label="Getting started"')
        self.refresh()

    def _build(self) -> None:
        self._is_built = True
        ui.icon("info_outline").classes("rc-hint__icon").props("aria-hidden=true")
        with ui.element("div").classes("rc-hint__words"):
            self._hint = ui.label().classes("rc-hint__what")
            ui.label(TRY_FIRST).classes("rc-hint__try")
            self._key = ui.label(ADD_KEY).classes("rc-hint__key")
            if self._is_guest:
                ui.label(AS_GUEST).classes("rc-hint__guest")
        ui.button(icon="close", color=None, on_click=self._hide).props(
            'flat round dense size=sm aria-label="Hide this line" title="Hide this line"'
        ).classes("rc-hint__close")

    def refresh(self) -> None:
        """Show what the target is, as long as there is something to begin."""
        is_new = self._view.phase is Phase.DISCONNECTED and not self._view.had_session
        may_begin = not self._view.spending.obstacle
        is_shown = self._is_wanted and is_new and may_begin
        self.element.set_visibility(is_shown)
        if not is_shown:
            return
        if not self._is_built:
            with self.element:
                self._build()
        hint = self._view.target.hint
        self._hint.text = hint[:1].upper() + hint[1:]
        self._key.set_visibility(self._view.target.is_simulator and self._view.key.may_change)

    def _hide(self) -> None:
        self._is_wanted = False
        self.refresh()
        preferences.remember("hint", "hidden")


def use_words(view: ViewModel) -> str:
    """Return the latest turn's time, the tokens and the money of a session, as far as there is any."""
    found = []
    if (turn_ms := view.usage.turn_ms) is not None:
        found.append(
            f"turn {turn_ms:,.0f} ms" if turn_ms < 10_000 else f"turn {turn_ms / 1000:.1f} s"
        )
    if view.usage.tokens:
        found.append(f"{view.usage.tokens:,} tok")
    if view.spending.dollars:
        found.append(("up to " if view.spending.is_estimate else "") + view.spending.dollars)
    return " · ".join(found)


def _fact(name: str) -> TextElement:
    with ui.element("div"):
        TextElement(tag="dt", text=name)
        return TextElement(tag="dd", text="")


def _button(icon: str, name: str, on_click: Callable[[], None] | None) -> ui.button:
    button = ui.button(icon=icon, color=None, on_click=on_click)
    return button.props(f'flat round aria-label="{name}"').classes("rc-header__button")
