from __future__ import annotations

import pytest

from console.simulator import manner
from console.simulator.manner import Manner

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


def test_an_answer_ends_as_it_is_told():
    assert manner.read("End every answer with over and out.").shape(ANSWER)[-1] == "over and out."


def test_a_pirate_speaks_like_one():
    assert manner.read("Speak like a pirate.").shape(ANSWER)[0].startswith("Arr")


def test_the_assistant_takes_its_name():
    assert manner.read("Your name is Hal.") == Manner(name="Hal")
