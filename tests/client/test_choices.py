from typing import Any, Literal

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


@pytest.mark.parametrize("check", [choices.check_delay, choices.check_patience])
def test_a_time_may_be_none_at_all_but_never_less(check):
    check("delay_s", 0)
    check("delay_s", float("inf"))

    for given in (-1, -0.5, float("nan")):
        with pytest.raises(
            ValueError, match=rf"^delay_s must be 0 seconds or more, not {given}\.$"
        ):
            check("delay_s", given)
    not_times: list[Any] = ["1", True, []]
    for wrong in not_times:
        with pytest.raises(TypeError, match=r"^delay_s must be a number of seconds"):
            check("delay_s", wrong)


def test_only_patience_has_no_end():
    choices.check_patience("timeout_s", None)

    with pytest.raises(TypeError, match="a number of seconds, not of type NoneType"):
        choices.check_delay("delay_s", None)
    with pytest.raises(TypeError, match="or None to wait for ever, not of type str"):
        choices.check_patience("timeout_s", "soon")


def test_a_count_is_a_whole_number():
    choices.check_count("most", 0)

    for wrong in (True, 1.0, "1"):
        with pytest.raises(TypeError, match=r"^most must be a whole number, not of type \w+\.$"):
            choices.check_count("most", wrong)


def test_a_list_of_mappings_is_told_from_what_only_looks_like_one():
    lists: list[Any] = [[], ({"a": 1},), [{}]]
    for right in lists:
        choices.check_mappings("tools", right, "a list of definitions")

    for wrong in ("text", b"bytes", {"a": 1}, 3, None):
        with pytest.raises(TypeError, match=r"^tools must be a list of definitions, not of type"):
            choices.check_mappings("tools", wrong, "a list of definitions")
    with pytest.raises(
        TypeError, match=r"^tools must be a list of definitions; one has the type s"
    ):
        choices.check_mappings("tools", [{}, "text"], "a list of definitions")
