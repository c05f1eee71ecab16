import pytest

from console import pcm
from console.simulator.protocol.intents import Think
from console.simulator.senses import BrainCall, BrainReply
from tests.simulator.session_driver import CHUNK, Driver, kinds, only

AUDIO = "response.output_audio.delta"


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


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 8, 21])
@pytest.mark.parametrize(
    "answer",
    [
        {"output_modalities": ["text"]},
        {"output_modalities": ["audio"]},
        {"calls": [BrainCall("f_with_a_long_name", {"t": "x" * 400})]},
        {"reasoning": {"effort": "low"}, "output_modalities": ["text"]},
    ],
    ids=["text", "audio", "call", "reasoning"],
)
def test_no_response_costs_more_than_its_limit(answer, limit):
    calls = answer.get("calls", ())
    said = [] if calls else ["Hello there, this goes on for longer than it may."] * 3
    given = {name: value for name, value in answer.items() if name != "calls"}
    events = Driver().respond(*said, calls=calls, max_output_tokens=limit, **given)
    response = only(events, "response.done")["response"]

    assert response["status"] == "incomplete"
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert response["usage"]["output_tokens"] <= limit


def test_an_answer_that_costs_just_its_limit_is_complete():
    events = Driver().respond("Hello.", output_modalities=["text"], max_output_tokens=2)
    response = only(events, "response.done")["response"]

    assert (response["status"], response["usage"]["output_tokens"]) == ("completed", 2)


def test_a_request_for_approval_counts_against_the_limit():
    driver = Driver()
    driver.configure(
        tools=[{"type": "mcp", "server_label": "demo", "server_url": "https://127.0.0.1/mcp"}]
    )
    call = BrainCall("add_numbers", {"a": 2, "b": 3})
    events = driver.respond(calls=[call], max_output_tokens=1)
    response = only(events, "response.done")["response"]

    assert (response["status"], response["output"]) == ("incomplete", [])


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


def test_a_brain_may_stop_the_answer_once_it_has_been_said():
    driver = Driver()
    driver.expect("That is not allowed.", stop="content_filter")
    events = driver.send("response.create", response={"output_modalities": ["text"]})
    events += driver.work()

    response = only(events, "response.done")["response"]
    reason = {"type": "incomplete", "reason": "content_filter"}
    assert (response["status"], response["status_details"]) == ("incomplete", reason)
    assert response["output"][0]["status"] == "incomplete"
    assert response["output"][0]["content"][0]["text"] == "That is not allowed."


def test_a_brain_that_stops_at_once_leaves_no_output():
    driver = Driver()
    driver.expect(stop="max_output_tokens")
    driver.send("response.create")

    response = only(driver.work(), "response.done")["response"]
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert response["output"] == []


def test_without_parallel_calls_only_the_first_is_made():
    driver = Driver()
    calls = [BrainCall("f", {"n": n}) for n in range(3)]
    done = only(driver.respond(calls=calls, parallel_tool_calls=False), "response.done")

    (call,) = done["response"]["output"]
    assert call["arguments"] == '{"n":0}'


def test_arguments_stand_on_the_wire_as_the_brain_gave_them():
    driver = Driver()
    (call,) = only(driver.respond(calls=[BrainCall("f", "{broken")]), "response.done")["response"][
        "output"
    ]

    assert call["arguments"] == "{broken"


@pytest.mark.parametrize(
    ("model", "calls", "phase"),
    [
        ("gpt-realtime", [], None),
        ("gpt-realtime-2.1", [], "final_answer"),
        ("gpt-realtime-2", [BrainCall("f", {})], "commentary"),
    ],
)
def test_messages_of_the_second_generation_say_their_phase(model, calls, phase):
    driver = Driver(model)
    events = driver.respond("Well.", calls=calls)

    message = only(events, "response.done")["response"]["output"][0]
    assert message.get("phase") == phase
    assert events[1]["item"].get("phase") == phase
    if phase:
        assert list(message)[-1] == "phase"


def test_reasoning_costs_text_tokens_and_is_told_apart():
    driver = Driver()
    quick = only(driver.respond("Well."), "response.done")["response"]["usage"]
    slow = only(driver.respond("Well.", reasoning={"effort": "high"}), "response.done")["response"][
        "usage"
    ]

    assert "reasoning_tokens" not in quick["output_token_details"]
    details = slow["output_token_details"]
    assert details["reasoning_tokens"] == 64
    assert details["text_tokens"] == quick["output_token_details"]["text_tokens"] + 64
    assert slow["output_tokens"] == details["text_tokens"] + details["audio_tokens"]


def test_a_response_that_is_cancelled_before_anybody_thought_costs_nothing():
    driver = Driver()
    driver.manual()
    driver.work()
    driver.append()
    driver.send("input_audio_buffer.commit")
    driver.send("response.create", response={"reasoning": {"effort": "high"}})

    done = only(driver.send("response.cancel"), "response.done")["response"]
    assert done["usage"]["total_tokens"] == 0


def test_words_and_arguments_are_padded_and_audio_is_not():
    driver = Driver()
    events = driver.respond("One two.", calls=[BrainCall("f", {"x": 1})])
    events += driver.respond("One two.", output_modalities=["text"])

    padded = {e["type"] for e in events if "obfuscation" in e}
    assert padded == {
        "response.output_audio_transcript.delta",
        "response.output_text.delta",
        "response.function_call_arguments.delta",
    }
    assert all(list(e)[-2:] == ["delta", "obfuscation"] for e in events if "obfuscation" in e)


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
def test_audio_leaves_in_the_format_that_was_asked_for(kind):
    driver = Driver(chunks_per_sentence=5)
    events = driver.respond("Hello.", audio={"output": {"format": {"type": kind}}})

    sent = b"".join(pcm.decode(e["delta"]) for e in events if e["type"] == AUDIO)
    assert len(sent) == 8 * 500
    last_audio = max(n for n, e in enumerate(events) if e["type"] == AUDIO)
    assert kinds(events)[last_audio + 1] == "response.output_audio.done"
    shown = only(events, "response.done")["response"]["audio"]["output"]["format"]
    assert shown == {"type": kind}


def test_what_a_codec_holds_back_is_dropped_when_the_answer_is_cut_off():
    driver = Driver()
    audio = {"output": {"format": {"type": "audio/pcmu"}}}
    driver.begin("Hello.", "Well.", limit=2, audio=audio)

    assert AUDIO not in kinds(driver.send("response.cancel"))


@pytest.mark.parametrize("as_it_comes", [True, False])
def test_of_a_piece_that_is_too_long_the_part_that_fits_is_written(as_it_comes):
    text = "".join(str(n % 10) for n in range(100))
    driver = Driver()
    driver.configure(output_modalities=["text"], max_output_tokens=5)
    driver.send("response.create")
    (think,) = [each for each in driver.waiting if isinstance(each, Think)]
    driver.waiting.clear()
    reply = BrainReply(text=text) if as_it_comes else BrainReply([text])

    events = driver.take(driver.session.thought(think.response_id, reply)) + driver.work()

    response = only(events, "response.done")["response"]
    assert response["output"][0]["content"][0]["text"] == text[:20]
    assert response["status_details"] == {"type": "incomplete", "reason": "max_output_tokens"}
    assert response["usage"]["output_tokens"] == 5
    assert only(events, "response.output_text.delta")["delta"] == text[:20]
