"""What a WebRTC or SIP call tells beside the conversation."""

from typing import Any

import pytest

from console.realtime.call import MAX_KEYS, Call, PressedKey
from console.realtime.events import Event
from console.realtime.item_store import ItemStore
from console.realtime.items import ContentPart, Fault, Item
from console.realtime.responses import Responses, add_item


class Watched:
    """A call whose response `r` has said something in the items `a` and `b`, and called `f`."""

    def __init__(self) -> None:
        self.store = ItemStore()
        self.responses = Responses()
        self.call = Call(self.store, self.responses)
        created = self.responses.created({"id": "r", "conversation_id": "c"})
        assert created is not None
        self.response = created
        for item_id in ("a", "b"):
            part = ContentPart("output_audio", transcript="Hello")
            self.store.insert(Item(item_id, "message", "assistant", content=[part]), None)
        self.store.insert(Item("f", "function_call"), None)
        for item_id in ("a", "b", "f", "lost"):
            add_item(self.response, item_id)

    def event(self, name: str, response_id: Any = "r") -> tuple[Any, ...]:
        event = Event(f"output_audio_buffer.{name}", "e", {"response_id": response_id})
        return self.call.handlers()[event.type](event)

    def key(self, **fields: Any) -> tuple[Any, ...]:
        event = Event("input_audio_buffer.dtmf_event_received", None, fields)
        return self.call.handlers()[event.type](event)

    def interrupted(self) -> list[str]:
        return [item.id for item in self.store if item.is_interrupted]


def told(updates: tuple[Any, ...]) -> list[str]:
    return [f"{each.kind} {each.item.id}" for each in updates]


def test_what_is_being_heard_is_known_until_it_stops():
    talk = Watched()

    assert told(talk.event("started")) == ["updated b"]
    assert (talk.call.playing, talk.response.playback) == (talk.response, "playing")
    assert [item.id for item in talk.store if item.is_playing] == ["b"]

    assert told(talk.event("stopped")) == ["updated b"]
    assert (talk.call.playing, talk.response.playback) == (None, "stopped")
    assert [item.id for item in talk.store if item.is_playing] == []
    assert talk.interrupted() == []


def test_sound_that_is_cleared_interrupts_the_item_that_was_spoken_last():
    talk = Watched()
    talk.response.item_ids.remove("b")
    talk.event("started")
    add_item(talk.response, "b")

    assert told(talk.event("cleared")) == ["updated a", "truncated b"]
    assert talk.interrupted() == ["b"]
    assert [item.id for item in talk.store if item.is_playing] == []
    assert (talk.call.playing, talk.response.playback) == (None, "cleared")


def test_an_item_that_was_truncated_already_is_not_told_again():
    talk = Watched()
    item = talk.store.get("b")
    assert item is not None
    item.is_interrupted = True

    assert talk.event("cleared") == ()
    assert talk.response.playback == "cleared"


def test_a_response_that_has_said_nothing_is_heard_without_an_item():
    talk = Watched()
    talk.response.item_ids = ["f"]

    assert talk.event("started") == ()
    assert talk.call.playing is talk.response

    assert talk.event("cleared") == ()
    assert talk.call.playing is None
    assert talk.interrupted() == []


@pytest.mark.parametrize("end", ["stopped", "cleared"])
def test_what_has_ended_does_not_begin_or_end_again(end):
    talk = Watched()
    talk.event("started")
    talk.event(end)

    for name in ("started", "stopped", "cleared"):
        assert talk.event(name) == ()
    assert talk.response.playback == end
    assert talk.call.playing is None


def test_the_end_of_an_older_response_leaves_the_newer_one_playing():
    talk = Watched()
    talk.event("started")
    talk.event("started", response_id="newer")

    talk.event("stopped")

    assert talk.call.playing is talk.responses.by_id["newer"]


@pytest.mark.parametrize("end", ["stopped", "cleared"])
def test_the_end_of_what_was_before_one_came_is_about_nothing(end):
    talk = Watched()

    assert talk.event(end, response_id="before") == ()
    assert "before" not in talk.responses.by_id


@pytest.mark.parametrize("name", ["started", "stopped", "cleared"])
@pytest.mark.parametrize("response_id", [None, "", 5])
def test_an_event_about_no_response_is_a_fault(name, response_id):
    (fault,) = Watched().event(name, response_id)

    assert isinstance(fault, Fault)


def test_keys_are_remembered_in_order_and_only_the_newest():
    talk = Watched()

    assert talk.key(event="*", received_at=1_763_000_000) == ()
    assert list(talk.call.keys) == [PressedKey("*", 1_763_000_000)]

    for n in range(MAX_KEYS):
        talk.key(event=str(n % 10), received_at=n)
    assert len(talk.call.keys) == MAX_KEYS
    assert talk.call.keys[0].key == "0"


@pytest.mark.parametrize("fields", [{}, {"event": "5"}, {"received_at": 5}, {"event": 5}])
def test_a_key_without_its_name_or_time_is_a_fault(fields):
    (fault,) = Watched().key(**fields)

    assert isinstance(fault, Fault)


def test_a_new_session_knows_nothing_of_the_last():
    talk = Watched()
    talk.event("started")
    talk.key(event="1", received_at=1)

    talk.call.clear()

    assert talk.call.playing is None
    assert list(talk.call.keys) == []
