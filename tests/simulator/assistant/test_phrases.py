from __future__ import annotations

import pytest

from console.simulator.assistant import phrases
from console.simulator.speech import speakable


def _sentences() -> list[str]:
    values = [value for name, value in vars(phrases).items() if name.isupper()]
    groups = [each for each in values if isinstance(each, tuple)]
    return [
        sentence
        for group in groups
        for each in group
        for sentence in (each if isinstance(each, tuple) else (each,))
    ]


@pytest.mark.parametrize("sentence", _sentences())
def test_every_sentence_ends_and_can_be_said_as_it_stands(sentence):
    assert sentence.endswith((".", "!", "?"))
    assert speakable.expand(sentence) == sentence


def test_the_story_is_long_enough_to_be_interrupted():
    assert len(" ".join(phrases.STORY).split()) > 150


def test_the_help_says_honestly_what_the_assistant_is():
    assert "not a language model" in " ".join(phrases.HELP)
    assert "not a language model" in " ".join(phrases.IDENTITY)
