"""The tools of one session: the weather, which moves the map, the memory, and those of the host."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from console.app.kept_memory import KeptMemory
from console.app.own_tools import OwnTools
from console.app.session_memory import SessionMemory
from console.app.tool_lab.lab import ToolLab
from console.app.view_model import Place, ViewModel
from console.client.client import RealtimeClient
from console.clock import Clock, SystemClock
from console.tools.measures import Units
from console.tools.memory import Memory, memory_tool
from console.tools.weather import DEFAULT_BASE_URL, WeatherReport, WeatherService, weather_tool

NAMES: Final = tuple(each.name for each in (weather_tool(WeatherService()), memory_tool(Memory())))
"""Of the console's own tools."""
OPEN_METEO: Final = "Weather data by Open-Meteo.com, CC BY 4.0"
"""As their licence asks for it."""


class SessionTools:
    """Gives the client its tools and shows what they did."""

    def __init__(
        self,
        view: ViewModel,
        weather_url: str,
        *,
        own: OwnTools | None = None,
        kept: KeptMemory | None = None,
        clock: Clock | None = None,
        is_guest: bool = False,
    ) -> None:
        """Make the tools of a session.

        Args:
            view: What the page shows; changed here.
            weather_url: Of the weather service.
            own: The tools of the host.
            kept: What the session's person keeps.
            clock: Time.
            is_guest: Whether the person is not the host.
        """
        self._view = view
        self._clock = clock or SystemClock()
        self.memory = SessionMemory(view, kept or KeptMemory())
        """What the session remembers."""
        weather = WeatherService(
            weather_url, on_report=self._weather_reported, units=lambda: view.units
        )
        is_usual = weather_url == DEFAULT_BASE_URL
        view.weather_source = (
            OPEN_METEO if is_usual else f"Weather from {urlsplit(weather_url).netloc}"
        )
        self.lab = ToolLab(
            view,
            (weather_tool(weather), memory_tool(self.memory.memory)),
            own or OwnTools(),
            self._clock,
            is_guest=is_guest,
        )
        """What the page does with the tools."""

    async def add_to(self, client: RealtimeClient) -> None:
        """Let the model of this client call the tools."""
        await self.lab.add_to(client)

    async def begin(self, client: RealtimeClient) -> None:
        """Let the session that is about to begin have the tools, and the memory if that was chosen."""
        await self.lab.begin(client)
        await self.memory.instruct(client)

    def use_units(self, units: Units) -> None:
        """Show and tell the weather in these units from now on."""
        self._view.set_units(units)

    def close(self) -> None:
        """Let go of what the session shares with others."""
        self.lab.close()
        self.memory.close()

    def _weather_reported(self, report: WeatherReport) -> None:
        place = Place(
            location=report.location,
            latitude=report.latitude,
            longitude=report.longitude,
            temperature=report.temperature,
            wind=report.wind,
            error=report.error,
            at_s=self._clock.wall_s(),
        )
        self._view.show_place(place, is_update=report.is_final)
