from nicegui import ui

from console.app.view_model import Place
from tests.ui.demo_session import DemoSession, opened_page

TORONTO = Place("Toronto", 43.7, -79.4, "19.4 °C", "17.9 km/h", None)


async def test_without_a_place_the_map_says_what_to_ask() -> None:
    async with opened_page(DemoSession()) as user:
        await user.should_see("No place yet")


async def test_the_newest_place_is_marked_and_described() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(Place("Oslo", 59.9, 10.8, "3 °C", "2 km/h", None))
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


async def test_a_place_that_is_still_being_asked_about_claims_nothing() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(Place("Toronto", 43.7, -79.4, None, None, None))

        await user.should_see("…")
        await user.should_not_see("not known")


async def test_a_value_that_the_service_left_out_is_called_not_known() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(Place("Toronto", 43.7, -79.4, "19.4 °C", None, None))

        await user.should_see("not known")


async def test_weather_that_cannot_be_had_is_named_instead_of_values() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.show_place(Place("Toronto", 43.7, -79.4, None, None, "The service is down."))

        await user.should_see("The service is down.")
        await user.should_not_see("Temperature")
