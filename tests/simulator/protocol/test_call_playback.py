import re

import pytest

from console.simulator.senses import SpeechStarted
from tests.simulator.session_driver import Driver, kinds, only

STARTED, STOPPED, CLEARED = (
    f"output_audio_buffer.{what}" for what in ("started", "stopped", "cleared")
)


def call(chunks_per_sentence=5):
    """A call; each sentence lasts 500 ms."""
    return Driver(is_call=True, chunks_per_sentence=chunks_per_sentence)


def buffer_events(events):
    return [event["type"] for event in events if event["type"].startswith("output_audio_buffer")]


def retrieved(driver, item_id):
    return driver.send("conversation.item.retrieve", item_id=item_id)[0]["item"]


def item_of(events):
    return only(events, "response.done")["response"]["output"][0]["id"]


def test_sound_goes_no_other_way_than_the_call():
    driver = call()
    events = driver.respond("Hello.")

    assert "response.output_audio.delta" not in kinds(events)
    assert driver.send("conversation.item.retrieve", item_id=item_of(events))


def test_a_buffer_event_names_its_response_and_has_the_media_servers_id():
    events = call().respond("Hello.")
    started = only(events, STARTED)

    assert started["response_id"] == events[0]["response"]["id"]
    assert re.fullmatch("event_[0-9a-f]{16}", started["event_id"])


def test_it_stops_when_all_of_it_has_been_played():
    driver = call()
    driver.respond("Hello.", "And more.")

    assert buffer_events(driver.pass_time(940)) == []
    assert buffer_events(driver.pass_time(70)) == [STOPPED]


def test_a_written_answer_plays_nothing():
    driver = call()
    driver.respond("Hello.", output_modalities=["text"])

    assert buffer_events(driver.events + driver.pass_time(5000)) == []


def test_the_next_response_starts_when_the_one_before_has_stopped():
    driver = call()
    driver.respond("One.")
    second = driver.respond("Two.")

    assert buffer_events(second) == []
    assert buffer_events(driver.pass_time(520)) == [STOPPED, STARTED]
    assert buffer_events(driver.pass_time(520)) == [STOPPED]


def test_an_interruption_cuts_what_was_said_to_what_was_heard():
    driver = call()
    driver.append(1000)
    item_id = item_of(driver.respond("Once upon a time."))
    driver.pass_time(220)
    events = driver.speech_starts()

    assert kinds(events)[1:] == ["conversation.item.truncated", CLEARED]
    assert (events[1]["item_id"], events[1]["audio_end_ms"]) == (item_id, 220)
    assert retrieved(driver, item_id)["content"][0]["transcript"] is None


def test_an_interruption_while_the_answer_is_made_cancels_it_first():
    driver = call()
    driver.append(1000)
    driver.begin("One.", "Two.", limit=2)
    driver.now = driver.now.replace(microsecond=100_000)
    events = driver.speech_starts()

    done = kinds(events).index("response.done")
    assert kinds(events)[done + 1 :] == ["conversation.item.truncated", CLEARED]
    assert events[done + 1]["audio_end_ms"] == 100
    assert buffer_events(driver.pass_time(5000)) == []


def test_of_what_had_not_begun_to_play_nothing_was_heard():
    driver = call()
    driver.append(1000)
    first = item_of(driver.respond("One."))
    second = item_of(driver.respond("Two."))
    driver.pass_time(300)
    events = driver.speech_starts()

    cut = {e["item_id"]: e["audio_end_ms"] for e in events if "truncated" in e["type"]}
    assert cut == {first: 300, second: 0}
    assert buffer_events(events) == [CLEARED]
    assert buffer_events(driver.pass_time(5000)) == []


def test_what_was_heard_whole_is_not_cut():
    driver = call()
    driver.append(1000)
    driver.respond("One.")
    driver.pass_time(600)

    assert kinds(driver.speech_starts()) == ["input_audio_buffer.speech_started"]


def test_the_client_may_clear_the_buffer_after_a_cancel():
    driver = call()
    driver.begin("One.", "Two.", limit=2)
    driver.now = driver.now.replace(microsecond=50_000)
    cancelled = driver.send("response.cancel")
    events = driver.send("output_audio_buffer.clear")

    assert kinds(cancelled)[-1] == "response.done"
    assert kinds(events) == ["conversation.item.truncated", CLEARED]
    assert events[1]["response_id"] == cancelled[-1]["response"]["id"]


def test_clearing_an_empty_buffer_changes_nothing():
    driver = call()

    assert driver.send("output_audio_buffer.clear") == []


def test_a_deleted_item_is_not_cut():
    driver = call()
    item_id = item_of(driver.respond("One."))
    driver.send("conversation.item.delete", item_id=item_id)

    assert kinds(driver.send("output_audio_buffer.clear")) == [CLEARED]


def test_sound_that_ran_dry_goes_on_where_it_was():
    driver = call(chunks_per_sentence=1)
    driver.begin("One.", "Two.", limit=2)  # 100 ms, and then a pause of 900 ms
    driver.now = driver.now.replace(microsecond=0, second=6)
    driver.work(1)
    driver.now = driver.now.replace(microsecond=30_000)
    events = driver.send("output_audio_buffer.clear")

    assert only(events, "conversation.item.truncated")["audio_end_ms"] == 130


def test_a_clear_on_a_plain_socket_is_an_unknown_event():
    code, param, message = Driver().error("output_audio_buffer.clear")

    assert (code, param) == ("invalid_value", "type")
    assert "'response.cancel'." in message


def test_a_call_knows_the_clear():
    message = call().error("nonsense")[2]

    assert message.endswith("and 'output_audio_buffer.clear'.")


@pytest.mark.parametrize("key", ["0", "9", "*", "#", "A", "D"])
def test_a_key_of_the_phone_is_told_without_an_id(key):
    driver = call()
    (event,) = driver.take(driver.session.dtmf(key))

    assert event == {
        "type": "input_audio_buffer.dtmf_event_received",
        "event": key,
        "received_at": int(driver.now.timestamp()),
    }


@pytest.mark.parametrize("key", ["", "E", "a", "10"])
def test_a_key_that_no_phone_has_is_a_mistake_of_the_caller(key):
    with pytest.raises(ValueError, match="no key"):
        call().session.dtmf(key)


def test_without_interruption_the_sound_goes_on():
    driver = call()
    detection = {"type": "server_vad", "interrupt_response": False}
    driver.configure(audio={"input": {"turn_detection": detection}})
    driver.append(1000)
    driver.respond("One.")
    events = driver.take(driver.session.boundary(SpeechStarted(100)))

    assert kinds(events) == ["input_audio_buffer.speech_started"]
    assert buffer_events(driver.pass_time(600)) == [STOPPED]
