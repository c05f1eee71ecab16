from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import re
import socket

import httpx
import pytest

from console.errors import BrainError, ConfigurationError
from console.simulator.assistant import chat_brain
from console.simulator.assistant.chat_brain import ChatBrain
from tests.fakes import ManualClock
from tests.simulator.chat_endpoint import DONE, chunk, endpoint
from tests.simulator.fake_senses import FakeSenses
from tests.simulator.serving import MANUAL, Talker, open_session, running
from tests.simulator.turns import WEATHER, turn

KEY = "sk-very-secret"


@contextlib.asynccontextmanager
async def asking(*script, key=None, **options):
    """A brain and the endpoint that it asks."""
    async with endpoint(*script, **options) as made:
        brain = ChatBrain(made.url, "tiny", key)
        try:
            yield brain, made
        finally:
            await brain.close()


async def answer(brain, turn_=None):
    async with asyncio.timeout(10):
        return [each async for each in brain.respond(turn_ or turn("hello"))]


async def refusal(*script, key=None, **options) -> BrainError:
    async with asking(*script, key=key, **options) as (brain, _):
        with pytest.raises(BrainError) as raised:
            await answer(brain)
    return raised.value


def sentences(replies):
    return [sentence for each in replies for sentence in each.sentences]


# ---------------------------------------------------------------- answers


async def test_an_answer_comes_sentence_by_sentence():
    script = (chunk("Hello "), chunk("there. How"), chunk(" are you?", finish="stop"), DONE)
    async with asking(*script) as (brain, _):
        replies = await answer(brain)

    assert sentences(replies) == ["Hello there.", "How are you?"]
    assert all(each.stop is None and not each.calls for each in replies)


async def test_the_first_sentence_is_there_while_the_rest_is_still_being_written():
    more = asyncio.Event()
    async with asking(chunk("One. Two"), more, chunk(".", finish="stop"), DONE) as (brain, _):
        pieces = brain.respond(turn("hello"))
        first = await anext(pieces)
        more.set()
        rest = [each async for each in pieces]

    assert (first.sentences, sentences(rest)) == (["One."], ["Two."])


async def test_bytes_may_be_cut_anywhere():
    stream = (
        chunk("\u00c7a va? Tr\u00e8s bien \U0001f44d.", finish="stop") + b": alive\r\n\r\n" + DONE
    )
    drip = [stream[at : at + 1] for at in range(len(stream))]
    async with asking(*drip) as (brain, _):
        replies = await answer(brain)

    assert sentences(replies) == ["\u00c7a va?", "Tr\u00e8s bien \U0001f44d."]


@pytest.mark.parametrize("end", [b"", DONE, b"data: [DONE]", b": bye\r\n"])
async def test_the_end_mark_may_be_missing_when_the_reason_has_come(end):
    async with asking(chunk("Yes.", finish="stop"), end) as (brain, _):
        assert sentences(await answer(brain)) == ["Yes."]


async def test_what_comes_after_the_end_mark_is_not_read():
    async with asking(chunk("Yes.", finish="stop"), DONE, b"data: {broken\n\n") as (brain, _):
        assert sentences(await answer(brain)) == ["Yes."]


async def test_an_empty_answer_is_one_without_pieces():
    async with asking(chunk(role="assistant", content=""), chunk(finish="stop"), DONE) as (
        brain,
        _,
    ):
        assert await answer(brain) == []


HALVES = "\ud83d", "\ude00"


def cut(*texts):
    return [b"data: " + json.dumps({"choices": [{"delta": {"content": each}}]}).encode() + b"\n\n"
            for each in texts]  # fmt: skip


@pytest.mark.parametrize("modality", ["audio", "text"])
async def test_a_character_that_came_in_two_halves_is_whole(modality):
    script = (*cut(f"Yes {HALVES[0]}", f"{HALVES[1]}."), chunk(finish="stop"), DONE)
    async with asking(*script) as (brain, _):
        replies = await answer(brain, dataclasses.replace(turn("hello"), modality=modality))

    said = "".join(each.text or " ".join(each.sentences) for each in replies)
    assert said == "Yes \U0001f600."


@pytest.mark.parametrize("texts", [("Yes ", HALVES[0]), ("Yes ", HALVES[1]), (f"Yes {HALVES[0]}",)])
async def test_half_a_character_does_not_cost_the_answer(texts):
    async with asking(*cut(*texts), chunk(finish="stop"), DONE) as (brain, _):
        assert sentences(await answer(brain)) == ["Yes \ufffd"]


async def test_half_a_character_in_an_error_or_a_call_is_marked():
    failed = {"error": {"message": f"No {HALVES[0]}"}}
    error = await refusal(b"data: " + json.dumps(failed).encode() + b"\n\n")
    call = {"id": "a", "function": {"name": "f", "arguments": {"x": HALVES[1]}}}
    async with asking(
        b"data: " + json.dumps({"choices": [{"delta": {"tool_calls": [call]}}]}).encode() + b"\n\n",
        chunk(finish="tool_calls"),
        DONE,
    ) as (brain, _):
        (called,) = await answer(brain)

    assert str(error).endswith("failed: No \ufffd")
    assert called.calls[0].arguments_json == '{"x":"\ufffd"}'


async def test_calls_come_whole_after_what_is_said_with_them():
    calls = [
        {"index": 0, "id": "a", "function": {"name": "get_weather", "arguments": '{"location":'}},
        {"index": 1, "id": "b", "function": {"name": "set_memory", "arguments": ""}},
    ]
    more = [
        {"index": 1, "function": {"arguments": "{oops"}},
        {"index": 0, "function": {"arguments": '"Rome"}'}},
    ]
    script = (
        chunk("One moment."), chunk(tool_calls=calls), chunk(tool_calls=more),
        chunk(finish="tool_calls"), DONE,
    )  # fmt: skip
    async with asking(*script) as (brain, _):
        said, called = await answer(brain)

    assert said.sentences == ["One moment."]
    assert [(each.name, each.arguments_json) for each in called.calls] == [
        ("get_weather", '{"location":"Rome"}'),
        ("set_memory", "{oops"),
    ]


@pytest.mark.parametrize(
    ("reason", "stop"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
async def test_an_answer_that_was_cut_says_why(reason, stop):
    async with asking(chunk("It is", finish=reason), DONE) as (brain, _):
        replies = await answer(brain)

    assert (sentences(replies), replies[-1].stop) == (["It is"], stop)


async def test_a_refusal_of_the_model_is_said():
    async with asking(chunk(refusal="I will not."), chunk(finish="stop"), DONE) as (brain, _):
        assert sentences(await answer(brain)) == ["I will not."]


async def test_line_breaks_are_kept_for_readers_and_dropped_for_listeners():
    script = (chunk("Two:\n- one\n\n- two", finish="stop"), DONE)
    async with asking(*script) as (brain, _):
        heard = await answer(brain)
        read = await answer(brain, dataclasses.replace(turn("hello"), modality="text"))

    assert sentences(heard) == ["Two:", "- one", "- two"]
    assert "".join(each.text for each in read) == "Two:\n- one\n\n- two"
    assert sentences(read) == []


async def test_a_reader_gets_each_piece_as_it_comes():
    more = asyncio.Event()
    written = dataclasses.replace(turn("hello"), modality="text")
    async with asking(chunk("On"), more, chunk("e. Tw"), chunk("o.", finish="stop"), DONE) as (
        brain,
        _,
    ):
        pieces = brain.respond(written)
        first = await anext(pieces)
        more.set()
        rest = [each async for each in pieces]

    assert first.text == "On"
    assert [each.text for each in rest] == ["e. Tw", "o."]


@pytest.mark.parametrize(("modality", "kept"), [("audio", ["One.", "Two and"]), ("text", [])])
async def test_what_was_said_before_the_stream_broke_is_kept(modality, kept):
    asked = dataclasses.replace(turn("hello"), modality=modality)
    replies = []
    async with asking(chunk("One. Two"), chunk(" and")) as (brain, _):

        async def listen() -> None:
            async for each in brain.respond(asked):
                replies.append(each)  # noqa: PERF401 - it raises in between

        with pytest.raises(BrainError, match="broke off"):
            await listen()

    assert sentences(replies) == kept
    assert "".join(each.text for each in replies) == ("" if kept else "One. Two and")


@pytest.mark.parametrize("modality", ["audio", "text"])
async def test_a_failed_response_keeps_what_was_said(modality):
    async with asking(chunk("One. Two"), chunk(" and")) as (brain, _):
        senses = FakeSenses()
        senses.brain = brain
        async with running(senses) as server, open_session(server) as connection:
            client = Talker(connection)
            await client.say("hello")
            response = {"output_modalities": [modality]}
            await client.send(type="response.create", response=response)
            events = await client.until("response.done")

    response = events[-1]["response"]
    (item,) = response["output"]
    (part,) = item["content"]
    assert (response["status"], item["status"]) == ("failed", "incomplete")
    assert part["text" if modality == "text" else "transcript"] == "One. Two and"


async def test_a_cancelled_response_keeps_what_was_written():
    never = asyncio.Event()
    async with asking(chunk("No sentence"), never) as (brain, _):
        senses = FakeSenses()
        senses.brain = brain
        async with running(senses) as server, open_session(server) as connection:
            client = Talker(connection)
            await client.say("hello")
            await client.send(type="response.create", response={"output_modalities": ["text"]})
            await client.until("response.output_text.delta")
            await client.send(type="response.cancel")
            events = await client.until("response.done")

    response = events[-1]["response"]
    assert response["status"] == "cancelled"
    assert [part["text"] for part in response["output"][0]["content"]] == ["No sentence"]


async def test_chunks_without_a_choice_mean_nothing():
    odd = [b'data: {"usage": {"total_tokens": 3}}\n\n', b'data: {"choices": []}\n\n',
           b'data: {"choices": [null]}\n\n', b'data: {"choices": [{"delta": null}]}\n\n',
           b'data: {"choices": [{"delta": {"content": 5, "tool_calls": [null]}}]}\n\n']  # fmt: skip
    async with asking(*odd, chunk("Yes.", finish="stop"), DONE) as (brain, _):
        assert sentences(await answer(brain)) == ["Yes."]


# ---------------------------------------------------------------- the request


@pytest.mark.parametrize("end", ["", "/", "/chat/completions", "/chat/completions/"])
async def test_the_address_may_be_the_base_or_the_whole(end):
    async with endpoint(chunk("Yes.", finish="stop"), DONE) as made:
        brain = ChatBrain(made.url + end, "tiny")
        await answer(brain)
        await brain.close()

    assert made.paths == ["/v1/chat/completions"]


async def test_model_key_and_tools_are_sent():
    async with asking(chunk("Yes.", finish="stop"), DONE, key=KEY) as (brain, made):
        await answer(brain, turn("hello", tools=[WEATHER]))

    (sent,), (headers,) = made.requests, made.headers
    assert (sent["model"], sent["stream"]) == ("tiny", True)
    assert sent["messages"][-1] == {"role": "user", "content": "hello"}
    assert sent["tools"][0]["function"]["name"] == "get_weather"
    assert headers["authorization"] == f"Bearer {KEY}"


async def test_without_a_key_none_is_sent():
    async with asking(chunk("Yes.", finish="stop"), DONE) as (brain, made):
        await answer(brain)

    assert "authorization" not in made.headers[0]


async def test_leaving_the_answer_closes_the_request_at_once():
    never = asyncio.Event()
    async with asking(chunk("One. Two"), never) as (brain, made):
        pieces = brain.respond(turn("hello"))
        await anext(pieces)
        await pieces.aclose()
        async with asyncio.timeout(5):
            await made.hung_up.wait()


async def test_cancelling_the_task_closes_the_request_at_once():
    never = asyncio.Event()
    async with asking(chunk("One. Two"), never) as (brain, made):
        begun = asyncio.Event()

        async def listen() -> None:
            async with contextlib.aclosing(brain.respond(turn("hello"))) as pieces:
                async for _ in pieces:
                    begun.set()

        task = asyncio.ensure_future(listen())
        await begun.wait()
        task.cancel()
        async with asyncio.timeout(5):
            await made.hung_up.wait()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_client_that_was_given_is_left_open():
    async with httpx.AsyncClient(trust_env=False) as http:
        async with endpoint(chunk("Yes.", finish="stop"), DONE) as made:
            brain = ChatBrain(made.url, "tiny", http=http)
            assert sentences(await answer(brain)) == ["Yes."]
            await brain.close()
        assert not http.is_closed


def test_every_message_is_understood_for_all_that_is_known():
    assert ChatBrain("http://127.0.0.1/v1", "tiny").understands(turn("gibberish"))


# ---------------------------------------------------------------- what goes wrong


def error_body(message="No.", **fields):
    return json.dumps({"error": {"message": message, **fields}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "code", "sentence"),
    [
        (401, error_body(), "server_error", "The key was refused"),
        (403, b"<html>", "server_error", r"The key was refused by .* \(HTTP 403\)\."),
        (404, error_body("no such model"), "server_error", "--brain-model tiny.*no such model"),
        (429, error_body(), "rate_limit_exceeded", "Too many requests"),
        (429, error_body(code="insufficient_quota"), "insufficient_quota", "quota is used up"),
        (429, error_body(type="insufficient_quota"), "insufficient_quota", "quota is used up"),
        (400, b'{"error": "bad thing"}', "server_error", "HTTP 400 .* bad thing"),
        (500, b"", "server_error", "HTTP 500"),
        (503, b"[1]", "server_error", "HTTP 503"),
        (302, b"", "server_error", "redirect"),
    ],
)
async def test_a_refusal_is_told_by_its_cause(status, body, code, sentence):
    error = await refusal(body, status=status, kind="application/json",
                          more="Location: http://127.0.0.1:9/\r\n")  # fmt: skip

    assert error.code == code
    with pytest.raises(BrainError, match=sentence):
        raise error


async def test_a_refusal_of_any_size_becomes_one_sentence():
    error = await refusal(error_body("x" * 10_000_000), status=500, kind="application/json")

    assert len(str(error)) < 500


async def test_the_key_is_not_repeated_even_where_the_endpoint_does():
    echo = error_body(f"Incorrect API key: {KEY}")
    refused = await refusal(echo, status=401, kind="application/json", key=KEY)
    failed = await refusal(b"data: " + echo + b"\n\n", key=KEY)

    assert KEY not in f"{refused} {failed}"
    assert "***" in str(refused)


@pytest.mark.parametrize("size", [1, 5, 60])
@pytest.mark.parametrize("modality", ["text", "audio"])
async def test_an_answer_that_spells_the_key_does_not_tell_it(modality, size):
    said = f"It is {KEY}, I think. Not sk-very-much"
    call = [{"index": 0, "id": "c", "function": {"name": "tell", "arguments": f'{{"k":"{KEY}"}}'}}]
    pieces = [chunk(said[at : at + size]) for at in range(0, len(said), size)]
    script = (*pieces, chunk(tool_calls=call), chunk(finish="tool_calls"), DONE)
    async with asking(*script, key=KEY) as (brain, _):
        replies = await answer(brain, dataclasses.replace(turn("hello"), modality=modality))

    told = " ".join(sentences(replies)) or "".join(each.text for each in replies)
    assert re.fullmatch(r"It is (s|sk)?\[secret\], I think. Not sk-very-much", told)
    (called,) = (call for each in replies for call in each.calls)
    assert called.arguments_json == '{"k":"[secret]"}'


@pytest.mark.parametrize(
    ("stream", "sentence"),
    [
        (chunk("It is"), "broke off"),
        (b"", "broke off"),
        (b"data: {broken\n\n", "no valid JSON"),
        (b"data: 7\n\n", "no valid JSON"),
        (b'data: {"error": "overloaded"}\n\n', "failed: overloaded"),
        (b'data: {"error": {"code": 7}}\n\n', "no reason was given"),
    ],
)
async def test_a_stream_that_breaks_is_told_by_its_cause(stream, sentence):
    error = await refusal(stream)

    assert sentence in str(error)
    assert error.code == "server_error"


async def test_an_error_in_the_stream_keeps_the_code_that_the_service_has_too():
    error = await refusal(b"data: " + error_body(code="rate_limit_exceeded") + b"\n\n")

    assert error.code == "rate_limit_exceeded"


async def test_a_body_that_is_shorter_than_announced_is_a_broken_answer():
    error = await refusal(chunk("It is"), more="Content-Length: 100000\r\n")

    assert "broke off" in str(error)


async def test_what_is_no_stream_is_named():
    error = await refusal(b'{"choices": []}', kind="application/json; charset=utf-8")

    assert "application/json instead of text/event-stream" in str(error)


async def test_an_endpoint_that_is_not_there_is_named():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    brain = ChatBrain(f"http://127.0.0.1:{port}/v1", "tiny")
    with pytest.raises(BrainError, match=rf"127\.0\.0\.1:{port} cannot be reached"):
        await answer(brain)
    await brain.close()


async def test_an_endpoint_that_says_nothing_is_not_waited_for_for_ever():
    never = asyncio.Event()
    async with (
        httpx.AsyncClient(trust_env=False, timeout=0.05) as http,
        endpoint(never) as made,
    ):
        with pytest.raises(BrainError, match="did not answer in time"):
            await answer(ChatBrain(made.url, "tiny", http=http))


async def test_an_answer_without_an_end_is_given_up():
    clock = ManualClock()
    never = asyncio.Event()
    async with endpoint(chunk("One. Two"), never, chunk(" more"), never) as made:
        brain = ChatBrain(made.url, "tiny", clock=clock)
        pieces = brain.respond(turn("hello"))
        await anext(pieces)
        await clock.advance(chat_brain.ANSWER_TIMEOUT_S + 1)
        never.set()
        assert (await anext(pieces)).sentences == ["Two"]
        with pytest.raises(BrainError, match="within 5 minutes"):
            await anext(pieces)
        await brain.close()


async def test_an_answer_that_is_far_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(chat_brain, "MAX_ANSWER_BYTES", 20_000)
    error = await refusal(*[chunk("x" * 500)] * 50)

    assert "too long" in str(error)


@pytest.mark.parametrize(
    ("key", "shown"), [("x", "Expect no key *** here."), (KEY, "Expect no key x here.")]
)
async def test_a_key_of_a_letter_or_two_leaves_the_words_whole(key, shown):
    error = await refusal(
        error_body("Expect no key x here."), status=400, kind="application/json", key=key
    )

    assert shown in str(error)


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("localhost:11434", "no web address"),
        ("ftp://example.org/v1", "no web address"),
        ("http://", "no web address"),
        ("http://[bad/v1", "Invalid IPv6"),
        ("http://127.0.0.1:99999/v1", "Port out of range"),
        ("http://me:secret@127.0.0.1/v1", "leave user names"),
        ("http://example.org/v1", "unencrypted"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url, sentence):
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        ChatBrain(url, "tiny", KEY)
    assert KEY not in str(refused.value)


def test_an_endpoint_of_the_network_may_do_without_a_key():
    ChatBrain("http://example.org/v1", "tiny")
    ChatBrain("https://example.org/v1", "tiny", KEY)


def test_a_model_is_needed():
    with pytest.raises(ConfigurationError, match="--brain-model"):
        ChatBrain("http://127.0.0.1/v1", " ")


# ---------------------------------------------------------------- in a session


async def test_a_session_speaks_what_the_endpoint_writes():
    senses = FakeSenses()
    async with asking(chunk("One. Two.", finish="stop"), DONE) as (brain, _):
        senses.brain = brain
        async with running(senses) as server, open_session(server) as connection:
            talker = Talker(connection)
            await talker.send(type="session.update", session=MANUAL)
            await talker.say("hello")
            await talker.send(type="response.create")
            events = await talker.until("response.done")

    assert events[-1]["response"]["status"] == "completed"
    assert events[-1]["response"]["output"][0]["content"][0]["transcript"] == "One. Two."


async def test_a_response_fails_with_the_code_of_its_cause():
    senses = FakeSenses()
    body = error_body(code="insufficient_quota")
    async with asking(body, status=429, kind="application/json") as (brain, _):
        senses.brain = brain
        async with running(senses) as server, open_session(server) as connection:
            talker = Talker(connection)
            await talker.say("hello")
            await talker.send(type="response.create")
            done = (await talker.until("response.done"))[-1]["response"]

    assert done["status"] == "failed"
    assert done["status_details"]["error"]["code"] == "insufficient_quota"
