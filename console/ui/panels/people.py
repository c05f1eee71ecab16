"""The dialog about others: the link to watch this session, and, for the host, who is here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final, Protocol

from nicegui import ui

from console.app.view_model import Phase
from console.signals import Signal
from console.ui.elements.elapsed import Elapsed
from console.ui.panels.copy_field import CopyField
from console.ui.panels.dialog import PageDialog
from console.ui.panels.sure_button import SureButton
from console.ui.people import SessionRow

ABOUT_WATCHING: Final = (
    "Whoever has this link sees your events and your conversation, and changes nothing. "
    "The link ends when your session does; the next session has another."
)
WATCHING: Final = "Let others watch"
ALONE: Final = "No other sessions."
NOTHING_TO_END: Final = "There is no session to end: not connected."
REMOVE: Final = "Remove guest"
SURE: Final = "Really remove?"
STILL_OPENS: Final = (
    "The link for guests still lets them in. To keep them out, make a new one under Share."
)

# It stands below rows that may be many, and is drawn with the next frame.
_SHOW_REMOVED: Final = """requestAnimationFrame(() =>
  document.querySelector(".rc-people__removed")?.scrollIntoView({ block: "nearest" }))"""


class PeopleHere(Protocol):
    """What the dialog asks of `People`."""

    @property
    def is_host(self) -> bool:
        """Whether the visitor may see and end the sessions of others."""

    @property
    def changed(self) -> Signal[None]:
        """Told whenever rows or watchers have changed."""

    @property
    def n_watchers(self) -> int:
        """How many watch the visitor's session."""

    def watch_link(self) -> str:
        """Return the link by which others watch the visitor's session."""

    def rows(self) -> Sequence[SessionRow]:
        """Return all sessions for the host, none for anybody else."""

    async def end(self, watch_id: str) -> None:
        """End a session."""

    def shut_out(self, watch_id: str) -> None:
        """End all sessions of a guest, who does not come in again without a link."""


class PeopleDialog:
    """Opened from the head of the page; built when it is."""

    def __init__(self, people: PeopleHere) -> None:
        self._people = people
        self._shown: list[SessionRow] | None = None
        title = "People" if people.is_host else WATCHING
        self._dialog = PageDialog(title, self._build, classes="rc-people-dialog")
        ui.context.client.on_delete(people.changed.connect(lambda _: self.refresh()))

    def open(self) -> None:
        """Show the dialog."""
        self._dialog.open()
        self._tell_removed("")
        self._shown = None  # the browser begins the clocks of rows anew from where they were built
        self._link.show(self._people.watch_link())
        self.refresh()

    def refresh(self) -> None:
        """Show who is here now."""
        if not self._dialog.is_open:
            return
        if (link := self._people.watch_link()) != self._link.text:
            self._link.show(link)
        n_watchers = self._people.n_watchers
        self._watched_words.text = f"{_watched(n_watchers)} your session now."
        self._watched.set_visibility(n_watchers > 0)
        rows = [each for each in self._people.rows() if not _is_gone(each)]
        if rows == self._shown:
            return
        self._shown = rows
        self._rows.clear()
        with self._rows:
            for row in rows:
                self._show(row)
        self._alone.set_visibility(len(rows) < 2)

    def _build(self) -> None:
        with ui.element("section").classes("rc-people__part") as watching:
            watching.props(f'aria-label="{WATCHING}"')
            if self._people.is_host:  # a guest's dialog is about nothing else
                with ui.element("h3").classes("rc-dialog__heading"):
                    ui.label(WATCHING)
            self._build_watched()
            ui.label(ABOUT_WATCHING).classes("rc-dialog__about")
            self._link = CopyField("Watch link")
        self._build_sessions()

    def _build_watched(self) -> None:
        """Build what the eye in the head of the page leads to."""
        with ui.element("div").classes("rc-people__now").props("role=status") as self._watched:
            ui.icon("visibility").props("aria-hidden=true")
            self._watched_words = ui.label()

    def _build_sessions(self) -> None:
        with ui.element("section").classes("rc-people__part") as section:
            section.props("aria-label=Sessions")
            with ui.element("h3").classes("rc-dialog__heading"):
                ui.label("Sessions")
            self._rows = ui.element("ul").classes("rc-people")
            self._alone = ui.label(ALONE).classes("rc-dialog__about")
            self._build_removed()
        section.set_visibility(self._people.is_host)

    def _build_removed(self) -> None:
        """Build what is told of the guest who was removed last; nothing yet."""
        self._removed = ui.element("div").classes("rc-notice rc-notice--warning rc-people__removed")
        with self._removed.props("role=status"):
            ui.icon("warning_amber").props("aria-hidden=true").classes("rc-notice__icon")
            self._removed_words = ui.label().classes("rc-notice__sentence")

    def _tell_removed(self, sentence: str) -> None:
        self._removed_words.text = sentence
        self._removed.set_visibility(bool(sentence))

    def _show(self, row: SessionRow) -> None:
        with ui.element("li").classes("rc-people__row"):
            with ui.element("div").classes("rc-people__who"):
                ui.label(f"{row.who} (this page)" if row.is_own else row.who).classes(
                    "rc-people__name"
                )
                self._show_state(row)
                if row.n_watchers and not row.is_own:  # of one's own it stands above
                    with ui.element("div").classes("rc-people__watched"):
                        ui.icon("visibility").props("aria-hidden=true")
                        ui.label(_watched(row.n_watchers))
                ui.label(row.where).classes("rc-people__where")
            if row.is_own:
                return
            with ui.element("div").classes("rc-people__actions"):
                ui.link("Watch", f"/watch-{row.watch_id}", new_tab=True).classes("rc-button")
                with ui.element("span") as frame:
                    end = _button("End session", f"End session of {row.who}")
                    end.on_click(lambda: self._people.end(row.watch_id))
                if row.phase is Phase.DISCONNECTED:
                    end.set_enabled(False)
                    frame.props(f'title="{NOTHING_TO_END}"')
                if row.is_guest:
                    self._build_removal(row)

    def _show_state(self, row: SessionRow) -> None:
        with ui.element("div").classes("rc-state rc-people__state") as state:
            state.props(f"data-phase={row.phase}")
            ui.element("span").classes("rc-state__dot").props("aria-hidden=true")
            ui.label(row.state)
            if row.phase is Phase.CONNECTED and row.connected_at_s is not None:
                Elapsed(max(0.0, time.monotonic() - row.connected_at_s))

    def _build_removal(self, row: SessionRow) -> None:
        """Build the button that removes a guest: at the second click, unless it was left between."""
        label = f"Remove {row.who}"
        removal = SureButton(REMOVE, SURE, lambda: self._remove(row), label)
        removal.element.classes("rc-button--danger")

    def _remove(self, row: SessionRow) -> None:
        self._people.shut_out(row.watch_id)
        self._tell_removed(f"{row.who} is out. {STILL_OPENS}")
        ui.run_javascript(_SHOW_REMOVED)


def _button(words: str, label: str) -> ui.button:
    button = ui.button(words, color=None).props(f'no-caps outline aria-label="{label}"')
    return button.classes("rc-button")


def _is_gone(row: SessionRow) -> bool:
    """Whether nothing is left of it: a host's page that was closed, with no session behind it."""
    is_others = not row.is_own and not row.is_guest
    is_over = row.phase is Phase.DISCONNECTED and not row.n_watchers
    return is_others and is_over and not row.is_there


def _watched(n_watchers: int) -> str:
    return "1 person watches" if n_watchers == 1 else f"{n_watchers} people watch"
