"""The user's words, and who waits for them."""

from typing import Any

import pytest

from console.realtime.events import Event
from console.realtime.item_store import ItemStore
from console.realtime.items import ContentPart, Fault, Item, LogProb, Segment
from console.realtime.transcriptions import (
    MAX_COMMITTED,
    MAX_LOGPROBS,
    MAX_SEGMENTS,
    Transcriptions,
)
from console.realtime.usage import TranscriptionUsage

PREFIX = "conversation.item.input_audio_transcription."


class Words:
    """Transcriptions of one spoken item, `u`, which stands in the conversation."""

    def __init__(self) -> None:
        self.part = ContentPart("input_audio")
        self.item = Item("u", "message", "user", content=[self.part])
        self.store = ItemStore()
        self.store.insert(self.item, None)
        self.transcriptions = Transcriptions(self.store)
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


# What comes with the words


def logprob(token: str, value: Any = -0.5) -> dict[str, Any]:
    return {"token": token, "logprob": value, "bytes": list(token.encode())}


def test_how_sure_the_recogniser_was_is_kept_token_by_token(words):
    words.event("delta", delta="Hel", logprobs=[logprob("Hel")])
    words.event("delta", delta="lo", logprobs=[logprob("lo", -1), logprob("?", "no number"), 5])

    assert words.part.logprobs == [LogProb("Hel", -0.5, b"Hel"), LogProb("lo", -1.0, b"lo")]

    words.event("completed", transcript="Hello", logprobs=[logprob("Hello", -2)])
    assert words.part.logprobs == [LogProb("Hello", -2.0, b"Hello")]


def test_bytes_that_are_none_are_left_out(words):
    words.event(
        "delta", delta="x", logprobs=[{"token": "x", "logprob": 0, "bytes": [120, 999, "x"]}]
    )
    words.event("delta", delta="y", logprobs=[{"logprob": 0, "bytes": "y"}])

    assert words.part.logprobs == [LogProb("x", 0.0, b"x"), LogProb("", 0.0)]


def test_the_number_of_probabilities_is_bounded(words):
    words.event("delta", delta="x", logprobs=[logprob("x")] * (MAX_LOGPROBS - 1))

    words.event("delta", delta="y", logprobs=[logprob("y")] * 5)

    assert len(words.part.logprobs) == MAX_LOGPROBS


@pytest.mark.parametrize(
    ("languages", "kept"),
    [
        ([{"code": "en"}, {"code": "fr"}], ("en", "fr")),
        ([], ()),
        ([{}, "en"], ()),
        (None, None),
        ("en", None),
    ],
)
def test_the_languages_that_were_heard_are_kept(words, languages, kept):
    words.event("completed", transcript="Hello", languages=languages)

    assert words.part.languages == kept


def test_what_a_transcript_costs_is_counted_once(words):
    usage = {"type": "duration", "seconds": 3}

    words.event("completed", transcript="Hello", usage=usage)
    words.event("completed", transcript="Hello", usage=usage)

    assert words.part.transcription_usage == TranscriptionUsage(n_transcripts=1, seconds=3.0)
    assert words.transcriptions.usage == TranscriptionUsage(n_transcripts=1, seconds=3.0)


def test_the_transcript_of_an_item_that_is_gone_costs_too(words):
    words.event("completed", item_id=None, usage={"type": "tokens", "total_tokens": 5})

    assert words.transcriptions.usage == TranscriptionUsage(n_transcripts=1, total=5)


def test_a_final_transcript_never_gets_shorter(words):
    words.event("completed", transcript="Hello there")

    words.event("completed", transcript="Hello")

    assert words.item.text == "Hello there"


def test_nothing_comes_after_a_failure_but_the_whole_transcript(words):
    words.event("failed", error={})

    assert words.event("delta", delta="Hel") == ()
    assert words.part.transcription == "failed"

    words.event("completed", transcript="Hello")
    assert (words.part.transcription, words.part.transcription_error) == ("completed", None)
    assert words.event("failed", error={}) == ()
    assert words.part.transcription == "completed"


# Who said what


def segment(n: int, start: Any = None, **fields: Any) -> dict[str, Any]:
    start = n if start is None else start
    known = {"id": f"s{n}", "speaker": "AB"[n % 2], "text": f"{n}", "start": start, "end": n + 1}
    return {**known, **fields}


def test_segments_are_kept_in_the_order_in_which_they_were_spoken(words):
    for n in (0, 2, 1):
        (update,) = words.event("segment", **segment(n))

    assert (update.kind, update.item) == ("updated", words.item)
    assert [each.text for each in words.part.segments] == ["0", "1", "2"]
    assert words.part.segments[1] == Segment("s1", "B", "1", 1.0, 2.0)


def test_a_segment_that_comes_twice_is_there_once(words):
    words.event("segment", **segment(1))

    assert words.event("segment", **segment(1)) == ()
    assert len(words.part.segments) == 1


def test_segments_of_an_item_that_is_yet_to_come_wait_for_it(words):
    assert words.event("segment", item_id="later", **segment(1)) == ()

    item = words.store.find("later")
    assert item is not None
    assert item.content[0].segments == [Segment("s1", "B", "1", 1.0, 2.0)]


@pytest.mark.parametrize(
    "fields", [{"id": ""}, {"speaker": None}, {"start": "x"}, {"end": None}, {"item_id": None}]
)
def test_a_segment_that_does_not_say_who_spoke_when_is_a_fault(words, fields):
    (fault,) = words.event("segment", **{**segment(1), **fields})

    assert isinstance(fault, Fault)
    assert words.part.segments == []


def test_the_number_of_segments_is_bounded(words):
    words.part.segments = [Segment("s", "A", "", 0, 1)] * MAX_SEGMENTS

    assert words.event("segment", **segment(1)) == ()
    assert len(words.part.segments) == MAX_SEGMENTS
