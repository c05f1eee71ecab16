from __future__ import annotations

import pytest

from console.simulator.assistant import gazetteer, tool_slots
from console.simulator.assistant.facts import Fact
from tests.simulator.turns import MEMORY, NUMBER, STRING, TOOLS, WEATHER, tool

LIGHT = tool(
    "turn_light",
    "Switches the light in a room.",
    ["on"],
    on={"type": "boolean"},
    color={"type": "string", "enum": ["red", "dark blue", "blue"]},
)
TIMER = tool("set_timer", "Starts a timer.", ["minutes"], minutes={"type": "integer"}, label=STRING)


def arguments(definition, text):
    return dict(tool_slots.fill(definition, text).arguments)


def test_a_place_gets_its_coordinates():
    assert arguments(WEATHER, "weather in Toronto") == {
        "lat": 43.7001,
        "lng": -79.4163,
        "location": "Toronto",
    }


def test_coordinates_are_found_by_other_names_too():
    other = tool("w", "", [], latitude=NUMBER, longitude=NUMBER, city=STRING, timezone=STRING)

    assert arguments(other, "in Tokyo") == {
        "latitude": 35.6895,
        "longitude": 139.6917,
        "city": "Tokyo",
        "timezone": "Asia/Tokyo",
    }


def test_without_a_place_what_is_required_is_missing():
    assert tool_slots.fill(WEATHER, "the weather").missing == ["lat", "lng", "location"]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("turn the light on", {"on": True}),
        ("turn off the light", {"on": False}),
        ("turn on the light in dark blue", {"on": True, "color": "dark blue"}),
        ("make it blue", {"color": "blue"}),
    ],
)
def test_booleans_and_choices_are_filled_by_words(text, filled):
    assert arguments(LIGHT, text) == filled


@pytest.mark.parametrize("text", ["set a timer for five minutes", "timer 5"])
def test_whole_numbers_are_filled_from_words_and_digits(text):
    value = arguments(TIMER, text)["minutes"]

    assert value == 5
    assert isinstance(value, int)


def test_an_optional_text_is_filled_from_quotes_only():
    assert arguments(TIMER, 'set a timer of 5 minutes "tea"') == {"minutes": 5, "label": "tea"}
    assert arguments(TIMER, "set a timer for 5 minutes") == {"minutes": 5}


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("search for red shoes", "red shoes"),
        ("search red shoes", "red shoes"),
        ('search "red shoes" please', "red shoes"),
        ("search", None),
    ],
)
def test_a_required_text_is_what_the_sentence_is_about(text, query):
    search = tool("search", "Finds things.", ["query"], query=STRING)

    assert arguments(search, text).get("query") == query


def test_one_text_fills_one_slot():
    message = tool("send_message", "", ["to", "body"], to=STRING, body=STRING)

    assert tool_slots.fill(message, "send a message to Bob saying hi").missing == ["body"]


def test_lists_and_objects_are_never_made_up():
    odd = tool("odd", "", ["items"], items={"type": "array"})

    assert tool_slots.fill(odd, "odd items one two").missing == ["items"]


@pytest.mark.parametrize("parameters", [None, [], {"properties": 5}, {"required": "all"}, "x"])
def test_a_malformed_schema_asks_for_nothing(parameters):
    filled = tool_slots.fill({"name": "odd", "parameters": parameters}, "odd")

    assert (dict(filled.arguments), filled.missing) == ({}, [])


def test_a_tool_is_chosen_by_the_words_that_it_shares():
    tools = [*TOOLS, LIGHT, TIMER]

    assert tool_slots.choose(tools, "the lights in the room please") is LIGHT
    assert tool_slots.choose(tools, "timer") is TIMER
    assert tool_slots.choose(tools, "what is the meaning of life") is None
    assert tool_slots.choose([], "timer") is None


def test_only_functions_with_a_name_are_usable():
    assert tool_slots.usable([{"type": "mcp", "name": "x"}, {"type": "function"}, LIGHT]) == [LIGHT]


def test_a_tool_is_found_by_name_and_by_word():
    assert tool_slots.named(TOOLS, "set_memory") is MEMORY
    assert tool_slots.named(TOOLS, "nothing") is None
    assert tool_slots.with_word(TOOLS, "weather") is WEATHER
    assert tool_slots.with_word([tool("fetchWeatherNow")], "weather") is not None


def test_a_tool_of_idle_words_is_never_named():
    assert not tool_slots.says_all_of(tool("get_the"), "get the thing")
    assert tool_slots.says_all_of(LIGHT, "turn the lights on")


def test_a_fact_goes_into_key_and_value():
    filled = tool_slots.fill_fact(MEMORY, Fact("name", "Ada"))

    assert dict(filled.arguments) == {"key": "name", "value": "Ada"}
    assert filled.name == "set_memory"


def test_a_fact_for_a_tool_without_a_key_is_a_sentence():
    note = tool("remember", "", ["text"], text=STRING)

    assert dict(tool_slots.fill_fact(note, Fact("name", "Ada")).arguments) == {
        "text": "your name is Ada"
    }


def test_a_namesake_is_labelled_with_its_region():
    city = gazetteer.load().find("Paris, Texas")

    assert tool_slots.fill(WEATHER, "", city).arguments["location"] == "Paris, Texas"
