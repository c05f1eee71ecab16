"""Items that grow by what is streamed."""

from typing import Any

import pytest

from console import pcm
from console.realtime.deltas import Deltas
from console.realtime.events import Event
from console.realtime.item_store import ItemStore
from console.realtime.items import ContentPart, Fault, Item

SOUND = bytes(range(256)) * 75
"""400 ms."""


def keep(part: ContentPart, audio: bytes) -> None:
    part.audio += audio
    part.received_bytes += len(audio)


class Stream:
    """The deltas of one item, `a`, which stands in the conversation."""

    def __init__(self) -> None:
        self.item = Item("a", "message")
        self.store = ItemStore()
        self.store.insert(self.item, None)
        self._handlers = Deltas(self.store, keep).handlers()

    def event(self, event_type: str, item_id: str = "a", **fields: Any) -> tuple[Any, ...]:
        return self._handlers[event_type](Event(event_type, "e", {"item_id": item_id, **fields}))

    def audio(self, sound: bytes, **fields: Any) -> tuple[Any, ...]:
        return self.event("response.output_audio.delta", delta=pcm.encode(sound), **fields)


@pytest.fixture
def stream() -> Stream:
    return Stream()


def test_audio_is_kept_and_told_as_it_comes(stream):
    (update,) = stream.audio(SOUND, content_index=1)

    assert (update.kind, update.item) == ("updated", stream.item)
    assert (update.delta.content_index, update.delta.audio) == (1, SOUND)
    assert (stream.item.content[1].type, stream.item.audio) == ("output_audio", SOUND)


def test_half_a_sample_waits_for_its_other_half(stream):
    (first,) = stream.audio(b"\x01\x02\x03")
    (second,) = stream.audio(b"\x04\x05\x06")

    assert (first.delta.audio, second.delta.audio) == (b"\x01\x02", b"\x03\x04\x05\x06")
    assert stream.item.audio == b"\x01\x02\x03\x04\x05\x06"


def test_what_comes_before_its_item_is_kept_and_not_told(stream):
    sound = {"item_id": "later", "delta": pcm.encode(SOUND)}

    assert stream.event("response.output_audio.delta", **sound) == ()
    assert stream.event("response.output_text.delta", "other", delta="Hi") == ()

    assert stream.store.find("later").audio == SOUND
    assert stream.store.find("other").text == "Hi"


@pytest.mark.parametrize("index", [-1, "0", None, True, 1.5])
def test_a_content_index_that_is_none_means_the_first_part(stream, index):
    stream.audio(SOUND, content_index=index)

    assert stream.item.content[0].audio == SOUND


def test_a_content_index_beyond_all_reason_is_no_part(stream):
    (fault,) = stream.audio(SOUND, content_index=10**9)

    assert isinstance(fault, Fault)
    assert stream.item.content == []


@pytest.mark.parametrize("delta", [None, 5, "§§"])
def test_a_delta_that_is_no_audio_is_named_and_leaves_the_item_as_it_was(stream, delta):
    stream.audio(SOUND)

    (fault,) = stream.event("response.output_audio.delta", delta=delta)

    assert fault.message.startswith("response.output_audio.delta carries no base64 audio")
    assert stream.item.audio == SOUND


def test_a_text_is_streamed_and_finished(stream):
    stream.event("response.content_part.added", part={"type": "text", "text": ""})
    (first,) = stream.event("response.output_text.delta", content_index=0, delta="Hel")
    stream.event("response.output_text.delta", content_index=0, delta="lo")
    assert stream.event("response.output_text.done", text="Hello") == ()
    late = stream.event("response.output_text.delta", content_index=0, delta="lo")

    assert first.delta.text == "Hel"
    assert late == ()
    assert [(part.type, part.text) for part in stream.item.content] == [("output_text", "Hello")]


def test_a_final_text_that_says_more_than_the_deltas_is_told_as_a_whole(stream):
    stream.event("response.output_audio_transcript.delta", delta="Hel")

    (update,) = stream.event("response.output_audio_transcript.done", transcript="Hello")

    assert (update.kind, update.delta) == ("updated", None)
    assert stream.item.text == "Hello"


def test_a_final_text_without_words_leaves_what_was_streamed_open(stream):
    stream.event("response.output_audio_transcript.delta", delta="Hel")
    assert stream.event("response.output_audio_transcript.done", transcript="") == ()

    stream.event("response.output_audio_transcript.delta", delta="lo")

    assert stream.item.text == "Hello"


def test_a_finished_part_that_says_more_is_told_as_a_whole(stream):
    spoken = {"type": "audio", "transcript": "Hello"}

    (update,) = stream.event("response.content_part.done", part=spoken)
    again = stream.event("response.content_part.done", part=spoken)

    assert (update.kind, update.delta, again) == ("updated", None, ())
    assert stream.item.content[0].type == "output_audio"


@pytest.mark.parametrize("kind", ["function_call", "mcp_call"])
def test_final_arguments_replace_the_streamed_ones_and_name_the_function(stream, kind):
    streamed = stream.event(f"response.{kind}_arguments.delta", delta='{"a"')

    updates = stream.event(
        f"response.{kind}_arguments.done", call_id="call_1", name="get", arguments='{"a":1}'
    )
    late = stream.event(f"response.{kind}_arguments.delta", delta=":1}")

    item = stream.item
    assert [update.delta.arguments for update in streamed] == ['{"a"']
    assert [update.kind for update in updates] == ["updated"]
    assert late == ()
    assert (item.name, item.call_id, item.arguments) == ("get", "call_1", '{"a":1}')


def test_what_still_comes_for_a_deleted_item_changes_nothing(stream):
    stream.store.remove("a")

    assert stream.event("response.output_text.delta", delta="ghost") == ()
    assert stream.event("response.function_call_arguments.delta", delta="{") == ()
    (fault,) = stream.audio(SOUND)

    assert isinstance(fault, Fault)
    assert stream.store.find("a") is None
    assert (stream.item.content, stream.item.arguments) == ([], "")


def test_a_second_end_that_says_less_changes_nothing(stream):
    stream.event("response.output_text.done", text="Hello there")
    stream.event("response.function_call_arguments.done", arguments='{"a":1}')

    assert stream.event("response.output_text.done", text="Hello") == ()
    assert stream.event("response.function_call_arguments.done", arguments="{}") == ()
    assert (stream.item.text, stream.item.arguments) == ("Hello there", '{"a":1}')


def test_an_end_without_arguments_leaves_the_streamed_ones(stream):
    stream.event("response.mcp_call_arguments.delta", delta="{}")

    assert stream.event("response.mcp_call_arguments.done") == ()
    assert stream.item.arguments == "{}"


def test_parts_with_the_same_text_are_told_apart(stream):
    stream.event("response.output_text.delta", content_index=0, delta="so")

    (update,) = stream.event("response.output_text.delta", content_index=1, delta="so")

    assert update.delta.content_index == 1
    assert [part.text for part in stream.item.content] == ["so", "so"]
