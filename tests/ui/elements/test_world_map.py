from typing import Any

import pytest
from nicegui import ui

from console.ui.elements.world_map import PLACE_ZOOM, WorldMap
from tests.ui.simulated_user import user_simulation


def positions(world: WorldMap) -> list[dict[str, float]]:
    return [each.to_dict()["args"][0] for each in world.leaflet.layers]


async def test_showing_a_place_moves_the_one_marker_and_the_map() -> None:
    maps: list[WorldMap] = []
    async with user_simulation(root=lambda: maps.append(WorldMap())) as user:
        await user.open("/")
        (world,) = maps
        world.show_place(59.9, 10.8, "Oslo")
        world.show_place(43.7, -79.4, "Toronto")

        assert positions(world) == [{"lat": 43.7, "lng": -79.4}]
        assert world.leaflet.center == (43.7, -79.4)
        assert world.leaflet.zoom == PLACE_ZOOM


async def test_the_name_of_a_place_reaches_leaflet_as_text_only() -> None:
    maps: list[WorldMap] = []
    async with user_simulation(root=lambda: maps.append(WorldMap())) as user:
        await user.open("/")
        maps[0].show_place(0.0, 0.0, "<img src=x onerror=alert(1)>")

        (marker,) = maps[0].leaflet.layers
        assert marker.to_dict()["args"][1] == {
            "title": "<img src=x onerror=alert(1)>",
            "alt": "<img src=x onerror=alert(1)>",
        }


async def test_a_nearer_view_that_the_user_chose_is_kept() -> None:
    maps: list[WorldMap] = []
    async with user_simulation(root=lambda: maps.append(WorldMap())) as user:
        await user.open("/")
        maps[0].leaflet.zoom = 9
        maps[0].show_place(43.7, -79.4, "Toronto")

        assert maps[0].leaflet.zoom == 9


async def test_a_move_that_the_browser_tells_of_late_does_not_hold_the_map_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maps: list[WorldMap] = []
    views: list[tuple[Any, ...]] = []
    async with user_simulation(root=lambda: maps.append(WorldMap())) as user:
        await user.open("/")
        (world,) = maps
        monkeypatch.setattr(world.leaflet, "run_map_method", lambda *call: views.append(call))
        world.show_place(59.9, 10.8, "Oslo")
        world.show_place(43.7, -79.4, "Toronto")
        late = {"center": [59.9, 10.8], "zoom": PLACE_ZOOM}
        user.find(kind=ui.leaflet).trigger("mapMoveend", late)

        assert world.leaflet.center == [59.9, 10.8]
        assert views[-1] == ("setView", (43.7, -79.4), PLACE_ZOOM)


async def test_a_map_that_becomes_ready_late_looks_at_the_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    maps: list[WorldMap] = []
    views: list[tuple[Any, ...]] = []
    async with user_simulation(root=lambda: maps.append(WorldMap())) as user:
        await user.open("/")
        (world,) = maps
        world.show_place(43.7, -79.4, "Toronto")
        monkeypatch.setattr(world.leaflet, "run_map_method", lambda *call: views.append(call))
        user.find(kind=ui.leaflet).trigger("init")

        assert views == [("setView", (43.7, -79.4), PLACE_ZOOM)]


async def test_clearing_takes_the_marker_away() -> None:
    maps: list[WorldMap] = []
    async with user_simulation(root=lambda: maps.append(WorldMap())) as user:
        await user.open("/")
        maps[0].show_place(43.7, -79.4, "Toronto")
        maps[0].clear()

        assert maps[0].leaflet.layers == []
