"""The weather pane: a map with the last place, and its card."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from console.app.view_model import Place, ViewModel
from console.ui.elements.world_map import WorldMap
from console.ui.panels.panel import panel

HINT: Final = 'Ask "what is the weather in Toronto?"'
UNKNOWN: Final = "not known"
ASKING: Final = "…"


class WeatherPanel:
    """Follows the newest place that get_weather answered for."""

    def __init__(self, view: ViewModel, hint: str = HINT) -> None:
        """Build the pane.

        Args:
            view: What it shows.
            hint: What to do for a place to appear; empty for those who can do nothing.
        """
        self._view = view
        with panel("Weather"), ui.element("div").classes("rc-weather"):
            self.map = WorldMap()
            with ui.element("div").classes("rc-card") as self._card:
                self.card = _Card()
            with ui.element("div").classes("rc-weather__hint") as self._hint:
                ui.label(f"No place yet. {hint}".rstrip())
        self.refresh()

    def refresh(self) -> None:
        """Show the newest place."""
        place = self._view.places[-1] if self._view.places else None
        self._card.set_visibility(place is not None)
        self._hint.set_visibility(place is None)
        if place is None:
            self.map.clear()
        else:
            self.map.show_place(place.latitude, place.longitude, place.location)
            self.card.show(place)


class _Card:
    """Place, temperature and wind in words; text only, since the names come from a model."""

    def __init__(self) -> None:
        self._place = ui.label().classes("rc-card__place")
        self._position = ui.label().classes("rc-card__position")
        with ui.element("dl").classes("rc-card__values") as self._values:
            self._temperature = _value("Temperature")
            self._wind = _value("Wind")
        self._error = ui.label().classes("rc-card__error")

    def show(self, place: Place) -> None:
        self._place.text = place.location
        self._position.text = f"{place.latitude:.2f}, {place.longitude:.2f}"
        is_asking = place.temperature is None and place.wind is None and place.error is None
        missing = ASKING if is_asking else UNKNOWN
        self._temperature.text = place.temperature or missing
        self._wind.text = place.wind or missing
        self._error.text = place.error or ""
        self._error.set_visibility(place.error is not None)
        self._values.set_visibility(place.error is None)


def _value(name: str) -> ui.label:
    with ui.element("div"):
        with ui.element("dt"):
            ui.label(name)
        with ui.element("dd"):
            return ui.label()
