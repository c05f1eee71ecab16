"""Audio of items within a budget."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from console.realtime.audio_budget import SLICE_BYTES, AudioBudget
from console.realtime.items import ContentPart
from tests.realtime.shelf import MemoryShelf


def test_audio_grows_in_place_and_is_counted():
    budget, part = AudioBudget(100), ContentPart("output_audio")
    buffer = part.audio

    budget.keep(part, b"1234")
    budget.keep(part, b"56")

    assert part.audio is buffer
    assert (bytes(buffer), part.received_bytes, budget.kept_bytes) == (b"123456", 6, 6)


def test_the_part_that_began_first_loses_its_audio_first():
    budget = AudioBudget(10)
    first, second = ContentPart("a"), ContentPart("b")
    budget.keep(first, b"123456")
    budget.keep(second, b"1234")
    budget.keep(first, b"")

    budget.keep(second, b"56")

    assert (bytes(first.audio), first.is_audio_dropped, first.received_bytes) == (b"", True, 6)
    assert (bytes(second.audio), budget.kept_bytes) == (b"123456", 6)


def test_a_part_that_lost_its_audio_is_only_counted_from_then_on():
    budget, part = AudioBudget(4), ContentPart("a")
    budget.keep(part, b"123456")

    budget.keep(part, b"78")

    assert (bytes(part.audio), part.received_bytes, budget.kept_bytes) == (b"", 8, 0)


def test_giving_up_twice_counts_once_and_clear_forgets():
    budget, part = AudioBudget(100), ContentPart("a")
    budget.keep(part, b"1234")

    budget.give_up(part)
    budget.give_up(part)
    assert budget.kept_bytes == 0

    budget.keep(ContentPart("b"), b"12")
    budget.clear()
    assert budget.kept_bytes == 0


# With a shelf


def sound(n_bytes: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(n_bytes)


def shelved_budget(max_bytes: int = 100 * SLICE_BYTES, memory: int = SLICE_BYTES):
    shelf = MemoryShelf()
    return AudioBudget(max_bytes, shelf=shelf, max_memory_bytes=memory), shelf


def test_beyond_the_memory_the_oldest_audio_moves_to_the_shelf_and_can_be_read():
    budget, shelf = shelved_budget()
    old, new = ContentPart("a"), ContentPart("b")
    first, second = sound(SLICE_BYTES), sound(SLICE_BYTES + 2, seed=2)

    budget.keep(old, first)
    assert shelf.held == {}
    budget.keep(new, second)

    assert (len(old.audio), old.kept_bytes) == (0, SLICE_BYTES)
    assert old.read_audio() == first
    assert new.read_audio() == second
    assert budget.kept_bytes == 2 * SLICE_BYTES + 2
    assert budget.memory_bytes == len(old.audio) + len(new.audio) <= SLICE_BYTES
    assert not old.is_audio_dropped


def test_a_part_that_goes_on_growing_lies_in_both_places_in_order():
    budget, shelf = shelved_budget()
    part, whole = ContentPart("a"), sound(6 * SLICE_BYTES + 30_000)

    for at in range(0, len(whole), 4_800):
        budget.keep(part, whole[at : at + 4_800])

    assert part.read_audio() == whole
    assert len(shelf.held) == 1
    assert part.received_bytes == part.kept_bytes == budget.kept_bytes == len(whole)
    assert budget.memory_bytes == len(part.audio) <= 2 * SLICE_BYTES


def test_audio_moves_in_slices_however_much_comes_at_once():
    budget, shelf = shelved_budget(memory=0)

    budget.keep(ContentPart("a"), sound(5 * SLICE_BYTES))

    assert shelf.sizes == [SLICE_BYTES] * 5
    assert budget.memory_bytes == 0


def test_without_room_in_memory_a_part_that_was_emptied_moves_on_when_it_grows():
    budget, _ = shelved_budget(memory=0)
    part, first, more = ContentPart("a"), sound(2 * SLICE_BYTES), sound(2 * SLICE_BYTES, seed=2)

    budget.keep(part, first)
    budget.keep(part, more)

    assert part.read_audio() == first + more
    assert len(part.audio) == budget.memory_bytes == 0


def test_beyond_the_budget_the_oldest_part_is_taken_off_the_shelf():
    budget, shelf = shelved_budget(max_bytes=4 * SLICE_BYTES)
    parts = [ContentPart(str(n)) for n in range(6)]

    for part in parts:
        budget.keep(part, sound(SLICE_BYTES))

    assert [part.is_audio_dropped for part in parts] == [True, True] + 4 * [False]
    assert [len(part.read_audio()) for part in parts] == [0, 0] + 4 * [SLICE_BYTES]
    assert budget.kept_bytes == 4 * SLICE_BYTES
    assert sum(map(len, shelf.held.values())) == budget.kept_bytes - budget.memory_bytes


def test_what_the_shelf_refuses_is_dropped_and_the_rest_stays():
    budget, shelf = shelved_budget(memory=2 * SLICE_BYTES)
    old, new = ContentPart("a"), ContentPart("b")
    budget.keep(old, sound(4 * SLICE_BYTES))
    assert old.shelved is not None

    shelf.is_full = True
    budget.keep(new, sound(SLICE_BYTES + 2))

    assert old.is_audio_dropped
    assert old.shelved is None
    assert old.read_audio() == b""
    assert (new.is_audio_dropped, new.kept_bytes) == (False, SLICE_BYTES + 2)
    assert budget.kept_bytes == budget.memory_bytes == SLICE_BYTES + 2


def test_a_deleted_part_leaves_the_shelf_and_holds_up_nobody():
    budget, shelf = shelved_budget()
    old, new = ContentPart("a"), ContentPart("b")
    budget.keep(old, sound(2 * SLICE_BYTES + 2))

    budget.give_up(old)
    assert (shelf.held, budget.kept_bytes, budget.memory_bytes) == ({}, 0, 0)

    budget.keep(new, sound(3 * SLICE_BYTES))
    assert new.kept_bytes == budget.kept_bytes == 3 * SLICE_BYTES


def test_a_deleted_part_that_was_never_moved_holds_up_nobody():
    budget, _ = shelved_budget()
    old, new = ContentPart("a"), ContentPart("b")
    budget.keep(old, sound(100))
    budget.give_up(old)

    budget.keep(new, sound(3 * SLICE_BYTES))

    assert len(new.read_audio()) == budget.kept_bytes == 3 * SLICE_BYTES


def test_clearing_empties_the_shelf_and_old_parts_read_as_gone():
    budget, shelf = shelved_budget()
    part = ContentPart("a")
    budget.keep(part, sound(3 * SLICE_BYTES))

    budget.clear()
    budget.keep(ContentPart("b"), sound(3 * SLICE_BYTES, seed=2))

    assert part.read_audio() == b""
    assert len(shelf.held) == 1
    assert budget.kept_bytes == 3 * SLICE_BYTES


def test_a_budget_of_nothing_keeps_nothing():
    budget, part = AudioBudget(0), ContentPart("a")

    budget.keep(part, b"1234")

    assert (part.received_bytes, part.kept_bytes, budget.kept_bytes) == (4, 0, 0)
    assert part.is_audio_dropped


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.integers(0, 3 * SLICE_BYTES), st.booleans()), max_size=25
    ),
    st.integers(0, 2 * SLICE_BYTES),
)
def test_whatever_comes_in_whatever_order_the_books_balance(steps, memory):
    budget, shelf = shelved_budget(max_bytes=6 * SLICE_BYTES, memory=memory)
    parts = [ContentPart(str(n)) for n in range(5)]
    came = [b""] * 5

    for n, size, is_deleted in steps:
        if is_deleted and size < 1_000:
            budget.give_up(parts[n])
            continue
        audio = sound(size, seed=n)
        budget.keep(parts[n], audio)
        came[n] += audio

        for part, whole in zip(parts, came, strict=True):
            assert part.received_bytes == len(whole)
            assert part.read_audio() == (b"" if part.is_audio_dropped else whole)
        assert budget.kept_bytes == sum(part.kept_bytes for part in parts) <= 6 * SLICE_BYTES
        assert budget.memory_bytes == sum(len(part.audio) for part in parts)
        assert budget.memory_bytes <= memory + SLICE_BYTES
        assert sum(map(len, shelf.held.values())) == budget.kept_bytes - budget.memory_bytes
