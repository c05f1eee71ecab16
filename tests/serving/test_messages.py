from typing import Any

import pytest

from console.realtime.refusal import Refusal
from console.serving import messages


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"{}", "invalid_event"),
        ("", "invalid_json"),
        (" \n", "invalid_json"),
        ("\ufeff{}", "invalid_json"),
        ('{"a":1', "invalid_json"),
        ('{"a":NaN}', "invalid_json"),
        ('{"a":"\\ud800"}', "invalid_json"),
        ("\ud800", "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        ("null", "invalid_event"),
        ("[]", "invalid_event"),
        ('"hi"', "invalid_event"),
    ],
)
def test_what_is_no_event_is_refused(message, code):
    with pytest.raises(Refusal) as refused:
        messages.read(message)

    assert refused.value.code == code


def test_of_a_key_that_is_given_twice_one_value_is_left():
    event = messages.read('{"type":"response.cancel","type":"session.update"}')

    assert messages.write(event) == '{"type":"session.update"}'


def nested(depth, inner="{}"):
    return '{"a":[' * (depth // 2) + inner + "]}" * (depth // 2)


def test_what_is_nested_as_deeply_as_it_may_be_is_read_and_written():
    deep = nested(messages.MAX_DEPTH, "1")

    assert messages.write(messages.read(deep)) == deep


@pytest.mark.parametrize("depth", [messages.MAX_DEPTH, 900])
def test_what_is_nested_too_deeply_is_not_read(depth):
    with pytest.raises(Refusal, match="nested too deeply") as refused:
        messages.read(nested(depth))

    assert refused.value.code == "invalid_event"


def test_many_objects_beside_one_another_are_not_deep():
    wide = '{"a":[' + ",".join(["{}"] * 500) + "]}"

    assert messages.write(messages.read(wide)) == wide


def test_what_is_too_deep_to_be_written_is_refused():
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"a": deep}

    with pytest.raises(Refusal, match="nested too deeply"):
        messages.write(deep)


@pytest.mark.parametrize(
    ("message", "size"), [("plain", 5), ("\u00e4\u20ac", 5), (b"\xff\x00", 2), ("\ud800", 3)]
)
def test_a_message_is_as_large_as_it_is_on_the_wire(message, size):
    assert messages.size_bytes(message) == size
