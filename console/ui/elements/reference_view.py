"""The reference in the browser: a list of events, and the page of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.reference.catalogue import Catalogue
from console.app.reference.reference_page import entries, page_of


class ReferenceView(ui.element, component="reference_view.js"):
    """Shows all events, and one of them in full."""

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        on_chosen: Callable[[str], None],
        on_compose: Callable[[str], None],
    ) -> None:
        """Make the element with nothing open.

        Args:
            catalogue: What it shows.
            on_chosen: Called with the type of an event that shall be opened.
            on_compose: Called with the type of a client event that shall be composed.
        """
        super().__init__()
        self._catalogue = catalogue
        self._props["events"] = entries(catalogue)
        self.on("chosen", lambda event: _tell(event, on_chosen))
        self.on("compose", lambda event: _tell(event, on_compose))

    @property
    def open_type(self) -> str:
        """The event that is open; empty: none is."""
        return str(self._props.get("open", ""))

    def count(self, seen: Mapping[str, int]) -> None:
        """Tell how often each event was seen."""
        self._props["seen"] = dict(seen)

    def show(self, event_type: str, seen: Mapping[str, int], field: str = "") -> bool:
        """Open an event and tell how often each was seen; returns whether it is one we know.

        Args:
            event_type: Of the event.
            seen: How often each type was seen.
            field: The path of a field that is pointed out, with all that it is inside of.
        """
        self.count(seen)
        doc = self._catalogue.find(event_type)
        if doc is None:
            return False
        self._props["page"] = page_of(doc)
        self._props["open"] = event_type
        self._props["field"] = field
        return True


def _tell(event: GenericEventArguments, callback: Callable[[str], Any]) -> None:
    if isinstance(event.args, str):
        callback(event.args)
