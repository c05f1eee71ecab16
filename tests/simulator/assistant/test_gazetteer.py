from __future__ import annotations

import math
from zoneinfo import ZoneInfo

import pytest

from console.simulator.assistant import gazetteer
from console.simulator.assistant.gazetteer import City, Gazetteer


@pytest.fixture(scope="module")
def table() -> Gazetteer:
    return gazetteer.load()


@pytest.mark.parametrize(
    ("said", "name", "country"),
    [
        ("paris", "Paris", "France"),
        ("Tokio", "Tokyo", "Japan"),
        ("san francisco", "San Francisco", "United States"),
        ("new york city", "New York", "United States"),
        ("NYC", "New York", "United States"),
        ("Toronto today", "Toronto", "Canada"),
        ("são paulo", "São Paulo", "Brazil"),
        ("sao paulo", "São Paulo", "Brazil"),
        ("zurich", "Zurich", "Switzerland"),
        ("köln", "Cologne", "Germany"),
        ("st. louis", "St. Louis", "United States"),
        ("los angelos", "Los Angeles", "United States"),
        ("reykjavik", "Reykjavík", "Iceland"),
    ],
)
def test_a_city_is_found_by_its_name_however_it_is_written(table, said, name, country):
    city = table.find(said)

    assert city is not None
    assert (city.name, city.country) == (name, country)


@pytest.mark.parametrize("said", ["Ada", "blorpville", "", "xyz", "!!", "on a hill"])
def test_what_is_no_city_is_not_found(table, said):
    assert table.find(said) is None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Wladiwostok", "Vladivostok"),
        ("Moskow", "Moscow"),
        ("Lodnon", "London"),
        ("Parris", "Paris"),
        ("philadelfia", "Philadelphia"),
        ("san fransisco", "San Francisco"),
    ],
)
def test_a_misspelt_name_is_guessed(table, said, name):
    assert table.find(said).name == name


@pytest.mark.parametrize("said", ["Atlantis", "Atlantic", "Paros", "Nowherecity", "Gotham", "home"])
def test_another_word_is_not_taken_for_a_similar_city(table, said):
    assert table.find(said) is None


def test_of_several_cities_with_one_name_the_biggest_is_meant(table):
    assert table.find("london").country == "United Kingdom"


@pytest.mark.parametrize(
    ("said", "region"),
    [("paris texas", "Texas"), ("Paris, Texas", "Texas"), ("london in ontario", "Ontario")],
)
def test_what_follows_the_name_chooses_between_namesakes(table, said, region):
    assert table.find(said).region == region


def test_only_a_namesake_is_labelled_with_its_region(table):
    assert table.label(table.find("paris")) == "Paris"
    assert table.label(table.find("paris texas")) == "Paris, Texas"


@pytest.mark.parametrize(
    ("area", "name"),
    [("france", "Paris"), ("the usa", "Washington"), ("california", "Los Angeles")],
)
def test_a_country_stands_for_its_capital_and_a_state_for_its_biggest_city(table, area, name):
    city = table.find(area.removeprefix("the "))

    assert city.name == name


def test_guessing_can_be_switched_off(table):
    assert table.find("tokio", may_guess=False) is None


def test_scanning_finds_the_name_in_a_sentence(table):
    place = table.scan("tell me about San Francisco and its bridges")

    assert place.city.name == "San Francisco"
    assert (place.start, place.end) == (3, 5)
    assert place.is_exact


@pytest.mark.parametrize("text", ["is it nice outside", "i was reading", "my mobile of most use"])
def test_scanning_does_not_take_common_words_for_cities(table, text):
    assert table.scan(text) is None


def test_the_table_is_plausible(table):
    assert len(table.cities) >= 1000
    assert all(
        -90 <= each.latitude <= 90 and -180 <= each.longitude <= 180 for each in table.cities
    )
    assert all(each.name and each.country and each.population >= 0 for each in table.cities)
    assert sum(each.is_capital for each in table.cities) > 150


def test_every_time_zone_is_known(table):
    for zone in {each.timezone for each in table.cities}:
        ZoneInfo(zone)


def test_coordinates_are_those_of_the_place(table):
    city = table.find("san francisco")

    assert math.isclose(city.latitude, 37.77, abs_tol=0.05)
    assert math.isclose(city.longitude, -122.42, abs_tol=0.05)


def test_spoken_cities_say_how_names_are_written(table):
    names = table.spoken_cities()

    assert names["sao paulo"] == "São Paulo"
    assert names["nyc"] == "NYC"
    assert "ada" not in names


def test_folding_leaves_words_without_accents_and_punctuation():
    assert gazetteer.fold("  What's up,\tŁódź? St. John's!") == "whats up lodz st johns"


def test_a_table_of_ones_own_works():
    here = City("Here", "Land", "", 1.0, 2.0, "UTC", 5, is_capital=True, is_spoken=True)

    assert Gazetteer([here]).find("land") is here
