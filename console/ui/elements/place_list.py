"""Places that the weather was asked for, in the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import ui
from nicegui.events import GenericEventArguments

from console.app.view_model import Place
from console.tools.measures import Units


class PlaceList(ui.element, component="place_list.js"):
    """The history of places, closed at first; one of them is chosen."""

    def __init__(self, on_chosen: Callable[[int], None]) -> None:
        """Make an empty list.

        Args:
            on_chosen: Called with the place of the place that somebody chose among those shown.
        """
        super().__init__()
        self._on_chosen = on_chosen
        self._n_places = 0
        self.on("chosen", self._chosen)

    def show(self, places: Sequence[Place], chosen: int, units: Units) -> None:
        """Show these places, oldest first."""
        self._n_places = len(places)
        self._props["chosen"] = chosen
        self._props["places"] = [
            {
                "index": index,
                "at": each.at_s,
                "name": each.location,
                "value": str(each.temperature.within(units)) if each.temperature else "",
            }
            for index, each in enumerate(places)
        ]

    def _chosen(self, event: GenericEventArguments) -> None:
        index = event.args
        if isinstance(index, int) and 0 <= index < self._n_places:
            self._on_chosen(index)
