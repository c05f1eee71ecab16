import pytest

from console.app.event_payloads import ENTRY_BYTES, PayloadStore
from console.app.event_shelf import Entry, EventShelf
from console.realtime.events import Event
from tests.app.log_rig import audio
from tests.realtime.shelf import MemoryShelf


def store_of(n, *, shelf=None, size=6_500, event=None, **limits):
    store = PayloadStore(
        None if shelf is None else EventShelf(shelf), max_payload_bytes=limits.pop("most", 10**9),
        **limits,
    )  # fmt: skip
    for each in range(n):
        store.append(Entry(each * 10.0, "server", event or audio(), size))
    return store


def times(entries):
    return [entry.t_ms / 10 for entry in entries]


@pytest.mark.parametrize("max_memory_bytes", [0, 300_000])
def test_events_are_found_by_their_numbers_wherever_they_are(max_memory_bytes):
    store = store_of(300, shelf=MemoryShelf(), max_memory_bytes=max_memory_bytes)

    assert 0 < store.n_in_memory < 300
    assert times(store.walk()) == list(range(300))
    assert times(store.walk(37, 141)) == list(range(37, 141))
    assert times(store.get(290, 400)) == list(range(290, 300))
    assert store.get(300, 301) == []


def test_beyond_the_budget_the_oldest_slice_goes():
    shelf = MemoryShelf()
    store = store_of(300, shelf=shelf, max_memory_bytes=0, most=1_000_000)

    assert store.payload_bytes <= 1_000_000
    assert store.first > 0
    assert times(store.walk()) == list(range(store.first, 300))
    assert store.get(0, store.first) == []
    assert len(shelf.held) < 5


def test_without_a_shelf_the_oldest_audio_goes_first_and_is_named_in_its_event():
    store = store_of(5, max_held_bytes=30_000)
    store.append(Entry(50.0, "server", Event("response.done", "event_1", {}), 100))

    assert (store.first, store.n_gone, store.dropped_audio_events) == (0, 0, 3)
    first, last = store.get(0, 1)[0], store.get(4, 5)[0]
    assert "dropped" in first.event.fields["delta"]
    assert last.event == audio()


def test_without_a_shelf_and_without_audio_the_oldest_events_go():
    bound = 5 * (100 + ENTRY_BYTES)
    store = store_of(10, max_held_bytes=bound, size=100, event=Event("response.done"))

    assert store.first == store.n_gone == 5
    assert times(store.walk()) == [5, 6, 7, 8, 9]


def test_beyond_the_bound_sound_keeps_half_and_then_the_oldest_events_go():
    bound, sound = 20_000, "A" * 1_000
    event = Event("response.output_audio.delta", None, {"delta": sound})
    store = store_of(0, max_held_bytes=bound)
    for each in range(200):
        store.append(Entry(each * 10.0, "server", event, 1_050))
        held = list(store.walk())
        assert sum(entry.size_bytes + ENTRY_BYTES for entry in held) <= bound

    sounding = [entry.t_ms for entry in held if entry.event.fields["delta"] == sound]
    assert len(sounding) == bound // 2 // len(sound)
    assert sounding == [entry.t_ms for entry in held[-len(sounding) :]]
    assert len(held) + store.n_gone == 200
    assert "1000 characters of base64 were dropped" in held[0].event.fields["delta"]


def test_the_newest_event_stays_however_large_it_is():
    store = store_of(2, max_held_bytes=5_000, size=1_000_000, event=Event("response.done"))

    assert times(store.walk()) == [1]


def test_sound_that_is_shorter_than_the_words_for_it_stays():
    event = Event("response.output_audio.delta", None, {"delta": "AA" * 20})
    store = store_of(2, max_held_bytes=60, size=900, event=event)

    assert store.dropped_audio_events == 0
    assert [entry.event for entry in store.walk()] == [event]


def test_a_shelf_that_takes_no_more_leaves_events_in_memory_and_bounded():
    shelf = MemoryShelf()
    store = store_of(200, shelf=shelf, max_memory_bytes=0, max_held_bytes=2_000_000)
    shelf.is_full = True
    n_slices = len(shelf.held)
    for each in range(200, 800):
        store.append(Entry(each * 10.0, "server", audio(), 6_500))

    assert n_slices == len(shelf.held)
    in_memory = store.get(800 - store.n_in_memory, 800)
    assert sum(entry.size_bytes + ENTRY_BYTES for entry in in_memory) <= 2_000_000
    assert store.dropped_audio_events
    assert times(store.get(799, 800)) == [799]
    assert store.get(799, 800)[0].event == audio()


@pytest.mark.parametrize("shelf", [None, MemoryShelf()])
def test_what_came_before_an_event_is_forgotten(shelf):
    store = store_of(300, shelf=shelf, max_memory_bytes=0)
    before = store.payload_bytes

    store.forget_before(150)

    assert 100 <= store.first <= 150
    assert times(store.walk()) == list(range(store.first, 300))
    assert store.payload_bytes == before * (300 - store.first) / 300
