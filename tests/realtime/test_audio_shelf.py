"""What was moved out of memory."""

from console.realtime.audio_shelf import Shelved
from tests.realtime.shelf import MemoryShelf


def test_what_was_moved_is_read_from_where_it_went():
    shelf = MemoryShelf()
    shelf.put(7, b"12")
    shelf.put(7, b"34")

    assert Shelved(shelf, 7, 4).read() == b"1234"


def test_what_is_gone_is_none():
    assert Shelved(MemoryShelf(), 7, 4).read() is None
