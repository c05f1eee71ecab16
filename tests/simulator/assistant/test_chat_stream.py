from __future__ import annotations

import codecs
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import BrainError
from console.simulator.assistant.chat_stream import (
    MAX_CALLS,
    MAX_EVENT_LENGTH,
    CallAssembly,
    Characters,
    EventStream,
    loads,
    whole,
)

STREAM = 'data: {"a": "\u00e9\u4f60"}\r\n\r\n: still here\r\ndata: one\ndata: two\n\nevent: x\rdata:three\r\r'


def events_of(data: bytes, cuts: list[int]) -> list[str]:
    stream = EventStream()
    places = sorted({0, len(data), *(each % (len(data) + 1) for each in cuts)})
    found = [
        event for begin, end in itertools.pairwise(places) for event in stream.feed(data[begin:end])
    ]
    return found + stream.feed(b"", last=True)


@given(st.lists(st.integers(0, 1000), max_size=60))
def test_events_are_whole_however_their_bytes_are_cut(cuts):
    whole = ['{"a": "\u00e9\u4f60"}', "one\ntwo", "three"]

    assert events_of(STREAM.encode(), cuts) == whole
    assert events_of(STREAM.encode(), list(range(1000))) == whole


def test_an_event_that_lacks_only_its_empty_line_counts():
    stream = EventStream()

    assert stream.feed(b"data: [DO") == []
    assert stream.feed(b"NE]", last=True) == ["[DONE]"]


def test_bytes_that_are_no_text_are_replaced():
    assert EventStream().feed(b"data: \xff\n\n") == ["\ufffd"]


@pytest.mark.parametrize("piece", [b"x" * 65536, b"data: " + b"x" * 65536 + b"\n"])
def test_an_event_without_an_end_is_refused(piece):
    stream = EventStream()
    for _ in range(MAX_EVENT_LENGTH // 65536 - 1):
        stream.feed(piece)

    with pytest.raises(BrainError, match="more than 1 MiB"):
        stream.feed(piece + piece)


def assembled(*fragments):
    assembly = CallAssembly()
    for each in fragments:
        assembly.add(each)
    return [(each.name, each.arguments_json) for each in assembly.take()]


def fragment(arguments, index=0, call_id=None, name=None):
    function = {"arguments": arguments, **({"name": name} if name else {})}
    return {"index": index, "function": function, **({"id": call_id} if call_id else {})}


def test_calls_at_the_same_time_are_put_together_by_their_index():
    calls = assembled(
        fragment("", 0, "a", "first"), fragment("", 1, "b", "second"),
        fragment('{"x"', 0), fragment('{"y":', 1), fragment(": 1}", 0), fragment(" 2}", 1),
    )  # fmt: skip

    assert calls == [("first", '{"x": 1}'), ("second", '{"y": 2}')]


def test_calls_that_share_an_index_are_told_apart_by_their_id():
    calls = assembled(
        fragment('{"x":', 0, "a", "first"), fragment("1}", 0),
        fragment('{"y":', 0, "b", "second"), fragment("2}", 0),
    )  # fmt: skip

    assert calls == [("first", '{"x":1}'), ("second", '{"y":2}')]


def test_calls_without_an_index_go_on_where_they_have_no_id():
    calls = assembled(
        {"id": "a", "function": {"name": "first", "arguments": '{"x":'}},
        {"function": {"arguments": "1}"}},
        {"id": "b", "function": {"name": "second", "arguments": {"y": 2}}},
    )

    assert calls == [("first", '{"x":1}'), ("second", '{"y":2}')]


def test_arguments_are_as_the_endpoint_wrote_them_even_if_they_are_no_json():
    assert assembled(fragment('{"x": oops', 0, "a", "f")) == [("f", '{"x": oops')]
    assert assembled(fragment("", 0, "a", "f")) == [("f", "{}")]


def test_a_call_of_nothing_is_none():
    assert assembled(fragment("{}", 0, "a"), {"index": 1, "function": None}) == []


def test_more_calls_than_any_answer_has_are_refused():
    with pytest.raises(BrainError, match="more than 64 tools"):
        assembled(*(fragment("{}", n, f"c{n}", "f") for n in range(MAX_CALLS + 1)))


@given(st.lists(st.integers(0, 1000), max_size=60))
def test_a_byte_order_mark_is_no_part_of_the_first_event(cuts):
    assert events_of(codecs.BOM_UTF8 + b"data: one\n\ndata: two\n\n", cuts) == ["one", "two"]


@given(st.text(st.characters(exclude_categories=[])), st.lists(st.integers(0, 1000), max_size=9))
def test_characters_are_whole_however_they_are_cut(text, cuts):
    units = text.encode("utf-16-le", "surrogatepass")
    places = sorted({0, len(units), *(each * 2 % (len(units) + 2) for each in cuts)})
    pieces = [
        units[begin:end].decode("utf-16-le", "surrogatepass")
        for begin, end in itertools.pairwise(places)
    ]
    characters = Characters()

    joined = "".join(map(characters.feed, pieces)) + characters.feed("", last=True)

    assert joined == whole(text) == units.decode("utf-16-le", "replace")
    joined.encode()


@pytest.mark.parametrize("event", ["{", '"\\ud83d', "[" * 100_000 + '"\\ud83d"'])
def test_what_is_no_json_is_none_with_half_a_character_either(event):
    with pytest.raises(ValueError, match=r"."):
        loads(event)


def test_half_a_character_is_read():
    assert loads('["\\ud83d"]') == ["\ud83d"]
