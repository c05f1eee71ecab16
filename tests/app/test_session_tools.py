import asyncio

import pytest
import pytest_asyncio

from console.app.session_tools import SessionTools
from console.app.view_model import Target, ViewModel
from console.client import RealtimeClient
from console.errors import ToolError
from console.tools.measures import Measure

PARIS = '{"lat": 48.85, "lng": 2.35, "location": "Paris"}'
BODY = (
    b'{"current": {"temperature_2m": 19.4, "wind_speed_10m": 17.9},'
    b' "current_units": {"temperature_2m": "\xc2\xb0C", "wind_speed_10m": "km/h"}}'
)


@pytest_asyncio.fixture
async def weather_url():
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def client_with_tools(url):
    view = ViewModel(Target("simulator", "m", "v", "", True))
    client = RealtimeClient(url="ws://127.0.0.1:9")
    tools = SessionTools(view, url)
    await tools.add_to(client)
    await tools.add_to(client)
    return view, client


async def test_the_weather_moves_the_map_at_once_and_fills_the_card_when_it_comes(weather_url):
    view, client = await client_with_tools(weather_url)
    seen = []
    view.on_change = lambda part: seen.append((part, view.places[-1].temperature))

    await client.tools.call("get_weather", PARIS)

    assert seen == [("places", None), ("places", Measure(19.4, "°C"))]
    (place,) = view.places
    assert (place.location, place.latitude) == ("Paris", 48.85)
    assert place.wind == Measure(17.9, "km/h")


async def test_weather_that_cannot_be_had_says_why_on_the_card():
    view, client = await client_with_tools("http://127.0.0.1:9")

    with pytest.raises(ToolError) as caught:
        await client.tools.call("get_weather", PARIS)

    assert view.places[0].error == str(caught.value)
    assert "cannot be reached" in (view.places[0].error or "")


async def test_what_is_remembered_is_shown():
    view, client = await client_with_tools("http://127.0.0.1:9")

    await client.tools.call("set_memory", '{"key": "name", "value": "Ada"}')

    assert view.memory == {"name": "Ada"}


async def test_no_tool_of_the_console_takes_an_address():
    _, client = await client_with_tools("http://127.0.0.1:9")

    taken = {
        (each["name"], field)
        for each in client.tools.definitions()
        for field in each["parameters"]["properties"]
    }

    assert taken == {
        ("get_weather", "lat"),
        ("get_weather", "lng"),
        ("get_weather", "location"),
        ("set_memory", "key"),
        ("set_memory", "value"),
    }
