"""Texts without what UTF-8 cannot carry."""

import pytest

from console.printable import printable


@pytest.mark.parametrize("text", ["", "plain", "caf\xe9", "\U0001f600", "\0\u2028"])
def test_a_text_that_utf_8_can_carry_stays_as_it_is(text):
    assert printable(text) == text


def test_half_a_character_is_spelled_out():
    assert printable("half \ud83d, \udce9nd") == "half \\ud83d, \\udce9nd"
