from dataclasses import replace

from console.app.conversation_view import MAX_APART, ConversationView
from console.app.item_view import CallOutcome
from console.realtime.items import ContentPart, Item, ItemDelta
from console.realtime.mcp import McpError, McpTool


def spoken(item_id="item_1", text="Hello Ada", **fields):
    part = ContentPart("output_audio", transcript=text, audio=bytearray(48_000))
    part.received_bytes = 48_000
    return Item(item_id, "message", "assistant", "in_progress", content=[part], **fields)


def item_of(view, index=-1):
    return next(each for each in view.reader().snapshot() if each["k"] == "items")["items"][index]


def test_a_new_item_is_told_whole_with_the_order():
    view = ConversationView()
    reader = view.reader()

    view.update(spoken(), lambda: ["item_1"])

    (message,) = reader.changes()
    assert message["k"] == "items"
    assert message["order"] == ["item_1"]
    assert message["items"][0]["text"] == "Hello Ada"
    assert reader.changes() == []


def test_text_that_grows_is_told_as_what_was_appended():
    view = ConversationView()
    reader = view.reader()
    item = spoken(text="Hello")
    view.update(item, lambda: ["item_1"])
    reader.changes()

    for word in (" Ada", " again"):
        item.content[0].transcript += word
        view.update(item, lambda: ["item_1"], ItemDelta(transcript=word))

    assert reader.changes() == [{"k": "text", "deltas": [["item_1", " Ada again"]]}]
    assert item_of(view)["text"] == "Hello Ada again"


def test_text_that_grew_before_the_item_was_told_is_told_once():
    view = ConversationView()
    reader = view.reader()
    item = spoken(text="Hello")
    view.update(item, lambda: ["item_1"])
    item.content[0].transcript += " Ada"
    view.update(item, lambda: ["item_1"], ItemDelta(transcript=" Ada"))

    messages = reader.changes()

    assert [each["k"] for each in messages] == ["items"]
    assert messages[0]["items"][0]["text"] == "Hello Ada"


def test_an_interrupted_item_says_how_much_was_heard():
    view = ConversationView()
    item = spoken(text="one two three four")
    item.content[0].heard_ms = 500

    view.update(item, lambda: ["item_1"])

    shown = item_of(view)
    assert shown["cut"]
    assert shown["text"][: shown["heard"]] == "one two three"
    assert shown["heard_ms"] == 500


def test_a_failed_transcription_is_named_with_its_reason():
    view = ConversationView()
    part = ContentPart("input_audio", transcription="failed", transcription_error="no model")

    view.update(Item("item_1", "message", "user", "completed", content=[part]), lambda: ["item_1"])

    assert item_of(view)["note"] == "Transcription failed: no model"
    assert not item_of(view)["pending"]


def test_a_call_shows_what_came_of_it():
    view = ConversationView()
    call = Item("item_1", "function_call", name="get_weather", call_id="call_1", arguments="{}")
    view.update(call, lambda: ["item_1"])

    view.set_outcome("call_1", CallOutcome(output='{"a":1}', duration_ms=12.5))

    shown = item_of(view)
    assert (shown["output"], shown["duration_ms"]) == ('{"a":1}', 12.5)


def test_the_output_of_a_call_stands_with_the_call_and_not_beside_it():
    view = ConversationView()
    call = Item("item_1", "function_call", name="get_weather", call_id="call_1", arguments="{}")
    view.update(call, lambda: ["item_1"])
    view.set_outcome("call_1", CallOutcome(duration_ms=7.0))

    output = Item("item_2", "function_call_output", call_id="call_1", output="19 degrees")
    view.update(output, lambda: ["item_1", "item_2"])

    (shown,) = view.views()
    assert (shown.output, shown.duration_ms) == ("19 degrees", 7.0)


def test_an_output_without_its_call_is_an_item_of_its_own():
    view = ConversationView()

    output = Item("item_2", "function_call_output", call_id="call_1", output="19 degrees")
    view.update(output, lambda: ["item_2"])

    assert [each.output for each in view.views()] == ["19 degrees"]


def test_deleted_items_are_told_and_what_was_waiting_of_them_is_not():
    view = ConversationView()
    reader = view.reader()
    first, second = spoken("a"), spoken("b")
    view.update(first, lambda: ["a"])
    view.update(second, lambda: ["a", "b"])
    reader.changes()
    view.update(first, lambda: ["a", "b"], ItemDelta(transcript="!"))

    view.remove("a", lambda: ["b"])

    assert reader.changes() == [
        {"k": "removed", "ids": ["a"]},
        {"k": "items", "items": [], "order": ["b"]},
    ]


def test_clearing_is_told_before_what_comes_after_it():
    view = ConversationView()
    reader = view.reader()
    view.update(spoken("a"), lambda: ["a"])
    view.clear()
    view.update(spoken("b"), lambda: ["b"])

    assert [each["k"] for each in reader.changes()] == ["cleared", "items"]
    assert [each.id for each in view.views()] == ["b"]


def test_the_end_of_the_session_closes_what_was_going_on():
    view = ConversationView()
    asked = ContentPart("input_audio", transcription="pending")
    view.update(
        Item("a", "message", "user", "completed", content=[asked], is_done=True), lambda: ["a"]
    )
    view.update(spoken("b", text="one two three four"), lambda: ["a", "b"])
    done = spoken("c")
    done.is_done = True
    view.update(done, lambda: ["a", "b", "c"])

    view.end_session("b", 500)

    question, answer, untouched = view.views()
    assert not question.pending
    assert question.note is not None
    assert question.note.startswith("No transcript")
    assert (answer.status, answer.text[: answer.heard]) == ("incomplete", "one two three")
    assert answer.note is not None
    assert (untouched.status, untouched.note) == ("in_progress", None)


def test_a_turn_without_a_recognised_word_says_so():
    view = ConversationView()
    part = ContentPart("input_audio", transcript="", transcription="completed")

    view.update(Item("a", "message", "user", "completed", content=[part]), lambda: ["a"])

    assert item_of(view)["note"] == "No words were recognised."


def test_an_answer_that_was_heard_to_its_last_word_is_not_called_cut():
    view = ConversationView()
    item = spoken(text="one two")
    item.content[0].heard_ms = 990

    view.update(item, lambda: ["item_1"])

    assert not item_of(view)["cut"]


def test_the_length_of_a_running_answer_is_told_in_steps():
    view = ConversationView()
    reader = view.reader()
    item = spoken()
    view.update(item, lambda: ["item_1"])
    reader.changes()

    item.content[0].received_bytes += 48_000
    view.update(item, lambda: ["item_1"], ItemDelta(audio=bytes(48_000)))

    (message,) = reader.changes()
    assert message["items"][0]["audio_ms"] == 2_000


def request(item_id="mcpr_1"):
    return Item(
        item_id, "mcp_approval_request", name="add", arguments='{"a":1}', server_label="demo"
    )


def test_a_call_that_waits_for_approval_says_so():
    view = ConversationView()
    view.update(request(), lambda: ["mcpr_1"])

    shown = item_of(view)
    assert (shown["server"], shown["name"], shown["approval"]) == ("demo", "add", "pending")


def test_an_approval_is_shown_with_its_request():
    for approve, word in ((True, "approved"), (False, "denied")):
        view = ConversationView()
        view.update(request(), lambda: ["mcpr_1", "item_2"])
        answer = Item("item_2", "mcp_approval_response", approval_request_id="mcpr_1")
        answer.approve = approve
        view.update(answer, lambda: ["mcpr_1", "item_2"])

        assert [each.id for each in view.views()] == ["mcpr_1"]
        assert item_of(view)["approval"] == word


def test_what_waits_for_approval_cannot_be_decided_after_its_session():
    view = ConversationView()
    for each in (
        replace(request(), is_done=True),
        replace(request("mcpr_2"), is_done=True),
        Item("item_2", "mcp_approval_response", approval_request_id="mcpr_1", approve=True),
    ):
        view.update(each, lambda: ["mcpr_1", "mcpr_2"])
    reader = view.reader()

    view.end_session()

    (changed,) = [each for message in reader.changes() for each in message["items"]]
    assert (changed["id"], changed["approval"]) == ("mcpr_2", "lapsed")
    assert changed["note"] == "The session ended before this was decided."
    assert view.view("mcpr_1").approval == "approved"


def test_an_approval_without_its_request_stands_for_itself():
    view = ConversationView()
    answer = Item("item_2", "mcp_approval_response", approval_request_id="gone", approve=True)
    view.update(answer, lambda: ["item_2"])

    assert item_of(view)["id"] == "item_2"


def test_the_tools_of_a_server_are_listed_by_name():
    view = ConversationView()
    listed = Item("mcpl_1", "mcp_list_tools", server_label="demo", is_done=True)
    listed.tools = (McpTool("add"), McpTool("roll"))
    view.update(listed, lambda: ["mcpl_1"])

    assert item_of(view)["output"] == '["add","roll"]'


def test_a_call_that_failed_at_its_server_says_why():
    view = ConversationView()
    call = Item("mcp_1", "mcp_call", name="add", error=McpError("http_error", "gone", 404))
    view.update(call, lambda: ["mcp_1"])

    assert item_of(view)["error"] == "http error 404: gone"


def beside(item_id, text="Aside"):
    item = spoken(item_id, text)
    item.is_out_of_band = True
    return item


def shown_order(view):
    return [each.id for each in view.views()]


def test_items_outside_the_conversation_stand_where_they_came():
    view = ConversationView()
    reader = view.reader()
    view.update(spoken("a"), lambda: ["a"])
    view.update(beside("x"), lambda: ["a"])
    view.update(spoken("b"), lambda: ["a", "b"])
    view.update(beside("y"), lambda: ["a", "b"])

    assert shown_order(view) == ["a", "x", "b", "y"]
    (message,) = reader.changes()
    assert message["order"] == ["a", "x", "b", "y"]
    assert [each["apart"] for each in message["items"]] == [False, True, False, True]


def test_an_item_outside_stays_where_it_was_when_its_neighbour_goes():
    view = ConversationView()
    for item_id in ("a", "b"):
        view.update(spoken(item_id), lambda: ["a", "b"])
    view.update(beside("x"), lambda: ["a", "b"])
    view.update(spoken("c"), lambda: ["a", "b", "c"])

    view.remove("b", lambda: ["a", "c"])
    assert shown_order(view) == ["a", "x", "c"]

    view.remove("a", lambda: ["c"])
    assert shown_order(view) == ["x", "c"]


def test_an_item_that_comes_into_the_conversation_stands_in_its_order():
    view = ConversationView()
    view.update(spoken("a"), lambda: ["a"])
    aside = beside("x")
    view.update(aside, lambda: ["a"])

    aside.is_out_of_band = False
    view.update(aside, lambda: ["x", "a"])

    assert shown_order(view) == ["x", "a"]


def test_items_outside_stand_once_whatever_order_is_given():
    view = ConversationView()
    view.update(spoken("a"), lambda: ["a"])
    view.update(beside("x"), lambda: ["a"])
    view.update(spoken("b"), lambda: ["a", "b"])

    view.remove("b", lambda: ["a", "x"])

    assert shown_order(view) == ["a", "x"]


def test_a_failure_stands_behind_what_had_come_and_is_told_once():
    view = ConversationView()
    reader = view.reader()
    view.update(spoken("a"), lambda: ["a"])

    view.tell_failure("resp_1", "The answer failed: busy.", lambda: ["a"])
    view.update(spoken("b"), lambda: ["a", "b"])
    view.tell_failure("resp_1", "The answer failed: gone.", lambda: ["a", "b"])

    (message,) = reader.changes()
    assert message["order"] == ["a", "resp_1", "b"]
    told = next(each for each in message["items"] if each["id"] == "resp_1")
    assert (told["type"], told["role"], told["status"]) == ("response", "assistant", "incomplete")
    assert told["error"] == "The answer failed: gone."
    assert (told["text"], told["note"], told["apart"]) == ("", None, False)
    assert view.is_item("a")
    assert not view.is_item("resp_1")
    assert view.item("resp_1") is None


def test_a_failure_goes_with_the_session_and_can_be_taken_away():
    view = ConversationView()
    view.tell_failure("resp_1", "The answer failed: busy.", list)
    view.end_session()
    assert shown_order(view) == ["resp_1"]

    view.remove("resp_1", list)
    assert view.views() == []

    view.tell_failure("resp_1", "The answer failed: busy.", list)
    view.clear()
    assert view.views() == []


def test_items_outside_are_bounded_and_the_oldest_give_way():
    view = ConversationView()
    reader = view.reader()
    for n in range(MAX_APART + 1):
        view.update(beside(f"x{n}"), list)

    assert len(view.views()) == MAX_APART
    assert {"k": "removed", "ids": ["x0"]} in reader.changes()
    assert view.item("x0") is None


def test_how_far_an_item_was_heard_is_told_in_a_few_bytes():
    view = ConversationView()
    reader = view.reader()
    view.update(spoken(text="one two three four"), lambda: ["item_1"])
    reader.changes()

    view.set_played("item_1", 200, is_speaking=True)
    view.set_played("item_1", 500, is_speaking=True)

    place = {"id": "item_1", "played": 13, "played_ms": 500, "speaking": True}
    assert reader.changes() == [{"k": "playing", "places": [place]}]
    assert reader.changes() == []


def test_an_item_that_changes_while_it_is_played_keeps_its_place():
    view = ConversationView()
    reader = view.reader()
    item = spoken(text="one two three four")
    view.update(item, lambda: ["item_1"])
    view.set_played("item_1", 500, is_speaking=True)

    item.status = "completed"
    view.update(item, lambda: ["item_1"])

    (message,) = reader.changes()
    assert message["items"][0]["played"] == 13


def test_an_item_that_was_stopped_or_heard_out_speaks_no_more():
    view = ConversationView()
    view.update(spoken(text="one two three four"), lambda: ["item_1"])
    view.set_played("item_1", 500, is_speaking=True)

    view.stop_speaking("item_1")
    assert (view.view("item_1").played_ms, view.view("item_1").speaking) == (500, False)

    view.all_heard("item_1")
    assert view.view("item_1").played is None


def test_what_is_played_of_an_item_that_is_not_there_is_ignored():
    view = ConversationView()
    view.update(
        Item("t", "message", "user", content=[ContentPart("input_text", text="Hi")]), lambda: ["t"]
    )

    for item_id in ("t", "gone"):
        view.set_played(item_id, 500, is_speaking=True)
        view.stop_speaking(item_id)
        view.all_heard(item_id)

    assert view.view("t").played is None


def test_a_late_transcript_is_named_and_one_in_time_is_not():
    now_s = 100.0
    view = ConversationView(lambda: now_s)
    parts = [ContentPart("input_audio", transcription="pending") for _ in range(2)]
    items = [Item(f"u{n}", "message", "user", content=[part]) for n, part in enumerate(parts)]
    for item in items:
        view.update(item, lambda: ["u0", "u1"])

    for wait_s, item in zip((1.0, 5.5), items, strict=True):
        now_s = 100.0 + wait_s
        item.content[0].transcription, item.content[0].transcript = "completed", "Hi"
        view.update(item, lambda: ["u0", "u1"])

    assert [each.note for each in view.views()] == [
        None,
        "The transcript was late: it came 5.5 s after the turn.",
    ]


def test_a_call_that_nobody_answered_runs_no_more_when_the_session_has_ended():
    view = ConversationView()
    for call_id in ("answered", "open"):
        call = Item(call_id, "function_call", name="f", call_id=call_id, is_done=True)
        view.update(call, lambda: ["answered", "open"])
    view.set_outcome("answered", CallOutcome(output="7"))

    view.end_session()

    answered, unanswered = view.views()
    assert answered.note is None
    assert unanswered.note == "The session ended before this was answered."


def test_a_call_that_is_held_says_for_what_and_none_is_after_the_session():
    view = ConversationView()
    call = Item("item_1", "function_call", name="f", call_id="call_1", is_done=True)
    view.hold("call_1", "waits for a decision")
    view.update(call, lambda: ["item_1"])
    assert item_of(view)["note"] == "waits for a decision"

    view.hold("call_1", "")
    assert item_of(view)["note"] is None

    view.hold("call_1", "held for 3 s")
    view.end_session()
    view.hold("call_1", "")
    assert item_of(view)["note"] == "The session ended before this was answered."
