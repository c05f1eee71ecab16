"""Every event of today's clients: built by our own functions, accepted by OpenAI's types."""

from __future__ import annotations

from typing import Any, get_args

import orjson
import pytest
from openai.types.realtime import RealtimeClientEvent
from pydantic import TypeAdapter

from console.realtime import events, session
from console.realtime.conversation import Conversation
from console.realtime.events import Event

STRICT: TypeAdapter[Any] = TypeAdapter(RealtimeClientEvent)
ALL_TYPES = {
    get_args(each.model_fields["type"].annotation)[0]
    for each in get_args(get_args(RealtimeClientEvent)[0])
}

PNG = b"\x89PNG\r\n\x1a\n"
MESSAGE = events.message_item(
    "item_1",
    [
        events.text_content("What is this?"),
        events.image_content(PNG, "high"),
        events.audio_content(b"\x00\x00" * 2_400),
    ],
)

BUILT: list[Event] = [
    events.session_update(session.defaults()),
    events.input_audio_append(b"\x00\x00" * 240),
    events.input_audio_commit(),
    events.input_audio_clear(),
    events.output_audio_clear(),
    events.item_create(MESSAGE),
    events.item_retrieve("item_1"),
    events.item_truncate("item_1", 0, 250),
    events.item_delete("item_1"),
    events.response_create(),
    events.response_cancel(),
]

VARIANTS: list[Event] = [
    events.session_update(session.defaults("transcription")),
    events.item_create(MESSAGE, "root"),
    events.item_create(
        events.message_item("item_1", [events.text_content("Hm.", "assistant")], "assistant")
    ),
    events.item_create(
        events.message_item("item_1", [events.text_content("Be kind.", "system")], "system")
    ),
    events.item_create(events.function_output_item("item_1", "call_1", "{}")),
    events.item_create(events.approval_item("item_1", "mcpr_1", approve=True)),
    events.item_create(events.approval_item("item_1", "mcpr_1", approve=False, reason="private")),
    events.response_create({
        "conversation": "none",
        "metadata": {"topic": "summary"},
        "output_modalities": ["text"],
        "instructions": "Sum up.",
        "max_output_tokens": 100,
        "tool_choice": "none",
        "input": [MESSAGE],
    }),
    events.response_create({"input": []}),
    events.response_cancel("resp_1"),
]  # fmt: skip


def written(event: Event) -> dict[str, Any]:
    """The event as it goes out."""
    event.event_id = "event_1"
    found: dict[str, Any] = orjson.loads(events.dump(event))
    return found


def test_no_type_is_missing_and_none_is_there_twice():
    types = [event.type for event in BUILT]

    assert len(ALL_TYPES) == 11
    assert set(types) == ALL_TYPES
    assert len(types) == 11


@pytest.mark.parametrize("event", BUILT + VARIANTS, ids=lambda event: event.type)
def test_what_we_build_is_what_openai_says_that_the_event_is(event):
    wire = written(event)

    found = STRICT.validate_python(wire)

    assert found.type == event.type
    # Nothing that the types do not know: what they would leave out is misspelt.
    assert found.model_dump(exclude_unset=True, mode="json") == wire


@pytest.mark.parametrize("event", BUILT + VARIANTS, ids=lambda event: event.type)
def test_a_conversation_takes_note_of_whatever_is_sent(event):
    conversation = Conversation()

    conversation.sent(event)

    assert conversation.items == []
    assert conversation.receive(Event("session.created")) == ()


def test_audio_and_images_that_we_sent_are_there_when_the_echo_has_none():
    conversation = Conversation()
    conversation.sent(events.item_create(MESSAGE))

    echo = {**MESSAGE, "content": [MESSAGE["content"][0], {"type": "input_image"}, {}]}
    conversation.receive(Event("conversation.item.added", None, {"item": echo}))

    item = conversation.get("item_1")
    assert item is not None
    assert item.content[1].image_url == MESSAGE["content"][1]["image_url"]
    assert item.content[1].detail == "high"
    assert len(conversation.audio_of("item_1")) == 4_800
