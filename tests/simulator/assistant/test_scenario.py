from __future__ import annotations

import dataclasses
import re

import pytest

from console.simulator.assistant.scenario import Ask, Rule, Say, Scenario, When, plain
from tests.simulator.turns import call, image, output, said, spoken, turn

YES = (Say(("Yes.",)),)


def holds(when: When, *items, **response) -> bool:
    return when.holds(dataclasses.replace(turn(*items), **response))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("What's the time?", "whats the time"),
        ("  Book a TAXI, please! ", "book a taxi please"),
        ("It\u2019s 5 p.m.", "its 5 p m"),
        ("Stra\u00dfe", "strasse"),
        ("...", ""),
    ],
)
def test_texts_are_compared_without_case_and_punctuation(text, same):
    assert plain(text) == plain(same) == same


def test_what_was_typed_or_spoken_last_counts():
    when = When(says=frozenset({"hello", "hi there"}))

    assert holds(when, "Hello!")
    assert holds(when, spoken("Hi, there."))
    assert holds(when, "hello", said("Hi."), "hello")
    assert not holds(when, "hello", said("Hi."), "goodbye")
    assert not holds(when, "hello world")


def test_what_the_user_said_before_an_answer_or_a_result_is_no_new_message():
    when = When(says=frozenset({"hello"}))

    assert not holds(when, "hello", said("Hi."))
    assert not holds(when, "hello", call("f", {}), output("x"))
    assert not holds(when)


def test_nothing_understood_can_be_a_condition():
    when = When(says=frozenset({""}))

    assert holds(when, spoken(None))
    assert holds(when, image())
    assert not holds(when, "hello")


def test_a_pattern_is_found_anywhere_in_the_message():
    when = When(matches=re.compile(r"\btaxi to (\w+)", re.IGNORECASE))

    assert holds(when, "I need a Taxi to Rome")
    assert not holds(when, "I need a taxi")


def test_a_turn_is_counted_in_messages_of_the_user_and_is_not_its_tools_answers():
    when = When(turn=2)

    assert holds(when, "one", said("1"), "two")
    assert not holds(when, "one")
    assert not holds(when, "one", "two", call("f", {}), output("x"))


def test_the_output_of_a_tool_is_a_condition_until_somebody_speaks():
    when = When(output_of="f")

    assert holds(when, "go", call("f", {}), output("x"))
    assert not holds(when, "go", call("g", {}), output("x"))
    assert not holds(when, "go", call("f", {}), output("x"), said("It is x."))


def test_turn_and_output_hold_together():
    assert holds(When(turn=1, output_of="f"), "go", call("f", {}), output("x"))
    assert not holds(When(turn=2, output_of="f"), "go", call("f", {}), output("x"))


def test_a_response_without_a_new_message_is_unasked():
    when = When(unasked=True)

    assert holds(when)
    assert holds(when, "hello", said("Hi."))
    assert not holds(when, "hello")
    assert not holds(when, "go", call("f", {}), output("x"))


def test_metadata_and_band_are_conditions_of_any_response():
    metadata = When(metadata={"topic": "x"})
    aside = When(out_of_band=True)

    assert holds(metadata, "hello", metadata={"topic": "x", "more": "y"})
    assert not holds(metadata, "hello", metadata={"topic": "z"})
    assert holds(metadata, metadata={"topic": "x"})
    assert holds(aside, "hello", is_out_of_band=True)
    assert not holds(aside, "hello")
    assert holds(When(out_of_band=False), "hello")


def test_the_first_rule_that_holds_is_followed():
    hello = When(says=frozenset({"hello"}))
    first, second = (Say(("One.",)),), (Say(("Two.",)),)
    scenario = Scenario(rules=(Rule(When(turn=2), first), Rule(hello, second)), otherwise=YES)

    assert scenario.steps(turn("hello")) == second
    assert scenario.steps(turn("a", "hello")) == first
    assert scenario.steps(turn("a")) == YES


def test_without_rules_the_usual_assistant_answers():
    assert Scenario().steps(turn("hello")) == (Ask(),)
