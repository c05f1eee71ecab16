"""The pages about relays: the sessions of applications that are not ours, and one of them, live."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlencode

from nicegui import Client, ui

from console.app.sound_settings import SoundSettings
from console.app.view_model import Part, Phase
from console.realtime.observed import ListedSession
from console.ui import theme
from console.ui.door.people import Person, person_of
from console.ui.elements.conversation import Conversation
from console.ui.elements.event_list import EventList
from console.ui.elements.pane_splitter import PaneSplitter
from console.ui.elements.tab_row import TabRow
from console.ui.elements.voice_io import VoiceIO
from console.ui.page_session import ShownSession
from console.ui.pages.word import word_page
from console.ui.panels.conversation import watched_conversation_panel
from console.ui.panels.events import events_panel
from console.ui.panels.shortcuts import Shortcuts
from console.ui.panels.status import Header
from console.ui.preferences import Preferences
from console.ui.relay_watches import RelayList, RelayWatches

LIST_PATH: Final = "/relays"
WATCH_PATH: Final = "/relayed"
REFRESH_S: Final = 2.0
NO_RELAY: Final = (
    "No relay is named. Start the console with --watch ws://HOST:PORT and the token of the relay's "
    "operator in CONSOLE_OPERATOR_TOKEN."
)
NOT_YOURS: Final = "Only whoever started the console sees the sessions of relays."
FOR_THE_HOST: Final = "For the host alone"
GONE: Final = "The relay does not know this session any more, or does not answer."
NO_SESSIONS: Final = "No session goes on. Connect an application to the relay, and it appears here."
WATCHING: Final = "Watching an application of somebody else: nothing can be changed here."
_TABS: Final = ("Conversation", "Events")
_STYLE: Final = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def install(relays: RelayWatches, title: str) -> None:
    """Add the pages."""

    @ui.page(LIST_PATH, title=title, dark=None)
    async def show_list(client: Client) -> None:
        person = person_of(client.request)
        if not person.is_owner:
            word_page(FOR_THE_HOST, NOT_YOURS)
        elif not relays:
            word_page("No relay to watch", NO_RELAY)
        else:
            await RelaysPage(relays).refresh()

    @ui.page(WATCH_PATH, title=title, dark=None)
    async def show_session(client: Client, relay: str = "0", session: str = "") -> None:
        await client.connected()
        if client.is_deleted:  # who asked has left, or was no browser
            return
        number = int(relay) if relay.isdecimal() and len(relay) < 5 else -1
        await _watch(relays, number, session, person_of(client.request))


async def _watch(relays: RelayWatches, relay: int, session_id: str, person: Person) -> None:
    session = await relays.watch(relay, session_id, person)
    if session is None:
        if person.is_owner:
            word_page("Session not found", GONE, ("All sessions", LIST_PATH))
        else:
            word_page(FOR_THE_HOST, NOT_YOURS)
    else:
        RelayedPage(session)


class Relays(Protocol):
    """What the list asks of `RelayWatches`."""

    async def lists(self) -> list[RelayList]:
        """Ask all relays for their sessions."""


class RelaysPage:
    """The list: one row for each session, of one relay after the other."""

    def __init__(self, relays: Relays) -> None:
        self._relays = relays
        self._shown: list[RelayList] | None = None
        self._counts: dict[tuple[int, str], ui.label] = {}
        ui.add_css(_STYLE)
        dark = theme.dark_mode(Preferences.of_cookies(ui.context.client.request.cookies).theme)
        with ui.element("div").classes("rc-page rc-relays"):
            with ui.element("header").classes("rc-relays__head"):
                with ui.element("h1"):
                    ui.label("Sessions of relays")
                ui.link("Console", "/").classes("rc-button")
                theme.ThemeSwitch(
                    Preferences.of_cookies(ui.context.client.request.cookies).theme, dark
                )
            self._lists = ui.element("main").classes("rc-relays__lists")
        ui.timer(REFRESH_S, self.refresh, immediate=False)

    async def refresh(self) -> None:
        """Show what the relays say now."""
        lists = await self._relays.lists()
        if _told(lists) != (None if self._shown is None else _told(self._shown)):
            self._shown = lists
            self._lists.clear()
            self._counts.clear()
            with self._lists:
                for each in lists:
                    self._relay(each)
        for told in lists:
            for session in told.sessions:
                self._counts[told.relay, session.id].set_text(_counted(session))

    def _relay(self, told: RelayList) -> None:
        with ui.element("section").props(f'aria-label="{told.where}"').classes("rc-relays__relay"):
            with ui.element("h2"):
                ui.label(told.where)
            if told.problem:
                ui.label(told.problem).props("role=alert").classes("rc-relays__problem")
            elif not told.sessions:
                ui.label(NO_SESSIONS).classes("rc-relays__none")
            with ui.element("ul").classes("rc-people"):
                for session in told.sessions:
                    self._counts[told.relay, session.id] = _row(told.relay, session)


def _told(lists: list[RelayList]) -> list[object]:
    """Return what is to be seen of it; counts go on, and are no reason to build all anew."""
    return [
        (each.where, each.problem, [(row.id, row.ended) for row in each.sessions]) for each in lists
    ]


def _row(relay: int, session: ListedSession) -> ui.label:
    """Build a row; return what goes on counting in it."""
    with ui.element("li").classes("rc-people__row"):
        with ui.element("div").classes("rc-people__who"):
            ui.label(session.token).classes("rc-people__name")
            state = f"Ended {session.ended}" if session.ended else "Goes on"
            spoken = "beta" if session.dialect == "beta" else "today's protocol"
            model = session.model
            if session.asked_model:
                model += f", asked for {session.asked_model}"
            ui.label(f"{state} · {model} · {spoken}").classes("rc-people__state")
            counts = ui.label().classes("rc-people__state rc-relays__counts")
            where = f"{session.address} {session.agent}".strip()
            ui.label(where).classes("rc-people__where")
        query = urlencode({"relay": relay, "session": session.id})
        words = "Look at it" if session.ended else "Watch"
        link = ui.link(words, f"{WATCH_PATH}?{query}").classes("rc-button")
        link.props(f'aria-label="{words}: {session.token}"')
    return counts


def _counted(session: ListedSession) -> str:
    """Return how long a session goes on, and what it has carried and cost so far."""
    minutes, seconds = divmod(int(session.seconds), 60)
    hours, minutes = divmod(minutes, 60)
    places = 2 if session.dollars == 0 or session.dollars >= 0.1 else 4  # as the relay's own page
    about = "about " if session.is_estimate else ""
    parts = [
        f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}",
        f"{session.up_events:,} up, {session.down_events:,} down",
        f"{about}${session.dollars:.{places}f}",
        *([f"{session.refused:,} refused"] if session.refused else []),
        *([f"{session.dropped:,} dropped"] if session.dropped else []),
    ]
    return " · ".join(parts)


class RelayedPage:
    """One session: its events and its conversation, as of one's own, and its sound if wanted."""

    def __init__(self, session: ShownSession) -> None:
        self._session = session
        self._sound = replace(
            SoundSettings(), speaker=replace(SoundSettings().speaker, is_muted=True)
        )
        ui.add_css(_STYLE)
        wanted = Preferences.of_cookies(ui.context.client.request.cookies)
        dark = theme.dark_mode(wanted.theme)
        with ui.element("div").classes("rc-page rc-relayed") as self.root:
            self.header = Header(
                session.view,
                (wanted.theme, dark),
                open_shortcuts=lambda: self.shortcuts.open(),
            )
            self._notices = ui.element("div").classes("rc-notices")
            self._build_tabs()
            self._build_panes()
            self._build_foot()
            self.shortcuts = Shortcuts(may_act=False, is_enabled=wanted.uses_keys)
        self._refresh_notices()
        ui.context.client.on_delete(session.changed.connect(self._changed))

    def _build_tabs(self) -> None:
        TabRow("Panes", _TABS, on_chosen=self._show).classes("rc-tabs")
        self._show(_TABS[0])

    def _show(self, name: str) -> None:
        self.root.props(f"data-tab={name.lower()}")

    def _build_panes(self) -> None:
        splitter = PaneSplitter("Width of the events").classes("rc-main")
        with splitter.before:
            self.events: EventList = events_panel(self._session, on_errors=lambda n: None)
        with splitter.after:
            self.conversation: Conversation = watched_conversation_panel(self._session)

    def _build_foot(self) -> None:
        with ui.element("footer").classes("rc-watching rc-relayed__foot"):
            with ui.element("div").classes("rc-relayed__told"):
                ui.icon("visibility").props("aria-hidden=true")
                ui.label(WATCHING)
            self.voice = VoiceIO(self._session.session_id, settings=self._sound)
            self.listen = ui.button("Listen", color=None, on_click=self._toggle_sound)
            # Inside the click, where browsers let a speaker sound: see VoiceIO.
            self.listen.props("no-caps outline icon=volume_off data-rc-mute=speaker")
            self.listen.props("aria-pressed=false").classes("rc-button")
            ui.link("All sessions", LIST_PATH).classes("rc-button")

    def _toggle_sound(self) -> None:
        is_muted = not self._sound.speaker.is_muted
        self._sound = replace(self._sound, speaker=replace(self._sound.speaker, is_muted=is_muted))
        self.voice.apply(self._sound)
        icon = "volume_off" if is_muted else "volume_up"
        self.listen.set_text("Listen" if is_muted else "Listening")
        self.listen.props(f"icon={icon} aria-pressed={'false' if is_muted else 'true'}")

    def _refresh_notices(self) -> None:
        self._notices.clear()
        with self._notices:
            for notice in self._session.view.notices:
                with ui.element("div").classes(f"rc-notice rc-notice--{notice.kind}") as row:
                    row.props("role=status")
                    icon = ui.icon("info_outline").props("aria-hidden=true")
                    icon.classes("rc-notice__icon")
                    ui.label(notice.sentence).classes("rc-notice__sentence")

    def _changed(self, parts: frozenset[Part]) -> None:
        with self.root:
            if "target" in parts:
                self.header.refresh_target()
            if "connection" in parts:
                self.header.refresh_connection()
                # What has ended sounds no more.
                self.listen.set_visibility(self._session.view.phase is not Phase.DISCONNECTED)
            if "turn" in parts:
                self.header.refresh_activity()
            if "notices" in parts:
                self._refresh_notices()
