"""The tools of one session: the weather, which moves the map, and the memory."""

from __future__ import annotations

from console.app.view_model import Place, ViewModel
from console.client.client import RealtimeClient
from console.tools.memory import Memory, memory_tool
from console.tools.weather import WeatherReport, WeatherService, weather_tool


class SessionTools:
    """Gives the client its tools and shows what they did."""

    def __init__(self, view: ViewModel, weather_url: str) -> None:
        self._view = view
        self.memory = Memory()
        self.memory.changed.connect(view.set_memory)
        weather = WeatherService(weather_url, on_report=self._weather_reported)
        self._tools = (weather_tool(weather), memory_tool(self.memory))

    async def add_to(self, client: RealtimeClient) -> None:
        """Let the model of this client call the tools."""
        for tool in self._tools:
            if tool.name not in client.tools:
                await client.add_tool(tool)

    def _weather_reported(self, report: WeatherReport) -> None:
        place = Place(
            location=report.location,
            latitude=report.latitude,
            longitude=report.longitude,
            temperature=str(report.temperature) if report.temperature else None,
            wind=str(report.wind) if report.wind else None,
            error=report.error,
        )
        self._view.show_place(place, is_update=report.is_final)
