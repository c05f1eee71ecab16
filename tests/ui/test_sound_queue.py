"""The sound that waits for a browser: in order, and mostly not in memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.ui.sound_queue import SLICE_BYTES, Piece, SoundQueue
from tests.realtime.shelf import MemoryShelf

PART_BYTES = SLICE_BYTES // 4


def part(number: int, n_bytes: int = PART_BYTES) -> bytes:
    return number.to_bytes(2, "little") * (n_bytes // 2)


def drain(queue: SoundQueue) -> list[Piece]:
    taken = []
    while (piece := queue.take()) is not None:
        taken.append(piece)
    return taken


def filled(n_parts: int, shelf: MemoryShelf | None = None) -> tuple[SoundQueue, list[Piece]]:
    queue = SoundQueue(shelf)
    pieces: list[Piece] = [("a", part(number)) for number in range(n_parts)]
    for track, sound in pieces:
        queue.put(track, sound)
    return queue, pieces


def test_a_long_answer_waits_on_the_shelf_and_comes_in_order() -> None:
    shelf = MemoryShelf()
    queue, pieces = filled(400, shelf)

    assert queue.n_bytes == 400 * PART_BYTES
    assert queue.memory_bytes <= 2 * SLICE_BYTES
    assert sum(map(len, shelf.held.values())) == queue.n_bytes - queue.memory_bytes
    assert drain(queue) == pieces
    assert shelf.held == {}
    assert queue.n_bytes == queue.memory_bytes == 0


def test_what_is_taken_soon_never_sees_the_shelf() -> None:
    shelf = MemoryShelf()
    queue = SoundQueue(shelf)
    for number in range(100):
        queue.put("a", part(number))
        queue.put("a", None)
        assert queue.take() == ("a", part(number))
        assert queue.take() == ("a", None)

    assert shelf.sizes == []


def test_a_shelf_that_refuses_leaves_the_sound_in_memory_and_is_not_asked_again_for_it() -> None:
    shelf = MemoryShelf()
    shelf.is_full = True
    queue, pieces = filled(100, shelf)

    assert len(shelf.sizes) == 1
    assert queue.memory_bytes == queue.n_bytes
    assert drain(queue) == pieces


def test_a_shelf_that_refused_is_tried_again_when_all_was_forgotten() -> None:
    shelf = MemoryShelf()
    shelf.is_full = True
    queue, _ = filled(20, shelf)
    queue.clear()
    shelf.is_full = False
    for number in range(20):
        queue.put("b", part(number))

    assert len(shelf.held) > 0


def test_sound_that_is_gone_from_the_shelf_is_silence_of_its_length() -> None:
    shelf = MemoryShelf()
    queue, pieces = filled(100, shelf)
    shelf.held.clear()

    taken = drain(queue)

    assert [len(sound or b"") for _, sound in taken] == [PART_BYTES] * len(pieces)
    assert bytes(PART_BYTES) in [sound for _, sound in taken]


def test_to_forget_everything_empties_the_shelf() -> None:
    shelf = MemoryShelf()
    queue, _ = filled(100, shelf)
    queue.clear()

    assert (queue.n_bytes, queue.memory_bytes, queue.first_track) == (0, 0, None)
    assert shelf.held == {}
    assert queue.take() is None


def test_the_first_track_is_found_wherever_it_waits() -> None:
    queue = SoundQueue(MemoryShelf())
    queue.put("ended", None)
    for number in range(40):
        queue.put("a", part(number))
    queue.put("b", part(1))

    seen = []
    while queue.take() is not None:
        seen.append(queue.first_track)

    assert seen == ["a"] * 40 + ["b", None]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.sampled_from("ab"), st.integers(2, 3 * PART_BYTES)),
            st.tuples(st.just("end"), st.sampled_from("ab")),
            st.tuples(st.just("take"), st.integers(1, 9)),
            st.tuples(st.just("back"), st.integers(1, 9)),
        ),
        max_size=60,
    )
)
def test_with_a_shelf_and_without_it_is_the_same_queue(steps: list[tuple[object, ...]]) -> None:
    queue, plain = SoundQueue(MemoryShelf()), list[Piece]()
    for number, step in enumerate(steps):
        match step:
            case ("put", str(track), int(n_bytes)):
                sound = part(number, n_bytes)
                queue.put(track, sound)
                plain.append((track, sound))
            case ("end", str(track)):
                queue.put(track, None)
                plain.append((track, None))
            case (_, int(most)):
                taken = [each for each in (queue.take() for _ in range(most)) if each is not None]
                assert taken == plain[:most]
                del plain[:most]
                if step[0] == "back":
                    queue.put_first(taken)
                    plain[:0] = taken
        assert queue.n_bytes == sum(len(sound or b"") for _, sound in plain)

    assert drain(queue) == plain
