import logging

import pytest

from console.ui.door.rates import Rates
from tests.ui.door.knock import LimitsClock


@pytest.fixture
def clock(monkeypatch):
    return LimitsClock(monkeypatch)


@pytest.fixture
def rates(clock):
    return Rates()


def test_ten_bad_tokens_a_minute_are_borne_and_the_eleventh_is_one_too_many(rates):
    assert [rates.note_bad_token("a") for _ in range(11)] == [False] * 10 + [True]
    assert rates.is_banned("a")


def test_others_are_not_banned_with_one(rates):
    for _ in range(11):
        rates.note_bad_token("a")

    assert not rates.is_banned("b")
    assert not rates.note_bad_token("b")


def test_a_ban_ends_after_five_minutes(rates, clock):
    for _ in range(11):
        rates.note_bad_token("a")

    clock.advance(299)
    assert rates.is_banned("a")
    clock.advance(2)
    assert not rates.is_banned("a")
    assert not rates.note_bad_token("a")


def test_ten_in_every_minute_are_never_banned(rates, clock):
    for _ in range(50):
        assert not rates.note_bad_token("a")
        clock.advance(6.1)


def test_a_ban_is_logged_once(rates, caplog):
    caplog.set_level(logging.WARNING)

    for _ in range(30):
        rates.note_bad_token("a")

    assert [each.getMessage() for each in caplog.records] == [
        "a has tried too many tokens; refused for 300 s"
    ]


def test_thirty_pages_a_minute_are_served_and_more_a_minute_later(rates, clock):
    assert [rates.note_page_load("a") for _ in range(31)] == [False] * 30 + [True]
    assert not rates.note_page_load("b")

    clock.advance(61)

    assert not rates.note_page_load("a")
