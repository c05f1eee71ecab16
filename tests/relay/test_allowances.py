from types import SimpleNamespace

import pytest

from console.relay.allowances import Allowance, allowances_of
from console.relay.counters import Counters

UNITS = ("session_minutes", "session_dollars", "day_minutes", "day_dollars", "total_minutes",
         "total_dollars", "sessions")  # fmt: skip


def limits(**given):
    return SimpleNamespace(**dict.fromkeys(UNITS) | given)


@pytest.fixture
def counters():
    return Counters(None, wall_s=lambda: 1_750_000_000.0)


def only(**given):
    (found,) = allowances_of("shop", limits(**given), limits())
    return found


def test_only_what_is_limited_is_counted():
    assert allowances_of("shop", limits(), limits()) == ()


def test_limits_of_the_token_and_of_all_hold_side_by_side():
    found = allowances_of("shop", limits(day_minutes=5, session_dollars=1), limits(day_minutes=50))

    assert [(each.span, each.unit, each.most, each.name) for each in found] == [
        ("session", "dollars", 1, ""),
        ("day", "minutes", 5, "minutes/day/of/shop"),
        ("day", "minutes", 50, "minutes/day/all"),
    ]


@pytest.mark.parametrize("span", ["day", "total"])
async def test_what_is_set_aside_is_committed_and_not_used(counters, span):
    allowance = only(**{f"{span}_dollars": 2.0})
    await allowance.add(counters, 0.5, 0.0)
    await allowance.add(counters, 0.0, 1.0)

    assert await allowance.used(counters) == pytest.approx(0.5)
    assert await allowance.committed(counters) == pytest.approx(1.5)

    await allowance.add(counters, 0.25, -1.0)

    assert await allowance.used(counters) == pytest.approx(0.75)
    assert await allowance.committed(counters) == pytest.approx(0.75)


async def test_a_time_that_was_set_aside_and_forgotten_meanwhile_is_nothing_given_back(counters):
    allowance = only(day_dollars=2.0)
    await counters.add_today(allowance.name, 1_000_000)
    await counters.add_for_now(f"{allowance.name}/held", -300_000)

    assert await allowance.used(counters) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("given", "words", "code"),
    [
        ({"session_minutes": 1}, "one session is reached: 1 minute. Begin", "relay_session_limit"),
        ({"session_dollars": 0.5}, "one session is reached: $0.50.", "relay_session_limit"),
        ({"day_minutes": 90}, "this token in a day is reached: 90 minutes.", "insufficient_quota"),
        ({"total_dollars": 3}, "this token in all is reached: $3.00.", "insufficient_quota"),
    ],
)
def test_who_has_nothing_left_is_told_what_and_when_there_is_more(given, words, code):
    refusal = only(**given).refusal()

    assert words in refusal.message
    assert refusal.code == code


def test_a_limit_is_used_up_when_all_of_it_is_used():
    allowance = Allowance("day", "minutes", 5, "this token", "x")

    assert not allowance.is_used_up(4.999)
    assert allowance.is_used_up(5)
