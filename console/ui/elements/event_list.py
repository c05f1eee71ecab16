"""Every event of a session, as a list that stays smooth at 100,000 rows."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui
from nicegui.events import GenericEventArguments


class EventList(ui.element, component="event_list.js"):
    """Rows in view arrive on the session channel, the JSON of an event by HTTP when it is opened."""

    def __init__(
        self, session_id: str, *, on_errors: Callable[[int], None] = lambda count: None
    ) -> None:
        """Show the events of a session.

        Args:
            session_id: The session's name in URLs.
            on_errors: Called with the number of errors in the list whenever it has changed.
        """
        super().__init__()
        self._props["session"] = session_id

        def counted(event: GenericEventArguments) -> None:
            if isinstance(event.args, int):
                on_errors(event.args)

        self.on("errors", counted)

    def show_errors(self) -> None:
        """Show errors only, whatever was filtered before."""
        self.run_method("showErrors")

    def open_event(self, event_id: str, field: str = "", *, is_alone: bool = False) -> None:
        """Show an event and its JSON, whatever was filtered before; nothing when it is gone.

        Args:
            event_id: Its id on the wire; of several events with it, the newest is shown.
            field: What is wrong in it, as errors name it; it is pointed out and explained.
            is_alone: It is explained in the event, and no pane opens for it.
        """
        self.run_method("openEvent", event_id, field, is_alone)
