"""Function calls of the model: run, answered, and one response asked for."""

import asyncio
import math
import threading
from typing import Any

import orjson
import pytest

from console.client.client import RealtimeClient
from console.client.happenings import ToolCalled
from console.errors import ToolError
from console.tools.registry import Tool
from tests.client.conftest import connect
from tests.fakes import FakeTransport, settle

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}


def call(item_id: str, name: str, arguments: str = "{}", **item: Any) -> dict[str, Any]:
    return {
        "id": item_id,
        "type": "function_call",
        "status": "completed",
        "name": name,
        "call_id": f"call_{item_id}",
        "arguments": arguments,
        **item,
    }


def respond(
    transport: FakeTransport,
    *calls: dict[str, Any],
    status: str = "completed",
    response_id: str = "r",
    conversation_id: str | None = "c",
) -> None:
    """Let the model call."""
    response = {"id": response_id, "conversation_id": conversation_id}
    transport.deliver("response.created", response={**response, "status": "in_progress"})
    for each in calls:
        transport.deliver("response.output_item.done", response_id=response_id, item=each)
    transport.deliver(
        "response.done", response={**response, "status": status, "output": list(calls)}
    )


async def give(client: RealtimeClient, transport: FakeTransport, *tools: Tool) -> None:
    for tool in tools:
        await client.add_tool(tool)
        await transport.expect("session.update")


async def output(transport: FakeTransport) -> tuple[str, Any]:
    """Return the call id and the answer of the next output."""
    item = (await transport.expect("conversation.item.create"))["item"]
    assert item["type"] == "function_call_output"
    return item["call_id"], orjson.loads(item["output"])


class Gate:
    """A tool that answers when it is let."""

    def __init__(self, name: str = "gate") -> None:
        self.is_open = asyncio.Event()
        self.has_begun = asyncio.Event()
        self.tool = Tool(name, "Waits.", handler=self._wait)

    async def _wait(self) -> str:
        self.has_begun.set()
        await self.is_open.wait()
        return "through"


@pytest.fixture
def told(client: RealtimeClient) -> list[ToolCalled]:
    values: list[ToolCalled] = []
    client.on("tool.called", values.append)
    return values


async def test_a_call_is_run_answered_and_followed_by_one_response(
    connected, transport, told, clock
):
    async def echo(text: str) -> dict[str, str]:
        await clock.sleep(2)
        return {"said": text}

    await give(connected, transport, Tool("echo", "Echoes.", handler=echo, parameters=TEXT))

    respond(transport, call("f", "echo", '{"text":"hi"}'))
    await clock.advance(2)

    assert await output(transport) == ("call_f", {"said": "hi"})
    await transport.expect("response.create")
    assert told == [
        ToolCalled("started", "call_f", "f", "echo", '{"text":"hi"}'),
        ToolCalled(
            "finished",
            "call_f",
            "f",
            "echo",
            '{"text":"hi"}',
            result={"said": "hi"},
            duration_s=2,
            was_sent=True,
        ),
    ]


async def test_one_response_is_asked_for_after_all_parallel_calls_have_answered(
    connected, transport
):
    slow, quick = Gate("slow"), Gate("quick")
    await give(connected, transport, slow.tool, quick.tool)
    respond(transport, call("f", "slow"), call("g", "quick"))
    await slow.has_begun.wait()
    await quick.has_begun.wait()

    quick.is_open.set()
    first = await output(transport)
    await transport.finish()
    slow.is_open.set()
    second = await output(transport)

    assert (first, second) == (("call_g", "through"), ("call_f", "through"))
    await transport.expect("response.create")


@pytest.mark.parametrize("status", ["cancelled", "incomplete", "failed"])
async def test_calls_of_a_response_that_was_cut_short_are_not_run(
    connected, transport, told, status
):
    await give(connected, transport, Tool("look", "Looks.", handler=lambda: "seen"))

    respond(transport, call("f", "look"), status=status)
    await settle()

    assert told == []


async def test_an_incomplete_call_is_not_run(connected, transport, told):
    await give(connected, transport, Tool("look", "Looks.", handler=lambda: "seen"))

    respond(transport, call("f", "look", status="incomplete"))
    await settle()

    assert told == []


async def test_calls_out_of_band_are_left_to_the_application(connected, transport, told):
    await give(connected, transport, Tool("look", "Looks.", handler=lambda: "seen"))

    respond(transport, call("f", "look"), conversation_id=None)
    await settle()

    assert told == []


async def test_a_call_is_answered_once_however_often_it_is_told(connected, transport, told):
    await give(connected, transport, Tool("look", "Looks.", handler=lambda: "seen"))
    respond(transport, call("f", "look"))
    await output(transport)
    await transport.expect("response.create")

    respond(transport, call("f", "look"))
    respond(transport, call("again", "look", call_id="call_f"), response_id="r2")
    await settle()

    assert [each.phase for each in told] == ["started", "finished"]


def fail_in_words() -> None:
    raise ToolError("The glass is empty.")


def fail_otherwise() -> None:
    raise KeyError("glass")


async def hang() -> None:
    await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("nobody", "{}", "There is no tool named 'nobody'. Known tools: words, other, hang, echo"),
        ("words", "{}", "The glass is empty."),
        ("other", "{}", "other failed: KeyError: 'glass'"),
        ("hang", "{}", "hang did not answer within 0.01 s."),
        ("echo", "{", "The arguments of echo are not JSON"),
        ("echo", "{}", "The arguments of echo do not fit: 'text' is missing."),
        ("echo", '{"text":1}', "The arguments of echo do not fit: 'text' must be a string."),
        ("echo", "[]", "The arguments of echo do not fit: the arguments must be an object."),
        ("strange", "{}", "strange answered what JSON cannot carry"),
        ("rate", "{}", "rate answered what JSON cannot carry: 'bid' is NaN."),
    ],
)
async def test_a_call_that_fails_becomes_an_error_for_the_model_and_a_line_in_the_log(
    connected, transport, told, caplog, name, arguments, error
):
    caplog.set_level("INFO")
    await give(
        connected,
        transport,
        Tool("words", "Fails.", handler=fail_in_words),
        Tool("other", "Fails.", handler=fail_otherwise),
        Tool("hang", "Hangs.", handler=hang, timeout_s=0.01),
        Tool("echo", "Echoes.", handler=lambda text: text, parameters=TEXT),
        Tool("strange", "Is strange.", handler=object),
        Tool("rate", "Is none.", handler=lambda: {"bid": math.nan}),
    )

    respond(transport, call("f", name, arguments))

    call_id, answer = await output(transport)
    await transport.expect("response.create")
    assert call_id == "call_f"
    assert list(answer) == ["error"]
    assert answer["error"].startswith(error)
    assert told[-1].error == answer["error"]
    assert answer["error"] in caplog.text


async def test_a_tool_that_fails_does_not_keep_the_others_from_answering(connected, transport):
    await give(
        connected,
        transport,
        Tool("other", "Fails.", handler=fail_otherwise),
        Tool("look", "Looks.", handler=lambda: "seen"),
    )

    respond(transport, call("f", "other"), call("g", "look"))

    answers = dict([await output(transport), await output(transport)])
    await transport.expect("response.create")
    assert answers["call_g"] == "seen"
    assert "error" in answers["call_f"]


async def test_after_an_interruption_the_answer_is_sent_and_no_response_asked_for(
    connected, transport, told
):
    gate = Gate()
    await give(connected, transport, gate.tool)
    respond(transport, call("f", "gate"))
    await gate.has_begun.wait()

    transport.deliver("input_audio_buffer.speech_started", item_id="u", audio_start_ms=0)
    await settle()
    gate.is_open.set()

    assert await output(transport) == ("call_f", "through")
    await transport.finish()
    assert told[-1].was_sent


async def test_cancelling_asks_for_no_response_to_calls_either(connected, transport):
    gate = Gate()
    await give(connected, transport, gate.tool)
    respond(transport, call("f", "gate"))
    await gate.has_begun.wait()

    await connected.cancel_response()
    gate.is_open.set()

    await output(transport)


async def test_an_answer_that_comes_after_the_session_is_not_sent_to_the_next(
    connected, transport, told, network
):
    ended = asyncio.Event()

    async def stubborn() -> str:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            await ended.wait()
        return "late"

    await give(connected, transport, Tool("stubborn", "Stays.", handler=stubborn))
    respond(transport, call("f", "stubborn"))
    await settle()
    await connected.disconnect()
    again = FakeTransport()
    network.open_line = again.open
    await connect(connected, again)

    ended.set()
    await settle()

    await again.finish()
    assert (told[-1].phase, told[-1].was_sent) == ("finished", False)
    await connected.disconnect()


async def test_a_call_that_runs_when_the_session_ends_is_told_as_given_up(
    connected, transport, told
):
    gate = Gate()
    await give(connected, transport, gate.tool)
    respond(transport, call("f", "gate"))
    await gate.has_begun.wait()

    transport.hang_up(1001)
    await settle()

    assert told[-1].error == "The session ended before it answered."
    assert not told[-1].was_sent


async def test_the_response_waits_for_another_that_is_being_made(connected, transport):
    gate = Gate()
    await give(connected, transport, gate.tool)
    respond(transport, call("f", "gate"))
    await gate.has_begun.wait()
    transport.deliver("response.created", response={"id": "r2", "conversation_id": "c"})
    await settle()

    gate.is_open.set()
    await output(transport)
    await transport.finish()
    transport.deliver("response.done", response={"id": "r2", "status": "completed"})

    await transport.expect("response.create")


async def test_a_handler_that_blocks_does_not_stop_the_event_loop(connected, transport):
    release = threading.Event()

    def block() -> str:
        release.wait(5)
        return threading.current_thread().name

    await give(connected, transport, Tool("block", "Blocks.", handler=block))
    respond(transport, call("f", "block"))
    await settle()

    release.set()

    assert await output(transport) == ("call_f", "tool-block")
    await transport.expect("response.create")


def made_by_the_server(item_id: str = "m", **item: Any) -> dict[str, Any]:
    shown = {"id": item_id, "type": "mcp_call", "server_label": "demo", "name": "add"}
    return {**shown, "arguments": "{}", "output": "3", "error": None, **item}


async def test_a_call_that_the_server_made_is_followed_by_a_response(connected, transport, told):
    respond(transport, made_by_the_server())

    await transport.expect("response.create")
    await transport.finish()
    assert told == []


async def test_nothing_is_asked_for_when_the_model_has_answered_the_servers_call(
    connected, transport
):
    said = [{"type": "output_text", "text": "It is three."}]
    answer = {"id": "a", "type": "message", "role": "assistant", "status": "completed"}
    respond(transport, made_by_the_server(), {**answer, "content": said})
    respond(transport, made_by_the_server("n"), response_id="r2", status="cancelled")

    await transport.finish()


def user_item(item_id: str) -> dict[str, Any]:
    content = [{"type": "input_text", "text": "again"}]
    return {"id": item_id, "type": "message", "role": "user", "content": content}


async def test_a_model_that_calls_for_ever_is_asked_no_further_until_the_user_is_back(
    connected, transport
):
    halted: list[str] = []
    connected.on("error", lambda report: halted.append(report.code))
    await give(connected, transport, Tool("loop", "Loops.", handler=lambda: "call loop again"))
    for n in range(3):
        respond(transport, call(f"f{n}", "loop"), response_id=f"r{n}")
        await output(transport)
        await transport.expect("response.create")

    respond(transport, call("f3", "loop"), response_id="r3")
    await output(transport)
    await transport.finish()
    assert halted == ["tools_halted"]

    transport.deliver("conversation.item.added", item=user_item("u"), previous_item_id=None)
    respond(transport, call("f4", "loop"), response_id="r4")
    await output(transport)
    await transport.expect("response.create")
    assert halted == ["tools_halted"]


async def test_more_calls_than_a_turn_may_have_are_refused_in_words_for_the_model(
    connected, transport
):
    ran: list[int] = []
    await give(connected, transport, Tool("dig", "Digs.", handler=lambda: ran.append(1)))

    respond(transport, *(call(f"f{n}", "dig") for n in range(12)))
    answers = [(await output(transport))[1] for _ in range(12)]
    await transport.expect("response.create")

    assert len(ran) == 5
    refused = [each for each in answers if each is not None]
    assert len(refused) == 7
    assert all("5 calls in a turn" in each["error"] for each in refused)


async def test_each_of_a_thousand_calls_is_answered_before_a_response_is_asked_for(
    connected, transport
):
    await give(connected, transport, Tool("dig", "Digs.", handler=lambda: "dug"))

    respond(transport, *(call(f"f{n}", "dig") for n in range(1000)))
    answered = [(await output(transport))[0] for _ in range(1000)]

    await transport.expect("response.create")
    assert sorted(answered) == sorted(f"call_f{n}" for n in range(1000))


async def test_an_answer_that_is_too_long_is_cut_and_says_so(connected, transport):
    await give(connected, transport, Tool("read", "Reads.", handler=lambda: "x" * 100_000))

    respond(transport, call("f", "read"))
    item = (await transport.expect("conversation.item.create"))["item"]

    await transport.expect("response.create")
    assert len(item["output"]) <= 8192
    assert orjson.loads(item["output"])["truncated"] is True


async def test_a_failure_is_told_to_the_model_in_short(connected, transport):
    def fail() -> None:
        raise ToolError("y" * 10_000)

    await give(connected, transport, Tool("fail", "Fails.", handler=fail))

    respond(transport, call("f", "fail"))

    assert len((await output(transport))[1]["error"]) == 500
    await transport.expect("response.create")


async def test_a_tool_that_fails_with_half_a_character_is_answered_and_the_next_call_too(
    connected, transport, told
):
    def fail() -> None:
        raise OSError("no file half \ud83d")

    await give(connected, transport, Tool("odd", "Fails.", handler=fail))

    for n in range(2):
        respond(transport, call(f"f{n}", "odd"), response_id=f"r{n}")
        answered = await output(transport)
        await transport.expect("response.create")
        assert answered == (f"call_f{n}", {"error": "odd failed: OSError: no file half \\ud83d"})
        assert told[-1].error == "odd failed: OSError: no file half \\ud83d"


async def test_a_call_is_answered_even_where_what_stands_before_the_tools_fails(
    connected, transport, told, caplog
):
    async def broken(*_: Any) -> None:
        raise RuntimeError("ours")

    await give(connected, transport, Tool("look", "Looks.", handler=lambda: "seen"))
    connected.tools.interceptor = broken

    respond(transport, call("f", "look"))

    assert await output(transport) == (
        "call_f",
        {"error": "look could not be called: RuntimeError."},
    )
    await transport.expect("response.create")
    assert told[-1].phase == "finished"
    assert "could not be answered" in caplog.text
