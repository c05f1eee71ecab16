"""The weather, from a service on this machine that the test plays."""

import asyncio
import contextlib
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from console.errors import ToolError
from console.tools.measures import Measure
from console.tools.registry import ToolRegistry
from console.tools.weather import (
    MAX_BODY_BYTES,
    WeatherReport,
    WeatherService,
    weather_tool,
)

GOOD = {
    "current": {"temperature_2m": 19.4, "wind_speed_10m": 17.9},
    "current_units": {"temperature_2m": "°C", "wind_speed_10m": "km/h"},
}

PACKED = "Content-Encoding: gzip\r\n"


def reply(body: object, status: str = "200 OK", headers: str = "") -> bytes:
    data = body if isinstance(body, bytes) else orjson.dumps(body)
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n{headers}\r\n"
    return head.encode() + data


async def toronto(weather: WeatherService) -> dict[str, Any]:
    return await weather.get_weather(43.7, -79.4, " Toronto,\nCanada ")


class Service:
    """An HTTP service with one answer; None: it never answers."""

    def __init__(self) -> None:
        self.answer: bytes | None = reply(GOOD)
        self.drop_s = 0.0
        """Between any two bytes of the answer."""
        self.asked: list[str] = []
        self.heads: list[str] = []
        self.url = ""
        self._lines: set[asyncio.Task[None]] = set()

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = asyncio.create_task(self._answer(reader, writer))
        self._lines.add(line)
        line.add_done_callback(self._lines.discard)

    async def close(self) -> None:
        """Wait until every line is closed; whoever has asked is gone."""
        await asyncio.gather(*self._lines)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head.split()[1].decode())
            self.heads.append(head.decode().lower())
            if self.answer is None:
                await reader.read()
            elif self.drop_s:
                for at in range(len(self.answer)):
                    writer.write(self.answer[at : at + 1])
                    await writer.drain()
                    await asyncio.sleep(self.drop_s)
            else:
                writer.write(self.answer)
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    played = Service()
    server = await asyncio.start_server(played.serve, "127.0.0.1", 0)
    played.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield played
    server.close()
    await server.wait_closed()
    await played.close()


@pytest.fixture
def reports() -> list[WeatherReport]:
    return []


async def test_the_weather_is_told_with_its_units(service, reports):
    weather = WeatherService(service.url, on_report=reports.append)

    answer = await toronto(weather)

    assert answer == {
        "temperature": {"value": 19.4, "units": "°C"},
        "wind_speed": {"value": 17.9, "units": "km/h"},
    }
    asked = urlsplit(service.asked[0])
    assert "accept-encoding: identity" in service.heads[0]
    assert asked.path == "/v1/forecast"
    assert parse_qs(asked.query) == {
        "latitude": ["43.700000"],
        "longitude": ["-79.400000"],
        "current": ["temperature_2m,wind_speed_10m"],
    }


async def test_the_model_is_told_in_the_units_that_were_chosen_and_the_page_as_it_came(
    service, reports
):
    weather = WeatherService(service.url, on_report=reports.append, units=lambda: "imperial")

    answer = await toronto(weather)

    assert answer["temperature"] == {"value": 66.9, "units": "°F"}
    assert answer["wind_speed"] == {"value": 11.1, "units": "mph"}
    assert reports[-1].temperature == Measure(19.4, "°C")


async def test_the_place_is_told_before_the_weather_has_come(service, reports):
    weather = WeatherService(service.url, on_report=reports.append)

    await toronto(weather)

    place = WeatherReport("Toronto, Canada", 43.7, -79.4)
    known = WeatherReport(
        "Toronto, Canada",
        43.7,
        -79.4,
        temperature=Measure(19.4, "°C"),
        wind=Measure(17.9, "km/h"),
        is_final=True,
    )
    assert reports == [place, known]
    assert (str(known.temperature), str(known.wind)) == ("19.4 °C", "17.9 km/h")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda service: setattr(service, "answer", reply({}, "503 Service Unavailable")),
            "The weather service refused the question (HTTP 503).",
        ),
        (
            lambda service: setattr(
                service, "answer", reply(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n")
            ),
            "The weather service refused the question (HTTP 302).",
        ),
        (
            lambda service: setattr(service, "answer", reply(b"<html>")),
            "The weather service answered something else.",
        ),
        (
            lambda service: setattr(service, "answer", reply([1])),
            "The weather service answered something else.",
        ),
        (
            lambda service: setattr(service, "answer", reply({**GOOD, "current": {}})),
            "The weather service did not say the temperature.",
        ),
        (
            lambda service: setattr(
                service, "answer", reply({**GOOD, "current": {"temperature_2m": 1}})
            ),
            "The weather service did not say the wind.",
        ),
        (
            lambda service: setattr(service, "answer", reply(b" " * (MAX_BODY_BYTES + 1))),
            "The weather service answered more than can be used.",
        ),
        (
            lambda service: setattr(
                service, "answer", reply(gzip.compress(bytes(1 << 24)), headers=PACKED)
            ),
            "The weather service answered something else.",
        ),
        (
            lambda service: setattr(service, "answer", b"not HTTP at all\r\n\r\n"),
            "The weather service cannot be reached at",
        ),
    ],
)
async def test_an_answer_that_is_no_weather_is_told_in_a_sentence(
    service, reports, change: Callable[[Service], None], sentence
):
    change(service)
    weather = WeatherService(service.url, on_report=reports.append)

    with pytest.raises(ToolError) as caught:
        await toronto(weather)

    assert str(caught.value).startswith(sentence)
    assert [report.is_final for report in reports] == [False, True]
    assert reports[-1].error == str(caught.value)


async def test_a_service_that_never_answers_is_given_up(service):
    service.answer = None
    weather = WeatherService(service.url, timeout_s=0.05)

    with pytest.raises(ToolError, match=r"did not answer within 0\.05 s"):
        await toronto(weather)


async def test_an_answer_that_comes_in_drops_is_given_up_in_the_time_of_a_whole_one(service):
    service.answer = reply(b" " * 1_000)
    service.drop_s = 0.01
    weather = WeatherService(service.url, timeout_s=0.1)

    with pytest.raises(ToolError, match=r"did not answer within 0\.1 s"):
        await toronto(weather)


async def test_without_a_network_the_sentence_says_so(service, reports):
    weather = WeatherService("http://127.0.0.1:1", on_report=reports.append)

    with pytest.raises(ToolError, match=r"cannot be reached at 127\.0\.0\.1:1; check the network"):
        await toronto(weather)

    assert reports[-1].latitude == 43.7


@pytest.mark.parametrize(
    ("lat", "lng", "name"),
    [(90.1, 0, "lat"), (0, -180.1, "lng"), (float("nan"), 0, "lat"), (0, float("inf"), "lng")],
)
async def test_a_place_that_cannot_be_is_refused_before_anyone_is_asked(
    service, reports, lat, lng, name
):
    weather = WeatherService(service.url, on_report=reports.append)

    with pytest.raises(ToolError, match=f"'{name}' must be between"):
        await weather.get_weather(lat, lng, "Nowhere")

    assert (reports, service.asked) == ([], [])


@pytest.mark.parametrize(
    "lat", ["NaN", "1e309", "-1e309", '"50; DROP"', '"50"', "[50]", "true", "9" * 5000, "null"]
)
async def test_a_place_that_the_model_puts_otherwise_than_in_degrees_asks_nobody(service, lat):
    registry = ToolRegistry()
    registry.add(weather_tool(WeatherService(service.url)))

    with pytest.raises(ToolError, match=r"not JSON|must be a number|do not fit"):
        await registry.call("get_weather", f'{{"lat": {lat}, "lng": 2, "location": "Sea"}}')

    assert service.asked == []


async def test_the_proxy_of_the_environment_is_not_asked(service, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    await toronto(WeatherService(service.url))

    assert len(service.asked) == 1


async def test_the_model_calls_it_by_lat_lng_and_location(service):
    registry = ToolRegistry()
    registry.add(weather_tool(WeatherService(service.url)))

    answer = await registry.call("get_weather", '{"lat": 1, "lng": 2, "location": "Sea"}')

    assert answer["temperature"]["units"] == "°C"
    with pytest.raises(ToolError, match="'location' is missing; 'lat' must be at most 90"):
        await registry.call("get_weather", '{"lat": 91, "lng": 2}')
