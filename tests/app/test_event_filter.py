import pytest

from console.app.event_filter import MAX_TEXT_CHARACTERS, EventFilter, Stint
from console.app.event_search import FilterError
from tests.app.log_rig import to_the_end

ROWS = "response.done\x1fHello Ada\x1f\nsession.updated\x1fsay /ash or /ash/x\x1f\nerror\x1f//\x1f"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ADA done", [0]),
        (" /ada/i ", [0]),
        ("/ada/", []),
        ("/^session/", [1]),
        ("/hello.*ada/si", [0]),
        ("/DONE/gi", [0]),
        ("/done/dgu", [0]),
        ("/ash", [1]),
        ("/ash/e", []),
        ("//", [2]),
    ],
)
def test_what_stands_between_slashes_is_an_expression_and_all_else_are_words(text, found):
    test = EventFilter(text).row_test()

    assert test is not None
    assert to_the_end(test.passing(ROWS)) == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/(/", "is no regular expression: missing \\)"),
        ("/ash/x", "x is no flag of an expression here: there are i, m and s"),
        ("/ash/gyi", "y is no flag"),
        ("x" * (MAX_TEXT_CHARACTERS + 1), "more than 400"),
        ("half \ud83d", r"half a character, \\ud83d, which"),
    ],
)
def test_what_is_no_filter_is_said_to_be_none(text, says):
    with pytest.raises(FilterError, match=says):
        EventFilter(text).row_test()


def test_nothing_typed_lets_everything_pass():
    assert EventFilter("  ").row_test() is None
    assert EventFilter(" ").is_open
    assert not EventFilter(types=frozenset()).is_open
    assert not EventFilter(server=False).is_open


def test_a_stint_is_over_when_its_time_is():
    assert Stint(0.0).is_over
    assert not Stint(60.0).is_over
