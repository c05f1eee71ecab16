import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.app.event_log import EventLog
from console.realtime.events import Event
from tests.realtime.shelf import MemoryShelf


def audio(item="item_1", ms=100, source="server"):
    text = base64.b64encode(bytes(48 * ms)).decode()
    if source == "client":
        return Event("input_audio_buffer.append", None, {"audio": text})
    return Event("response.output_audio.delta", "event_x", {"item_id": item, "delta": text})


def words(text, item="item_1"):
    fields = {"item_id": item, "delta": text}
    return Event("response.output_audio_transcript.delta", "event_x", fields)


def add_all(log, *events, source="server", step_s=0.01):
    for n, event in enumerate(events):
        log.add(n * step_s, source, event, 100)


def rows_of(log):
    return log.rows_after(0)


def test_interleaved_deltas_make_one_row_for_each_kind_with_the_true_count():
    log = EventLog()

    add_all(log, *[each for n in range(125) for each in (words(f"{n} "), audio())])

    rows = rows_of(log)
    assert [(row.type, row.count) for row in sorted(rows, key=lambda row: row.index)] == [
        ("response.output_audio_transcript.delta", 125),
        ("response.output_audio.delta", 125),
    ]
    assert rows[-1].audio_ms == 12_500


def test_two_events_of_a_kind_read_two_and_one_reads_one():
    log = EventLog()

    add_all(log, audio(), audio(), Event("response.done"))

    assert [row.count for row in sorted(rows_of(log), key=lambda row: row.index)] == [2, 1]


def test_every_payload_of_a_run_is_kept():
    log = EventLog()

    add_all(log, words("Hello "), words("Ada"))

    row = log.row(0)
    assert row is not None
    assert [entry.as_json()["event"]["delta"] for entry in row.entries] == ["Hello ", "Ada"]
    assert row.summary == "Hello Ada"


def test_runs_of_two_items_stay_apart():
    log = EventLog()

    add_all(log, audio("a"), audio("b"), audio("a"))

    assert sorted(row.count for row in rows_of(log)) == [1, 2]


def test_an_event_of_the_same_sender_ends_its_runs():
    log = EventLog()

    add_all(log, audio(source="client"), Event("input_audio_buffer.commit"), source="client")
    log.add(1, "client", audio(source="client"), 100)

    assert [row.type for row in sorted(rows_of(log), key=lambda row: row.index)] == [
        "input_audio_buffer.append",
        "input_audio_buffer.commit",
        "input_audio_buffer.append",
    ]


def test_what_the_server_says_of_speech_ends_the_run_of_microphone_chunks():
    log = EventLog()
    log.add(0, "client", audio(source="client"), 100)
    log.add(0.1, "server", Event("input_audio_buffer.speech_started"), 100)
    log.add(0.2, "client", audio(source="client"), 100)

    assert len(log) == 3


def test_the_time_does_not_wrap_after_an_hour_and_the_gap_is_to_the_row_before():
    log = EventLog()
    log.add(100, "server", Event("session.created"), 1)
    log.add(100 + 3_725.5, "server", Event("response.done"), 1)

    row = log.row(1)
    assert row is not None
    assert (row.as_json()["t"], row.as_json()["g"]) == (3_725_500, 3_725_500)


def test_rows_after_a_version_are_those_that_changed_since():
    log = EventLog()
    add_all(log, Event("session.created"), audio(), Event("session.updated", None, {}))
    version = log.version
    assert log.rows_after(version) == []

    log.add(1, "server", Event("response.done"), 1)

    assert [row.type for row in log.rows_after(version)] == ["response.done"]


def test_rows_come_in_portions_that_lose_none():
    log = EventLog()
    add_all(log, *[Event(f"type.{n}") for n in range(10)])

    seen, version = [], 0
    while rows := log.rows_after(version, limit=3):
        seen += [row.index for row in rows]
        version = rows[-1].version

    assert seen == list(range(10))


def test_the_oldest_audio_goes_first_and_is_named_in_its_event():
    log = EventLog(max_held_bytes=30_000)
    for n in range(5):
        log.add(n * 0.01, "server", audio(), 6_500)
    log.add(1, "server", Event("response.done", "event_1", {"response": {"id": "r"}}), 100)

    assert log.dropped_audio_events == 3
    assert log.dropped_events == 0
    row = log.row(0)
    assert row is not None
    assert "dropped" in row.entries[0].as_json()["event"]["delta"]
    assert row.entries[-1].as_json()["event"]["delta"] == audio().fields["delta"]
    assert row.audio_ms == 500


def test_the_number_of_rows_is_bounded_and_what_went_is_counted():
    log = EventLog(max_rows=10)
    add_all(log, *[Event(f"type.{n}") for n in range(25)])

    assert len(log) == 10
    assert log.dropped_events == 15
    assert log.row(0) is None
    assert [row.index for row in log.rows_after(0)] == list(range(15, 25))


def test_clearing_begins_a_new_epoch():
    log = EventLog()
    add_all(log, Event("session.created"))
    epoch = log.epoch

    log.clear()

    assert log.epoch != epoch
    assert len(log) == 0
    assert log.add(50, "client", Event("session.update"), 1).first_ms == 0


def test_failed_responses_and_errors_are_marked():
    log = EventLog()
    failed = {"response": {"status": "failed", "status_details": {"error": {"message": "no"}}}}

    assert log.add(0, "server", Event("error", None, {"error": {"code": "x"}}), 1).is_error
    assert log.add(0, "server", Event("response.done", None, failed), 1).is_error
    assert not log.add(0, "server", Event("response.done"), 1).is_error


texts = st.text("ab \n\u202e\N{GRINNING FACE}", max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
types = st.sampled_from(
    [
        "error",
        "session.updated",
        "response.done",
        "response.output_audio.delta",
        "conversation.item.added",
        "rate_limits.updated",
        "session.update",
        "x.y.delta",
        "",
    ]
)
keys = st.sampled_from(["delta", "item", "response", "session", "error", "item_id", "rate_limits"])


@given(st.lists(st.tuples(types, st.dictionaries(keys, json_values)), max_size=20))
def test_nothing_that_a_peer_sends_makes_the_log_raise(events):
    log = EventLog(max_rows=5, max_held_bytes=5_000)

    for n, (event_type, fields) in enumerate(events):
        log.add(n, "server", Event(event_type, None, fields), 100)

    assert sum(row.n_held for row in log.rows_after(0)) + log.dropped_events == len(events)
    assert all(len(row.summary) <= 161 for row in log.rows_after(0))


def shelving(**limits):
    shelf = MemoryShelf()
    return EventLog(shelf=shelf, **limits), shelf


def told(row, log, offset=0, limit=None):
    return [each.as_json() for each in log.entries_of(row, offset, limit)]


def add_talk(log, n_turns=20):
    """Turns of many chunks in both directions, and what is between them."""
    for turn in range(n_turns):
        at_s = turn * 10.0
        for n in range(40):
            log.add(at_s + n * 0.02, "client", audio(ms=20, source="client"), 1_300)
            log.add(at_s + n * 0.02, "server", audio(f"item_{turn}"), 6_500)
            log.add(at_s + n * 0.02, "server", words(f"{n} ", f"item_{turn}"), 150)
        log.add(at_s + 2, "server", Event("response.done", "e", {"response": {"id": "r"}}), 300)


def test_events_on_the_shelf_are_the_events_that_were_in_memory():
    plain = EventLog()
    log, shelf = shelving(max_memory_bytes=100_000)
    for each in (plain, log):
        add_talk(each)

    assert len(shelf.held) > 5
    assert sum(len(row.entries) for row in rows_of(log)) < plain.version / 10
    for row, same in zip(rows_of(plain), rows_of(log), strict=True):
        assert told(row, plain) == told(same, log)
        assert same.n_held == row.count
        assert told(row, plain, 3, 5) == told(same, log, 3, 5)
        assert told(row, plain, 39) == told(same, log, 39)
    assert [each.as_json() for each in log.entries()] == [e.as_json() for e in plain.entries()]


def test_a_run_that_goes_on_for_long_is_read_across_its_slices():
    log, shelf = shelving(max_memory_bytes=0)
    for n in range(2_000):
        log.add(n * 0.02, "client", audio(ms=20, source="client"), 1_300)

    (row,) = rows_of(log)
    assert len(shelf.held) > 5
    assert [each["t"] for each in told(row, log)] == [n * 0.02 * 1000 for n in range(2_000)]
    assert told(row, log, 250, 200) == told(row, log)[250:450]


def test_beyond_the_budget_the_oldest_events_on_the_shelf_go_and_are_counted():
    log, _ = shelving(max_memory_bytes=0, max_payload_bytes=1_500_000)
    add_talk(log)

    oldest, newest = log.row(0), rows_of(log)[-1]
    assert log.payload_bytes <= 1_500_000
    assert oldest is not None
    assert (oldest.count, oldest.n_held, told(oldest, log)) == (40, 0, [])
    assert newest.n_held == newest.count == len(told(newest, log))
    assert log.dropped_events == sum(row.count - row.n_held for row in rows_of(log))


def test_rows_that_go_are_counted_once_though_their_events_are_on_the_shelf():
    log, _ = shelving(max_memory_bytes=0, max_rows=10, max_payload_bytes=1_500_000)
    add_talk(log)

    held = sum(row.n_held for row in rows_of(log))
    assert len(rows_of(log)) == 10
    assert log.dropped_events + held == 20 * 121


def test_a_shelf_that_takes_no_more_leaves_events_in_memory_and_bounded():
    log, shelf = shelving(max_memory_bytes=0, max_held_bytes=6_000_000)
    add_talk(log, 5)
    shelf.is_full = True
    n_slices = len(shelf.held)
    add_talk(log, 20)

    in_memory = [each for row in rows_of(log) for each in row.entries]
    assert n_slices
    assert sum(each.size_bytes for each in in_memory) < 6_000_000
    assert log.dropped_audio_events
    assert log.dropped_events == 0
    newest = rows_of(log)[-1]
    assert len(told(newest, log)) == newest.count


def test_without_a_shelf_whole_events_go_after_their_sound_and_their_rows_stay():
    log = EventLog(max_held_bytes=500_000)
    add_talk(log)

    oldest, newest = log.row(0), rows_of(log)[-1]
    assert oldest is not None
    assert (oldest.count, oldest.n_held, told(oldest, log)) == (40, 0, [])
    assert newest.n_held == newest.count == len(told(newest, log))
    assert log.dropped_events == sum(row.count - row.n_held for row in rows_of(log))
    assert len(rows_of(log)) == 20 * 4


def test_a_run_that_never_ends_is_bounded_too():
    log = EventLog(max_held_bytes=200_000)
    for n in range(5_000):
        log.add(n * 0.02, "client", audio(ms=20, source="client"), 1_300)

    (row,) = rows_of(log)
    assert row.count == 5_000
    assert row.n_held == len(told(row, log)) < 300
    assert told(row, log, row.n_held - 1)[0]["t"] == pytest.approx(4_999 * 20)


def test_clearing_and_closing_empty_the_shelf():
    log, shelf = shelving(max_memory_bytes=0)
    add_talk(log)
    log.clear()
    assert shelf.held == {}
    assert rows_of(log) == []

    add_talk(log)
    log.close()
    assert shelf.held == {}
