import pytest
import regex

from console.app import event_search
from console.app.event_frames import SEPARATOR
from console.app.event_search import (
    MANY_ROWS,
    MOST_SECOND_TRIES,
    SECOND_TRY_S,
    SLOW_S,
    TOO_SLOW,
    Expression,
    FilterError,
    Words,
)
from tests.app.log_rig import to_the_end

ROWS = (
    "response.done\x1fHello Ada\x1f",
    "session.updated\x1fvoice ash\x1f",
    "response.done\x1fitem_7 failed\x1f",
    "session.updated\x1f\x1f",
)


def passing(test, rows=ROWS):
    return to_the_end(test.passing("\n".join(rows)))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("ada", [0]),
        ("DONE ADA", [0]),
        ("response item_7", [2]),
        ("response.done", [0, 2]),
        ("ada ash", []),
        ("nobody", []),
        ("e", [0, 1, 2, 3]),
    ],
)
def test_words_find_the_rows_that_have_all_of_them(words, found):
    assert passing(Words(words.split())) == found


@pytest.mark.parametrize(
    ("word", "row"),
    [("ÉTÉ", "l'été"), ("привет", "ПРИВЕТ, Ada"), ("ada", "ПРИВЕТ, Ada"), ("日本", "in 日本 now")],
)
def test_words_of_all_alphabets_are_found_in_small_letters_and_in_capitals(word, row):
    assert passing(Words([word]), ["nothing", row, "nothing"]) == [1]


@pytest.mark.parametrize(
    ("body", "flags", "found"),
    [
        ("^session", "", [1, 3]),
        ("ADA", "", []),
        ("ada", "i", [0]),
        ("(?i)ADA", "", [0]),
        ("(?i)", "", [0, 1, 2, 3]),
        ("x*", "", [0, 1, 2, 3]),
        ("(?is)hello.*failed", "", []),
        ("done\\s+hello", "i", [0]),
        ("hello.*failed", "si", []),
        ("a(?=sh)", "", [1]),
        (r"\Aresponse", "", [0, 2]),
        (r"Ada\s+session", "", []),
        ("done$", "", []),
        (r"done\b", "", [0, 2]),
        ("session|Ada", "", [0, 1, 3]),
        (r"done\W+$", "", []),
        ("$", "", [0, 1, 2, 3]),
        ("(ash|Ada)", "", [0, 1]),
        ("done Hello", "", [0]),
    ],
)
def test_expressions_find_rows_by_their_type_and_by_what_they_say(body, flags, found):
    assert passing(Expression(body, flags)) == found


def test_no_row_is_part_of_a_match_that_began_in_another():
    rows = ["\x1fb a", "\x1fb a", "\x1fc", "\x1fb"]

    assert passing(Expression(r"a[^z]*c|b", ""), rows) == [0, 1, 3]


@pytest.mark.parametrize("end", [r"\Z", r"\z", "$"])
def test_the_end_of_each_row_is_an_end(end):
    assert passing(Expression(f"s{end}", ""), ["\x1fx s", "\x1fy", "\x1fs"]) == [0, 2]


def test_an_alternative_at_the_end_is_no_part_of_what_follows_it():
    rows = ["\x1ffish", "\x1fbird", "\x1fhorse h"]

    assert passing(Expression("fish|bird", ""), rows) == [0, 1]
    assert passing(Expression(r" (h)orse \1", ""), rows) == [2]


def test_letters_that_are_the_same_to_an_expression_are_found_in_every_alphabet():
    rows = ["300 \N{KELVIN SIGN}", "300 k", "300", "300 x\N{LATIN SMALL LETTER LONG S}"]

    assert passing(Expression("300 K", "i"), rows) == [0, 1]
    assert passing(Expression("00 XS", "i"), rows) == [3]
    assert passing(Expression("É", "i"), ["cafe", "café"]) == [1]


@pytest.mark.parametrize("body", ["(?:a|b)+ ?[b]?$|item_7", "(?=a)(?:a|b)+|item_7"])
def test_an_expression_that_is_slow_gets_fewer_rows_at_once_and_finds_the_same(monkeypatch, body):
    rows = [f"\x1fitem_{at} {'a' * 40}b" for at in range(300)]
    expected = passing(Expression(body, ""), rows)
    monkeypatch.setattr(event_search, "SLOW_S", 1e-9)
    monkeypatch.setattr(event_search, "MOST_SECOND_TRIES", len(rows))

    assert passing(Expression(body, ""), rows) == expected == list(range(300))


class StubbornPattern:
    """Takes all the time that it is given, and notes how much that was."""

    def __init__(self):
        self.given_s = []

    def search(self, text, timeout):
        self.given_s.append(timeout)
        if timeout < SECOND_TRY_S:
            raise TimeoutError
        return self

    def sub(self, mark, text, timeout):
        self.given_s.append(timeout)
        raise TimeoutError


def stubborn(monkeypatch, body):
    pattern = StubbornPattern()
    monkeypatch.setattr(regex, "compile", lambda *_: pattern)
    return Expression(body, ""), pattern


@pytest.mark.parametrize("body", ["[a]", "(?=a)"])
def test_others_get_their_turn_after_every_row_of_a_slow_expression(monkeypatch, body):
    test, pattern = stubborn(monkeypatch, body)
    search = test.passing("\n".join("a" * MOST_SECOND_TRIES))
    longest_s = 0.0
    for _ in search:
        longest_s = max(longest_s, sum(pattern.given_s))
        pattern.given_s.clear()

    assert SECOND_TRY_S < longest_s <= SLOW_S + SECOND_TRY_S


def test_an_expression_that_is_slow_in_too_many_rows_is_refused(monkeypatch):
    test, _ = stubborn(monkeypatch, "[a]")

    with pytest.raises(FilterError, match=TOO_SLOW):
        passing(test, "a" * (MOST_SECOND_TRIES + 1))


def test_an_expression_that_was_slow_once_gets_many_rows_again(monkeypatch):
    test = Expression("[a]", "")
    rows = ["a"] * (4 * MANY_ROWS)
    monkeypatch.setattr(event_search, "SLOW_S", 1e-9)
    search = test.passing("\n".join(rows))
    next(search)
    next(search)  # too slow for all rows together
    monkeypatch.setattr(event_search, "SLOW_S", 60.0)

    n_steps = sum(1 for _ in search)

    assert n_steps < 16


def test_an_expression_that_takes_too_long_for_one_row_is_refused():
    with pytest.raises(FilterError, match=TOO_SLOW):
        passing(Expression("(?:a|aa)+$", ""), ["a" * 200 + "b", "a" * 200 + "b"])


@pytest.mark.parametrize(
    ("body", "says"), [("(", "missing \\)"), ("[a", "unterminated"), ("a**", "repeat")]
)
def test_what_is_no_expression_is_said_to_be_none(body, says):
    with pytest.raises(FilterError, match=says):
        Expression(body, "")


def test_what_stands_between_the_words_of_a_row_is_a_space_to_an_expression():
    assert passing(Expression("done item", ""), [f"done{SEPARATOR}item"]) == [0]
