"""What is done when a tool is called."""

import pytest

from console.app.tool_lab.handling import MAX_ANSWER_CHARACTERS, Handling, read_handling


def test_nothing_said_is_simply_run():
    assert read_handling({}) == (Handling(), [])
    assert Handling().remarks() == ()


def test_all_that_can_be_said_together():
    handling, problems = read_handling({"approve": True, "delay_s": 1.5, "answer": None})

    assert problems == []
    assert handling == Handling(is_approved=True, delay_s=1.5, is_mocked=True)
    assert handling.remarks() == ("asks first", "after 1.5 s", "answers from here")


def test_a_failure_has_its_reason():
    handling, _ = read_handling({"fail": "No money."})

    assert handling == Handling(failure="No money.")
    assert handling.remarks() == ("fails",)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"delay_s": 121}, "delay_s: must be a number from 0 to 120, not 121"),
        ({"delay_s": "soon"}, "delay_s: must be a number"),
        ({"approve": "yes"}, "approve: must be"),
        ({"answer": 1, "fail": "No."}, "fail: leave out this or answer"),
        ({"fail": ""}, "fail: say why"),
        ({"fail": "x" * 501}, "fail: must be text of at most 500"),
        ({"answer": "x" * (MAX_ANSWER_CHARACTERS + 1)}, "answer: has more than 8,000"),
        ({"mock": 1}, "mock: is no field here"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field(value, words):
    handling, problems = read_handling(value)

    assert handling is None
    assert any(words in str(each) for each in problems)
