"""When another attempt is worth it, and how long it waits."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.client.reconnection import ReconnectPolicy
from console.errors import ConnectError

CHANCE = random.Random(1)


def error(cause: str, *, retryable: bool = True, wait_s: float | None = None) -> ConnectError:
    return ConnectError("No.", cause=cause, retryable=retryable, retry_after_s=wait_s)  # type: ignore[arg-type]  # the test names real causes


@pytest.mark.parametrize(
    ("cause", "is_retryable", "attempts", "at_start"),
    [
        ("lost", True, 5, 5),
        ("server", True, 5, 5),
        ("garbage", True, 5, 5),
        ("dns", True, 5, 3),
        ("offline", True, 5, 3),
        ("rate_limit", True, 3, 3),
        ("unreachable", True, 5, 1),
        ("timeout", True, 5, 1),
        ("too_large", False, 1, 1),
        ("key", False, 0, 1),
        ("quota", False, 0, 1),
        ("ended", False, 0, 1),
        ("policy", False, 0, 1),
    ],
)
def test_how_many_attempts_a_cause_is_worth(cause, is_retryable, attempts, at_start):
    policy = ReconnectPolicy()

    assert policy.attempts_after(error(cause, retryable=is_retryable)) == attempts
    assert policy.attempts_at_start(error(cause, retryable=is_retryable)) == at_start


def test_a_policy_of_fewer_attempts_wins():
    policy = ReconnectPolicy(max_attempts=2)

    assert policy.attempts_after(error("rate_limit")) == 2
    assert policy.attempts_at_start(error("dns")) == 2


@given(attempt=st.integers(1, 40), seed=st.integers())
def test_the_waits_double_up_to_a_limit_and_are_shortened_by_chance(attempt, seed):
    policy = ReconnectPolicy(first_delay_s=0.5, max_delay_s=8)

    delay_s = policy.delay_s(attempt, error("lost"), random.Random(seed))

    longest = min(8, 0.5 * 2 ** (attempt - 1))
    assert longest / 2 <= delay_s <= longest


def test_what_the_server_asks_for_is_waited_and_no_more_than_a_minute():
    policy = ReconnectPolicy()

    assert policy.delay_s(1, error("rate_limit", wait_s=7), CHANCE) == 7
    assert policy.delay_s(1, error("rate_limit", wait_s=0), CHANCE) == 0
    assert policy.delay_s(1, error("server", wait_s=9999), CHANCE) == 60


def test_a_session_that_is_too_old_is_replaced_without_a_wait_at_first():
    policy = ReconnectPolicy()

    assert policy.delay_s(1, error("expired"), CHANCE) == 0
    assert policy.delay_s(2, error("expired"), CHANCE) > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_attempts": 0}, "pass reconnect=None to try never"),
        ({"first_delay_s": -1}, "first_delay_s must be 0 seconds or more, not -1"),
        ({"max_delay_s": float("nan")}, "max_delay_s must be 0 seconds or more, not nan"),
        ({"max_retry_after_s": -1}, "max_retry_after_s must be 0 seconds or more"),
        ({"stable_after_s": -1}, "stable_after_s must be 0 seconds or more"),
        ({"attempt_timeout_s": 0}, "attempt_timeout_s must be more than 0 seconds, not 0"),
        ({"first_delay_s": 9, "max_delay_s": 8}, "not 9 and 8"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        ReconnectPolicy(**options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_attempts": "5"}, "max_attempts must be a whole number, not of type str"),
        ({"max_attempts": 1.5}, "max_attempts must be a whole number, not of type float"),
        ({"first_delay_s": "1"}, "first_delay_s must be a number of seconds, not of type str"),
        ({"max_delay_s": None}, "max_delay_s must be a number of seconds, not of type NoneType"),
        ({"attempt_timeout_s": "1"}, "attempt_timeout_s must be a number of seconds"),
        ({"move_before_expiry": "no"}, "move_before_expiry must be True or False"),
    ],
)
def test_a_policy_of_other_types_is_refused_by_name(options, message):
    with pytest.raises(TypeError, match=message):
        ReconnectPolicy(**options)
