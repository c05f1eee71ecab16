from __future__ import annotations

import pytest

from console.simulator.assistant.question import Question
from tests.simulator.turns import TOOLS, WEATHER, turn


def ask(text: str, **options) -> Question:
    return Question(turn(text, **options), text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("What's the weather?", "what is the weather"),
        ("I’m here & you're there", "i am here you are there"),  # noqa: RUF001
        ("how's the whether in Rome", "how is the weather in rome"),
        ("hows it going", "how is it going"),
        ("my favourite colour", "my favorite color"),
    ],
)
def test_words_are_matched_without_contractions_and_homophones(text, plain):
    assert ask(text).plain == plain


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("Could you please tell me a joke?", "tell me a joke"),
        ("tell me a joke for me please", "tell me a joke"),
        ("hello", "hello"),
        ("please stop", "stop"),
    ],
)
def test_politeness_is_not_part_of_the_core(text, core):
    assert ask(text).core == core


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("weather in Paris", "Paris"),
        ("what is it like in the city of Rome today", "Rome"),
        ("Tokyo weather", "Tokyo"),
        ("weather in tokio", "Tokyo"),
        ("is it nice in london", "London"),
    ],
)
def test_the_city_is_found_wherever_it_stands(text, city):
    found = ask(text).city

    assert found is not None
    assert found.name == city


@pytest.mark.parametrize(
    ("text", "cities"),
    [
        ("weather in paris and tokyo", ["Paris", "Tokyo"]),
        ("weather in Paris, Texas and in Rome", ["Paris", "Rome"]),
        ("is it warm in Paris, Tokyo and Rome", ["Paris", "Tokyo", "Rome"]),
        ("weather in london in ontario", ["London"]),
        ("weather in Paris and tell me a joke", ["Paris"]),
        ("weather in Paris, most of it", ["Paris"]),
        ("weather in paris and paris", ["Paris"]),
    ],
)
def test_all_cities_of_a_list_are_found(text, cities):
    assert [each.name for each in ask(text).cities] == cities


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("what time is it in Atlantis", "Atlantis"),
        ("weather in nowherecity today", "Nowherecity"),
        ("weather in New Foobar, please", "New Foobar"),
        ("weather in the city of Atlantis", "Atlantis"),
        ("weather in Paris and Atlantis?", "Atlantis"),
        ("weather in Paris and Tokyo", None),
        ("weather at home", None),
        ("weather in Paris", None),
        ("weather in the morning", None),
        ("what is the weather like for tomorrow", None),
        ("weather in five minutes", None),
    ],
)
def test_a_name_that_is_no_city_is_told_from_other_words(text, name):
    assert ask(text).unknown_city == name


def test_no_city_is_made_up():
    assert ask("is it nice outside").city is None


def test_tools_are_none_when_the_session_forbids_them():
    assert ask("hi").tools == TOOLS
    assert ask("hi", tool_choice="none").tools == []


def test_other_kinds_of_tools_are_left_out():
    assert ask("hi", tools=[{"type": "mcp", "server_label": "x"}, WEATHER]).tools == [WEATHER]


def test_a_pattern_is_looked_for_as_whole_words():
    assert ask("tell me a joke").says("joke")
    assert not ask("I am joking").says("jok")


def test_a_pattern_may_be_all_that_was_said():
    assert ask("please stop").is_just("stop")
    assert not ask("stop the music").is_just("stop")
