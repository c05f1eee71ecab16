"""The words of the user's audio: awaited, told, failed."""

import itertools
import math

import pytest

from console.simulator.protocol.intents import Recognise
from console.simulator.protocol.items import Conversation, Item, Part
from console.simulator.protocol.outbox import Outbox
from console.simulator.protocol.session_config import SessionConfig
from console.simulator.protocol.transcriptions import Transcriptions, unheard_part
from console.simulator.senses import Transcript
from tests.simulator.session_driver import STRICT, kinds
from tests.simulator.turns import turn

EVENT = "conversation.item.input_audio_transcription."
LOGPROBS = ["item.input_audio_transcription.logprobs"]


def spoken(item_id="item_1"):
    return Item(item_id, "message", role="user", content=[Part("input_audio", audio_ms=1500.0)])


class Begun:
    """An item that the recogniser works on."""

    def __init__(self, wanted, *, include=None, in_conversation=True):
        ids = itertools.count(1)
        new_id = lambda prefix: f"{prefix}{next(ids):021d}"  # noqa: E731
        config = SessionConfig("sess_1", "gpt-realtime-2.1", 1000)
        config.update({"type": "realtime", "include": include}, has_spoken=False)
        self.conversation, self.outbox = Conversation(), Outbox(new_id)
        self.transcriptions = Transcriptions(config, self.conversation, self.outbox, new_id)
        self.item = spoken()
        if in_conversation:
            self.conversation.add(self.item)
        self.begin(wanted)

    def begin(self, wanted):
        self.transcriptions.begin(self.item, b"\0\0", wanted, turn("hello"))

    def hears(self, text, confidence=1.0):
        """Let the recogniser be done; returns the events, each checked by the strict types."""
        self.transcriptions.transcribed("item_1", Transcript(text, confidence))
        events = self.outbox.take().events
        for event in events:
            STRICT.validate_python(event)
        return events


def begun(wanted):
    it = Begun(wanted)
    return it.transcriptions, it.item, it.outbox


def test_the_recogniser_is_asked_with_the_clients_prompt():
    transcriptions, item, outbox = begun({"model": "whisper-1", "prompt": "names"})
    (asked,) = outbox.take().intents
    assert isinstance(asked, Recognise)
    assert (asked.item_id, asked.hint) == ("item_1", "names")
    assert transcriptions.is_waiting_for([item])


def test_words_come_in_deltas_and_then_whole():
    transcriptions, item, outbox = begun({"model": "gpt-realtime-whisper"})
    transcriptions.transcribed("item_1", Transcript("Good morning."))
    events = outbox.take().events
    assert kinds(events) == [f"{EVENT}delta", f"{EVENT}delta", f"{EVENT}completed"]
    assert events[-1]["usage"] == {"type": "duration", "seconds": 2}
    assert item.content[0].transcript == "Good morning."
    assert not transcriptions.is_waiting_for([item])


def test_keywords_are_told_to_the_recogniser_too():
    it = Begun({"model": "gpt-transcribe", "prompt": "A call.", "keywords": ["Ada", "Eva"]})

    (asked,) = it.outbox.take().intents
    assert isinstance(asked, Recognise)
    assert asked.hint == "A call. Ada, Eva"


def test_the_oldest_model_says_everything_in_one_delta():
    events = Begun({"model": "whisper-1"}).hears("Good morning.")

    assert [event.get("delta") for event in events] == ["Good morning.", None]


def test_deltas_hide_their_length_behind_padding():
    delta, *_ = Begun({"model": "gpt-4o-transcribe"}).hears("Good morning.")

    assert list(delta) == [
        "type",
        "event_id",
        "item_id",
        "content_index",
        "delta",
        "obfuscation",
    ]


def test_the_model_that_knows_speakers_tells_segments():
    segment, completed = Begun({"model": "gpt-4o-transcribe-diarize"}).hears("Good morning.")

    assert segment["type"] == f"{EVENT}segment"
    assert (segment["speaker"], segment["start"], segment["end"]) == ("A", 0.0, 1.5)
    assert segment["text"] == completed["transcript"] == "Good morning."


@pytest.mark.parametrize(
    ("model", "usage_type"),
    [
        ("gpt-4o-transcribe", "tokens"),
        ("gpt-4o-transcribe-diarize", "tokens"),
        ("gpt-realtime-whisper", "duration"),
        ("gpt-transcribe", "duration"),
        ("whisper-1", "duration"),
    ],
)
def test_usage_is_counted_as_the_model_is_paid_for(model, usage_type):
    assert Begun({"model": model}).hears("Good morning.")[-1]["usage"]["type"] == usage_type


def test_the_languages_are_told_by_the_model_that_does():
    assert Begun({"model": "gpt-transcribe"}).hears("Good morning.")[-1]["languages"] == [
        {"code": "en"}
    ]
    assert Begun({"model": "gpt-transcribe"}).hears("")[-1]["languages"] == []
    assert "languages" not in Begun({"model": "gpt-live-transcribe"}).hears("Good morning.")[-1]


def test_the_confidence_is_shared_by_the_words():
    it = Begun({"model": "gpt-4o-transcribe"}, include=LOGPROBS)
    *deltas, completed = it.hears("Good morning.", confidence=0.25)

    assert [each["logprobs"] for each in deltas] == [[each] for each in completed["logprobs"]]
    assert sum(each["logprob"] for each in completed["logprobs"]) == pytest.approx(math.log(0.25))
    first = completed["logprobs"][0]
    assert bytes(first["bytes"]).decode() == first["token"] == "Good"


def test_no_confidence_at_all_is_still_a_number():
    it = Begun({"model": "gpt-4o-transcribe"}, include=LOGPROBS)

    assert math.isfinite(it.hears("Hm.", confidence=0.0)[-1]["logprobs"][0]["logprob"])


@pytest.mark.parametrize(
    ("model", "include"),
    [("gpt-4o-transcribe", None), ("whisper-1", LOGPROBS), ("gpt-4o-transcribe-diarize", LOGPROBS)],
)
def test_without_wish_or_ability_there_are_no_logprobs(model, include):
    events = Begun({"model": model}, include=include).hears("Good morning.")

    assert not any("logprobs" in event for event in events)


def test_nothing_understood_is_an_empty_transcript():
    events = Begun({"model": "gpt-4o-transcribe"}, include=LOGPROBS).hears("", confidence=0.0)

    assert kinds(events) == [f"{EVENT}completed"]
    assert (events[0]["transcript"], events[0]["logprobs"]) == ("", [])


def test_an_item_of_a_response_alone_is_heard_and_not_told():
    it = Begun({"model": "whisper-1"}, in_conversation=False)

    assert it.hears("Good morning.") == []
    assert it.item.content[0].heard == "Good morning."
    assert not it.transcriptions.is_waiting_for([it.item])


def test_the_assistant_hears_what_the_client_did_not_ask_for():
    transcriptions, item, outbox = begun(None)
    transcriptions.transcribed("item_1", Transcript("Good morning."))
    assert outbox.take().events == []
    assert (item.content[0].heard, item.content[0].transcript) == ("Good morning.", None)


def test_a_failure_is_told_where_words_were_wanted():
    transcriptions, item, outbox = begun({"model": "whisper-1"})
    transcriptions.not_transcribed("item_1")
    (failed,) = outbox.take().events
    assert (failed["type"], failed["error"]["code"]) == (f"{EVENT}failed", "transcription_failed")
    assert unheard_part(item) is item.content[0]


def test_nothing_is_told_of_an_item_that_is_gone():
    transcriptions, _, outbox = begun({"model": "whisper-1"})
    transcriptions._conversation.delete("item_1")
    outbox.take()
    transcriptions.not_transcribed("item_1")
    transcriptions.transcribed("item_1", Transcript("late"))
    assert outbox.take().events == []


class Overheard(Begun):
    """An item that was told of while it was being spoken."""

    def __init__(self, *so_far, include=None, model="gpt-realtime-whisper"):
        self.so_far = so_far
        super().__init__({"model": model}, include=include)

    def begin(self, wanted):
        self.early = []
        for text in self.so_far:
            self.transcriptions.overheard("item_1", Transcript(text, 0.25))
            self.early += self.outbox.take().events
        for event in self.early:
            STRICT.validate_python(event)
        super().begin(wanted)


def test_words_that_are_sure_are_told_at_once_and_once():
    it = Overheard("", "What is", "What is", "What is the weather")

    assert [event["delta"] for event in it.early] == ["What", " is", " the", " weather"]
    *late, completed = it.hears("What is the weather in Rome?")
    assert [event["delta"] for event in late] == [" in", " Rome?"]
    assert completed["transcript"] == "What is the weather in Rome?"


def test_the_deltas_are_the_transcript_also_where_they_were_wrong():
    it = Overheard("What is the whether")
    events = it.early + it.hears("What is the weather in Rome?")

    told = "".join(event["delta"] for event in events[:-1])
    assert told == events[-1]["transcript"] == "What is the whether in Rome?"
    assert it.item.content[0].transcript == told
    # The assistant goes by what the recogniser made of all of it.
    assert it.item.content[0].heard == "What is the weather in Rome?"


def test_the_probabilities_of_early_words_are_part_of_the_whole():
    it = Overheard("Good", include=LOGPROBS)
    events = it.early + it.hears("Good morning.", confidence=0.25)

    told = [each for event in events[:-1] for each in event["logprobs"]]
    assert told == events[-1]["logprobs"]
    assert [each["token"] for each in told] == ["Good", " morning."]
    assert sum(each["logprob"] for each in told) == pytest.approx(1.5 * math.log(0.25))


def test_words_of_speech_that_became_no_item_are_forgotten():
    it = Overheard()
    it.transcriptions.overheard("item_9", Transcript("Never mind"))
    it.outbox.take()

    assert [event.get("delta") for event in it.hears("Good.")] == ["Good.", None]
