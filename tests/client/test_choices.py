from typing import Literal

import pytest

from console.client import choices

Size = Literal["small", "large", "huge"]


@pytest.mark.parametrize("given", ["tiny", "", None, 1, []])
def test_what_is_no_choice_is_named_with_all_that_are(given):
    with pytest.raises(ValueError, match=r"^size must be") as wrong:
        choices.check("size", given, Size)

    assert str(wrong.value) == f"size must be 'small', 'large' or 'huge', not {given!r}."


@pytest.mark.parametrize("given", ["small", "large", "huge"])
def test_a_choice_is_taken(given):
    choices.check("size", given, Size)


def test_an_argument_of_another_type_is_refused_without_being_shown():
    choices.check_kind("key", "sk-1", str | None, "a text")
    choices.check_kind("key", None, str | None, "a text")

    with pytest.raises(TypeError, match=r"^key must be a text, not of type bytes\.$"):
        choices.check_kind("key", b"sk-1", str | None, "a text")


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ("5", TypeError, "number of seconds, not of type str"),
        (None, TypeError, "number of seconds, not of type NoneType"),
        (True, TypeError, "not of type bool"),
        (0, ValueError, "more than 0 seconds, not 0"),
        (float("nan"), ValueError, "more than 0 seconds, not nan"),
    ],
)
def test_what_is_no_time_to_wait_is_refused_in_words(given, error, words):
    choices.check_time("timeout_s", 0.5)

    with pytest.raises(error, match=words):
        choices.check_time("timeout_s", given)
