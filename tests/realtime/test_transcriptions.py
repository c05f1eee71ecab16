"""The user's words, and who waits for them."""

from typing import Any

import pytest

from console.realtime.events import Event
from console.realtime.item_store import ItemStore
from console.realtime.items import ContentPart, Fault, Item
from console.realtime.transcriptions import MAX_COMMITTED, Transcriptions

PREFIX = "conversation.item.input_audio_transcription."


class Words:
    """Transcriptions of one spoken item, `u`, which stands in the conversation."""

    def __init__(self) -> None:
        self.part = ContentPart("input_audio")
        self.item = Item("u", "message", "user", content=[self.part])
        store = ItemStore()
        store.insert(self.item, None)
        self.transcriptions = Transcriptions(store)
        self.transcriptions.is_on = True

    def event(self, name: str, item_id: str | None = "u", **fields: Any) -> tuple[Any, ...]:
        event = Event(PREFIX + name, "e", {"item_id": item_id, "content_index": 0, **fields})
        return self.transcriptions.handlers()[event.type](event)


@pytest.fixture
def words() -> Words:
    return Words()


def test_committed_speech_waits_for_its_transcript_until_it_comes(words):
    words.transcriptions.committed("u")
    words.transcriptions.expect(words.item)
    assert words.part.transcription == "pending"

    (update,) = words.event("completed", transcript="Hello")

    assert (update.kind, update.item) == ("updated", words.item)
    assert (words.part.transcription, words.item.text) == ("completed", "Hello")


def test_without_transcription_nobody_waits(words):
    words.transcriptions.is_on = False
    words.transcriptions.committed("u")

    words.transcriptions.expect(words.item)

    assert words.part.transcription == "none"


def test_audio_that_was_not_committed_waits_for_nothing(words):
    words.transcriptions.expect(words.item)

    assert words.part.transcription == "none"


def test_a_transcript_that_is_there_is_not_waited_for(words):
    words.event("completed", transcript="Hello")
    words.transcriptions.committed("u")

    words.transcriptions.expect(words.item)

    assert words.part.transcription == "completed"


def test_an_item_without_audio_waits_for_nothing(words):
    written = Item("t", content=[ContentPart("input_text", "Hello")])
    words.transcriptions.committed("t")

    words.transcriptions.expect(written)

    assert written.content[0].transcription == "none"


def test_a_transcript_is_streamed_and_the_final_one_replaces_it(words):
    (first,) = words.event("delta", delta="Hel")
    words.event("delta", delta="lo")
    assert (first.delta.transcript, words.item.text) == ("Hel", "Hello")
    assert words.part.transcription == "pending"

    words.event("completed", transcript="Hello!")
    late = words.event("delta", delta="lo")

    assert late == ()
    assert words.item.text == "Hello!"


def test_an_empty_delta_changes_nothing(words):
    assert words.event("delta", delta="") == ()
    assert words.part.transcription == "none"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"code": "DeploymentNotFound", "message": "No such model."}, "No such model."),
        ({"code": "DeploymentNotFound"}, "DeploymentNotFound"),
        ("oops", "the server did not say why"),
    ],
)
def test_a_failed_transcription_says_why_and_nobody_waits_on(words, error, said):
    words.transcriptions.committed("u")
    words.transcriptions.expect(words.item)

    (update,) = words.event("failed", error=error)

    assert update.kind == "updated"
    assert (words.part.transcription, words.part.transcription_error) == ("failed", said)


@pytest.mark.parametrize("name", ["completed", "failed"])
def test_an_event_about_no_item_is_a_fault(words, name):
    (fault,) = words.event(name, item_id=None, transcript="Hello")

    assert isinstance(fault, Fault)
    assert words.item.text == ""


def test_of_very_many_commits_only_the_newest_are_remembered(words):
    words.transcriptions.committed("u")
    for n in range(MAX_COMMITTED):
        words.transcriptions.committed(str(n))

    words.transcriptions.expect(words.item)

    assert words.part.transcription == "none"


def test_a_new_session_waits_for_nothing_of_the_last(words):
    words.transcriptions.committed("u")

    words.transcriptions.clear()
    assert not words.transcriptions.is_on
    words.transcriptions.is_on = True
    words.transcriptions.expect(words.item)

    assert words.part.transcription == "none"
