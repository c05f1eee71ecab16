from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.simulator.speech import speakable


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("It is 19.4 °C.", "It is 19.4 degrees Celsius."),
        ("It is 1 °C.", "It is 1 degree Celsius."),
        ("-3°C", "minus 3 degrees Celsius"),
        ("17.9 km/h", "17.9 kilometers per hour"),
        ("5 mph, 80%", "5 miles per hour, 80 percent"),
        ("12 km away", "12 kilometers away"),
        ("It is 2:05 PM.", "It is 2 oh 5 P M."),
        ("at 14:00", "at 14 o'clock"),
        ("7:30 AM", "7 30 A M"),
        ("a & b_c", "a and b c"),
        ("two\nlines\tand more", "two lines and more"),
        ("nul\0 and \u202e turned", "nul and turned"),
        ("a well-known 3-step way", "a well-known 3-step way"),
    ],
)
def test_signs_and_units_are_said_in_words(text, spoken):
    assert speakable.expand(text) == spoken


def test_long_text_is_cut_at_pauses():
    text = "one two three, four five six, seven eight nine"

    assert speakable.parts(text, 20) == ["one two three,", "four five six,", "seven eight nine"]


def test_no_text_has_no_parts():
    assert speakable.parts("", 20) == []


@given(st.text(max_size=200), st.integers(min_value=2, max_value=30))
def test_parts_keep_every_letter_and_are_never_too_long(text, longest):
    plain = speakable.expand(text)

    parts = speakable.parts(plain, longest)

    assert "".join("".join(parts).split()) == "".join(plain.split())
    assert all(0 < len(each) <= longest for each in parts)
