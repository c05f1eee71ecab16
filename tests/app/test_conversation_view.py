from console.app.conversation_view import CallOutcome, ConversationView
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
