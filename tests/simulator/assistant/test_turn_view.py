from __future__ import annotations

from console.simulator.assistant import turn_view
from tests.simulator.turns import call, image, output, said, spoken, system, turn, typed


def last(made) -> turn_view.UserMessage:
    message = turn_view.last_user_message(made)
    assert message is not None
    return message


def test_the_last_user_message_is_typed_or_spoken():
    assert last(turn(typed("one"), spoken("two"))).text == "two"
    assert turn_view.last_user_message(turn(said("hello"))) is None


def test_speech_without_words_is_unheard():
    message = last(turn(spoken(None)))

    assert message.is_unheard
    assert message.text == ""


def test_an_image_is_noticed():
    assert last(turn(image("look"))).has_image


def test_system_messages_add_to_the_instructions():
    made = turn(system("Be brief."), instructions="Be kind.")

    assert turn_view.instructions(made) == "Be kind.\nBe brief."


def test_the_assistant_had_the_last_word():
    assert turn_view.is_waiting_for_user(turn("hi", said("hello")))
    assert not turn_view.is_waiting_for_user(turn(said("hello"), "hi"))
    assert not turn_view.is_waiting_for_user(turn())


def test_new_results_are_those_since_the_last_message_in_order():
    made = turn(
        "a", call("old", {}, "c0"), output(0, "c0"), said("done"), "b",
        call("first", {"x": 1}, "c1"), call("second", "not json", "c2"),
        output({"ok": True}, "c1"), output("plain", "c2"),
    )  # fmt: skip

    results = turn_view.new_results(made)

    assert [(each.name, each.arguments, each.output) for each in results] == [
        ("first", {"x": 1}, {"ok": True}),
        ("second", {}, "plain"),
    ]


def test_a_result_that_was_answered_is_not_new():
    assert turn_view.new_results(turn(call("a", {}), output(1), said("One."), "and now?")) == []


def test_an_output_without_its_call_is_a_result_all_the_same():
    assert turn_view.new_results(turn("a", output(5, "gone")))[0].name == "tool"


def test_calls_are_listed_with_their_arguments():
    made = turn(call("a", {"x": 1}), call("b", "[1"), call("c", "[1]"))

    assert turn_view.calls(made) == [("a", {"x": 1}), ("b", {}), ("c", {})]


def test_malformed_content_is_no_text():
    made = turn({"type": "message", "role": "user", "content": "loose"})

    assert last(made).text == ""
