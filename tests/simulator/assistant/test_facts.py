from __future__ import annotations

import pytest

from console.simulator.assistant import facts
from console.simulator.assistant.facts import Fact


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("remember that my name is Ada", "name", "Ada"),
        ("Remember that my name is ada.", "name", "Ada"),
        ("My name is Ada Lovelace!", "name", "Ada Lovelace"),
        ("please remember my name is Peter", "name", "Peter"),
        ("remember my favourite colour is blue", "favorite_color", "blue"),
        ("could you please remember my favorite color is blue", "favorite_color", "blue"),
        ("call me Ishmael", "name", "Ishmael"),
        ("my favourite colour is blue", "favorite_color", "blue"),
        ("remember that my dog's name is Rex", "dogs_name", "Rex"),
        ("i live in san francisco", "city", "San Francisco"),
        ("I am twenty five years old", "age", "25"),
        ("remember that I like tea", "likes", "tea"),
        ("remember I have two cats", "has", "two cats"),
        ("remember to buy milk", "note", "buy milk"),
        ("remember: the door code is 1234", "note", "the door code is 1234"),
    ],
)
def test_a_fact_is_a_key_and_a_value(text, key, value):
    assert facts.parse(text) == Fact(key, value)


@pytest.mark.parametrize(
    "text",
    [
        "what is my name",
        "I like tea",
        "remember",
        "remember what I said",
        "my name is a dog",
        "remember that my name is a",
        "my name is paid for",
        "remember that my name is eight the",
        "my question is what the weather will be like in Paris tomorrow",
        "",
    ],
)
def test_what_tells_nothing_is_no_fact(text):
    assert facts.parse(text) is None


def test_keys_are_short_and_in_snake_case():
    assert facts.snake("The Très long Name of it All") == "the_tres_long_name"


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        (Fact("name", "Ada"), "your name is Ada"),
        (Fact("favorite_color", "blue"), "your favorite color is blue"),
        (Fact("city", "Paris"), "you live in Paris"),
        (Fact("age", "25"), "you are 25 years old"),
        (Fact("note", "buy milk"), "you asked me to note: buy milk"),
    ],
)
def test_a_fact_is_told_to_whom_it_is_about(fact, sentence):
    assert facts.sentence(fact) == sentence


def test_a_colour_of_two_words_is_doubtful():
    assert facts.is_doubtful(Fact("favorite_color", "a player"))
    assert not facts.is_doubtful(Fact("favorite_color", "teal"))
