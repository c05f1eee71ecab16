"""The weather at a place, from an open-meteo service."""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import orjson

from console.errors import ToolError
from console.tools.measures import Measure, Units
from console.tools.registry import Tool

DEFAULT_BASE_URL: Final = "https://api.open-meteo.com"
TIMEOUT_S: Final = 5.0
MAX_BODY_BYTES: Final = 256 * 1024
MAX_LOCATION_CHARACTERS: Final = 200
_PLAIN: Final = {"Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class WeatherReport:
    """A place that the model asked about, and what is known of its weather."""

    location: str
    latitude: float
    longitude: float
    temperature: Measure | None = None
    wind: Measure | None = None
    error: str | None = None
    """Why the weather could not be had, in a sentence."""
    is_final: bool = False
    """False while the service is being asked."""


class WeatherService:
    """Asks one fixed host; no redirects, no proxies, bounded time and size."""

    def __init__(
        self,
        base_url: str = DEFAULT_BASE_URL,
        *,
        on_report: Callable[[WeatherReport], None] = lambda report: None,
        units: Callable[[], Units] = lambda: "metric",
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Prepare the service.

        Args:
            base_url: Scheme, host and port of the service.
            on_report: Told twice for each question: at once with the place, and at the end with
                the weather or the error.
            units: Returns the system of units in which the model is answered.
            timeout_s: For the whole question.
        """
        self._base_url = base_url.rstrip("/")
        self._on_report = on_report
        self._units = units
        self._timeout_s = timeout_s
        self._tls: ssl.SSLContext | None = None

    async def get_weather(self, lat: float, lng: float, location: str) -> dict[str, Any]:
        """Return temperature and wind, each as `{"value", "units"}`.

        Args:
            lat: Latitude in degrees, -90 to 90.
            lng: Longitude in degrees, -180 to 180.
            location: The place's name, for people.

        Raises:
            ToolError: The place cannot be, or its weather cannot be had; the sentence says why.
        """
        _check("lat", lat, 90)
        _check("lng", lng, 180)
        name = " ".join(location.split())[:MAX_LOCATION_CHARACTERS]
        report = WeatherReport(name, float(lat), float(lng))
        self._on_report(report)
        try:
            current, units = await self._ask(report)
            temperature = _measure(current, units, "temperature_2m")
            wind = _measure(current, units, "wind_speed_10m")
        except ToolError as error:
            self._on_report(replace(report, error=str(error), is_final=True))
            raise
        self._on_report(replace(report, temperature=temperature, wind=wind, is_final=True))
        wanted = self._units()
        return {
            "temperature": temperature.within(wanted).as_dict(),
            "wind_speed": wind.within(wanted).as_dict(),
        }

    async def _ask(self, report: WeatherReport) -> tuple[dict[str, Any], dict[str, Any]]:
        where = urlsplit(self._base_url).netloc
        try:
            status, body = await self._fetch(report)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ToolError(
                f"The weather service at {where} did not answer within {self._timeout_s:g} s."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ToolError(
                f"The weather service cannot be reached at {where}; check the network."
            ) from error
        if status != httpx.codes.OK:
            raise ToolError(f"The weather service refused the question (HTTP {status}).")
        try:
            answer = orjson.loads(body)
            return dict(answer["current"]), dict(answer["current_units"])
        except (ValueError, KeyError, TypeError) as error:
            raise ToolError("The weather service answered something else.") from error

    async def _fetch(self, report: WeatherReport) -> tuple[int, bytes]:
        parameters = {
            "latitude": f"{report.latitude:.6f}",
            "longitude": f"{report.longitude:.6f}",
            "current": "temperature_2m,wind_speed_10m",
        }
        body = bytearray()
        if self._tls is None:
            # Reading the certificates takes some 50 ms, which the event loop does not have.
            self._tls = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
        async with (
            asyncio.timeout(self._timeout_s),
            httpx.AsyncClient(
                base_url=self._base_url,
                timeout=self._timeout_s,
                follow_redirects=False,
                trust_env=False,
                verify=self._tls,
            ) as client,
            # Nothing is unpacked: what a few bytes become could be any size.
            client.stream("GET", "/v1/forecast", params=parameters, headers=_PLAIN) as response,
        ):
            async for piece in response.aiter_raw():
                body += piece
                if len(body) > MAX_BODY_BYTES:
                    raise ToolError("The weather service answered more than can be used.")
            return response.status_code, bytes(body)


def _check(name: str, degrees: float, limit: int) -> None:
    if isinstance(degrees, bool) or not math.isfinite(degrees) or abs(degrees) > limit:
        raise ToolError(f"'{name}' must be between -{limit} and {limit} degrees, not {degrees}.")


def _measure(current: dict[str, Any], units: dict[str, Any], key: str) -> Measure:
    value, unit = current.get(key), units.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ToolError(f"The weather service did not say the {key.split('_')[0]}.")
    return Measure(float(value), unit if isinstance(unit, str) else "")


def weather_tool(service: WeatherService) -> Tool:
    """Return `get_weather` for the model."""
    return Tool(
        name="get_weather",
        description="Tells the current weather at a place, given by its coordinates and name.",
        handler=service.get_weather,
        parameters={
            "type": "object",
            "properties": {
                "lat": {
                    "type": "number",
                    "description": "Latitude of the place in degrees.",
                    "minimum": -90,
                    "maximum": 90,
                },
                "lng": {
                    "type": "number",
                    "description": "Longitude of the place in degrees.",
                    "minimum": -180,
                    "maximum": 180,
                },
                "location": {"type": "string", "description": "Name of the place."},
            },
            "required": ["lat", "lng", "location"],
        },
    )
