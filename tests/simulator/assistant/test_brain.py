from __future__ import annotations

from typing import Any

import orjson
import pytest

from console.simulator.assistant.brain import RuleBrain
from console.simulator.protocol.mcp_catalogue import CATALOGUE
from console.simulator.senses import BrainCall, BrainReply
from tests.simulator.fake_senses import FakeSenses
from tests.simulator.serving import Talker, open_session, running
from tests.simulator.turns import (
    STRING,
    TOOLS,
    WEATHER,
    call,
    image,
    output,
    said,
    spoken,
    tool,
    turn,
)

PARIS = {"lat": 48.8534, "lng": 2.3488, "location": "Paris"}
TIMER = tool("set_timer", "Starts a timer.", ["minutes"], minutes={"type": "integer"})


def respond(*items, **options) -> BrainReply:
    return RuleBrain().reply(turn(*items, **options))


def words(reply: BrainReply) -> str:
    return " ".join(reply.sentences)


@pytest.mark.parametrize(
    "text",
    [
        "what is the weather in Paris",
        "What's the weather like in Paris today?",
        "How is the whether in paris",
        "Is it raining in Paris?",
        "do I need an umbrella in Paris",
        "tell me the temperature for Paris please",
        "Paris weather",
    ],
)
def test_a_question_for_the_weather_calls_the_tool_with_the_coordinates(text):
    assert respond(text).calls == [BrainCall("get_weather", PARIS)]


def test_a_spoken_question_does_the_same():
    assert respond(spoken("what is the weather in paris")).calls == [
        BrainCall("get_weather", PARIS)
    ]


def test_and_in_another_city_asks_the_same_tool_again():
    before = ["weather in Rome", call("get_weather", {}), output({}), said("It is 20 °C.")]

    assert respond(*before, "and in Paris?").calls == [BrainCall("get_weather", PARIS)]


def test_the_weather_without_a_tool_is_refused_honestly():
    reply = respond("what is the weather in Paris", tools=[])

    assert not reply.calls
    assert "get_weather" in words(reply)


def test_the_weather_without_a_city_asks_for_one():
    reply = respond("what is the weather like today")

    assert not reply.calls
    assert not reply.understood
    assert "which city" in words(reply)


@pytest.mark.parametrize("text", ["weather in nowherecity", "what time is it in Nowherecity?"])
def test_an_unknown_city_is_named_as_such(text):
    reply = respond(text)

    assert not reply.calls
    assert not reply.understood
    assert reply.sentences[0] == "I do not know a city called Nowherecity."


def test_the_weather_in_two_cities_is_asked_for_at_once_and_told_together():
    asked = "weather in paris and tokyo"
    first, second = respond(asked).calls

    asked_for = [orjson.loads(each.arguments_json)["location"] for each in (first, second)]
    assert asked_for == ["Paris", "Tokyo"]
    told = respond(
        asked,
        call("get_weather", first.arguments, "1"),
        call("get_weather", second.arguments, "2"),
        output({"temperature": 12}, "1"),
        output({"temperature": 18}, "2"),
        instructions="Be brief.",
    )
    assert words(told) == "It is 12 °C in Paris right now. It is 18 °C in Tokyo right now."


def test_a_known_city_is_asked_for_while_the_unknown_one_is_named():
    reply = respond("weather in Paris and Atlantis")

    assert reply.calls == [BrainCall("get_weather", PARIS)]
    assert words(reply) == "I do not know a city called Atlantis."
    assert words(respond("what time is it in London and Atlantis")) == (
        "It is 2:05 PM in London. I do not know a city called Atlantis."
    )


def test_what_is_to_be_remembered_goes_to_the_memory():
    expected = [BrainCall("set_memory", {"key": "name", "value": "Ada"})]

    assert respond("remember that my name is Ada").calls == expected
    assert respond(spoken("remember that my name is ada")).calls == expected


def test_a_statement_to_remember_is_no_question_for_it():
    expected = [BrainCall("set_memory", {"key": "favorite_color", "value": "blue"})]

    assert respond("remember my favourite colour is blue").calls == expected
    assert respond("please remember that my favorite color is blue").calls == expected
    assert words(respond("my name is Ada", "remember my name")) == "Your name is Ada."


def test_without_a_memory_tool_it_is_kept_in_mind_only():
    assert "your name is Ada" in words(respond("my name is Ada", tools=[WEATHER]))


def test_a_misheard_name_is_not_remembered():
    reply = respond(spoken("remember that my name is a dog"))

    assert not reply.calls
    assert not reply.understood


def test_the_answer_comes_from_the_result():
    result = {
        "temperature": {"value": 19.4, "units": "°C"},
        "wind_speed": {"value": 17.9, "units": "km/h"},
    }
    reply = respond("weather in Paris", call("get_weather", PARIS), output(result))

    assert words(reply) == "It is 19.4 °C in Paris right now, with wind at 17.9 km/h."
    assert not reply.calls


def test_an_error_of_the_tool_is_told():
    reply = respond("weather in Paris", call("get_weather", PARIS), output({"error": "no network"}))

    assert words(reply) == "I could not get the weather for Paris: no network."


def test_all_results_are_told():
    reply = respond(
        "both", call("a", {}, "1"), call("b", {}, "2"), output("one", "1"), output("two", "2")
    )

    assert words(reply) == "The tool a says: one. The tool b says: two."


def test_instructions_shape_every_answer():
    instructions = "Always mention San Francisco. Answer shortly."

    for text in ("hello", "tell me a joke", "what time is it", "what is the sense of it all"):
        assert "San Francisco" in words(respond(text, instructions=instructions))
    assert len(respond("how are you", instructions="Answer shortly.").sentences) == 1


def test_a_brief_assistant_still_counts_to_the_end():
    assert words(respond("count to seven", instructions="Be brief.")).endswith("Six, seven.")


@pytest.mark.parametrize("text", ["tell me a joke", "tell me a long story", "help", "who are you"])
def test_a_brief_assistant_says_one_short_sentence(text):
    (sentence,) = respond(text, instructions="Answer shortly.").sentences

    assert len(sentence.split()) <= 15


@pytest.mark.parametrize("item", [str, spoken])
def test_what_the_user_wants_of_answers_is_promised_and_kept(item):
    wishes = [item("always mention San Francisco"), said("All right."), item("answer shortly")]

    assert words(respond(wishes[0])) == "All right, I will always mention San Francisco."
    assert words(respond(*wishes)).startswith("All right, I will answer shortly.")
    joke = respond(*wishes, said("All right."), item("tell me a joke"))
    assert len(joke.sentences) == 2
    assert "San Francisco" in joke.sentences[1]


def test_what_is_always_mentioned_sounds_different_the_next_time():
    wanted = {"instructions": "Always mention San Francisco."}
    first = respond("how are you", **wanted)
    second = respond("how are you", said(words(first)), "how are you", **wanted)

    assert first.sentences[-1] != second.sentences[-1]


def test_own_tools_are_called_by_their_name():
    assert respond("set a timer for five minutes", tools=[TIMER]).calls == [
        BrainCall("set_timer", {"minutes": 5})
    ]


def test_own_tools_come_before_what_the_assistant_can_do_itself():
    clock = tool("get_time", "Tells the time.")

    assert respond("what time is it", tools=[clock]).calls == [BrainCall("get_time", {})]


def test_a_tool_is_never_called_without_what_it_requires():
    reply = respond("set a timer", tools=[TIMER])

    assert not reply.calls
    assert "minutes" in words(reply)


def test_tool_choice_none_calls_nothing():
    reply = respond("what is the weather in Paris", tool_choice="none")

    assert not reply.calls
    assert reply.sentences


def test_tool_choice_can_name_the_tool():
    chosen = {"type": "function", "name": "set_memory"}
    reply = respond("my name is Ada", tools=TOOLS, tool_choice=chosen)

    assert reply.calls == [BrainCall("set_memory", {"key": "name", "value": "Ada"})]


def test_a_named_tool_without_its_arguments_is_asked_for_them():
    reply = respond("hello", tool_choice={"type": "function", "name": "get_weather"})

    assert not reply.calls
    assert "lat" in words(reply)


def test_a_named_tool_that_does_not_exist_is_said_to_be_missing():
    reply = respond("hello", tool_choice={"type": "function", "name": "nothing"})

    assert "no such tool" in words(reply)


def test_tool_choice_required_calls_a_tool_that_can_be_filled():
    note = tool("log", "", ["text"], text=STRING)

    assert respond("hello there", tools=[WEATHER, note], tool_choice="required").calls == [
        BrainCall("log", {"text": "hello there"})
    ]
    assert respond("weather in Paris", tool_choice="required").calls[0].name == "get_weather"


def test_tool_choice_required_with_nothing_to_give_says_so():
    reply = respond("hello", tools=[WEATHER], tool_choice="required")

    assert not reply.calls
    assert not reply.understood


def test_a_result_is_answered_in_words_even_if_tools_are_required():
    reply = respond("x", call("log", {}), output({"ok": True}), tool_choice="required")

    assert reply.sentences
    assert not reply.calls


def test_what_is_not_understood_is_refused_with_a_suggestion():
    reply = respond("what is the meaning of life")

    assert not reply.understood
    assert "weather in Paris" in words(reply)


def test_speech_without_words_was_not_caught():
    reply = respond(spoken(None))

    assert not reply.understood
    assert "did not catch" in words(reply)


def test_an_image_cannot_be_seen():
    assert "cannot see images" in words(respond(image()))
    assert "cannot see images" in words(respond(image("what is this")))
    assert respond(image("tell me a joke")).understood


def test_an_empty_conversation_is_greeted():
    assert words(respond()).startswith("Hello!")


def test_after_its_own_last_word_the_assistant_offers_more():
    assert "anything else" in words(respond("hello", said("Hello!")))


def test_the_same_turn_gives_the_same_answer():
    asked = turn("tell me a joke", said("x"), "another joke")

    assert RuleBrain().reply(asked) == RuleBrain().reply(asked)


@pytest.mark.parametrize("text", ["stop", "please stop", "that's enough", "be quiet"])
def test_a_stop_is_obeyed_in_one_word(text):
    assert words(respond(text)) == "Okay."


@pytest.mark.parametrize(
    "text", ["\U0001f600", "?!", "a" * 5000, "🙂 hello 🙂", "in in in in", "my is"]
)
def test_odd_input_gets_an_answer(text):
    assert respond(text).sentences


@pytest.mark.parametrize(
    "item",
    [
        {"type": "message", "role": "user"},
        {"type": "message", "role": "user", "content": None},
        {"type": "message", "role": "user", "content": [None, 5, {}]},
        {"type": "mcp_call"},
        {},
    ],
)
def test_odd_items_get_an_answer(item):
    assert respond(item).sentences


async def test_a_tool_of_a_server_asks_for_approval_is_called_and_answered():
    senses: Any = FakeSenses()
    senses.brain = RuleBrain()
    server_tools = {
        "type": "mcp", "server_label": "demo", "server_url": "https://127.0.0.1/mcp",
        "require_approval": "always",
    }  # fmt: skip
    async with running(senses) as server, open_session(server) as connection:
        client = Talker(connection)
        session = {"type": "realtime", "output_modalities": ["text"], "tools": [server_tools]}
        await client.send(type="session.update", session=session)
        await client.say("Add two and three")
        await client.send(type="response.create")
        (request,) = (await client.until("response.done"))[-1]["response"]["output"]
        approval = {
            "type": "mcp_approval_response", "approval_request_id": request["id"], "approve": True,
        }  # fmt: skip
        await client.send(type="conversation.item.create", item=approval)
        await client.send(type="response.create")
        call, message = (await client.until("response.done"))[-1]["response"]["output"]

    assert (request["type"], request["arguments"]) == ("mcp_approval_request", '{"a":2,"b":3}')
    assert (call["type"], call["output"]) == ("mcp_call", '{"sum":5}')
    assert "5" in message["content"][0]["text"]


MCP_TOOLS = [
    {
        "type": "function",
        "name": each.name,
        "description": each.description,
        "parameters": each.input_schema,
    }
    for each in CATALOGUE
]


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("What is two plus three?", "add_numbers", {"a": 2, "b": 3}),
        ("What's 2+3?", "add_numbers", {"a": 2, "b": 3}),
        ("Two plus three", "add_numbers", {"a": 2, "b": 3}),
        ("What is the sum of four and nine?", "add_numbers", {"a": 4, "b": 9}),
        ("Please add five and six", "add_numbers", {"a": 5, "b": 6}),
        ("What is twelve plus minus seven?", "add_numbers", {"a": 12, "b": -7}),
        ("Roll a die", "roll_dice", {}),
        ("Throw two dice", "roll_dice", {"count": 2}),
        ("How many words are in 'the quick fox'?", "count_words", {"text": "the quick fox"}),
        ("Make a note to call Ada", "keep_note", {"text": "call Ada"}),
    ],
)
@pytest.mark.parametrize("more", [[], TOOLS])
def test_what_the_servers_tools_do_may_be_asked_for_in_ones_own_words(text, name, arguments, more):
    (made,) = respond(text, tools=MCP_TOOLS + more).calls

    assert (made.name, made.arguments) == (name, arguments)


def test_counting_is_no_adding():
    reply = respond("Count to five", tools=MCP_TOOLS)

    assert not reply.calls
    assert "five" in " ".join(reply.sentences)
