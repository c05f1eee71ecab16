from datetime import UTC, datetime, timedelta

from console.simulator.protocol.rate_limits import RateLimits

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def after(seconds):
    return START + timedelta(seconds=seconds)


def only(limits, now):
    (limit,) = limits.wire(now)
    assert list(limit) == ["name", "limit", "remaining", "reset_seconds"]
    return limit["name"], limit["remaining"], limit["reset_seconds"]


def test_at_first_everything_is_left():
    assert only(RateLimits(1000), START) == ("tokens", 1000, 0.0)


def test_what_was_spent_within_a_minute_adds_up():
    limits = RateLimits(1000)
    limits.spend(100, START)
    limits.spend(250, after(20))

    assert only(limits, after(20)) == ("tokens", 650, 60.0)
    assert only(limits, after(30.5)) == ("tokens", 650, 49.5)


def test_after_a_minute_tokens_come_back_one_response_after_the_other():
    limits = RateLimits(1000)
    limits.spend(100, START)
    limits.spend(250, after(20))

    assert only(limits, after(59.9))[1] == 650
    assert only(limits, after(60)) == ("tokens", 750, 20.0)
    assert only(limits, after(80)) == ("tokens", 1000, 0.0)


def test_more_than_the_limit_leaves_nothing():
    limits = RateLimits(1000)
    limits.spend(1500, START)

    assert only(limits, START)[1] == 0


def test_a_response_that_cost_nothing_puts_nothing_off():
    limits = RateLimits(1000)
    limits.spend(100, START)
    limits.spend(0, after(30))

    assert only(limits, after(30))[2] == 30.0
