from dataclasses import replace

from nicegui import ui

from console.app.view_model import Place
from console.tools.measures import Measure
from console.ui.elements.place_list import PlaceList
from tests.ui.composer_rig import tell
from tests.ui.demo_session import DemoSession, opened_page

WARM, WIND = Measure(19.4, "°C"), Measure(17.9, "km/h")
TORONTO = Place("Toronto", 43.7, -79.4, WARM, WIND, None, at_s=20.0)
OSLO = Place("Oslo", 59.9, 10.8, Measure(3, "°C"), Measure(2, "km/h"), None, at_s=10.0)


async def test_without_a_place_the_map_says_what_to_ask() -> None:
    async with opened_page(DemoSession()) as user:
        await user.should_see("No place yet")


async def test_the_newest_place_is_marked_and_described() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(OSLO)
        session.view.show_place(TORONTO)

        for words in ("Toronto", "43.70, -79.40", "19.4 °C", "17.9 km/h"):
            await user.should_see(words)
        await user.should_not_see("Oslo")
        await user.should_not_see("No place yet")
        (leaflet,) = user.find(kind=ui.leaflet).elements
        assert [each.to_dict()["args"][0] for each in leaflet.layers] == [
            {"lat": 43.7, "lng": -79.4}
        ]
        assert leaflet.center == (43.7, -79.4)


async def test_one_can_go_back_to_a_place_until_there_is_a_newer_one() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(OSLO)
        session.view.show_place(replace(TORONTO, temperature=None, wind=None))
        (places,) = user.find(kind=PlaceList).elements
        assert [each["name"] for each in places.props["places"]] == ["Oslo", "Toronto"]

        tell(places, "chosen", 0)
        session.view.show_place(TORONTO, is_update=True)

        await user.should_see("3 °C")
        assert places.props["chosen"] == 0
        (leaflet,) = user.find(kind=ui.leaflet).elements
        assert leaflet.center == (59.9, 10.8)

        session.view.show_place(replace(TORONTO, location="York", at_s=30.0))
        await user.should_see("York")
        assert places.props["chosen"] == 2


async def test_units_are_a_choice_for_all_places() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(OSLO)
        session.view.show_place(TORONTO)
        (switch,) = (each for each in user.find(kind=ui.button).elements if each.text == "°C, km/h")

        tell(switch, "click", {})

        await user.should_see("66.9 °F")
        await user.should_see("11.1 mph")
        (places,) = user.find(kind=PlaceList).elements
        assert [each["value"] for each in places.props["places"]] == ["37.4 °F", "66.9 °F"]
        assert switch.props["aria-label"] == "Units: imperial. Switch to metric"


async def test_the_browser_remembers_the_units() -> None:
    session = DemoSession()
    async with opened_page(session, {"rc_units": "imperial"}) as user:
        session.view.show_place(TORONTO)

        await user.should_see("66.9 °F")


async def test_who_says_what_the_weather_is_stands_below_it() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(TORONTO)

        await user.should_see("Weather from 127.0.0.1:9")


async def test_a_place_that_is_still_being_asked_about_claims_nothing() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(replace(TORONTO, temperature=None, wind=None))

        await user.should_see("…")
        await user.should_not_see("not known")


async def test_a_value_that_the_service_left_out_is_called_not_known() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(replace(TORONTO, wind=None))

        await user.should_see("not known")


async def test_weather_that_cannot_be_had_is_named_instead_of_values() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(
            replace(TORONTO, temperature=None, wind=None, error="The service is down.")
        )

        await user.should_see("The service is down.")
        await user.should_not_see("Temperature")
