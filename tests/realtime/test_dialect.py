"""Round trips over every event that OpenAI's types know, and what the translators add of their own."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.realtime.dialect import (
    BETA_HEADERS,
    BETA_SUBPROTOCOL,
    MAX_REMEMBERED,
    BetaClientDialect,
    BetaServerDialect,
    is_beta_session,
    param_to_beta,
    param_to_ga,
)
from tests.realtime.wire_examples import (
    EXAMPLES,
    PART,
    TRANSCRIBED,
    beta_response,
    beta_session,
    beta_transcription,
    check,
    function_call,
    ga_response,
    ga_session,
    message,
    types_of,
)

SIDES = [("ga", "client"), ("ga", "server"), ("beta", "client"), ("beta", "server")]


def kinds(events):
    return [event["type"] for event in events]


def every(dialect, side):
    return pytest.mark.parametrize(
        "event", EXAMPLES[dialect, side].values(), ids=list(EXAMPLES[dialect, side])
    )


def chained(steps, *events):
    """What comes out of translators one behind the other, each event in turn."""
    told = list(events)
    for step in steps:
        told = [out for event in told for out in step(event)]
    return told


# ---------------------------------------------------------------- the lists are whole


@pytest.mark.parametrize(("dialect", "side"), SIDES)
def test_there_is_a_valid_example_of_every_event_type(dialect, side):
    assert set(EXAMPLES[dialect, side]) == types_of(dialect, side)
    for event in EXAMPLES[dialect, side].values():
        check(dialect, side, event)


@pytest.mark.parametrize(
    ("dialect", "side", "count"),
    [("ga", "client", 11), ("ga", "server", 46), ("beta", "client", 12), ("beta", "server", 34)],
)
def test_the_types_hold_as_many_events_as_are_known(dialect, side, count):
    assert len(types_of(dialect, side)) == count


# ---------------------------------------------------------------- round trips


@every("ga", "client")
def test_what_our_client_says_survives_a_beta_server_line(event):
    before = copy.deepcopy(event)
    (beta,) = BetaServerDialect().to_server(event)
    (back,) = BetaClientDialect().from_client(beta)

    check("beta", "client", beta)
    assert back == before
    assert event == before


@every("beta", "client")
def test_what_a_beta_client_says_survives_but_for_its_temperature(event):
    before = copy.deepcopy(event)
    (ga,) = BetaClientDialect().from_client(event)
    (back,) = BetaServerDialect().to_server(ga)

    check("ga", "client", ga)
    before.get("session", {}).pop("temperature", None)
    assert back == before


GAINED = {
    # Each item that came complete is done at once; here it had been told of in another way.
    "conversation.item.created": ["conversation.item.added", "conversation.item.done"],
    "conversation.item.added": ["conversation.item.added", "conversation.item.done"],
    "conversation.item.done": [],
    "session.created": ["session.created", "conversation.created"],
}


@every("ga", "server")
def test_what_a_ga_server_says_survives_a_beta_line(event):
    server, client = BetaClientDialect(), BetaServerDialect()
    if event["type"] == "response.function_call_arguments.done":
        call = EXAMPLES["ga", "server"]["response.output_item.added"]
        chained([server.to_client, client.from_server], call)
    before = copy.deepcopy(event)
    beta = server.to_client(event)
    back = chained([client.from_server], *beta)

    for each in beta:
        if each["type"] in types_of("beta", "server"):
            check("beta", "server", each)
    for each in back:
        check("ga", "server", each)
    assert event == before
    assert kinds(back) == GAINED.get(event["type"], [event["type"]])
    for key in ("session", "response"):
        if key in event:
            before[key]["temperature"] = 0.8
    if back:
        assert back[0] == {**before, "type": back[0]["type"]}


@every("beta", "server")
def test_what_a_beta_server_says_survives_a_ga_line(event):
    client, server = BetaServerDialect(), BetaClientDialect()
    ga = chained([client.from_server], event)
    back = chained([server.to_client], *ga)

    for each in ga:
        if each["type"] != "response.function_call_arguments.done":
            check("ga", "server", each)
    assert back[0] == event
    made = [] if event["type"] != "session.created" else ["conversation.created"]
    assert kinds(back[1:]) == made
    for each in back:
        check("beta", "server", each)


@pytest.mark.parametrize("dialect", [BetaServerDialect, BetaClientDialect])
def test_unknown_events_and_fields_pass_untouched(dialect):
    event = {"type": "ping", "event_id": "event_1", "deep": {"modalities": ["text"]}}
    known = {"type": "input_audio_buffer.cleared", "colour": "red"}
    steps = (
        [dialect().to_server, dialect().from_server]
        if dialect is BetaServerDialect
        else [dialect().from_client, dialect().to_client]
    )
    for step in steps:
        assert step(event) == [event]
        assert step(known) == [known]


# ---------------------------------------------------------------- a whole conversation


def ga_story():
    """An answer in speech that calls a function, as a GA server tells it."""
    user = {"previous_item_id": None, "item": message("user", "input_audio", id="item_u")}
    begun = message("assistant", "output_audio", id="item_a", status="in_progress", content=[])
    said = message("assistant", "output_audio", id="item_a")
    calling, called = function_call("in_progress", ""), function_call()
    at, part = {**PART, "item_id": "item_a"}, {"type": "audio", "transcript": ""}
    out, place = {"response_id": "resp_1", "output_index": 0}, {**PART, "output_index": 1}
    del place["content_index"]
    arguments = {"call_id": "call_1", "name": "get_weather", "arguments": "{}"}
    response = ga_response(status="in_progress", output=[], temperature=0.8)
    return [
        ("input_audio_buffer.committed", {"previous_item_id": None, "item_id": "item_u"}),
        ("conversation.item.added", user),
        ("conversation.item.done", user),
        ("response.created", {"response": response}),
        ("response.output_item.added", {**out, "item": begun}),
        ("conversation.item.added", {"previous_item_id": "item_u", "item": begun}),
        ("response.content_part.added", {**at, "part": part}),
        ("response.output_audio_transcript.delta", {**at, "delta": "hello"}),
        ("response.output_audio.delta", {**at, "delta": "AAAA"}),
        ("response.output_item.added", {**out, "output_index": 1, "item": calling}),
        ("conversation.item.added", {"previous_item_id": "item_a", "item": calling}),
        ("response.function_call_arguments.done", {**place, **arguments}),
        ("response.output_audio.done", at),
        ("response.output_audio_transcript.done", {**at, "transcript": "hello"}),
        ("response.content_part.done", {**at, "part": {**part, "transcript": "hello"}}),
        ("conversation.item.done", {"previous_item_id": "item_u", "item": said}),
        ("response.output_item.done", {**out, "item": said}),
        ("conversation.item.done", {"previous_item_id": "item_a", "item": called}),
        ("response.output_item.done", {**out, "output_index": 1, "item": called}),
        ("response.done", {"response": ga_response(output=[said, called], temperature=0.8)}),
    ]


def stamped(story):
    return [
        {"type": kind, "event_id": f"event_{n}", **fields} for n, (kind, fields) in enumerate(story)
    ]


def without_made_ids(events):
    """Events that were made on the way have an id of their own."""
    return [
        {**event, "event_id": None} if event["type"] == "conversation.item.done" else event
        for event in events
    ]


def test_a_conversation_with_overlapping_items_comes_back_in_the_same_order():
    story = stamped(ga_story())
    beta = chained([BetaClientDialect().to_client], *story)
    back = chained([BetaServerDialect().from_server], *beta)

    for event in beta:
        check("beta", "server", event)
    assert without_made_ids(back) == without_made_ids(story)
    assert len({event["event_id"] for event in back}) == len(back)


def test_a_beta_client_learns_of_each_item_once_and_before_its_content():
    beta = chained([BetaClientDialect().to_client], *stamped(ga_story()))

    assert [kind for kind in kinds(beta) if not kind.endswith("delta")] == [
        "input_audio_buffer.committed",
        "conversation.item.created",
        "response.created",
        "response.output_item.added",
        "conversation.item.created",
        "response.content_part.added",
        "response.output_item.added",
        "conversation.item.created",
        "response.function_call_arguments.done",
        "response.audio.done",
        "response.audio_transcript.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.output_item.done",
        "response.done",
    ]


# ---------------------------------------------------------------- items of a beta server


def created(item, previous="item_0"):
    kind = "conversation.item.created"
    return {"type": kind, "event_id": "event_7", "previous_item_id": previous, "item": item}


def output_item(step, item):
    where = {"response_id": "resp_1", "output_index": 0}
    return {"type": f"response.output_item.{step}", "event_id": "event_9", **where, "item": item}


def test_an_item_of_the_client_is_added_and_done_at_once():
    added, done = BetaServerDialect().from_server(created(message()))

    assert (added["type"], added["event_id"]) == ("conversation.item.added", "event_7")
    assert done == {**added, "type": "conversation.item.done", "event_id": "event_7_done"}


def test_an_item_of_the_user_is_never_open():
    item = message("user", "input_audio", status="in_progress")

    assert len(BetaServerDialect().from_server(created(item))) == 2


def test_an_item_of_the_model_is_done_when_its_response_says_so():
    dialect = BetaServerDialect()
    item = message("assistant", "text")
    (added,) = dialect.from_server(created({**item, "status": "in_progress", "content": []}))
    done, output_done = dialect.from_server(output_item("done", item))

    assert kinds([added, done, output_done]) == [
        "conversation.item.added",
        "conversation.item.done",
        "response.output_item.done",
    ]
    assert done["item"] == output_done["item"] == message("assistant", "output_text")
    assert done["previous_item_id"] == "item_0"


def test_an_announced_item_is_of_the_model_whatever_its_status():
    dialect = BetaServerDialect()
    dialect.from_server(output_item("added", message("assistant", "text", content=[])))

    assert len(dialect.from_server(created(message("assistant", "text")))) == 1


def test_an_item_outside_the_conversation_is_never_done_in_it():
    dialect = BetaServerDialect()
    item = message("assistant", "text")
    dialect.from_server(output_item("added", {**item, "status": "in_progress"}))
    response = {"type": "response.done", "response": beta_response(output=[item])}

    assert kinds(dialect.from_server(output_item("done", item))) == ["response.output_item.done"]
    assert kinds(dialect.from_server(response)) == ["response.done"]


def test_the_end_of_a_response_ends_items_whose_own_end_is_missing():
    dialect = BetaServerDialect()
    item = message("assistant", "audio", status="incomplete")
    dialect.from_server(created({**item, "status": "in_progress"}))
    response = {"type": "response.done", "event_id": "e", "response": beta_response(output=[item])}

    done, _ = dialect.from_server(response)
    assert (done["type"], done["item"]["status"]) == ("conversation.item.done", "incomplete")
    assert kinds(dialect.from_server(response)) == ["response.done"]


def test_a_server_that_tells_of_the_end_itself_is_not_repeated():
    dialect = BetaServerDialect()
    item = message("assistant", "audio")
    done = {**created(item), "type": "conversation.item.done"}
    dialect.from_server(created({**item, "status": "in_progress"}))

    assert kinds(dialect.from_server(done)) == ["conversation.item.done"]
    assert kinds(dialect.from_server(output_item("done", item))) == ["response.output_item.done"]
    assert dialect.from_server(done) == []
    assert kinds(BetaServerDialect().from_server(done)) == ["conversation.item.done"]


def test_a_deleted_item_may_be_made_again():
    dialect = BetaServerDialect()
    item = message("assistant", "audio", status="in_progress")
    dialect.from_server(created(message("assistant", "audio")))
    dialect.from_server({"type": "conversation.item.deleted", "item_id": "item_1"})

    assert len(dialect.from_server(created(item))) == 1


def test_an_item_without_an_id_is_added_and_done_by_its_status():
    item = message()
    del item["id"]

    assert len(BetaServerDialect().from_server(created(item))) == 2
    begun = {**item, "role": "assistant", "status": "in_progress"}
    assert len(BetaServerDialect().from_server(created(begun))) == 1


def test_only_so_many_items_are_remembered():
    dialect = BetaServerDialect()
    for n in range(MAX_REMEMBERED + 1):
        dialect.from_server(created(message("assistant", "audio", id=str(n), status="in_progress")))

    def ends(item_id):
        return dialect.from_server(output_item("done", message("assistant", "audio", id=item_id)))

    assert (len(ends("0")), len(ends("1"))) == (1, 2)


# ---------------------------------------------------------------- what beta leaves out


def test_the_name_of_a_function_comes_from_its_item():
    dialect = BetaServerDialect()
    done = EXAMPLES["beta", "server"]["response.function_call_arguments.done"]
    dialect.from_server(output_item("added", function_call("in_progress", "")))

    assert dialect.from_server(done) == [{**done, "name": "get_weather"}]


def test_a_name_that_nobody_has_told_is_not_made_up():
    done = EXAMPLES["beta", "server"]["response.function_call_arguments.done"]

    assert BetaServerDialect().from_server(done) == [done]
    named = {**done, "name": "its own"}
    assert BetaServerDialect().from_server(named) == [named]


def transcribed(**more):
    kind = f"{TRANSCRIBED}.completed"
    return {"type": kind, "item_id": "item_1", "content_index": 0, "transcript": "hello", **more}


def test_the_length_of_the_speech_stands_for_a_missing_usage():
    dialect = BetaServerDialect()
    for edge in ("speech_started", "speech_stopped"):
        dialect.from_server(EXAMPLES["beta", "server"][f"input_audio_buffer.{edge}"])
    (completed,) = dialect.from_server(transcribed())

    assert completed["usage"] == {"type": "duration", "seconds": 0.9}


def test_a_usage_is_neither_replaced_nor_made_up():
    dialect = BetaServerDialect()
    for edge in ("speech_started", "speech_stopped"):
        dialect.from_server(EXAMPLES["beta", "server"][f"input_audio_buffer.{edge}"])
    told = transcribed(usage={"type": "tokens"})

    assert dialect.from_server(told) == [told]
    assert dialect.from_server(transcribed()) == [transcribed()]


def test_speech_without_a_length_says_nothing_of_usage():
    dialect = BetaServerDialect()
    stopped = EXAMPLES["beta", "server"]["input_audio_buffer.speech_stopped"]
    dialect.from_server({"type": "input_audio_buffer.speech_started", "item_id": "item_1"})
    dialect.from_server(stopped)

    assert dialect.from_server(transcribed()) == [transcribed()]


# ---------------------------------------------------------------- sessions of a beta client


def told(dialect, **session):
    """What a beta client is told of its session after the server has answered an update."""
    event = {"type": "session.updated", "event_id": "e", "session": ga_session(**session)}
    return dialect.to_client(event)[0]["session"]


def update(dialect, event_id=None, **session):
    event = {"type": "session.update", "session": session}
    return dialect.from_client(event if event_id is None else {**event, "event_id": event_id})


def test_a_conversation_is_told_of_after_the_session():
    dialect = BetaClientDialect()
    session, conversation = dialect.to_client(EXAMPLES["ga", "server"]["session.created"])
    response = {"type": "response.created", "response": ga_response(conversation_id="conv_x")}
    (answer,) = dialect.to_client(response)

    assert session["type"] == "session.created"
    assert conversation == {
        "type": "conversation.created",
        "event_id": "event_1_created",
        "conversation": {"id": "conv_1", "object": "realtime.conversation"},
    }
    assert answer["response"]["conversation_id"] == "conv_1"
    assert dialect.to_client(EXAMPLES["ga", "server"]["conversation.created"]) == []


def test_a_response_outside_the_conversation_stays_there():
    dialect = BetaClientDialect()
    dialect.to_client(EXAMPLES["ga", "server"]["session.created"])
    response = {"type": "response.done", "response": ga_response(conversation_id=None)}

    assert dialect.to_client(response)[0]["response"]["conversation_id"] is None


def test_fields_of_today_at_their_defaults_are_not_shown_to_a_beta_client():
    defaults = {"truncation": "auto", "prompt": None, "include": None}
    set_ones = {"truncation": "disabled", "prompt": {"id": "p"}, "reasoning": {"effort": "low"}}
    turns = {"turn_detection": {"type": "server_vad", "idle_timeout_ms": None}}
    noise = {"noise_reduction": {"type": "near_field", "strength": 1.0}}

    assert not defaults.keys() & told(BetaClientDialect(), **defaults).keys()
    assert told(BetaClientDialect(), **set_ones).items() >= set_ones.items()
    shown = told(BetaClientDialect(), audio={"input": {**turns, **noise}})
    assert shown["turn_detection"] == {"type": "server_vad"}
    assert shown["input_audio_noise_reduction"] == {"type": "near_field"}


def test_a_session_gets_its_object_and_loses_its_type():
    event = {"type": "session.created", "session": {"type": "realtime", "id": "sess_1"}}
    shown = BetaClientDialect().to_client(event)[0]["session"]

    assert shown == {"id": "sess_1", "object": "realtime.session", "temperature": 0.8}


def test_the_temperature_stays_here_and_is_shown_once_the_update_is_granted():
    dialect = BetaClientDialect()
    (sent,) = update(dialect, temperature=1.1, voice="echo")

    assert sent["session"] == {"type": "realtime", "audio": {"output": {"voice": "echo"}}}
    created_meanwhile = {"type": "response.created", "response": ga_response()}
    assert dialect.to_client(created_meanwhile)[0]["response"]["temperature"] == 0.8
    assert told(dialect)["temperature"] == 1.1
    assert told(dialect)["temperature"] == 1.1


@pytest.mark.parametrize(
    "error",
    [
        {"event_id": "mine", "param": None},
        {"event_id": None, "param": "session.audio.output.voice"},
        {"event_id": None, "code": "cannot_update_voice"},
    ],
)
def test_a_refused_update_leaves_the_temperature(error):
    dialect = BetaClientDialect()
    update(dialect, "mine", temperature=1.1, voice="nobody")
    update(dialect, "next", temperature=0.7)
    dialect.to_client({"type": "error", "error": error})

    assert told(dialect)["temperature"] == 0.7
    assert told(dialect)["temperature"] == 0.7


def test_an_error_about_something_else_refuses_no_update():
    dialect = BetaClientDialect()
    update(dialect, temperature=1.1)
    for error in ({"param": "item.id"}, {"event_id": "other"}, {}):
        dialect.to_client({"type": "error", "error": error})

    assert told(dialect)["temperature"] == 1.1


def test_a_response_with_its_own_temperature_keeps_it_to_its_end():
    dialect = BetaClientDialect()
    (sent,) = dialect.from_client({"type": "response.create", "response": {"temperature": 0.6}})
    events = [
        {"type": f"response.{step}", "response": ga_response(id=name)}
        for name in ("resp_1", "resp_2")
        for step in ("created", "done", "done")
    ]
    shown = [event["response"]["temperature"] for event in chained([dialect.to_client], *events)]

    assert sent["response"] == {}
    assert shown == [0.6, 0.6, 0.8, 0.8, 0.8, 0.8]


@pytest.mark.parametrize("event_id", [None, "mine"])
def test_a_refused_response_takes_its_temperature_with_it(event_id):
    dialect = BetaClientDialect()
    wish = {"type": "response.create", "event_id": "mine", "response": {"temperature": 0.6}}
    dialect.from_client(wish)
    error = {"code": "conversation_already_has_active_response", "event_id": event_id}
    dialect.to_client({"type": "error", "error": error})
    dialect.to_client({"type": "error", "error": error})
    (event,) = dialect.to_client({"type": "response.created", "response": ga_response()})

    assert event["response"]["temperature"] == 0.8


def test_a_temperature_that_the_server_tells_is_believed():
    response = {"type": "response.done", "response": ga_response(temperature=0.7)}

    assert told(BetaClientDialect(), temperature=0.7)["temperature"] == 0.7
    assert BetaClientDialect().to_client(response)[0]["response"]["temperature"] == 0.7


def test_what_only_rest_knows_is_not_sent_on():
    (sent,) = update(BetaClientDialect(), client_secret={"expires_after": {}}, speed=1.2)

    assert sent["session"] == {"type": "realtime", "audio": {"output": {"speed": 1.2}}}


def test_both_names_of_the_limit_of_a_response_are_understood():
    for name in ("max_response_output_tokens", "max_output_tokens"):
        (sent,) = BetaClientDialect().from_client(
            {"type": "response.create", "response": {name: 7}}
        )
        assert sent["response"] == {"max_output_tokens": 7}


@pytest.mark.parametrize("modalities", [["text", "audio"], ["audio", "text"], ["audio"]])
def test_speech_is_asked_for_in_one_word(modalities):
    (sent,) = update(BetaClientDialect(), modalities=modalities)

    assert sent["session"]["output_modalities"] == ["audio"]


def test_a_part_of_an_answer_has_its_bare_name():
    part = {"type": "output_audio", "transcript": ""}
    event = {"type": "response.content_part.added", **PART, "part": part}
    (shown,) = BetaClientDialect().to_client(event)

    assert shown["part"] == {"type": "audio", "transcript": ""}


# ---------------------------------------------------------------- transcription


def test_a_transcription_has_events_of_its_own_in_beta():
    dialect = BetaClientDialect()
    session = {"type": "transcription", "object": "realtime.transcription_session", "id": "s"}
    sound = {"audio": {"input": {"format": {"type": "audio/pcmu"}, "turn_detection": None}}}
    event = {"type": "session.created", "event_id": "e", "session": {**session, **sound}}
    (shown,) = dialect.to_client(event)

    assert shown["type"] == "transcription_session.created"
    assert shown["session"] == {
        "object": "realtime.transcription_session",
        "id": "s",
        "input_audio_format": "g711_ulaw",
        "turn_detection": None,
    }
    assert dialect.to_client({**event, "type": "session.updated"})[0]["type"] == (
        "transcription_session.updated"
    )


def test_a_transcription_asks_for_no_modalities():
    event = {"type": "transcription_session.update", "session": {"modalities": ["text"]}}

    assert BetaClientDialect().from_client(event) == [
        {"type": "session.update", "session": {"type": "transcription"}}
    ]


def test_a_transcription_of_a_beta_server_is_one_of_today():
    dialect = BetaServerDialect()
    kind = "transcription_session.created"
    (created,) = dialect.from_server({"type": kind, "session": beta_transcription()})
    (updated,) = dialect.to_server({"type": "session.update", "session": {"include": []}})
    (changed,) = dialect.to_server({"type": "session.update", "session": {"type": "realtime"}})

    assert (created["type"], created["session"]["type"]) == ("session.created", "transcription")
    assert updated["type"] == "transcription_session.update"
    assert changed["type"] == "session.update"


def test_a_new_session_may_be_asked_to_transcribe():
    wish = {"type": "session.update", "session": {"type": "transcription"}}

    assert BetaServerDialect().to_server(wish) == [
        {"type": "transcription_session.update", "session": {}}
    ]


# ---------------------------------------------------------------- servers of neither dialect


def test_a_server_of_mixed_dialect_comes_out_as_today():
    item = message("assistant", "audio")
    mixed = [
        {"type": "session.created", "session": beta_session(animation={"outputs": []})},
        created(message()),
        {**created(message()), "type": "conversation.item.done"},
        output_item("added", {**item, "id": "item_2", "status": "in_progress"}),
        created({**item, "id": "item_2", "status": "in_progress"}),
        {"type": "response.audio.delta", "item_id": "item_2", "delta": "AAAA"},
        {"type": "response.audio_timestamp.delta", "item_id": "item_2"},
        {**created({**item, "id": "item_2"}), "type": "conversation.item.done"},
        output_item("done", {**item, "id": "item_2"}),
        {"type": "response.done", "response": beta_response(status_details="over", usage={})},
    ]
    told = chained([BetaServerDialect().from_server], *mixed)

    assert kinds(told) == [
        "session.created",
        "conversation.item.added",
        "conversation.item.done",
        "response.output_item.added",
        "conversation.item.added",
        "response.output_audio.delta",
        "response.audio_timestamp.delta",
        "conversation.item.done",
        "response.output_item.done",
        "response.done",
    ]
    assert told[0]["session"]["animation"] == {"outputs": []}
    assert told[-1]["response"]["status_details"] == "over"


def test_a_server_of_today_may_say_a_bare_error():
    for step in (BetaServerDialect().from_server, BetaClientDialect().to_client):
        event = {"type": "error", "error": "something"}
        assert step(event) == [event]


# ---------------------------------------------------------------- errors


def error(param, **more):
    message = f"Unknown parameter: '{param}'."
    return {"type": "error", "error": {"message": message, "param": param, **more}}


def test_an_error_names_the_parameter_as_its_reader_knows_it():
    deep, flat = error("session.audio.output.voice"), error("session.voice")

    assert BetaClientDialect().to_client(deep) == [flat]
    assert BetaServerDialect().from_server(flat) == [deep]


def test_an_error_without_a_message_gets_none():
    event = {"type": "error", "error": {"param": "session.voice"}}
    (shown,) = BetaServerDialect().from_server(event)

    assert shown["error"] == {"param": "session.audio.output.voice"}


# ---------------------------------------------------------------- nothing raises

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def mutated(draw, dialect, side):
    """An event of which a field somewhere is missing or of another shape."""
    event = copy.deepcopy(draw(st.sampled_from(list(EXAMPLES[dialect, side].values()))))
    for _ in range(draw(st.integers(0, 3))):
        place = event
        while True:
            key = draw(
                st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
            )
            inner = place[key]
            if not isinstance(inner, dict | list) or not inner or draw(st.booleans()):
                break
            place = inner
        if draw(st.booleans()):
            place[key] = draw(JSON)
        elif isinstance(place, dict) and (place is not event or len(place) > 1):
            del place[key]
    return event


@settings(deadline=None)
@given(st.lists(mutated("beta", "server") | mutated("ga", "server"), max_size=8))
def test_no_event_of_a_server_makes_a_translator_raise_or_is_changed(events):
    before = copy.deepcopy(events)
    for step in (BetaServerDialect().from_server, BetaClientDialect().to_client):
        told = chained([step], *events)
        assert all(isinstance(each, dict) for each in told)

    assert repr(events) == repr(before)


@settings(deadline=None)
@given(st.lists(mutated("beta", "client") | mutated("ga", "client"), max_size=8))
def test_no_event_of_a_client_makes_a_translator_raise_or_is_changed(events):
    before = copy.deepcopy(events)
    for step in (BetaServerDialect().to_server, BetaClientDialect().from_client):
        assert len(chained([step], *events)) == len(events)

    assert repr(events) == repr(before)


@settings(deadline=None)
@given(JSON)
def test_a_type_may_be_anything(kind):
    event = {"type": kind}
    for step in (BetaServerDialect().from_server, BetaServerDialect().to_server):
        assert step(event)
    assert BetaClientDialect().from_client(event)
    BetaClientDialect().to_client(event)


def test_events_that_lack_what_they_are_about_pass_as_they_are():
    item = {"type": "response.output_item.added", "item": {"type": "message"}}
    assert BetaServerDialect().from_server(item) == [item]
    for shown in ({"type": "session.updated", "session": 1}, {"type": "response.done"}):
        assert BetaClientDialect().to_client(shown) == [shown]


def test_an_item_that_is_announced_late_keeps_its_place():
    dialect = BetaServerDialect()
    item = message("assistant", "audio", status="in_progress")
    dialect.from_server(created(item))
    dialect.from_server(output_item("added", item))

    assert dialect.from_server(output_item("done", item))[0]["previous_item_id"] == "item_0"


def test_an_item_may_be_told_of_twice():
    dialect = BetaServerDialect()
    item = message("assistant", "audio", status="in_progress")

    assert [len(dialect.from_server(created(item))) for _ in range(2)] == [1, 1]


# ---------------------------------------------------------------- names


def test_the_choice_of_beta_is_named_as_on_the_wire():
    assert BETA_HEADERS == {"OpenAI-Beta": "realtime=v1"}
    assert BETA_SUBPROTOCOL == "openai-beta.realtime-v1"


def test_the_dialect_module_names_all_that_others_need():
    assert is_beta_session(beta_session())
    assert param_to_beta(param_to_ga("session.voice")) == "session.voice"


@pytest.mark.parametrize("event", [{}, {"type": None}, {"type": ["x"]}, {"event_id": "event_1"}])
def test_what_has_no_name_passes_as_it_is(event):
    server, client = BetaServerDialect(), BetaClientDialect()

    for translate in (server.to_server, server.from_server, client.from_client, client.to_client):
        assert translate(event) == [event]


def test_an_update_without_a_session_passes_as_it_is():
    event = {"type": "session.update", "event_id": "event_1"}

    assert BetaServerDialect().to_server(event) == [event]
    assert kinds(BetaClientDialect().from_client(event)) == ["session.update"]
