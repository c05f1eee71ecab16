"""The weather pane: a map with a place, its card, and the places before it."""

from __future__ import annotations

from typing import Final

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

from console.app.session_tools import SessionTools
from console.app.view_model import Place, ViewModel
from console.tools.measures import Units
from console.ui import preferences
from console.ui.elements.place_list import PlaceList
from console.ui.elements.world_map import WorldMap
from console.ui.panels.panel import panel, title

HINT: Final = 'Ask "what is the weather in Toronto?"'
UNKNOWN: Final = "not known"
ASKING: Final = "…"
_SIGNS: Final[dict[Units, str]] = {"metric": "°C, km/h", "imperial": "°F, mph"}
_OTHER: Final[dict[Units, Units]] = {"metric": "imperial", "imperial": "metric"}


class WeatherPanel:
    """Follows the newest place that get_weather answered for, until somebody goes back to another."""

    def __init__(self, view: ViewModel, tools: SessionTools | None = None) -> None:
        """Build the pane.

        Args:
            view: What it shows.
            tools: Takes the choice of units; None for those who may only look.
        """
        self._view = view
        self._tools = tools
        self._newest_at_s: float | None = None
        self._chosen: int | None = None
        self._card: _Card | None = None
        with panel("Weather", has_own_bar=True):
            with ui.element("div").classes("rc-panel__bar rc-panel__bar--spread"):
                title("Weather")
                if tools is not None:
                    self._units = ui.button(color=None, on_click=self._change_units)
                    self._units.props("flat dense no-caps").classes("rc-composer__tool")
            with ui.element("div").classes("rc-weather"):
                self.map = WorldMap()
                self._frame = ui.element("div").classes("rc-card")
                self.places = PlaceList(self._go_back)
                self._source = ui.label().classes("rc-weather__source")
                hint = f"No place yet. {HINT if tools is not None else ''}".rstrip()
                self._hint = ui.label(hint).classes("rc-weather__hint")
        self.refresh()

    def refresh(self) -> None:
        """Show the newest place, or the one that somebody went back to."""
        view = self._view
        places = view.places
        self._frame.set_visibility(bool(places))
        self._hint.set_visibility(not places)
        self._source.text = view.weather_source if places else ""
        self._source.set_visibility(bool(places))
        if self._tools is not None:
            self._show_units(view.units)
        if not places:
            self.map.clear()
            self.places.show((), 0, view.units)
            return
        if places[-1].at_s != self._newest_at_s:
            self._newest_at_s, self._chosen = places[-1].at_s, None
        place = places[self._shown]
        self.map.show_place(place.latitude, place.longitude, place.location)
        if self._card is None:
            with self._frame:
                self._card = _Card()
        self._card.show(place, view.units)
        self.places.show(places, self._shown, view.units)

    @property
    def _shown(self) -> int:
        """Which place is on the card, if there are any."""
        newest = len(self._view.places) - 1
        return newest if self._chosen is None else min(self._chosen, newest)

    def _go_back(self, index: int) -> None:
        self._chosen = index
        self.refresh()

    def _change_units(self) -> None:
        assert self._tools is not None
        units = _OTHER[self._view.units]
        self._tools.use_units(units)
        preferences.remember("units", units)

    def _show_units(self, units: Units) -> None:
        self._units.text = _SIGNS[units]
        label = f"Units: {units}. Switch to {_OTHER[units]}"
        self._units.props(f'aria-label="{label}" title="{label}"')


class _Card:
    """Place, temperature and wind in words; text only, since the names come from a model."""

    def __init__(self) -> None:
        self._place = ui.label().classes("rc-card__place")
        self._position = ui.label().classes("rc-card__position")
        with ui.element("dl").classes("rc-card__values") as self._values:
            self._temperature = _value("Temperature")
            self._wind = _value("Wind")
        self._error = ui.label().classes("rc-card__error")

    def show(self, place: Place, units: Units) -> None:
        self._place.text = place.location
        self._position.text = f"{place.latitude:.2f}, {place.longitude:.2f}"
        is_asking = place.temperature is None and place.wind is None and place.error is None
        missing = ASKING if is_asking else UNKNOWN
        for label, measure in ((self._temperature, place.temperature), (self._wind, place.wind)):
            label.text = missing if measure is None else str(measure.within(units))
        self._error.text = place.error or ""
        self._error.set_visibility(place.error is not None)
        self._values.set_visibility(place.error is None)


def _value(name: str) -> TextElement:
    with ui.element("div"):
        TextElement(tag="dt", text=name)
        return TextElement(tag="dd", text="")
