from __future__ import annotations

import pytest

from console.simulator.assistant import manner
from console.simulator.assistant.manner import Manner

ANSWER = ["It is warm.", "The wind is light."]


@pytest.mark.parametrize(
    "instructions",
    ["Answer shortly.", "Be brief", "keep your answers short", "Please reply in one sentence."],
)
def test_a_brief_answer_is_the_first_sentence(instructions):
    assert manner.read(instructions).shape(ANSWER) == ["It is warm."]


@pytest.mark.parametrize(
    "instructions", ["", "Be friendly.", "Never be brief.", "Do not answer shortly"]
)
def test_without_such_an_instruction_the_answer_is_whole(instructions):
    assert manner.read(instructions).shape(ANSWER) == ANSWER


def test_what_was_asked_for_at_length_is_not_cut():
    assert manner.read("Be brief.").shape(ANSWER, is_whole=True) == ANSWER


@pytest.mark.parametrize(
    "instructions",
    [
        "always mention San Francisco",
        "You are helpful. Always mention the city San Francisco in every answer. Be kind.",
        "Mention San Francisco in each reply.",
        "In every answer, mention San Francisco.",
        'Always say "San Francisco".',
    ],
)
def test_what_is_always_to_be_mentioned_is_in_every_answer(instructions):
    said = manner.read(instructions).shape(ANSWER)

    assert said[:2] == ANSWER
    assert "San Francisco" in said[2]


def test_what_was_mentioned_already_is_not_mentioned_again():
    said = ["It is warm in san francisco."]

    assert manner.read("always mention San Francisco").shape(said) == said


def test_a_brief_answer_still_mentions_what_it_must():
    said = manner.read("Be brief. Always mention San Francisco.").shape(ANSWER)

    assert said[0] == "It is warm."
    assert "San Francisco" in said[1]
    assert len(said) == 2


def test_what_is_mentioned_is_said_in_other_words_each_turn():
    wanted = manner.read("always mention San Francisco")
    said = [wanted.shape(ANSWER, turn_number=number)[-1] for number in range(4)]

    assert len(set(said)) == 4
    assert all("San Francisco" in each and "I am to" not in each for each in said)
    assert wanted.shape(ANSWER, turn_number=4)[-1] == said[0]


def test_what_is_no_place_is_mentioned_as_a_thing():
    said = manner.read("always mention tea").shape(ANSWER)

    assert said[-1] == "By the way, tea has just come to my mind."


def test_the_wishes_of_the_user_add_to_the_instructions():
    wanted = manner.follow(
        manner.read("Your name is Hal."),
        ["answer shortly", "hello", "always mention san francisco"],
    )

    assert wanted == Manner(is_brief=True, mentions=("San Francisco",), name="Hal")


def test_a_wish_can_be_taken_back():
    before = Manner(is_brief=True, mentions=("tea",))

    assert manner.follow(before, ["stop mentioning tea", "answer at length"]) == Manner()


@pytest.mark.parametrize(
    ("wish", "promise"),
    [
        ("always mention San Francisco", "always mention San Francisco"),
        ("From now on, always mention san francisco!", "always mention San Francisco"),
        ("Please answer shortly.", "answer shortly"),
        ("be brief and always mention tea", "always mention tea and answer shortly"),
        ("stop mentioning tea", "no longer mention it"),
        ("do not answer shortly", "answer at length again"),
    ],
)
def test_a_wish_is_acknowledged(wish, promise):
    assert manner.acknowledge(wish) == f"All right, I will {promise}."


@pytest.mark.parametrize(
    "text",
    ["be quiet", "does he always mention it?", "tell me a short story", "answer me", "stop", "",
     "is the talk short", "do you always speak shortly?"],
)  # fmt: skip
def test_other_words_are_no_wish(text):
    assert manner.acknowledge(text) is None
    assert manner.follow(Manner(), [text]) == Manner()


def test_an_answer_ends_as_it_is_told():
    assert manner.read("End every answer with over and out.").shape(ANSWER)[-1] == "over and out."


def test_a_pirate_speaks_like_one():
    assert manner.read("Speak like a pirate.").shape(ANSWER)[0].startswith("Arr")


def test_the_assistant_takes_its_name():
    assert manner.read("Your name is Hal.") == Manner(name="Hal")
