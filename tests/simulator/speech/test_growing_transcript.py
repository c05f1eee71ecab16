import numpy as np
import pytest

from console import pcm
from console.simulator.speech.growing_transcript import LONGEST_MS, STEP_MS, GrowingTranscript


def sound(duration_ms, level=0.2):
    return pcm.from_float(np.full(pcm.ms_to_samples(duration_ms), level))


@pytest.fixture
def growing():
    return GrowingTranscript()


def drafts(growing, *texts):
    """Say one step after the other, and let it be drafted so; returns what is sure after each."""
    sure = []
    for text in texts:
        growing.hear(sound(STEP_MS))
        assert growing.next_sound() is not None
        sure.append(growing.drafted(text))
    return sure


def test_nothing_is_drafted_before_there_is_enough(growing):
    growing.hear(sound(STEP_MS - 1))
    assert growing.next_sound() is None

    growing.hear(sound(1))
    assert growing.next_sound() == sound(STEP_MS)
    assert growing.next_sound() is None


def test_what_two_drafts_agree_on_is_sure(growing):
    assert drafts(
        growing, "What is.", "What is that?", "What is the weather?", "What is the weather in San."
    ) == ["", "What is", "What is", "What is the weather"]


def test_what_was_sure_stays_sure_and_goes_on_behind_it(growing):
    assert drafts(growing, "Ice cream.", "Ice cream is.", "I scream is.", "I scream is cold.") == [
        "",
        "Ice cream",
        "Ice cream is",
        "Ice cream is",
    ]


def test_a_draft_that_found_nothing_takes_nothing_back(growing):
    assert drafts(growing, "Good morning.", "Good morning.", "")[-1] == "Good morning"


def test_a_long_window_is_closed_in_its_quietest_place(growing):
    growing.hear(sound(9000) + sound(60, level=0.0) + sound(LONGEST_MS - 9000))

    head = growing.next_sound()

    assert head is not None
    assert 9000 <= pcm.bytes_to_ms(len(head)) <= 9060
    assert growing.drafted("That is all.") == "That is all"
    assert len(growing.next_sound() or b"") == len(sound(LONGEST_MS + 60)) - len(head)


def test_what_follows_a_closed_window_is_no_new_sentence(growing):
    growing.hear(sound(LONGEST_MS + 1))
    growing.next_sound()
    growing.drafted("That is all.")

    assert drafts(growing, "That we know", "That we know of")[-1] == "That is all that we know"
    assert drafts(growing, "I think", "I think so")[-1] == "That is all that we know"


def test_the_own_person_stays_a_capital_letter(growing):
    growing.hear(sound(LONGEST_MS + 1))
    growing.next_sound()
    growing.drafted("And so")

    assert drafts(growing, "I'm here", "I'm here")[-1] == "And so I'm here"


def test_what_was_sure_of_a_window_stays_when_it_is_closed(growing):
    drafts(growing, "Ice cream", "Ice cream")
    growing.hear(sound(LONGEST_MS))
    growing.next_sound()

    assert growing.drafted("I scream for more.") == "Ice cream for more"
