"""The client's signals, found by name."""

from functools import partial

import pytest

from console.client.subscriptions import Subscriptions
from console.realtime.items import Item, ItemUpdate
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


def emitted(signals: Subscriptions, update: ItemUpdate) -> list[str]:
    """Return the names of the signals that a change emits."""
    names: list[str] = []

    def note(name: str, told: ItemUpdate) -> None:
        names.append(name)

    for name in (
        "conversation.updated",
        "conversation.item.appended",
        "conversation.item.completed",
        "conversation.item.deleted",
        "response.item.updated",
    ):
        signals.on(name, partial(note, name))
    signals.item_changed(update)
    return names


@pytest.mark.parametrize("kind", ["appended", "completed", "deleted"])
def test_a_change_in_the_life_of_an_item_is_told_by_its_kind_too(signals, kind):
    names = emitted(signals, ItemUpdate(kind, Item("a")))

    assert names == ["conversation.updated", f"conversation.item.{kind}"]


@pytest.mark.parametrize("kind", ["updated", "truncated"])
def test_any_other_change_of_an_item_is_an_update_alone(signals, kind):
    assert emitted(signals, ItemUpdate(kind, Item("a"))) == ["conversation.updated"]


def test_of_an_item_out_of_band_nothing_is_told_as_of_the_conversation(signals):
    apart = Item("a", is_out_of_band=True)

    assert emitted(signals, ItemUpdate("appended", apart)) == ["response.item.updated"]
