"""The client's signals, found by name."""

import pytest

from console.client.subscriptions import Subscriptions
from console.transport import Closed


@pytest.fixture
def signals() -> Subscriptions:
    return Subscriptions()


def test_a_subscription_can_be_ended_by_what_on_returns(signals):
    values: list[Closed] = []
    stop = signals.on("close", values.append)
    signals.close.emit(Closed(1, ""))

    stop()
    stop()
    signals.close.emit(Closed(2, ""))

    assert values == [Closed(1, "")]


def test_off_ends_one_handler_or_all(signals):
    first: list[Closed] = []
    second: list[Closed] = []
    signals.on("close", first.append)
    signals.on("close", second.append)

    signals.off("close", first.append)
    signals.close.emit(Closed(1, ""))
    signals.off("close")
    signals.close.emit(Closed(2, ""))

    assert (first, second) == ([], [Closed(1, "")])


def test_a_handler_that_was_never_subscribed_cannot_be_taken_off(signals):
    with pytest.raises(ValueError, match="not subscribed to 'close'"):
        signals.off("close", print)


def test_an_unknown_name_is_refused_with_the_known_ones(signals):
    for call in (lambda: signals.on("closed", print), lambda: signals.off("closed")):
        with pytest.raises(ValueError, match=r"There is no 'closed'; known are: .*close\."):
            call()


def test_one_handler_subscribed_twice_hears_twice_until_each_is_ended(signals):
    values: list[Closed] = []
    stop = signals.on("close", values.append)
    signals.on("close", values.append)
    signals.close.emit(Closed(1, ""))

    stop()
    signals.close.emit(Closed(2, ""))

    assert values == [Closed(1, ""), Closed(1, ""), Closed(2, "")]


def test_clear_ends_what_was_subscribed_by_name_and_leaves_waits_alone(signals):
    named: list[Closed] = []
    inner: list[Closed] = []
    signals.on("close", named.append)
    signals.close.connect(inner.append)

    signals.clear()
    signals.close.emit(Closed(1, ""))

    assert (named, inner) == ([], [Closed(1, "")])
