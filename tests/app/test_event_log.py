import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.app.event_log import EventLog
from console.realtime.events import Event
from tests.app.log_rig import add_all, add_talk, audio, numbers_of, rows_of, words
from tests.realtime.shelf import MemoryShelf


def test_each_event_is_a_frame_and_runs_of_a_kind_are_one_span():
    log = EventLog()

    add_all(log, *[each for n in range(125) for each in (words(f"{n} "), audio())])

    spans = rows_of(log, "spans")
    assert (log.count("frames"), log.count("spans")) == (250, 2)
    assert [(row["y"], row["n"], row["b"]) for row in spans] == [
        ("response.output_audio_transcript.delta", 125, 12_500),
        ("response.output_audio.delta", 125, 12_500),
    ]
    assert (spans[1]["a"], spans[1]["t"], spans[1]["u"]) == (12_500, 10.0, 2_490.0)
    assert spans[0]["d"].startswith("0 1 2 ")
    frame = log.row("frames", 3)
    assert frame is not None
    assert (frame["n"], frame["a"], frame["t"]) == (1, 100, 30.0)


def test_the_events_of_a_span_are_those_of_its_kind_in_their_order():
    log = EventLog()

    add_all(log, words("Hello "), audio(), words("Ada"))

    deltas = [each.event.fields["delta"] for each in log.entries_of("spans", 0, 0, 10)]
    assert deltas == ["Hello ", "Ada"]
    assert [e.event.fields["delta"] for e in log.entries_of("spans", 0, 1, 10)] == ["Ada"]
    assert len(log.entries_of("frames", 1)) == 1
    assert log.entries_of("frames", 1, offset=1) == []


def test_the_time_does_not_wrap_after_an_hour():
    log = EventLog()
    log.add(100, "server", Event("session.created"), 1)
    log.add(100 + 3_725.5, "server", Event("response.done"), 1)

    row = log.row("frames", 1)
    assert row is not None
    assert row["t"] == 3_725_500
    assert log.ms_at(101) == 1_000


def test_a_turn_has_the_events_of_its_item_and_response_and_its_times():
    log = EventLog()
    add_talk(log, 2)

    first, second = rows_of(log, "turns")
    assert (first["y"], first["n"], first["a"]) == ("turn 1", 123, 4_000)
    assert second["i"] == 123
    assert "response +100 ms" in first["d"]
    facts = log.turn_facts(123)
    assert facts is not None
    assert (facts["turn"], facts["responses"]) == (2, ["resp_1"])


def test_what_grew_after_a_version_is_told():
    log = EventLog()
    add_all(log, words("a"), Event("session.updated", None, {}))
    version = log.version
    assert log.grown_after("spans", version) == []

    log.add(1, "server", words("b", "item_2"), 1)
    log.add(1, "server", words("c", "item_2"), 1)

    assert log.grown_after("spans", version) == [2]
    assert log.grown_after("turns", version) == [0]


def test_what_was_heard_of_a_turn_changes_its_row_without_an_event():
    log = EventLog()
    add_talk(log, 1)
    log.turns.take(1, "server", Event("response.output_item.added", None, {
        "response_id": "resp_0", "item": {"id": "item_0", "type": "message"}}))  # fmt: skip
    version = log.version

    log.turns.heard(1_200, "item_0", 2_400)

    assert log.grown_after("turns", version) == [0]
    assert log.version > version
    row = log.row("turns", 0)
    assert row is not None
    assert "heard +1.1 s" in row["d"]


def test_clearing_begins_a_new_epoch():
    log = EventLog()
    add_all(log, Event("session.created"))
    epoch = log.epoch

    log.clear()

    assert log.epoch != epoch
    assert (len(log), log.count("spans"), list(log.entries())) == (0, 0, [])
    log.add(50, "client", Event("session.update"), 1)
    assert [row["t"] for row in rows_of(log, "frames")] == [0]


@pytest.mark.parametrize(
    ("event", "is_error"),
    [
        (Event("error", None, {"error": {"code": "x"}}), True),
        (Event("response.done", None, {"response": {"status": "failed"}}), True),
        (Event("response.mcp_call.failed"), True),
        (Event("response.done"), False),
    ],
)
def test_failed_responses_and_errors_are_marked(event, is_error):
    log = EventLog()
    log.add(0, "server", event, 1)

    assert [row["e"] for zoom in ("frames", "turns") for row in rows_of(log, zoom)] == [
        is_error
    ] * 2
    assert log.frames.n_errors == is_error


texts = st.text("ab \n\x1f\u202e\N{GRINNING FACE}", max_size=8)
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
        "response.created",
        "response.output_audio.delta",
        "conversation.item.added",
        "input_audio_buffer.speech_started",
        "rate_limits.updated",
        "session.update",
        "x.y.delta",
        "",
    ]
)
keys = st.sampled_from(["delta", "item", "response", "session", "error", "item_id", "rate_limits"])


@given(st.lists(st.tuples(types, texts, st.dictionaries(keys, json_values)), max_size=20))
def test_nothing_that_a_peer_sends_makes_the_log_raise_or_mixes_up_its_rows(events):
    log = EventLog(max_held_bytes=300)

    for n, (event_type, event_id, fields) in enumerate(events):
        log.add(n, "server", Event(event_type, event_id, fields), 100)

    rows = rows_of(log, "frames")
    assert [row["y"] for row in rows] == [event_type for event_type, _, _ in events]
    assert all(len(row["d"]) <= 161 and "\n" not in row["d"] for row in rows)
    assert sum(row["n"] for row in rows_of(log, "spans")) == len(events)
    assert sum(row["n"] for row in rows_of(log, "turns")) == len(events)


def shelving(**limits):
    shelf = MemoryShelf()
    return EventLog(shelf=shelf, **limits), shelf


def test_events_and_rows_on_the_shelf_are_those_that_were_in_memory():
    plain = EventLog()
    log, shelf = shelving(max_memory_bytes=100_000)
    for each in (plain, log):
        add_talk(each)

    assert len(shelf.held) > 5
    assert log.payloads.n_in_memory < len(log) / 5
    for zoom in ("frames", "spans", "turns"):
        assert rows_of(plain, zoom) == rows_of(log, zoom)
    for number in numbers_of(log, "spans"):
        for offset, limit in ((0, 200), (3, 5), (39, 5)):
            assert log.entries_of("spans", number, offset, limit) == plain.entries_of(
                "spans", number, offset, limit
            )
    assert [e.as_json() for e in log.entries()] == [e.as_json() for e in plain.entries()]


def test_beyond_the_budget_the_oldest_events_go_and_their_rows_stay():
    log, _ = shelving(max_memory_bytes=0, max_payload_bytes=1_500_000)
    add_talk(log)

    assert log.payloads.payload_bytes <= 1_500_000
    assert 0 < log.dropped_events < len(log)
    assert log.entries_of("frames", log.dropped_events - 1) == []
    assert len(log.entries_of("frames", log.dropped_events)) == 1
    assert log.row("frames", 0) is not None


def test_the_number_of_rows_is_bounded_and_what_went_is_counted():
    log, shelf = shelving(max_frames=1_000)
    add_talk(log, 20)

    assert 1_000 - 512 < len(log) <= 1_000
    assert log.frames.first == log.dropped_events == 20 * 123 - len(log)
    assert log.row("frames", log.frames.first - 1) is None
    assert log.turn_facts(0) is None
    counted = {zoom: len([n for n in numbers_of(log, zoom) if n >= log.frames.first])
               for zoom in ("spans", "turns")}  # fmt: skip
    assert counted == {zoom: log.count(zoom) for zoom in counted}
    assert log.payloads.first <= log.frames.first
    assert len(shelf.held) < 16


def test_clearing_and_closing_empty_the_shelf():
    log, shelf = shelving(max_memory_bytes=0)
    add_talk(log)
    log.clear()
    assert shelf.held == {}

    add_talk(log)
    log.close()
    assert shelf.held == {}
