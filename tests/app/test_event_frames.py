import pytest

from console.app.event_frames import CHUNK_FRAMES, Frame, FrameTable
from console.app.event_shelf import EventShelf
from tests.realtime.shelf import MemoryShelf


def frame(n, **changes):
    told = {
        "t_ms": n * 10.0, "source": "client" if n % 3 else "server", "type": f"type.{n % 5}",
        "size_bytes": n, "audio_ms": float(n % 2), "is_error": n % 100 == 0, "span": n - n % 2,
        "turn": n - n % 50, "summary": f"summary {n}", "event_id": f"event_{n}",
        "item_id": f"item_{n // 10}", "response_id": "",
    }  # fmt: skip
    return Frame(**(told | changes))


@pytest.fixture(params=["memory", "shelf", "full shelf"])
def table(request):
    if request.param == "memory":
        return FrameTable(None, 10_000)
    held = MemoryShelf()
    held.is_full = request.param == "full shelf"
    return FrameTable(EventShelf(held), 10_000)


def fill(table, n):
    for each in range(n):
        table.append(frame(each))


def test_frames_are_given_back_as_they_came_wherever_their_words_are(table):
    fill(table, 1_300)

    assert (len(table), table.first, table.end) == (1_300, 0, 1_300)
    assert all(table.get(n) == frame(n) for n in (0, 1, 511, 512, 700, 1_299))
    assert table.get(1_300) is None
    assert table.get(-1) is None
    assert (table.n_errors, table.n_spans, table.n_turns) == (13, 650, 26)


def test_a_frame_is_found_by_its_id_and_by_its_time(table):
    fill(table, 1_300)

    assert table.first_with("event_700") == 700
    assert table.first_with("item_60") == 600
    assert table.first_with("item_60", newest=True) == 609
    assert table.first_with("item_6") == 60
    assert table.first_with("nothing") is None
    assert [table.at_time(t_ms) for t_ms in (-5, 0, 6_995, 7_000, 1e9)] == [0, 0, 700, 700, 1_300]


def test_the_frames_of_a_run_are_found_across_chunks():
    table = FrameTable(None, 10_000)
    for n in range(1_300):
        table.append(frame(n, span=7 if n % 2 and n >= 7 else n))

    assert list(table.frames_of(7, 12_990.0)) == [n for n in range(1_300) if n % 2 and n >= 7]
    assert list(table.frames_of(7, 4_000.0))[-1] < 2 * CHUNK_FRAMES


def test_the_oldest_chunk_goes_when_there_are_too_many():
    held = MemoryShelf()
    table = FrameTable(EventShelf(held), 2_000)
    went = [table.append(frame(n)) for n in range(5_000)]

    assert table.first == 3_072
    assert went.count(True) == 6
    assert table.get(3_071) is None
    assert table.get(3_072) == frame(3_072)
    assert [chunk.first for chunk in table.chunks()] == [3_072, 3_584, 4_096, 4_608]
    assert (table.n_errors, len(held.held)) == (19, 3)


def test_whoever_goes_through_the_chunks_is_not_stopped_by_one_that_goes():
    table = FrameTable(None, 1_024)
    fill(table, 1_024)
    chunks = table.chunks()
    assert next(chunks).first == 0

    fill(table, 3 * CHUNK_FRAMES)

    assert [each.first for each in chunks][-1] == table.end - len(table) + len(table) // 512 * 512


def test_no_id_or_summary_can_look_like_another_or_like_two_rows():
    table = FrameTable(EventShelf(MemoryShelf()), 10_000)
    table.append(frame(0, summary="a\nb\x1fc\x1fd", event_id="x\ny", item_id="\ud800"))
    for n in range(1, 600):
        table.append(frame(n))

    got = table.get(0)
    assert got is not None
    assert (got.summary, got.event_id, got.item_id) == ("a b c d", "x y", " ")
    assert table.get(1) == frame(1)


def test_words_that_cannot_be_read_any_more_are_empty():
    held = MemoryShelf()
    table = FrameTable(EventShelf(held), 10_000)
    fill(table, 600)
    held.clear()

    got = table.get(5)
    assert got is not None
    assert (got.type, got.summary, got.event_id) == ("type.0", "", "")
    assert table.text(next(table.chunks())).split("\n") == [""] * CHUNK_FRAMES
