from dataclasses import dataclass

import pytest

from console.app import event_filter
from console.app.event_filter import (
    FEW_ROWS,
    MANY_ROWS,
    TOO_SLOW,
    EventFilter,
    FilterError,
    Stint,
)


@dataclass
class Rows:
    """Rows of two types, in turn."""

    words: list[str]
    types = ("response.done", "session.updated")

    @property
    def codes(self):
        return [at % 2 for at in range(len(self.words))]


ROWS = Rows(["\x1fHello Ada\x1f", "\x1fvoice ash\x1f", "\x1fitem_7 failed\x1f", "\x1f\x1f"])


def passing(text, rows=ROWS):
    test = EventFilter(text).words_test()
    assert test is not None
    return test.passing(rows, range(len(rows.words)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada", [0]),
        ("DONE ADA", [0]),
        ("response item_7", [2]),
        ("response.done", [0, 2]),
        ("ada ash", []),
        ("/^session/", [1, 3]),
        ("/ADA/", []),
        ("/ada/i", [0]),
        ("/(?i)ADA/", [0]),
        ("/(?i)/", [0, 1, 2, 3]),
        ("/x*/", [0, 1, 2, 3]),
        ("/(?is)hello.*failed/", []),
        ("/done\\s+hello/i", [0]),
        ("/hello.*failed/si", []),
        ("/a(?=sh)/", [1]),
        (r"/\Aresponse/", [0, 2]),
        (r"/Ada\s+session/", []),
        ("/done$/", []),
        (r"/done\b/", [0, 2]),
        ("/session|Ada/", [0, 1, 3]),
        (r"/done\W+$/", []),
        ("/$/", [0, 1, 2, 3]),
        ("/(ash|Ada)/", [0, 1]),
        ("/ash", []),
        ("/ash/x", []),
        ("//", []),
    ],
)
def test_words_and_expressions_find_rows_by_type_and_by_what_they_say(text, found):
    assert passing(text) == found


def test_what_goes_on_in_the_next_row_hides_no_row():
    rows = Rows(["\x1fb a", "\x1fb a", "\x1fc", "\x1fb"])

    assert passing(r"/a[^z]*c|b/", rows) == [0, 1, 3]


def test_flags_before_an_expression_are_as_good_as_those_behind_it():
    before, behind = (EventFilter(text).words_test() for text in ("/(?i)ada/", "/ada/i"))

    assert before.at_once == behind.at_once == MANY_ROWS


def test_an_alternative_at_the_end_is_no_part_of_what_follows_it():
    rows = Rows(["\x1ffish", "\x1fbird", "\x1fhorse h"])

    assert passing("/fish|bird/", rows) == [0, 1]
    assert passing(r"/ (h)orse \1/", rows) == [2]


def test_an_expression_that_is_slow_gets_fewer_rows_at_once_and_finds_the_same(monkeypatch):
    rows = Rows([f"\x1fitem_{at} {'a' * 40}b" for at in range(MANY_ROWS)])
    test = EventFilter("/(?:a|b)+ ?[b]?$|item_7/").words_test()
    expected = test.passing(rows, range(MANY_ROWS))
    monkeypatch.setattr(event_filter, "SLOW_S", 1e-9)

    found = test.passing(rows, range(MANY_ROWS))

    assert found == expected == list(range(MANY_ROWS))
    assert test.at_once == FEW_ROWS


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("/(/", "missing \\)"),
        ("/[a/", "unterminated"),
        ("x" * 401, "more than 400"),
        ("/a**/", "repeat"),
    ],
)
def test_what_is_no_filter_is_said_to_be_none(text, says):
    with pytest.raises(FilterError, match=says):
        EventFilter(text).words_test()


def test_an_expression_that_takes_too_long_is_refused():
    rows = Rows(["a" * 200 + "b", "a" * 200 + "b"])

    with pytest.raises(FilterError, match=TOO_SLOW):
        passing("/(?:a|aa)+$/", rows)


def test_nothing_typed_lets_everything_pass():
    assert EventFilter("  ").words_test() is None
    assert EventFilter(" ").is_open
    assert not EventFilter(types=frozenset()).is_open
    assert not EventFilter(server=False).is_open


def test_a_stint_is_over_when_its_time_is():
    assert Stint(0.0).is_over
    assert not Stint(60.0).is_over
