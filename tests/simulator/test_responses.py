import pytest

from console.simulator.intents import Think
from console.simulator.response_settings import ResponseSettings
from console.simulator.senses import BrainCall, BrainReply
from console.simulator.session_config import SessionConfig
from tests.simulator.session_driver import CHUNK, Driver, kinds, only

CONFIG = SessionConfig("sess_1", "gpt-realtime-2.1", 1000)


def test_without_overrides_the_session_decides():
    settings = ResponseSettings.of(CONFIG, {})

    assert (settings.voice, settings.modality, settings.max_output_tokens) == (
        "marin",
        "audio",
        "inf",
    )


def test_overrides_of_null_leave_the_sessions_choice():
    overrides = {"instructions": None, "audio": {"output": {"format": None}}, "metadata": None}
    settings = ResponseSettings.of(CONFIG, overrides)

    assert settings.instructions == CONFIG["instructions"]
    assert settings.format == {"type": "audio/pcm", "rate": 24_000}


def test_the_transcript_runs_a_little_ahead_of_its_audio_and_not_to_the_end():
    driver = Driver()
    text = "one two three four five six seven eight nine ten eleven twelve"
    driver.begin(text, limit=1)
    response_id = driver.events[-1]["response_id"]
    first = driver.take(driver.session.spoken(response_id, CHUNK))
    last = driver.take(driver.session.sentence_spoken(response_id))

    early = "".join(e["delta"] for e in first if "transcript" in e["type"])
    assert early == "one two"
    assert only(last, "response.output_audio_transcript.done")["transcript"] == text


def test_a_slower_voice_has_a_slower_transcript():
    driver = Driver()
    driver.configure(audio={"output": {"speed": 0.5}})
    driver.begin("one two three four five six", limit=1)
    first = driver.take(driver.session.spoken(driver.events[-1]["response_id"], CHUNK))

    assert "".join(e["delta"] for e in first if "transcript" in e["type"]) == "one"


def test_an_empty_chunk_sends_nothing():
    driver = Driver()
    driver.begin("One.", limit=1)

    assert driver.take(driver.session.spoken(driver.events[-1]["response_id"], b"")) == []


def test_empty_sentences_are_left_out():
    driver = Driver()
    events = driver.respond("", "Hello.", "  ")

    assert only(events, "response.output_audio_transcript.done")["transcript"] == "Hello."


@pytest.mark.parametrize("n_pieces", [1, 2])
def test_a_cancelled_call_closes_with_the_arguments_so_far(n_pieces):
    driver = Driver()
    driver.begin(calls=[BrainCall("f", {"text": "x" * 100})], limit=1 + n_pieces)
    events = driver.send("response.cancel")

    assert kinds(events)[:4] == [
        "response.function_call_arguments.done",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    assert events[2]["item"]["status"] == "incomplete"
    assert len(events[0]["arguments"]) == 12 * n_pieces


def test_the_token_limit_also_holds_for_text_and_arguments():
    driver = Driver()
    text = only(
        driver.respond("word " * 50, output_modalities=["text"], max_output_tokens=5),
        "response.done",
    )
    call = only(
        driver.respond(calls=[BrainCall("f", {"t": "x" * 400})], max_output_tokens=5),
        "response.done",
    )

    for done in (text, call):
        assert done["response"]["status"] == "incomplete"


def test_rate_limits_tell_what_is_left():
    driver = Driver()
    events = driver.respond("Hello.")
    total = only(events, "response.done")["response"]["usage"]["total_tokens"]
    (limit,) = only(events, "rate_limits.updated")["rate_limits"]

    assert (limit["name"], limit["remaining"]) == ("tokens", limit["limit"] - total)


def test_pieces_of_an_answer_are_said_as_they_come():
    driver = Driver()
    driver.configure(output_modalities=["text"])
    driver.send("response.create")
    (think,) = [each for each in driver.waiting if isinstance(each, Think)]
    driver.waiting.clear()
    session = driver.session

    first = driver.take(session.thought(think.response_id, BrainReply(["One."]))) + driver.work()
    assert "response.output_text.delta" in kinds(first)
    assert "response.done" not in kinds(first)

    driver.take(session.thought(think.response_id, BrainReply(["Two."], [BrainCall("f", {})])))
    last = driver.work() + driver.take(session.thought_through(think.response_id))
    message, call = only(last, "response.done")["response"]["output"]
    assert message["content"][0]["text"] == "One. Two."
    assert (call["name"], call["status"]) == ("f", "completed")


def test_words_after_a_call_are_a_message_of_their_own():
    driver = Driver()
    driver.configure(output_modalities=["text"])
    driver.send("response.create")
    response_id = next(each.response_id for each in driver.waiting if isinstance(each, Think))
    driver.waiting.clear()
    driver.take(driver.session.thought(response_id, BrainReply(calls=[BrainCall("f", {})])))
    driver.take(driver.session.thought(response_id, BrainReply(["Well."])))
    driver.work()
    done = only(driver.take(driver.session.thought_through(response_id)), "response.done")
    assert [each["type"] for each in done["response"]["output"]] == ["function_call", "message"]
