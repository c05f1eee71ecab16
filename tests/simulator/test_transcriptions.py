"""The words of the user's audio: awaited, told, failed."""

from console.simulator.intents import Recognise
from console.simulator.items import Conversation, Item, Part
from console.simulator.outbox import Outbox
from console.simulator.senses import Transcript
from console.simulator.transcriptions import Transcriptions, unheard_part
from tests.simulator.session_driver import kinds
from tests.simulator.turns import turn

EVENT = "conversation.item.input_audio_transcription."


def spoken(item_id="item_1"):
    return Item(item_id, "message", role="user", content=[Part("input_audio", audio_ms=1500.0)])


def begun(wanted):
    conversation, outbox = Conversation(), Outbox(lambda prefix: f"{prefix}1")
    transcriptions = Transcriptions(conversation, outbox)
    item = spoken()
    conversation.add(item)
    transcriptions.begin(item, b"\0\0", wanted, turn("hello"))
    return transcriptions, item, outbox


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
