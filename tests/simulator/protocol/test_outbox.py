import random
import re

import pytest

from console.simulator.protocol.ids import IdMaker
from console.simulator.protocol.intents import Stop
from console.simulator.protocol.outbox import Outbox


def test_events_begin_with_their_type_and_a_new_id():
    outbox = Outbox(lambda prefix: prefix + "1")
    outbox.emit("session.updated", session={})

    (event,) = outbox.take().events
    assert list(event.items()) == [
        ("type", "session.updated"),
        ("event_id", "event_1"),
        ("session", {}),
    ]


def test_taking_empties_it():
    outbox = Outbox(str)
    outbox.ask(Stop("resp_1"))

    assert outbox.take().intents == [Stop("resp_1")]
    assert outbox.take().intents == []


def by_time():
    return Outbox(IdMaker(random.Random(1), lambda: 1_700_000_000.0))


@pytest.mark.parametrize("length", [1, 5, 15, 16, 17])
def test_a_padded_delta_does_not_tell_its_length(length):
    outbox = by_time()
    outbox.emit_padded("response.output_text.delta", item_id="item_1", delta="x" * length)

    (event,) = outbox.take().events
    assert list(event) == ["type", "event_id", "item_id", "delta", "obfuscation"]
    assert (len(event["delta"]) + len(event["obfuscation"])) % 16 == 0
    assert len(event["obfuscation"]) < 16


def test_no_two_deltas_are_padded_alike_and_the_same_source_repeats_them():
    def padding(outbox):
        for _ in range(20):
            outbox.emit_padded("response.output_text.delta", delta="x")
        return [event["obfuscation"] for event in outbox.take().events]

    first = padding(by_time())
    assert len(set(first)) == 20
    assert padding(by_time()) == first


def test_the_media_servers_ids_are_hexadecimal():
    outbox = by_time()
    outbox.emit_by_media_server("output_audio_buffer.started", response_id="resp_1")
    outbox.emit_by_media_server("output_audio_buffer.stopped", response_id="resp_1")

    ids = [event["event_id"] for event in outbox.take().events]
    assert all(re.fullmatch("event_[0-9a-f]{16}", each) for each in ids)
    assert len(set(ids)) == 2


def test_an_event_without_an_id_has_none():
    outbox = by_time()
    outbox.emit_without_id("input_audio_buffer.dtmf_event_received", event="1")

    assert outbox.take().events == [
        {"type": "input_audio_buffer.dtmf_event_received", "event": "1"}
    ]
