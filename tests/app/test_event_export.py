import orjson

from console.app import event_export
from console.app.event_log import EventLog
from console.realtime.events import Event
from console.scrubber import Scrubber
from tests.app.log_rig import add_talk
from tests.realtime.shelf import MemoryShelf


def plain(text):
    return text


def lines_of(log, *place, clean=plain):
    return [
        orjson.loads(line) for line in "".join(event_export.jsonl(log, clean, *place)).splitlines()
    ]


def test_jsonl_has_every_event_also_those_on_disk_in_its_order():
    log = EventLog(shelf=MemoryShelf(), max_memory_bytes=0)
    log.began_wall_s = 1_750_000_000.0
    add_talk(log, 5)

    lines = lines_of(log)

    assert [each["event"] for each in lines] == [each.event.as_dict() for each in log.entries()]
    assert lines[1] == {
        "t": 100.0,
        "time": "2025-06-15T15:06:40.100+00:00",
        "source": "server",
        "bytes": 90,
        "event": {"type": "response.created", "event_id": "e", "response": {"id": "resp_0"}},
    }
    assert lines_of(log, 7, 12) == lines[7:12]


def test_jsonl_says_how_many_events_are_gone():
    log = EventLog(shelf=MemoryShelf(), max_memory_bytes=0, max_payload_bytes=1_000_000)
    add_talk(log, 20)

    note, first, *_ = lines_of(log)

    assert note == {"note": f"{log.dropped_events} older events are not held any more"}
    assert first["t"] == next(log.entries(log.dropped_events)).t_ms


def test_har_is_one_socket_with_the_events_as_its_messages():
    log = EventLog()
    log.where, log.began_wall_s = "wss://api.example/v1/realtime?model=m", 1_750_000_000.0
    add_talk(log, 3)
    first = Event("session.update", "event_1", {"session": {"instructions": "[]"}})
    log.add(40.0, "client", first, 80)

    whole = orjson.loads("".join(event_export.har(log, plain)))

    (entry,) = whole["log"]["entries"]
    messages = entry["_webSocketMessages"]
    assert whole["log"]["version"] == "1.2"
    assert entry["request"]["url"] == log.where
    assert entry["startedDateTime"] == "2025-06-15T15:06:40.000+00:00"
    assert entry["time"] == 40_000
    assert len(messages) == len(log)
    assert messages[-1] == {
        "type": "send",
        "time": 1_750_000_040.0,
        "opcode": 1,
        "data": messages[-1]["data"],
    }
    assert orjson.loads(messages[-1]["data"]) == first.as_dict()
    assert {each["type"] for each in messages} == {"send", "receive"}


def test_a_session_without_events_is_a_file_without_messages():
    whole = orjson.loads("".join(event_export.har(EventLog(), plain)))

    assert whole["log"]["entries"][0]["_webSocketMessages"] == []
    assert lines_of(EventLog()) == []


def test_no_secret_gets_into_a_file():
    scrubber = Scrubber()
    scrubber.keep_secret("the-key-of-the-owner")
    log = EventLog()
    log.where = "wss://x.example/?api-key=the-key-of-the-owner"
    told = {"session": {"instructions": "use the-key-of-the-owner or sk-proj-abcdef123"}}
    log.add(0, "client", Event("session.update", None, told), 10)

    files = [
        *event_export.jsonl(log, scrubber.without_secrets),
        *event_export.har(log, scrubber.without_secrets),
    ]

    assert "the-key-of-the-owner" not in "".join(files)
    assert "sk-proj" not in "".join(files)


def test_an_event_that_cannot_be_written_is_named():
    log = EventLog()
    log.add(0, "client", Event("odd", None, {"what": object()}), 10)

    assert lines_of(log)[0]["event"]["type"] == "odd"
    assert "odd" in "".join(event_export.har(log, plain))
