from __future__ import annotations

import dataclasses
import json

import pytest

from console.simulator.assistant.chat_messages import NO_RESULT, SPOKEN, UNHEARD, messages, request
from tests.simulator import turns
from tests.simulator.turns import WEATHER, call, output, said, spoken, system, turn, typed


def written(*items, **settings):
    return dataclasses.replace(turn(*items, **settings), modality="text")


def test_everybody_keeps_their_part():
    turn_ = written("hello", said("Hi."), spoken("and you"), system("be kind"), instructions="Rule")

    assert messages(turn_) == [
        {"role": "system", "content": "Rule"},
        {"role": "user", "content": "hello"},
        {"role": "assistant", "content": "Hi."},
        {"role": "user", "content": "and you"},
        {"role": "system", "content": "be kind"},
    ]


def test_who_will_be_heard_is_told_so():
    assert messages(turn("hello", instructions="Rule"))[0]["content"] == f"Rule\n\n{SPOKEN}"
    assert messages(written("hello"))[0] == {"role": "user", "content": "hello"}


def test_what_could_not_be_understood_is_not_left_out():
    assert messages(written(spoken(None))) == [{"role": "user", "content": UNHEARD}]


def test_an_answer_that_was_cut_off_and_forgotten_is_no_message():
    cut = {**said(""), "content": [{"type": "output_audio", "transcript": None}]}

    assert messages(written("hello", cut)) == [{"role": "user", "content": "hello"}]


def test_images_go_along_with_their_text():
    content = [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA==", "detail": "low"},
        {"type": "input_image", "image_url": "data:image/png;base64,BB=="},
    ]
    (message,) = messages(written({"type": "message", "role": "user", "content": content}))

    assert message["content"] == [
        {"type": "text", "text": "What is it?"},
        {
            "type": "image_url",
            "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"},
        },
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,BB=="}},
    ]


def wire_call(call_id, name="get", arguments='{"a": 1}'):
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def tool_message(call_id, content):
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def test_calls_and_results_stand_together_though_something_was_said_meanwhile():
    turn_ = written(
        "go", call("get", {"a": 1}, "c1"), call("get", {"a": 1}, "c2"), "still there?",
        output("two", "c2"), output("one", "c1"),
    )  # fmt: skip

    assert messages(turn_) == [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": None, "tool_calls": [wire_call("c1"), wire_call("c2")]},
        tool_message("c1", "one"),
        tool_message("c2", "two"),
        {"role": "user", "content": "still there?"},
    ]


def test_what_was_said_with_a_call_is_one_message_with_it():
    found = messages(written("go", said("One moment."), call("get", {"a": 1}), output("x")))

    assert found[1] == {
        "role": "assistant",
        "content": "One moment.",
        "tool_calls": [wire_call("call_1")],
    }
    assert found[2] == tool_message("call_1", "x")


def test_a_second_round_of_calls_is_a_message_of_its_own():
    found = messages(
        written(
            call("get", {"a": 1}, "c1"), output("x", "c1"), call("get", {"a": 1}, "c2"),
            output("y", "c2"),
        )
    )  # fmt: skip

    assert [each["role"] for each in found] == ["assistant", "tool", "assistant", "tool"]


def test_a_call_without_its_result_gets_one_that_says_so():
    assert messages(written(call("get", {})))[-1] == tool_message("call_1", NO_RESULT)


def test_a_result_without_its_call_is_told_all_the_same():
    assert messages(written(output("sunny", "gone"))) == [
        {"role": "system", "content": "A tool has answered: sunny"}
    ]


@pytest.mark.parametrize("arguments", ["{broken", "[1]", "7"])
def test_arguments_that_are_no_object_are_made_one(arguments):
    (message, _) = messages(written(call("get", arguments)))

    sent = message["tool_calls"][0]["function"]["arguments"]
    assert json.loads(sent) == {"invalid_arguments": arguments}


def test_calls_of_a_server_are_calls_with_their_result():
    item = {"type": "mcp_call", "id": "mcp_1", "name": "get", "arguments": '{"a": 1}'}
    done = messages(written({**item, "output": "found"}))
    failed = messages(written({**item, "error": "no"}))

    assert done[0]["tool_calls"] == [wire_call("mcp_1")]
    assert (done[1], failed[1]) == (tool_message("mcp_1", "found"), tool_message("mcp_1", "no"))


def test_a_request_streams_and_has_tools_only_where_there_are_some():
    assert request(written("hi", tools=[]), "m") == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
    }


def test_tools_lose_the_realtime_form():
    mcp = {"type": "mcp", "server_label": "x"}
    body = request(written("hi", tools=[WEATHER, mcp]), "m")

    function = {name: WEATHER[name] for name in ("name", "description", "parameters")}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert body["tool_choice"] == "auto"
    assert "parallel_tool_calls" not in body


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("required", "required"),
        ("none", "none"),
        ({"type": "function", "name": "f"}, {"type": "function", "function": {"name": "f"}}),
        ({"type": "mcp", "server_label": "x"}, "auto"),
    ],
)
def test_the_choice_of_tools_is_passed_on(choice, sent):
    assert request(written("hi", tool_choice=choice), "m")["tool_choice"] == sent


def test_limits_are_passed_on():
    turn_ = dataclasses.replace(
        written(typed("hi")), max_output_tokens=50, parallel_tool_calls=False, tools=turns.TOOLS
    )
    body = request(turn_, "m")

    assert (body["max_completion_tokens"], body["parallel_tool_calls"]) == (50, False)
