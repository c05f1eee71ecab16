"""A map of the world that is whole without the internet."""

from __future__ import annotations

from typing import Final

from nicegui import ui
from nicegui.elements.leaflet.leaflet_layers import Marker

from console.ui import theme

WORLD: Final = ((20.0, 0.0), 1)
PLACE_ZOOM: Final = 4


class WorldMap:
    """A Leaflet map on our own outline, with one marker.

    The marker has no popup: Leaflet's popups take markup, and names of places come from a model.
    """

    def __init__(self) -> None:
        center, zoom = WORLD
        self.leaflet = ui.leaflet(center, zoom, options={"worldCopyJump": True, "minZoom": 1})
        self.leaflet.clear_layers()
        self.leaflet.classes("rc-map").props('role=application aria-label="Map"')
        self.marker: Marker | None = None
        outline = theme.asset_url("world.json")
        self.leaflet.on(
            "init",
            js_handler=f"""() => import("rc/world_map.js").then(
                ({{ dress }}) => dress(getElement({self.leaflet.id}).map, "{outline}"))""",
        )
        self.leaflet.on("init", self._look)

    def show_place(self, latitude: float, longitude: float, name: str) -> None:
        """Move to a place and mark it."""
        place = (latitude, longitude)
        if self.marker is not None and tuple(self.marker.latlng) == place:
            return
        self.clear()
        self.marker = self.leaflet.marker(latlng=place, options={"title": name, "alt": name})
        self.leaflet.center = place
        self.leaflet.zoom = max(self.leaflet.zoom, PLACE_ZOOM)
        self._look()

    def clear(self) -> None:
        """Take the marker away."""
        if self.marker is not None:
            self.leaflet.remove_layer(self.marker)
            self.marker = None

    def _look(self) -> None:
        """Have the browser look at the place.

        Setting the centre is not enough: it waits to be sent, and the end of an earlier move that
        the browser tells of meanwhile is taken for the newer one.
        """
        if self.marker is not None:
            self.leaflet.run_map_method("setView", self.marker.latlng, self.leaflet.zoom)
