"""How much was heard."""

import pytest

from console import pcm
from console.client.interruption import truncation
from console.realtime.conversation import Conversation
from console.realtime.events import Event


@pytest.fixture
def conversation() -> Conversation:
    """A typed message of the user, and a second of the model's speech after a text."""
    found = Conversation()
    for item_id, role in (("u", "user"), ("a", "assistant")):
        item = {"id": item_id, "type": "message", "role": role, "content": []}
        found.receive(Event("conversation.item.added", "e", {"item": item}))
    for index, kind, fields in (
        (0, "text", {"delta": "Hi"}),
        (1, "audio", {"delta": pcm.encode(bytes(48_000))}),
    ):
        where = {"response_id": "r", "item_id": "a", "content_index": index}
        found.receive(Event(f"response.output_{kind}.delta", "e", {**where, **fields}))
    return found


@pytest.mark.parametrize(
    ("sample_count", "heard_ms"), [(0, 0), (23, 0), (12_000, 500), (99_999, 1000)]
)
def test_the_part_that_has_sound_is_cut_where_it_was_heard(conversation, sample_count, heard_ms):
    event = truncation(conversation, "a", sample_count)

    assert event.type == "conversation.item.truncate"
    assert event.fields == {"item_id": "a", "content_index": 1, "audio_end_ms": heard_ms}


def test_what_was_cut_off_before_is_not_heard_later(conversation):
    fields = {"item_id": "a", "content_index": 1, "audio_end_ms": 400}
    conversation.receive(Event("conversation.item.truncated", "e", fields))

    assert truncation(conversation, "a", 99_999).fields["audio_end_ms"] == 400
    assert truncation(conversation, "a", 2_400).fields["audio_end_ms"] == 100


@pytest.mark.parametrize(
    ("item_id", "sample_count", "words"),
    [("a", -1, "-1 samples"), ("x", 0, "no item 'x'"), ("u", 0, "'u' holds no audio of the model")],
)
def test_what_cannot_have_been_heard_is_refused(conversation, item_id, sample_count, words):
    with pytest.raises(ValueError, match=words):
        truncation(conversation, item_id, sample_count)
