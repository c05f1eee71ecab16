"""The user's turns through a whole session: speech, commits, silence, sessions that transcribe."""

import pytest

from console import pcm
from console.audio_format import AudioFormat, Encoder
from console.simulator.protocol.intents import Recognise
from tests.simulator.session_driver import Driver, kinds, only

IDLE = {"type": "server_vad", "idle_timeout_ms": 6000}


def idle_driver(**options):
    driver = Driver(**options)
    driver.configure(audio={"input": {"turn_detection": IDLE}})
    return driver


# ---------------------------------------------------------------- silence


def test_a_silent_user_is_spoken_to_when_the_time_after_the_answer_is_over():
    driver = idle_driver()
    driver.respond("Hello there.")
    answer_ms = 200
    assert driver.pass_time(answer_ms) == []
    driver.append(6000)
    driver.work()
    driver.expect("Are you still there?")

    assert driver.pass_time(5800) == []
    events = driver.pass_time(200)

    assert kinds(events)[:7] == [
        "input_audio_buffer.timeout_triggered",
        "conversation.item.added",
        "conversation.item.done",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    timeout, note, _, committed, user = events[:5]
    assert (timeout["audio_start_ms"], timeout["audio_end_ms"]) == (0, 6000)
    assert timeout["item_id"] == committed["item_id"] == user["item"]["id"]
    assert note["item"]["role"] == "system"
    assert committed["previous_item_id"] == note["item"]["id"] == user["previous_item_id"]
    assert user["item"]["content"] == [{"type": "input_audio", "transcript": None}]
    assert only(events, "response.done")["response"]["status"] == "completed"


def test_silence_is_not_given_to_the_recogniser():
    driver = idle_driver()
    driver.respond("Hello there.")
    driver.pass_time(200)
    driver.expect("Are you still there?")
    driver.pass_time(6000)

    assert driver.turns[-1].items[-1]["content"] == [{"type": "input_audio", "transcript": ""}]
    assert not any(isinstance(each, Recognise) for each in driver.waiting)


def test_the_silence_goes_on_being_counted_after_each_answer():
    driver = idle_driver()
    driver.respond("Hello there.")
    for _ in range(2):
        driver.expect("Are you still there?")
        events = driver.pass_time(200) + driver.pass_time(6000)
        only(events, "input_audio_buffer.timeout_triggered")


def test_where_silence_begins_is_where_the_playback_ended():
    driver = idle_driver()
    driver.respond("Hello there.")
    driver.append(200)
    driver.pass_time(200)
    driver.append(6100)
    driver.expect("Are you still there?")

    timeout = only(driver.pass_time(6000), "input_audio_buffer.timeout_triggered")
    assert (timeout["audio_start_ms"], timeout["audio_end_ms"]) == (200, 6300)


@pytest.mark.parametrize(
    "act",
    [
        lambda driver: driver.speech_starts(100),
        lambda driver: driver.type("wait"),
        lambda driver: driver.send("input_audio_buffer.commit"),
        lambda driver: driver.configure(audio={"input": {"turn_detection": None}}),
        lambda driver: driver.configure(audio={"input": {"turn_detection": {"type": "semantic_vad"}}}),
        lambda driver: driver.send("response.create", response={"conversation": "none"}),
    ],
    ids=["speech", "item", "commit", "detection off", "other detection", "response"],
)  # fmt: skip
def test_whatever_the_user_does_stops_the_clock(act):
    driver = idle_driver()
    driver.says.append("hello")
    driver.respond("Hello there.")
    driver.append(500)
    driver.pass_time(1000)
    driver.expect("One moment.")

    act(driver)

    assert "input_audio_buffer.timeout_triggered" not in kinds(driver.pass_time(7000))


def test_a_new_idle_time_counts_from_its_setting():
    driver = idle_driver()
    driver.respond("Hello there.")
    driver.pass_time(3000)
    driver.configure(audio={"input": {"turn_detection": {**IDLE, "idle_timeout_ms": 5000}}})
    driver.expect("Are you still there?")

    assert driver.pass_time(4800) == []
    assert driver.pass_time(200)[0]["type"] == "input_audio_buffer.timeout_triggered"


def test_without_an_answer_no_silence_is_counted():
    driver = idle_driver()
    driver.append(7000)

    assert driver.pass_time(20_000) == []


def test_an_answer_that_speech_cuts_off_does_not_start_the_clock():
    driver = idle_driver()
    driver.begin("One.", "Two.", limit=2)
    driver.append(500)
    driver.speech_starts(100)

    assert "input_audio_buffer.timeout_triggered" not in kinds(driver.pass_time(20_000))


def test_idle_is_never_over_unless_it_was_asked_for():
    driver = Driver()
    driver.respond("Hello there.")

    assert driver.pass_time(60_000) == []


# ---------------------------------------------------------------- turn detection


@pytest.mark.parametrize("kind", ["server_vad", "semantic_vad"])
def test_with_neither_answer_nor_interruption_only_the_turn_is_told(kind):
    driver = Driver()
    detection = {"type": kind, "create_response": False, "interrupt_response": False}
    driver.configure(audio={"input": {"turn_detection": detection}})
    driver.begin("One.", "Two.", limit=2)
    driver.append(1000)
    driver.says.append("hello")

    events = driver.speech_starts(100) + driver.speech_stops(900)

    assert kinds(events) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
    ]
    assert only(driver.work(), "response.done")["response"]["status"] == "completed"


def test_a_boundary_that_comes_after_detection_was_switched_off_is_nothing():
    driver = Driver()
    driver.manual()
    driver.append(1000)

    assert driver.speech_starts(100) + driver.speech_stops(900) == []


def test_the_speed_cannot_change_while_an_answer_goes_on():
    driver = Driver()
    driver.begin("One.", "Two.", limit=2)
    session = {"type": "realtime", "audio": {"output": {"speed": 1.5}}}

    code, param, _ = driver.error("session.update", session=session)
    assert (code, param) == ("invalid_value", "session.audio.output.speed")

    driver.work()
    assert driver.send("session.update", session=session)[0]["type"] == "session.updated"


def test_phone_audio_becomes_an_item_whose_audio_comes_back_as_it_was_sent():
    driver = Driver()
    driver.manual()
    driver.configure(audio={"input": {"format": {"type": "audio/pcmu"}}})
    wire = Encoder(AudioFormat.PCMU).encode(b"\x00\x10" * 24_000, last=True)
    driver.send("input_audio_buffer.append", audio=pcm.encode(wire))
    driver.says.append("hello")

    item_id = driver.send("input_audio_buffer.commit")[0]["item_id"]
    (recognise,) = [each for each in driver.waiting if isinstance(each, Recognise)]
    shown = driver.send("conversation.item.retrieve", item_id=item_id)[0]["item"]

    assert len(pcm.decode(shown["content"][0]["audio"])) == len(wire)
    assert len(recognise.pcm) == 48_000


# ---------------------------------------------------------------- transcription sessions


def transcriber(**audio_input):
    driver = Driver(kind="transcription")
    settings = {"transcription": {"model": "gpt-4o-transcribe"}, **audio_input}
    session = {"type": "transcription", "audio": {"input": settings}}
    assert kinds(driver.send("session.update", session=session)) == ["session.updated"]
    return driver


def test_a_transcription_session_writes_down_each_turn_and_answers_none():
    driver = transcriber()
    driver.append(1000)
    driver.says.append("Good morning.")

    events = driver.speech_starts(100) + driver.speech_stops(900) + driver.work()

    deltas = "conversation.item.input_audio_transcription.delta"
    assert kinds(events) == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        deltas,
        deltas,
        "conversation.item.input_audio_transcription.completed",
    ]


def test_a_transcription_session_takes_commits_of_the_client():
    driver = transcriber(turn_detection=None)
    driver.append(500)
    driver.says.append("Good morning.")

    events = driver.send("input_audio_buffer.commit") + driver.work()

    done = only(events, "conversation.item.input_audio_transcription.completed")
    assert done["transcript"] == "Good morning."


def test_without_a_model_for_transcripts_nothing_is_recognised():
    driver = transcriber(transcription=None)
    driver.append(500)

    assert "conversation.item.done" in kinds(driver.send("input_audio_buffer.commit"))
    assert driver.work() == []


def test_a_transcription_session_begins_as_one_and_refuses_to_answer():
    driver = Driver(kind="transcription")

    assert driver.events[0]["session"]["type"] == "transcription"
    code, param, message = driver.error("response.create")
    assert (code, param) == ("invalid_value", "type")
    assert "no assistant" in message
    assert driver.error("response.cancel")[0] == "response_cancel_not_active"


def test_a_transcription_session_cannot_become_another():
    driver = Driver(kind="transcription")

    for session in ({"type": "realtime"}, {"type": "transcription", "instructions": "x"}):
        assert driver.error("session.update", session=session)[1].startswith("session.")
