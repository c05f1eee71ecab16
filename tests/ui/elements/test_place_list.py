from console.app.view_model import Place
from console.tools.measures import Measure
from console.ui.elements.place_list import PlaceList
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation

OSLO = Place("Oslo", 59.9, 10.8, Measure(3, "°C"), None, None, at_s=5.0)
NOWHERE = Place("Nowhere", 0, 0, None, None, "No.", at_s=7.0)


async def built(told):
    made = []
    async with user_simulation(root=lambda: made.append(PlaceList(told.append))) as user:
        await user.open("/")
        return made[0]


async def test_places_have_their_time_and_weather_in_the_units_that_were_chosen() -> None:
    places = await built([])

    places.show([OSLO, NOWHERE], 1, "imperial")

    assert places.props["chosen"] == 1
    assert places.props["places"] == [
        {"index": 0, "at": 5.0, "name": "Oslo", "value": "37.4 °F"},
        {"index": 1, "at": 7.0, "name": "Nowhere", "value": ""},
    ]


async def test_only_a_place_that_is_shown_can_be_chosen() -> None:
    told: list[int] = []
    places = await built(told)
    places.show([OSLO, NOWHERE], 1, "metric")

    for index in (0, 2, -1, "0", None):
        tell(places, "chosen", index)

    assert told == [0]
