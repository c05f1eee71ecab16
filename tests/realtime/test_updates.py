"""What is told of an event."""

from console.realtime.events import Event
from console.realtime.items import Fault, Item, ItemDelta, ItemUpdate
from console.realtime.updates import NOTHING, changed, fault, grown


def test_a_fault_names_the_event_and_why_it_cannot_be_used():
    assert fault(Event("response.done"), "names no response") == (
        Fault("response.done names no response; it is ignored."),
    )


def test_a_change_of_an_item_that_has_its_place_is_told_by_kind():
    item = Item("a", is_in_conversation=True)

    assert changed(item) == (ItemUpdate("updated", item),)
    assert changed(item, "truncated") == (ItemUpdate("truncated", item),)


def test_what_an_item_apart_grew_by_is_told():
    item, delta = Item("a", is_out_of_band=True), ItemDelta(text="Hi")

    (update,) = grown(item, delta)

    assert isinstance(update, ItemUpdate)
    assert (update.kind, update.item) == ("updated", item)
    assert update.delta is delta


def test_nothing_is_told_of_an_item_that_was_only_spoken_of():
    item = Item("a")

    assert changed(item) == NOTHING
    assert grown(item, ItemDelta(text="Hi")) == NOTHING
