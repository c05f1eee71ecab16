from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.simulator.assistant import gazetteer, numbers


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (20, "twenty"),
        (21, "twenty-one"),
        (100, "one hundred"),
        (342, "three hundred and forty-two"),
        (1000, "one thousand"),
        (2_500_017, "two million five hundred thousand seventeen"),
        (-7, "minus seven"),
    ],
)
def test_numbers_are_written_in_words(number, words):
    assert numbers.to_words(number) == words


@given(st.integers(min_value=0, max_value=999_999_999))
def test_what_is_written_in_words_is_found_again(number):
    words = gazetteer.fold(numbers.to_words(number)).split()

    assert numbers.find(words) == [number]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("count to twenty", [20]),
        ("from three to seven", [3, 7]),
        ("two three", [2, 3]),
        ("twenty five", [25]),
        ("twenty thirty", [20, 30]),
        ("a hundred", [100]),
        ("one hundred and five", [105]),
        ("five and six", [5, 6]),
        ("12 or 7", [12, 7]),
        ("none of it", []),
        ("hundred", []),
        ("3rd place", []),
        ("to minus three", [-3]),
        ("minus 3", [-3]),
        ("from minus two to minus four", [-2, -4]),
        ("negative twenty five", [-25]),
        ("ten minus three", [10, 3]),
    ],
)
def test_numbers_are_found_in_a_sentence(text, found):
    assert numbers.find(text.split()) == found


def test_a_minus_sign_becomes_a_word_and_a_hyphen_stays():
    assert numbers.with_signs_in_words("-3 or \N{MINUS SIGN}4, not 5-6") == (
        "minus 3 or minus 4, not 5-6"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2+3", "2 plus 3"),
        ("what is 2 + -3?", "what is 2 plus minus 3?"),
        ("C++ and 3+", "C++ and 3+"),
    ],
)
def test_a_plus_between_numbers_is_a_word(text, words):
    assert numbers.with_signs_in_words(text) == words
