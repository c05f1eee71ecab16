"""Texts without what UTF-8 cannot carry."""

import pytest

from console.printable import half_character, printable


@pytest.mark.parametrize("text", ["", "plain", "caf\xe9", "\U0001f600", "\0\u2028"])
def test_a_text_that_utf_8_can_carry_stays_as_it_is(text):
    assert printable(text) == text


def test_half_a_character_is_spelled_out():
    assert printable("half \ud83d, \udce9nd") == "half \\ud83d, \\udce9nd"


def test_half_a_character_is_found_and_a_whole_one_is_none():
    assert half_character("\U0001f600 caf\xe9, \ud83d, \udce9") == "\\ud83d"
    assert half_character("\U0001f600 caf\xe9") == half_character("plain") == ""
