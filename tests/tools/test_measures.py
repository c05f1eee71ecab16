"""Values with their units."""

import pytest

from console.tools.measures import Measure


@pytest.mark.parametrize(
    ("value", "unit", "units", "written"),
    [
        (19.4, "°C", "imperial", "66.9 °F"),
        (-40, "°C", "imperial", "-40 °F"),
        (66.9, "°F", "metric", "19.4 °C"),
        (17.9, "km/h", "imperial", "11.1 mph"),
        (10, "m/s", "imperial", "22.4 mph"),
        (10, "mp/h", "metric", "16.1 km/h"),
        (19.4, "°C", "metric", "19.4 °C"),
        (7, "kn", "imperial", "7 kn"),
    ],
)
def test_a_measure_is_told_in_the_units_that_are_wanted(value, unit, units, written):
    assert str(Measure(value, unit).within(units)) == written


def test_a_measure_without_a_unit_is_a_number():
    assert str(Measure(3.0, "")) == "3"
    assert Measure(3.5, "kn").as_dict() == {"value": 3.5, "units": "kn"}
