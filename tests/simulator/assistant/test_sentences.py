from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.simulator.assistant.sentences import LONGEST, SentenceSplitter


def split(text: str, size: int = 3) -> list[str]:
    """All sentences of a text that comes in pieces of `size` characters."""
    splitter = SentenceSplitter()
    found = [
        each for at in range(0, len(text), size) for each in splitter.feed(text[at : at + size])
    ]
    return found + splitter.flush()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Hello there. How are you?", ["Hello there.", "How are you?"]),
        ("Stop! Now. Or never", ["Stop!", "Now.", "Or never"]),
        ("Dr. Smith and Mrs. Jones met.", ["Dr. Smith and Mrs. Jones met."]),
        ("Fruit, e.g. Apples, is good. Yes.", ["Fruit, e.g. Apples, is good.", "Yes."]),
        ("The U.S. Army of J. K. Rowling.", ["The U.S. Army of J. K. Rowling."]),
        ("So am I. And you?", ["So am I.", "And you?"]),
        ("At 5 p.m. We leave.", ["At 5 p.m.", "We leave."]),
        ("It is 3.14 and 2,000. Good.", ["It is 3.14 and 2,000.", "Good."]),
        ("It costs 5. Then it is free.", ["It costs 5.", "Then it is free."]),
        ("1. Wake up\n2. Get up.\n3. Go", ["1. Wake up", "\n2. Get up.", "\n3. Go"]),
        ("Well... maybe. Yes", ["Well... maybe.", "Yes"]),
        ("Yahoo! is a name. No.", ["Yahoo! is a name.", "No."]),
        ('She said "Go." He went.', ['She said "Go."', "He went."]),
        ("Really?! Yes.", ["Really?!", "Yes."]),
        ("First.\n\nSecond", ["First.", "\n\nSecond"]),
        ("\u4f60\u597d\u3002\u518d\u89c1\u3002", ["\u4f60\u597d\u3002", "\u518d\u89c1\u3002"]),
        ("no end mark", ["no end mark"]),
        ("  \n ", []),
        ("", []),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_text_is_cut_where_its_sentences_end(text, sentences, size):
    assert split(text, size) == sentences


def test_a_sentence_is_there_as_soon_as_the_next_one_begins():
    splitter = SentenceSplitter()

    assert splitter.feed("It rains.") == []
    assert splitter.feed(" T") == ["It rains."]
    assert splitter.flush() == ["T"]


def test_a_very_long_sentence_is_cut_at_a_pause():
    text = "word " * 50 + "end, " + "more " * 40

    cut = split(text)

    assert cut[0].endswith("end,")
    assert all(len(each) <= LONGEST for each in cut)


def test_a_word_without_pauses_is_cut_as_well():
    assert [len(each) for each in split("x" * (2 * LONGEST + 1), 50)] == [LONGEST, LONGEST, 1]


def test_after_the_end_the_next_text_begins_anew():
    splitter = SentenceSplitter()
    splitter.feed("One")
    splitter.flush()

    assert splitter.feed("Two. Three") == ["Two."]


@given(st.text(alphabet="ab. !?\n3,D\u3002", max_size=400), st.integers(1, 20))
def test_nothing_but_white_space_is_lost_however_the_text_comes(text, size):
    cut = split(text, size)

    assert "".join("".join(cut).split()) == "".join(text.split())
    assert cut == split(text, len(text) + 1)
