"""A conversation told again to a new session."""

import random
from typing import Any

import pytest

from console.client.replay import MAX_ID_LENGTH, replay
from console.realtime.ids import IdSource
from console.realtime.items import ContentPart, Item

SESSION = {"type": "realtime", "instructions": "Be brief."}


def message(item_id: str, *parts: ContentPart, role: str = "user", **fields: object) -> Item:
    options = {"type": "message", "role": role, "status": "completed", "is_done": True, **fields}
    return Item(item_id, content=list(parts), **options)  # type: ignore[arg-type]  # fields of an item


def text(said: str, kind: str = "input_text") -> ContentPart:
    return ContentPart(kind, text=said)


def speech(said: str | None, kind: str = "input_audio", ms: int = 1000) -> ContentPart:
    part = ContentPart(kind, transcript=said)
    part.received_bytes = ms * 48
    return part


def call(item_id: str, call_id: str, **fields: object) -> Item:
    options = {"type": "function_call", "status": "completed", "is_done": True, **fields}
    return Item(item_id, name="look", call_id=call_id, arguments='{"a":1}', **options)  # type: ignore[arg-type]  # fields of an item


def output(item_id: str, call_id: str, said: str = "42") -> Item:
    return Item(item_id, type="function_call_output", call_id=call_id, output=said, is_done=True)


@pytest.fixture
def ids() -> IdSource:
    return IdSource(random.Random(1))


def told(ids: IdSource, *items: Item, **options: object) -> list[dict[str, Any]]:
    """Return the items as they are told, after the configuration."""
    first, *rest = replay(SESSION, items, ids, **options).events  # type: ignore[arg-type]  # options of replay
    assert (first.type, first.fields) == ("session.update", {"session": SESSION})
    assert {event.type for event in rest} <= {"conversation.item.create"}
    assert all("previous_item_id" not in event.fields for event in rest)
    return [event.fields["item"] for event in rest]


def content(ids: IdSource, item: Item) -> list[dict[str, Any]]:
    (raw,) = told(ids, item)
    parts: list[dict[str, Any]] = raw["content"]
    return parts


def test_without_a_conversation_only_the_configuration_is_told(ids):
    found = replay(SESSION, [], ids)

    assert [event.type for event in found.events] == ["session.update"]
    assert found.sentence == "There was no conversation to carry over yet."


def test_messages_are_told_in_order_with_their_ids_and_roles(ids):
    items = told(
        ids,
        message("s", text("Rules."), role="system"),
        message("u", text("Hello")),
        message("a", text("Hi!", "output_text"), role="assistant"),
    )

    assert [(each["id"], each["role"], each["content"][0]) for each in items] == [
        ("s", "system", {"type": "input_text", "text": "Rules."}),
        ("u", "user", {"type": "input_text", "text": "Hello"}),
        ("a", "assistant", {"type": "output_text", "text": "Hi!"}),
    ]


def test_speech_is_told_as_what_was_said(ids):
    assert content(ids, message("u", speech("good morning"))) == [
        {"type": "input_text", "text": "good morning"}
    ]
    assert content(ids, message("a", speech("You too!", "output_audio"), role="assistant")) == [
        {"type": "output_text", "text": "You too!"}
    ]


def test_speech_without_a_transcript_cannot_be_told_and_is_counted(ids):
    found = replay(SESSION, [message("u", speech(None)), message("v", text("Hello"))], ids)

    assert list(found.ids) == ["v"]
    assert found.n_left_out == 1
    assert found.sentence == (
        "The conversation was carried over as text. 1 item could not be carried over."
    )


def test_where_nothing_could_be_told_nothing_is_said_to_be_carried_over(ids):
    found = replay(SESSION, [message("u", speech(None))], ids)

    assert found.sentence == "1 item could not be carried over."


def test_that_the_sound_is_lost_is_said(ids):
    found = replay(SESSION, [message("u", speech("hello")), message("v", text("Hello"))], ids)

    assert found.has_audio
    assert found.sentence == (
        "The conversation was carried over as text. The model no longer hears how it was said."
    )


def test_of_an_answer_that_was_interrupted_only_what_was_heard_is_told(ids):
    part = speech("one two three four", "output_audio", ms=1000)
    part.heard_ms = 500

    told_parts = content(ids, message("a", part, role="assistant", status="incomplete"))

    assert told_parts == [{"type": "output_text", "text": "one two three"}]


def test_an_answer_of_which_nothing_was_heard_is_not_told(ids):
    part = speech("one two", "output_audio")
    part.heard_ms = 0

    assert told(ids, message("a", part, role="assistant")) == []


def test_what_is_unfinished_or_was_cut_off_is_not_told(ids):
    items = [
        message("a", text("It is", "output_text"), role="assistant", is_done=False),
        message("b", text("cut", "output_text"), role="assistant"),
    ]

    assert told(ids, *items, cut_off={"b"}) == []


def test_calls_are_told_with_their_answers_and_both_alone_are_not(ids):
    items = told(
        ids,
        call("f1", "c1"),
        output("o1", "c1"),
        call("f2", "c2"),
        output("o3", "c3"),
        call("f4", "c4", is_done=False),
        output("o4", "c4"),
    )

    assert items == [
        {
            "id": "f1",
            "type": "function_call",
            "call_id": "c1",
            "name": "look",
            "arguments": '{"a":1}',
        },
        {"id": "o1", "type": "function_call_output", "call_id": "c1", "output": "42"},
    ]


def test_items_of_servers_of_tools_are_not_told(ids):
    assert told(ids, Item("m", type="mcp_call", is_done=True)) == []


def test_images_stay_and_those_without_a_picture_do_not(ids):
    picture = ContentPart("input_image", image_url="data:image/png;base64,AAAA", detail="low")
    gone = ContentPart("input_image")

    assert content(ids, message("u", text("Look"), picture, gone)) == [
        {"type": "input_text", "text": "Look"},
        {"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "low"},
    ]


def test_an_id_that_the_service_would_not_take_is_another_one(ids):
    longest, longer = "i" * MAX_ID_LENGTH, "i" * (MAX_ID_LENGTH + 1)

    found = replay(SESSION, [message(longest, text("a")), message(longer, text("b"))], ids)

    assert found.ids[longest] == longest
    assert found.ids[longer] != longer
    assert [event.fields["item"]["id"] for event in found.events[1:]] == [*found.ids.values()]
    assert len(found.ids[longer]) <= MAX_ID_LENGTH


def test_of_too_many_items_the_newest_are_told(ids):
    items = [message(f"u{n}", text("x")) for n in range(10)]

    assert [each["id"] for each in told(ids, *items, max_items=3)] == ["u7", "u8", "u9"]


def test_of_too_much_text_the_newest_is_told(ids):
    items = [message(f"u{n}", text("x" * 1000)) for n in range(10)]

    assert [each["id"] for each in told(ids, *items, max_bytes=2_500)] == ["u8", "u9"]


def test_pictures_count_apart_from_text(ids):
    picture = ContentPart("input_image", image_url="data:" + "A" * 5_000_000)
    items = [message("u1", picture), message("u2", picture), message("u3", text("x"))]

    assert [each["id"] for each in told(ids, *items)] == ["u2", "u3"]


def test_an_answer_whose_call_is_beyond_the_bound_goes_with_it(ids):
    items = [call("f", "c"), output("o", "c"), message("u", text("x"))]

    assert [each["id"] for each in told(ids, *items, max_items=2)] == ["u"]


def test_of_a_session_that_stays_as_it_begins_only_the_items_are_told(ids):
    found = replay({}, [message("u", text("Hello"))], ids)

    assert [event.type for event in found.events] == ["conversation.item.create"]
