"""Events: parsed, built and written."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ProtocolError
from console.realtime import events
from console.realtime.events import Event
from console.realtime.ids import IdSource

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8"))
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(
    event_type=st.text(st.characters(codec="utf-8"), min_size=1),
    event_id=st.none() | st.text(st.characters(codec="utf-8")),
    fields=st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), JSON, max_size=5),
)
def test_what_is_written_is_read_again(event_type, event_id, fields):
    known = {key: fields[key] for key in fields.keys() - {"type", "event_id"}}
    event = Event(event_type, event_id, known)

    assert events.parse(events.dump(event)) == event


def test_an_event_keeps_fields_that_nobody_knows():
    event = events.parse(b'{"type":"x.new","event_id":"event_1","brand_new":{"a":[1]}}')

    assert event == Event("x.new", "event_1", {"brand_new": {"a": [1]}})


def test_an_event_id_that_is_no_text_stays_among_the_fields():
    event = events.parse('{"type":"x","event_id":7}')

    assert event == Event("x", None, {"event_id": 7})
    assert events.dump(event) == '{"type":"x","event_id":7}'


def nested(depth):
    """An event of so many levels, itself counted."""
    return '{"type":"x","value":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        ('{"type":"x","text":"\\ud800"}', "not JSON"),
        ('{"type":"x","value":NaN}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        (" \n\t", "not JSON"),
        ('\ufeff{"type":"x"}', "not JSON"),
        ('{"type":"x","value":1e999}', "not JSON"),
        ('{"type":"x","value":' + "9" * 5000 + "}", "not JSON"),
        (nested(201), "more than 200 levels deep"),
        (nested(900).encode(), "more than 200 levels deep"),
        ("\ud800", "not JSON"),
        ("[]", "holds a list"),
        ('"type"', "holds a text"),
        ("null", "holds null"),
        ("true", "holds true"),
        ("1.5", "holds a number"),
        ("{}", "has no 'type'"),
        ('{"type":null}', "has no 'type'"),
        ('{"type":""}', "is an empty text"),
        ('{"type":["error"]}', "is a list"),
        ('{"type":{}}', "is an object"),
        ('{"type":false}', "is false"),
    ],
)
def test_what_is_no_event_is_refused_in_words(message, words):
    with pytest.raises(ProtocolError, match=words):
        events.parse(message)


@pytest.mark.parametrize("message", [nested(200), '{"type":"x","value":[' + "{}," * 300 + "[]]}"])
def test_what_is_as_deep_as_may_be_or_long_can_be_written_again(message):
    event = events.parse(message)

    assert events.dump(event) == message


@pytest.mark.parametrize(
    ("message", "event_type"),
    [
        ('{"type":"first","type":"second"}', "second"),
        ('{"type":"a\\r\\nb"}', "a\r\nb"),
        ('{"type":"\\u0000"}', "\0"),
        ('{"type":"' + "x" * 10_000 + '"}', "x" * 10_000),
        ('{"type":"x","__proto__":{"type":"y"},"constructor":1}', "x"),
    ],
)
def test_an_odd_event_is_an_event_and_what_it_says_means_nothing_else(message, event_type):
    event = events.parse(message)

    assert event.type == event_type
    assert events.parse(events.dump(event)) == event


def test_an_event_of_a_dictionary_leaves_the_dictionary_alone():
    given_dict = {"type": "x", "event_id": "e", "a": 1}

    event = events.from_dict(given_dict)

    assert event == Event("x", "e", {"a": 1})
    assert given_dict == {"type": "x", "event_id": "e", "a": 1}


def test_type_is_written_first_and_the_id_second():
    text = events.dump(Event("x", "event_1", {"a": 1}))

    assert text == '{"type":"x","event_id":"event_1","a":1}'


@pytest.mark.parametrize("value", [object(), "\ud800", {1: 2}])
def test_what_json_cannot_carry_is_a_value_error_that_names_the_event(value):
    with pytest.raises(ValueError, match=r"x\.y cannot be written as JSON"):
        events.dump(Event("x.y", None, {"value": value}))


def test_encoding_a_slice_encodes_the_slice_only():
    recording = bytes(range(200))

    event = events.input_audio_append(memoryview(recording)[10:14])

    assert event.fields == {"audio": "CgsMDQ=="}


@pytest.mark.parametrize("chunk", [b"", b"\x00\x01", bytes(range(256))])
def test_the_quick_way_to_write_a_chunk_writes_the_same(chunk):
    event = events.input_audio_append(chunk)
    event.event_id = IdSource().new("event")

    assert events.dump_audio_append(event) == events.dump(event)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            events.session_update({"type": "realtime"}),
            {"type": "session.update", "session": {"type": "realtime"}},
        ),
        (events.input_audio_commit(), {"type": "input_audio_buffer.commit"}),
        (events.input_audio_clear(), {"type": "input_audio_buffer.clear"}),
        (events.output_audio_clear(), {"type": "output_audio_buffer.clear"}),
        (
            events.item_create({"id": "i"}),
            {"type": "conversation.item.create", "item": {"id": "i"}},
        ),
        (
            events.item_create({"id": "i"}, "root"),
            {"type": "conversation.item.create", "item": {"id": "i"}, "previous_item_id": "root"},
        ),
        (
            events.item_retrieve("i"),
            {"type": "conversation.item.retrieve", "item_id": "i"},
        ),
        (
            events.item_truncate("i", 1, 250),
            {
                "type": "conversation.item.truncate",
                "item_id": "i",
                "content_index": 1,
                "audio_end_ms": 250,
            },
        ),
        (events.item_delete("i"), {"type": "conversation.item.delete", "item_id": "i"}),
        (events.response_create(), {"type": "response.create"}),
        (
            events.response_create({"instructions": "x"}),
            {"type": "response.create", "response": {"instructions": "x"}},
        ),
        (events.response_cancel(), {"type": "response.cancel"}),
        (events.response_cancel("r"), {"type": "response.cancel", "response_id": "r"}),
    ],
)
def test_a_client_event_has_the_fields_of_the_wire(event, expected):
    written: dict[str, Any] = orjson.loads(events.dump(event))

    assert written == expected


def test_a_message_and_a_function_output_are_items_as_the_wire_has_them():
    message = events.message_item("i", [{"type": "input_text", "text": "Hi"}])
    output = events.function_output_item("o", "call_1", "{}")

    assert message == {
        "id": "i",
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": "Hi"}],
    }
    assert output == {
        "id": "o",
        "type": "function_call_output",
        "call_id": "call_1",
        "output": "{}",
    }


@pytest.mark.parametrize(("reason", "more"), [(None, {}), ("private", {"reason": "private"})])
def test_the_answer_to_a_request_for_approval_names_the_request(reason, more):
    item = events.approval_item("i", "mcpr_1", approve=False, reason=reason)

    assert item == {
        "id": "i",
        "type": "mcp_approval_response",
        "approval_request_id": "mcpr_1",
        "approve": False,
        **more,
    }


def test_a_reference_stands_for_an_item():
    assert events.item_reference("i") == {"type": "item_reference", "id": "i"}


def test_text_of_the_model_has_another_type_than_that_of_others():
    assert events.text_content("Hi") == {"type": "input_text", "text": "Hi"}
    assert events.text_content("Hi", "system") == {"type": "input_text", "text": "Hi"}
    assert events.text_content("Hi", "assistant") == {"type": "output_text", "text": "Hi"}


def test_sound_of_the_user_is_base64():
    assert events.audio_content(b"\x00\x01\x02") == {"type": "input_audio", "audio": "AAEC"}


@pytest.mark.parametrize(
    ("image", "url"),
    [
        (b"\x89PNG\r\n\x1a\n", "data:image/png;base64,iVBORw0KGgo="),
        (b"\xff\xd8\xff", "data:image/jpeg;base64,/9j/"),
        ("data:image/png;base64,iVBORw0KGgo=", "data:image/png;base64,iVBORw0KGgo="),
    ],
)
def test_an_image_is_a_data_uri(image, url):
    assert events.image_content(image) == {
        "type": "input_image",
        "image_url": url,
        "detail": "auto",
    }
    assert events.image_content(image, "high")["detail"] == "high"


@pytest.mark.parametrize("image", [b"", b"GIF89a", "", "data:image/gif;base64,AA==", "cat.png"])
def test_what_is_no_image_that_the_api_takes_is_refused(image):
    with pytest.raises(ValueError, match="PNG or JPEG"):
        events.image_content(image)
