"""Events that were written away and are read back."""

import pytest

from console.app.event_shelf import UNWRITABLE, Entry, EventShelf
from console.realtime.events import Event
from tests.realtime.shelf import MemoryShelf


def entries(n):
    fields = ({"delta": f"line {each}\nof two", "item_id": None} for each in range(n))
    return [
        Entry(each * 1.5, "server", Event("a.delta", f"event_{each}", told), 100 + each)
        for each, told in enumerate(fields)
    ]


@pytest.mark.parametrize(("start", "stop"), [(0, 5), (1, 3), (4, 9)])
def test_what_is_read_is_what_was_written(start, stop):
    shelf, written = EventShelf(MemoryShelf()), entries(5)
    other = shelf.put(entries(2))
    key = shelf.put(written)
    assert key is not None
    assert key != other

    assert shelf.get(key, start, stop) == written[start:stop]


def test_bytes_are_held_beside_events():
    shelf = EventShelf(MemoryShelf())
    key = shelf.put(entries(1))
    words = shelf.write(b"some\nwords")
    assert words is not None
    assert words != key

    assert shelf.read(words) == b"some\nwords"


def test_a_shelf_that_is_full_takes_nothing_and_one_that_lost_it_gives_nothing():
    held = MemoryShelf()
    shelf = EventShelf(held)
    key = shelf.put(entries(3))
    assert key is not None
    shelf.drop(key)
    held.is_full = True

    assert shelf.get(key, 0, 3) == []
    assert shelf.read(key) == b""
    assert shelf.put(entries(3)) is None


def test_an_event_that_cannot_be_written_keeps_its_type_and_says_so():
    shelf = EventShelf(MemoryShelf())
    key = shelf.put([Entry(0.0, "client", Event("odd", None, {"what": object()}), 1)])
    assert key is not None

    (found,) = shelf.get(key, 0, 1)

    assert found.event == Event("odd", None, {"note": UNWRITABLE})


def test_nothing_is_remembered_of_what_was_cleared():
    shelf = EventShelf(MemoryShelf())
    key = shelf.put(entries(3))
    assert key is not None
    assert shelf.get(key, 0, 3)

    shelf.clear()

    assert shelf.get(key, 0, 3) == []
