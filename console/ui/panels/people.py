"""The dialog about others: the link to watch this session, and, for the host, who is here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from nicegui import ui

from console.ui.panels.copy_field import CopyField
from console.ui.panels.dialog import PageDialog
from console.ui.people import SessionRow

ABOUT_WATCHING: Final = (
    "Whoever has this link sees your events and your conversation, and changes nothing. "
    "It ends with your session."
)
ALONE: Final = "No other sessions."


class PeopleHere(Protocol):
    """What the dialog asks of `People`."""

    @property
    def is_host(self) -> bool:
        """Whether the visitor may see and end the sessions of others."""

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

    def subscribe(self, changed: Callable[[None], None]) -> Callable[[], None]:
        """Call `changed` whenever rows or watchers have; returns what ends it."""


class PeopleDialog:
    """Opened from the head of the page; built when it is."""

    def __init__(self, people: PeopleHere) -> None:
        self._people = people
        self._shown: list[SessionRow] | None = None
        self._dialog = PageDialog("People", self._build)
        ui.context.client.on_delete(people.subscribe(lambda _: self.refresh()))

    def open(self) -> None:
        """Show the dialog."""
        self._dialog.open()
        self._link.show(self._people.watch_link())
        self.refresh()

    def refresh(self) -> None:
        """Show who is here now."""
        if not self._dialog.is_open:
            return
        n_watchers = self._people.n_watchers
        self._watched.text = _watched(n_watchers)
        self._watched.set_visibility(n_watchers > 0)
        rows = list(self._people.rows())
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
            watching.props('aria-label="Let others watch"')
            with ui.element("h3").classes("rc-dialog__heading"):
                ui.label("Let others watch")
            ui.label(ABOUT_WATCHING).classes("rc-dialog__about")
            self._link = CopyField("Watch link")
            self._watched = ui.label().classes("rc-people__watched").props("role=status")
        self._build_sessions()

    def _build_sessions(self) -> None:
        with ui.element("section").classes("rc-people__part") as section:
            section.props("aria-label=Sessions")
            with ui.element("h3").classes("rc-dialog__heading"):
                ui.label("Sessions")
            self._rows = ui.element("ul").classes("rc-people")
            self._alone = ui.label(ALONE).classes("rc-dialog__about")
        section.set_visibility(self._people.is_host)

    def _show(self, row: SessionRow) -> None:
        with ui.element("li").classes("rc-people__row"):
            with ui.element("div").classes("rc-people__who"):
                ui.label(f"{row.who} (this page)" if row.is_own else row.who).classes(
                    "rc-people__name"
                )
                is_told = row.is_own or not row.n_watchers  # of one's own it stands above
                watched = "" if is_told else f" · {_watched(row.n_watchers)}"
                ui.label(f"{row.state}{watched}").classes("rc-people__state")
                ui.label(row.where).classes("rc-people__where")
            if row.is_own:
                return
            with ui.element("div").classes("rc-people__actions"):
                ui.link("Watch", f"/watch-{row.watch_id}", new_tab=True).classes("rc-button")
                self._button("End session", f"End session of {row.who}", self._end, row)
                if row.is_guest:
                    self._button("Remove guest", f"Remove {row.who}", self._remove, row)

    def _button(
        self, words: str, label: str, act: Callable[[SessionRow], object], row: SessionRow
    ) -> None:
        button = ui.button(words, color=None, on_click=lambda: act(row))
        button.props(f'no-caps outline aria-label="{label}"').classes("rc-button")

    async def _end(self, row: SessionRow) -> None:
        await self._people.end(row.watch_id)

    def _remove(self, row: SessionRow) -> None:
        self._people.shut_out(row.watch_id)


def _watched(n_watchers: int) -> str:
    return "1 person watches" if n_watchers == 1 else f"{n_watchers} people watch"
