"""Items in protocol order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.realtime import item_store
from console.realtime.content import MAX_PARTS
from console.realtime.events import Event
from console.realtime.item_store import ItemStore
from console.realtime.items import Item


def order(store: ItemStore) -> list[str]:
    return [item.id for item in store]


def item(store: ItemStore, item_id: str) -> Item:
    found = store.get(item_id)
    assert found is not None
    return found


def event(**fields: Any) -> Event:
    return Event("response.output_text.delta", "e", fields)


def filled(*ids: str) -> ItemStore:
    store = ItemStore()
    for item_id in ids:
        store.insert(Item(item_id), None)
    return store


def test_an_item_goes_behind_the_one_that_it_names():
    store = filled("a", "b")

    store.insert(Item("c"), "a")

    assert order(store) == ["a", "c", "b"]


def test_root_is_the_front_and_nothing_or_an_unknown_id_the_end():
    store = filled("a")

    store.insert(Item("front"), "root")
    store.insert(Item("unknown"), "nobody")
    store.insert(Item("end"), None)

    assert order(store) == ["front", "a", "unknown", "end"]


def test_an_item_that_came_before_the_one_it_follows_moves_when_that_comes():
    store = filled("a")
    store.insert(Item("third"), "second")
    store.insert(Item("b"), None)

    store.insert(Item("second"), "a")

    assert order(store) == ["a", "second", "third", "b"]


def test_an_item_that_names_itself_goes_to_the_end():
    store = filled("a")

    store.insert(Item("b"), "b")

    assert order(store) == ["a", "b"]


@given(st.permutations(range(8)))
def test_whatever_the_order_of_arrival_a_chain_ends_in_its_own_order(arrival):
    store = ItemStore()

    for n in arrival:
        store.insert(Item(str(n)), str(n - 1) if n else "root")

    assert order(store) == [str(n) for n in range(8)]


def test_an_item_that_was_spoken_of_waits_outside_the_conversation():
    store = ItemStore()

    item = store.find_or_wait("a")

    assert store.find("a") is item
    assert store.find_or_wait("a") is item
    assert store.get("a") is None
    assert len(store) == 0


def test_of_items_that_never_came_the_oldest_are_forgotten():
    store = ItemStore()

    for n in range(item_store.MAX_WAITING + 1):
        store.find_or_wait(str(n))

    assert store.find("0") is None
    assert store.find("1") is not None


def test_items_of_out_of_band_responses_stand_apart_and_are_bounded():
    store = ItemStore()

    for n in range(item_store.MAX_APART + 1):
        store.set_apart(store.find_or_wait(str(n)))

    assert len(store) == 0
    assert len(store.apart()) == item_store.MAX_APART
    assert store.find("0") is None
    assert store.apart()[0].is_out_of_band


def test_removing_takes_an_item_out_wherever_it_stands():
    store = filled("a", "b")
    store.find_or_wait("waiting")

    removed = store.remove("a")

    assert removed is not None
    assert not removed.is_in_conversation
    assert order(store) == ["b"]
    assert store.remove("waiting") is not None
    assert store.find("waiting") is None
    assert store.remove("unknown") is None


def test_an_event_is_about_the_item_and_the_part_that_it_names():
    store = filled("a")

    found = store.part_of(event(item_id="a", content_index=1), "output_text")
    again = store.part_of(event(item_id="a", content_index=1), "output_audio")

    assert store.item_of(event(item_id="a")) is item(store, "a")
    assert found == again == (item(store, "a"), item(store, "a").content[1])
    assert [each.type for each in item(store, "a").content] == ["", "output_text"]


def test_an_event_may_be_about_an_item_that_is_still_to_come():
    store = ItemStore()

    waiting, part = store.part_of(event(item_id="a"), "input_audio")

    assert waiting is not None
    assert waiting is store.find("a")
    assert waiting.content == [part]
    assert store.get("a") is None


@pytest.mark.parametrize("item_id", [None, "", 5])
def test_an_event_that_names_no_item_is_about_none(item_id):
    store = ItemStore()

    assert store.item_of(event(item_id=item_id)) is None
    assert store.part_of(event(item_id=item_id), "output_text") == (None, None)


def test_a_part_beyond_all_reason_is_not_made():
    store = filled("a")

    found = store.part_of(event(item_id="a", content_index=MAX_PARTS), "output_text")

    assert found == (item(store, "a"), None)
    assert item(store, "a").content == []


def test_what_comes_for_a_deleted_item_is_about_none_until_its_id_is_used_again():
    store = filled("a")
    store.remove("a")
    assert store.was_deleted("a")
    assert store.item_of(event(item_id="a")) is None

    store.insert(Item("a"), None)

    assert not store.was_deleted("a")
    assert store.item_of(event(item_id="a")) is store.get("a")


def test_of_deleted_ids_the_oldest_are_forgotten():
    store = ItemStore()

    for n in range(item_store.MAX_DELETED + 1):
        store.remove(str(n))

    assert not store.was_deleted("0")
    assert store.was_deleted("1")


def test_clearing_forgets_all_items_wherever_they_stand():
    store = filled("a", "b")
    store.find_or_wait("waiting")
    store.set_apart(store.find_or_wait("apart"))
    store.remove("b")

    store.clear()

    assert (order(store), store.apart(), store.find("waiting")) == ([], [], None)
    assert not store.was_deleted("b")
