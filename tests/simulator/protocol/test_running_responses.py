import pytest

from console.simulator.protocol.intents import Stop, Think
from console.simulator.senses import BrainCall
from tests.simulator.session_driver import Driver, kinds, only

BESIDE = {"conversation": "none"}
CALL = BrainCall("f", {})


def ids_of(driver):
    """The ids of the responses that wait for the assistant, oldest first."""
    return [each.response_id for each in driver.waiting if isinstance(each, Think)]


def done_of(events):
    return {e["response"]["id"]: e["response"] for e in events if e["type"] == "response.done"}


# ---------------------------------------------------------------- of the conversation


def test_one_response_of_the_conversation_goes_on_at_a_time():
    driver = Driver()
    driver.begin("One.", limit=1)

    code, param, _ = driver.error("response.create")
    assert (code, param) == ("conversation_already_has_active_response", None)
    driver.work()
    assert kinds(driver.respond("Two."))[0] == "response.created"


def test_a_response_that_waits_for_words_is_asked_for_once():
    driver = Driver()
    driver.manual()
    driver.work()
    driver.append()
    driver.send("input_audio_buffer.commit")
    driver.says.append("hello")
    driver.send("response.create")
    before = ids_of(driver)
    driver.work(limit=1)  # the recogniser

    assert before == []
    assert len(ids_of(driver)) == 1


def test_a_cancelled_response_makes_room_for_the_next():
    driver = Driver()
    driver.begin("One.", limit=1)
    driver.send("response.cancel")

    done = only(driver.respond("Two."), "response.done")
    assert done["response"]["status"] == "completed"


def test_the_assistant_is_told_what_the_answer_may_be():
    driver = Driver()
    driver.respond(
        "Yes.",
        output_modalities=["text"],
        max_output_tokens=50,
        metadata={"topic": "a"},
        parallel_tool_calls=False,
        **BESIDE,
    )
    driver.respond("Yes.")
    beside, ordinary = driver.turns

    assert (beside.modality, beside.max_output_tokens) == ("text", 50)
    assert (beside.metadata, beside.parallel_tool_calls) == ({"topic": "a"}, False)
    assert beside.is_out_of_band
    assert (ordinary.modality, ordinary.max_output_tokens) == ("audio", None)
    assert (ordinary.metadata, ordinary.is_out_of_band) == ({}, False)


def test_once_something_was_said_a_response_cannot_choose_another_voice():
    driver = Driver()
    echo = {"output": {"voice": "echo"}}
    driver.respond("One.", audio=echo)
    again = driver.respond("Two.", audio=echo)
    other = {"audio": {"output": {"voice": "ash"}}}

    assert kinds(again)[0] == "response.created"
    assert driver.error("response.create", response=other)[0] == "cannot_update_voice"
    beside = driver.respond("Three.", **other, **BESIDE)
    assert kinds(beside)[0] == "response.created"


# ---------------------------------------------------------------- beside the conversation


def test_a_response_beside_the_conversation_leaves_it_as_it_was():
    driver = Driver()
    driver.type("hello")
    events = driver.respond("Greeting.", metadata={"topic": "kind"}, **BESIDE)
    driver.respond("Hi.")

    created, done = (only(events, f"response.{what}")["response"] for what in ("created", "done"))
    assert (created["conversation_id"], done["conversation_id"]) == (None, None)
    assert done["metadata"] == {"topic": "kind"}
    assert done["output"][0]["content"][0]["transcript"] == "Greeting."
    assert not [kind for kind in kinds(events) if kind.startswith("conversation.")]
    assert len(driver.turns[1].items) == 1


def test_several_go_on_beside_one_of_the_conversation_and_are_told_apart():
    driver = Driver()
    driver.configure(output_modalities=["text"])
    driver.work()
    ids = []
    for topic in "ab":
        response = {"metadata": {"topic": topic}, **BESIDE}
        ids.append(driver.send("response.create", response=response)[0]["response"]["id"])
    ids.append(driver.send("response.create")[0]["response"]["id"])
    for text in ("Of a.", "Of b.", "Of all."):
        driver.expect(text)
    events = driver.work()

    said = {
        key: response["output"][0]["content"][0]["text"]
        for key, response in done_of(events).items()
    }
    assert said == dict(zip(ids, ["Of a.", "Of b.", "Of all."], strict=True))
    assert [done_of(events)[key]["metadata"] for key in ids] == [
        {"topic": "a"},
        {"topic": "b"},
        None,
    ]
    deltas = [e["response_id"] for e in events if e["type"] == "response.output_text.delta"]
    assert deltas[:3] == ids


def test_a_cancel_without_an_id_means_the_one_of_the_conversation():
    driver = Driver()
    driver.work()
    beside = driver.send("response.create", response=BESIDE)[0]["response"]["id"]
    assert driver.error("response.cancel")[0] == "response_cancel_not_active"
    default = driver.send("response.create")[0]["response"]["id"]
    cancelled = only(driver.send("response.cancel"), "response.done")["response"]

    assert cancelled["id"] == default
    assert driver.session.is_responding(beside)


def test_a_cancel_by_id_ends_one_beside_the_conversation():
    driver = Driver()
    driver.work()
    beside = driver.send("response.create", response=BESIDE)[0]["response"]["id"]
    default = driver.send("response.create")[0]["response"]["id"]
    events = driver.send("response.cancel", response_id=beside)

    assert list(done_of(events)) == [beside]
    assert Stop(beside) in driver.waiting
    assert driver.session.is_responding(default)


def test_speech_interrupts_only_the_one_of_the_conversation():
    driver = Driver()
    driver.append(1000)
    driver.work()
    beside = driver.send("response.create", response=BESIDE)[0]["response"]["id"]
    default = driver.send("response.create")[0]["response"]["id"]
    events = driver.speech_starts()

    assert list(done_of(events)) == [default]
    assert driver.session.is_responding(beside)


def test_calls_beside_the_conversation_are_no_items_of_it():
    driver = Driver()
    from_beside = only(driver.respond(calls=[CALL], **BESIDE), "response.done")["response"]
    (call,) = from_beside["output"]
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "1"}

    assert driver.error("conversation.item.create", item=output)[1] == "item.call_id"


def test_only_so_many_go_on_at_once():
    driver = Driver()
    for _ in range(16):
        driver.send("response.create", response=BESIDE)

    assert "16 responses" in driver.error("response.create", response=BESIDE)[2]


# ---------------------------------------------------------------- what fits, and how it ends


def long_history(driver, n_items=6):
    for _ in range(n_items):
        driver.type("x" * 4 * 6000)  # 6000 tokens each


def test_the_oldest_items_leave_a_prompt_that_is_too_long_and_stay_in_the_conversation():
    driver = Driver("gpt-realtime")
    long_history(driver)
    response = only(driver.respond("Yes."), "response.done")["response"]

    assert len(driver.turns[0].items) == 4
    assert response["usage"]["input_tokens"] <= 32_768 - 4096
    first = next(e["item"]["id"] for e in driver.events if e["type"] == "conversation.item.added")
    assert driver.send("conversation.item.retrieve", item_id=first)[0]["item"]["id"] == first


def test_without_truncation_a_prompt_that_is_too_long_fails():
    driver = Driver("gpt-realtime")
    driver.configure(truncation="disabled")
    long_history(driver)
    events = driver.send("response.create")

    response = only(events, "response.done")["response"]
    assert kinds(events) == ["response.created", "response.done"]
    assert response["status"] == "failed"
    assert response["status_details"]["error"]["code"] == "context_length_exceeded"
    assert response["status_details"]["error"]["type"] == "invalid_request_error"
    assert (response["output"], response["usage"]["total_tokens"]) == ([], 0)


def test_a_ratio_keeps_a_share_and_lets_the_cache_work():
    driver = Driver("gpt-realtime")
    driver.configure(truncation={"type": "retention_ratio", "retention_ratio": 0.5})
    long_history(driver)
    driver.respond("Yes.")
    driver.type("x" * 4 * 6000)
    usage = only(driver.respond("Yes."), "response.done")["response"]["usage"]

    assert [len(turn.items) for turn in driver.turns] == [2, 4]
    assert usage["input_token_details"]["cached_tokens"] > 11_000


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("server_error", "server_error"),
        ("insufficient_quota", "invalid_request_error"),
        ("rate_limit_exceeded", "invalid_request_error"),
        ("model_not_found", "invalid_request_error"),
        ("inference_rate_limit_exceeded", "server_error"),
    ],
)
def test_a_failure_says_whose_it_is(code, kind):
    driver = Driver()
    response_id = driver.begin("One.", limit=0)[0]["response"]["id"]
    events = driver.take(driver.session.fail_response(response_id, code, "Why."))

    error = only(events, "response.done")["response"]["status_details"]["error"]
    assert error == {"type": kind, "code": code, "message": "Why."}


# ---------------------------------------------------------------- limits


def limits(events):
    return [e["rate_limits"][0] for e in events if e["type"] == "rate_limits.updated"]


def test_rate_limits_come_later_and_other_events_may_overtake_them():
    driver = Driver()
    driver.begin("Never said.", limit=0)
    cancelled = driver.send("response.cancel")
    created = driver.send("response.create")
    driver.expect("Two.")
    events = driver.work()

    assert kinds(cancelled + created) == ["response.done", "response.created"]
    assert kinds(events)[0] != "rate_limits.updated"
    assert kinds(events)[-2:] == ["rate_limits.updated"] * 2


def test_rate_limits_come_30_to_45_ms_after_the_response():
    driver = Driver()
    driver.work()
    delays = []
    for _ in range(20):
        driver.send("response.create")
        outcome = driver.session.receive('{"type":"response.cancel"}')
        driver.waiting.clear()
        delays += [each.delay_ms for each in outcome.intents if hasattr(each, "delay_ms")]

    assert len(delays) == 20
    assert min(delays) >= 30
    assert max(delays) <= 45
    assert len(set(delays)) > 3


def test_several_responses_within_a_minute_sum_up():
    driver = Driver()
    first = driver.respond("One.")
    driver.pass_time(10_000)
    second = driver.respond("Two.")
    driver.pass_time(55_000)
    third = driver.respond("Three.")
    spent = [only(each, "response.done")["response"]["usage"]["total_tokens"]
             for each in (first, second, third)]  # fmt: skip

    left = [limits(each)[0]["limit"] - limits(each)[0]["remaining"] for each in (first, second)]
    assert left == [spent[0], spent[0] + spent[1]]
    assert limits(third)[0]["limit"] - limits(third)[0]["remaining"] == spent[1] + spent[2]
    assert limits(third)[0]["reset_seconds"] == pytest.approx(60, abs=0.05)
