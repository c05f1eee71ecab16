from __future__ import annotations

from typing import Any

import pytest

from console.simulator.assistant import results
from console.simulator.assistant.turn_view import ToolResult


def answer(name: str, arguments: dict[str, Any], output: Any) -> list[str]:
    return [results.answer(ToolResult(name, arguments, output))]


def test_the_weather_is_told_with_its_units():
    output = {
        "temperature": {"value": 19.44, "units": "°C"},
        "wind_speed": {"value": 17, "units": "km/h"},
    }

    assert answer("get_weather", {"location": "Toronto"}, output) == [
        "It is 19.4 °C in Toronto right now, with wind at 17 km/h."
    ]


def test_the_weather_in_other_units_keeps_them():
    said = answer("get_weather", {}, {"temperature": {"value": 66.0, "units": "°F"}})

    assert said == ["It is 66 °F there right now."]


def test_the_weather_without_units_and_deep_inside_is_found():
    said = answer("forecast", {"city": "Rome"}, {"current": {"temp_c": 20, "windspeed": 3.0}})

    assert said == ["It is 20 °C in Rome right now, with wind at 3 km/h."]


def test_the_wind_alone_is_told():
    said = answer("get_weather", {}, {"wind_speed": {"value": 3, "units": "m/s"}})

    assert said == ["The wind blows at 3 m/s there right now."]


def test_a_memory_is_confirmed_in_words():
    said = answer("set_memory", {"key": "name", "value": "Ada"}, {"ok": True})

    assert said == ["I will remember that your name is Ada."]


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            {"error": "The weather service cannot be reached at api.example.org; check it."},
            ": the weather service cannot be reached",
        ),
        (
            {"error": "The weather service at 127.0.0.1:80 did not answer within 2.5 s."},
            ": the weather service did not answer within 2.5 s",
        ),
        ({"error": "It refused the question (HTTP 503)."}, ": it refused the question"),
        ({"error": {"message": "no key for https://example.org/x"}}, ": no key"),
        ({"ok": False, "message": "DNS is down"}, ": DNS is down"),
        ({"ok": False}, ": it gives no reason"),
        ("Error: timed out", ": timed out"),
        ("Error", ""),
    ],
)
def test_a_failure_is_told_for_people(output, reason):
    assert answer("get_weather", {"location": "Rome"}, output) == [
        f"I could not get the weather for Rome{reason}."
    ]


def test_another_tool_that_fails_is_named():
    assert answer("turn_light", {}, {"error": "The lamp is broken."}) == [
        "I could not use the tool turn light: the lamp is broken."
    ]


def test_a_failed_memory_is_not_promised():
    said = answer("set_memory", {"key": "name", "value": "Ada"}, {"error": "full"})

    assert said == ["I could not remember that: full."]


@pytest.mark.parametrize("output", [{"ok": True}, {"status": "success"}, {}])
def test_a_bare_success_is_told(output):
    assert answer("turn_light", {}, output) == ["Done: turn light has worked."]


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ({"price": 12.5, "in_stock": 3}, "The tool shop says: price 12.5, in stock 3."),
        ("all is well", "The tool shop says: all is well."),
        ([1, 2], "The tool shop says: 1, 2."),
        (42, "The tool shop says: 42."),
        (None, "Done: shop has answered nothing more."),
    ],
)
def test_other_answers_are_read_out(output, said):
    assert answer("shop", {}, output) == [said]


def test_a_long_answer_is_cut():
    (said,) = answer("shop", {}, {f"key_{n}": "word " * 100 for n in range(50)})

    assert len(said) < 2000
