import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.simulator.protocol import told_words

SENTENCES = st.lists(st.sampled_from(["I", "ice", "cream", "scream", "is", "cold."])).map(" ".join)


@pytest.mark.parametrize(
    ("told", "text", "rest"),
    [
        ("", "Good morning.", "Good morning."),
        ("Good", "Good morning.", " morning."),
        ("Good morning", "Good morning.", "."),
        ("Good morning", "good morning, Ada.", " Ada."),
        ("I scream", "Ice cream is cold.", " is cold."),
        ("Ice scream", "Ice cream is cold.", " is cold."),
        ("What is the whether", "What is the weather in Rome?", " in Rome?"),
        ("Good morning Ada", "Good morning.", "."),
        ("Good morning.", "Good day.", ""),
        ("Good morning", "", ""),
    ],
)
def test_what_was_told_stays_and_the_rest_follows(told, text, rest):
    assert told_words.rest(told, text) == rest


@given(SENTENCES, SENTENCES)
def test_no_word_that_is_left_to_tell_is_made_up(told, text):
    rest = told_words.rest(told, text)

    assert text.endswith(rest.strip())


@given(SENTENCES)
def test_pieces_are_words_and_together_the_text(text):
    assert "".join(told_words.pieces(text)) == text
    assert len(told_words.pieces(text)) == len(text.split())
