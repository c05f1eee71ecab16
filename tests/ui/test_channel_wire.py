"""Frames of the session channel, both ways."""

import struct

import orjson
import pytest

from console.app.event_filter import EventFilter
from console.app.event_view import Find, Look
from console.app.view_model import MicrophoneState
from console.ui.channel_wire import (
    BrowserMicrophone,
    Drained,
    HeardReport,
    Hello,
    Interrupted,
    Talk,
    WireError,
    decode_messages,
    decode_microphone,
    encode_audio,
    encode_messages,
)
from tests.ui.page_lines import LOOK


def frame(pcm: bytes, kind: int = 1) -> bytes:
    return struct.pack("<B3xId", kind, 7, 1234.5) + pcm


@pytest.mark.parametrize("track", ["", "a", "ab", "spur_ü"])
def test_audio_begins_on_an_even_byte_after_the_name(track: str) -> None:
    data = encode_audio(track, b"\x01\x02\x03\x04")

    n = data[1]
    assert data[0] == 2
    assert data[2 : 2 + n].decode() == track
    assert data[2 + n + n % 2 :] == b"\x01\x02\x03\x04"
    assert len(data) % 2 == 0


def test_a_name_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="255 bytes, not 256"):
        encode_audio("x" * 256, b"")


def test_a_chunk_comes_with_its_number_and_time() -> None:
    chunk = decode_microphone(frame(b"\x01\x02"))

    assert (chunk.sequence, chunk.time_ms, chunk.pcm) == (7, 1234.5, b"\x01\x02")
    assert not chunk.is_first
    assert decode_microphone(struct.pack("<BB2xId", 1, 1, 7, 1234.5)).is_first


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"", 1003, "not a chunk"),
        (frame(b"\0\0")[:15], 1003, "not a chunk"),
        (frame(b"\0\0", kind=2), 1003, "not a chunk"),
        (frame(b"\0\0\0"), 1003, "half a sample"),
        (frame(bytes(64 * 1024 + 2)), 1009, "beyond 65536"),
    ],
)
def test_a_binary_frame_that_is_no_chunk_is_refused(data: bytes, code: int, says: str) -> None:
    with pytest.raises(WireError, match=says) as refusal:
        decode_microphone(data)

    assert refusal.value.code == code


def test_the_largest_chunk_is_taken() -> None:
    assert len(decode_microphone(frame(bytes(64 * 1024))).pcm) == 64 * 1024


def test_every_kind_of_message_is_understood() -> None:
    text = encode_messages(
        [
            {"k": "hello", "epoch": None},
            {"k": "hello", "epoch": 3},
            LOOK | {"text": "a b", "types": ["error"], "zoom": "turns", "counts": True},
            {"k": "find", "id": 4, "by": "time", "value": 1500.5},
            {"k": "find", "id": 5, "by": "name", "value": "item_1"},
            {"k": "microphone", "state": "denied", "detail": "NotAllowedError"},
            {"k": "talk", "down": True, "held_ms": 0},
            {"k": "talk", "down": False, "held_ms": 812.5},
            {"k": "heard", "track": "a", "samples": 5, "queued": 6, "underruns": 1, "buffer": 960},
            {"k": "drained", "track": "a", "samples": 9},
            {"k": "interrupted", "id": 1, "track": None, "samples": 0},
        ]
    )

    filtered = EventFilter("a b", types=frozenset({"error"}))
    assert decode_messages(text) == [
        Hello(None),
        Hello(3),
        Look(1, "turns", filtered, count=50, wants_types=True),
        Find(4, "time", 1500.5),
        Find(5, "name", "item_1"),
        BrowserMicrophone(MicrophoneState.DENIED, "NotAllowedError"),
        Talk(True, 0),
        Talk(False, 812.5),
        HeardReport("a", 5, 6, 1, 960),
        Drained("a", 9),
        Interrupted(1, None, 0),
    ]


def test_a_long_detail_is_clipped() -> None:
    text = encode_messages([{"k": "microphone", "state": "failed", "detail": "x" * 2000}])

    assert decode_messages(text) == [BrowserMicrophone(MicrophoneState.FAILED, "x" * 500)]


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("[" + " " * 16 * 1024 + "]", 1009, "beyond 16384"),
        ("[{", 1003, "not JSON"),
        ("", 1003, "not JSON"),
        (" \n", 1003, "not JSON"),
        ("null", 1003, "not an array"),
        ('"hi"', 1003, "not an array"),
        ("\ufeff[]", 1003, "not JSON"),
        ("[" * 16_000, 1003, "not JSON"),
        ('[{"k":' * 450 + "1" + "}]" * 450, 1008, "is not known"),
        ('[{"k":"talk","down":true,"held_ms":1e999}]', 1003, "not JSON"),
        ('[{"k":"talk","down":true,"held_ms":NaN}]', 1003, "not JSON"),
        ('[{"k":"talk","down":true,"held_ms":' + "9" * 5000 + "}]", 1003, "not JSON"),
        ("[\ud800]", 1003, "not JSON"),
        ('[{"k":"hello","k":"rows"}]', 1008, "'rows' is not known"),
        ('[{"k":1}]', 1008, "is not known"),
        ('[{"k":"' + "k" * 10_000 + '"}]', 1008, "is not known"),
        ('[{"k":"a\\r\\nb"}]', 1008, r"'a\\r\\nb' is not known"),
        ('[{"k":"\\u0000"}]', 1008, "is not known"),
        ('[{"__proto__":{"k":"hello"}}]', 1008, "'None' is not known"),
        ('{"k": "talk"}', 1003, "not an array"),
        ("[1]", 1008, "not an object"),
        ('[{"k": "rows"}]', 1008, "'rows' is not known"),
        ('[{"k": []}]', 1008, "is not known"),
        ('[{"k": "talk", "down": 1, "held_ms": 0}]', 1008, "talk.down should be true or false"),
        ('[{"k": "talk", "down": true, "held_ms": -1}]', 1008, "talk.held_ms should be a duration"),
        ('[{"k": "talk", "down": true, "held_ms": true}]', 1008, "talk.held_ms should be"),
        ('[{"k": "hello", "epoch": "x"}]', 1008, "hello.epoch should be a count"),
        (f"[{orjson.dumps(LOOK | {'zoom': 'x'}).decode()}]", 1008, "one of frames, spans, turns"),
        (f"[{orjson.dumps(LOOK | {'types': 'x'}).decode()}]", 1008, "should be a list of names"),
        (f"[{orjson.dumps(LOOK | {'types': [1]}).decode()}]", 1008, "should be a list of names"),
        (f"[{orjson.dumps(LOOK | {'text': 'x' * 5000}).decode()}]", 1008, "at most 4096 bytes"),
        ('[{"k": "find", "id": 1, "by": "name", "value": []}]', 1008, "find.value"),
        ('[{"k": "find", "id": 1, "by": "luck", "value": 1}]', 1008, "one of time, frame"),
        ('[{"k": "drained", "track": 5, "samples": 0}]', 1008, "drained.track should be a text"),
        ('[{"k": "drained", "track": "a", "samples": 1.5}]', 1008, "drained.samples"),
        ('[{"k": "microphone", "state": "loud", "detail": ""}]', 1008, "a state of the microphone"),
    ],
)
def test_a_text_frame_that_makes_no_sense_is_refused(text: str, code: int, says: str) -> None:
    with pytest.raises(WireError, match=says) as refusal:
        decode_messages(text)

    assert refusal.value.code == code


def test_a_track_as_long_as_a_name_may_be_comes_back() -> None:
    track = "ü" * 127
    text = orjson.dumps([{"k": "drained", "track": track, "samples": 1}]).decode()

    assert decode_messages(text) == [Drained(track, 1)]
    with pytest.raises(WireError, match="at most 255 bytes"):
        decode_messages(text.replace(track, track + "ü"))


def test_messages_are_written_though_one_of_them_holds_what_json_cannot_carry() -> None:
    written = encode_messages([{"k": "item", "text": "half \ud83d", "n": 10**30}, {"k": "hush"}])

    assert orjson.loads(written) == [
        {"k": "item", "text": "half \\ud83d", "n": 1e30},
        {"k": "hush"},
    ]


def test_half_a_character_in_what_somebody_typed_is_read() -> None:
    (look,) = decode_messages(
        orjson.dumps([LOOK | {"text": ""}]).decode().replace('"text":""', '"text":"half \\ud83d"')
    )

    assert isinstance(look, Look)
    assert look.filter.text == "half \ud83d"
    said = '[{"k":"microphone","state":"on","detail":"\\ud800"}]'
    assert decode_messages(said) == [BrowserMicrophone(MicrophoneState.ON, "\\ud800")]
