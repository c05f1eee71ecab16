"""Notices: one plain sentence each, with what can be done; an end that is near is counted down to."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui

from console.app.view_model import Notice, NoticeAction
from console.ui.elements.elapsed import Elapsed
from console.ui.elements.line_notices import LineNotices
from console.ui.page_session import PageSession

_SERIOUS_FIRST: Final = ("error", "warning", "info")
_ICON: Final = {"error": "error_outline", "warning": "warning_amber", "info": "info_outline"}
# The marks tell the voice element what the click is for: sound starts only inside a click.
_ACTION: Final = {
    "retry": ("Try again", "data-rc-connect"),
    "change_key": ("Change key", ""),
    "type_instead": ("Connect without microphone", "data-rc-connect data-rc-text-only"),
    "continue": ("Continue answer", ""),
    "use_microphone": ("Use microphone", "data-rc-microphone"),
    "take_microphone": ("Take over", "data-rc-connect"),
    "cancel": ("Cancel", ""),
    "stay": ("Stay", ""),
    "show_errors": ("Show errors", ""),
    "show_event": ("Show the event", ""),
    "show_tools": ("Open tools", ""),
    "save": ("Save conversation", ""),
    "connect": ("Connect again", "data-rc-connect"),
}
ENDS_IN: Final = "The session ends in"

UNREACHABLE: Final = (
    "The console is not reachable. What is on this page stays; the line is tried again and again."
)
ENDED: Final = (
    "This page is not in use any more: its session is over, or open in another tab. Reload it to go "
    "on here."
)


WATCH_ENDED: Final = (
    "The session that you watched has ended, or this page was away for too long: then a reload "
    "brings it back."
)


def line_notices(ended: str = ENDED) -> None:
    """Add the notices that are shown while the console does not answer this page.

    Args:
        ended: What is said when the console knows this page no more.
    """
    LineNotices(UNREACHABLE, ended)


class Notices:
    """The notices of a session, most serious first, each until it is dismissed or followed."""

    def __init__(
        self,
        session: PageSession,
        change_key: Callable[[], None],
        show_errors: Callable[[], None],
        show_event: Callable[[str, str], None],
        show_tools: Callable[[], Awaitable[None]],
    ) -> None:
        """Build it.

        Args:
            session: Whose notices.
            change_key: Asks for another key.
            show_errors: Leaves of the events the errors.
            show_event: Opens the event of an id, and points out a field of it.
            show_tools: Opens the pane of the tools.
        """
        self._session = session
        self._change_key = change_key
        self._show_errors = show_errors
        self._show_event = show_event
        self._show_tools = show_tools
        self._element = ui.element("div").classes("rc-notices")
        self._shown: dict[str, tuple[Notice, ui.element]] = {}
        self.refresh()

    def refresh(self) -> None:
        """Show the notices as they are now; those that stay are left alone.

        A click on its way to a button of a notice must find that button.
        """
        wanted = {each.notice_id: each for each in self._session.view.notices}
        for notice_id, (notice, row) in list(self._shown.items()):
            if wanted.get(notice_id) != notice:
                row.delete()
                del self._shown[notice_id]
        with self._element:
            for notice in wanted.values():
                if notice.notice_id not in self._shown:
                    self._shown[notice.notice_id] = (notice, self._show(notice))
        in_order = sorted(wanted.values(), key=lambda each: _SERIOUS_FIRST.index(each.kind))
        for index, notice in enumerate(in_order):
            row = self._shown[notice.notice_id][1]
            if self._element.default_slot.children.index(row) != index:
                row.move(target_index=index)

    def _show(self, notice: Notice) -> ui.element:
        role = "alert" if notice.kind == "error" else "status"
        with ui.element("div").classes(f"rc-notice rc-notice--{notice.kind}") as row:
            row.props(f"role={role}")
            ui.icon(_ICON[notice.kind]).props("aria-hidden=true").classes("rc-notice__icon")
            ui.label(notice.sentence).classes("rc-notice__sentence")
            if notice.ends_at_s is not None:
                _count_down(notice.ends_at_s)
            for action in (notice.action, notice.or_else):
                if action is not None:
                    self._show_action(notice, action)
            ui.button(
                icon="close", color=None, on_click=lambda: self._session.dismiss(notice.notice_id)
            ).props('flat round dense size=sm aria-label="Dismiss" title="Dismiss"')
        return row

    def _show_action(self, notice: Notice, action: NoticeAction) -> None:
        words, marks = _ACTION[action]
        ui.button(words, color=None, on_click=lambda: self._follow(notice, action)).props(
            f"outline no-caps dense {marks}"
        ).classes("rc-button rc-notice__action")

    async def _follow(self, notice: Notice, action: NoticeAction) -> None:
        if action == "save":  # and it may be saved again
            ui.download.from_url(f"/rt/{self._session.session_id}/conversation.md")
            return
        await self._session.dismiss(notice.notice_id)
        session = self._session
        match action:
            case "continue":
                await session.continue_answer()
            case "use_microphone":
                await session.use_microphone()
            case "change_key":
                self._change_key()
            case "show_errors":
                self._show_errors()
            case "show_event":
                self._show_event(notice.event_id, notice.field)
            case "show_tools":
                await self._show_tools()
            case "stay":
                await session.stay()
            case "take_microphone":
                await session.take_microphone()
            case "cancel":
                await session.disconnect()
            case _:
                await session.connect(with_microphone=action != "type_instead")


def _count_down(ends_at_s: float) -> None:
    with ui.element("div").classes("rc-notice__end"):
        ui.label(ENDS_IN)
        Elapsed(max(0.0, ends_at_s - time.time()), is_left=True)
