from __future__ import annotations

import asyncio
import json
import threading

import pytest
from websockets.asyncio.client import connect as open_async_line
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from console.errors import ConfigurationError, ConsoleError
from console.simulator.background import BackgroundSimulator

HELLO = {"rules": [{"when": {"says": "hello"}, "do": [{"say": "Hi."}]}]}


def say(line, text: str) -> None:
    content = [{"type": "input_text", "text": text}]
    item = {"type": "message", "role": "user", "content": content}
    line.send(json.dumps({"type": "conversation.item.create", "item": item}))
    line.send(json.dumps({"type": "response.create", "response": {"output_modalities": ["text"]}}))


def open_line(simulator):
    return connect(f"{simulator.url}?model=gpt-realtime-2.1", compression=None)


def test_a_program_without_an_event_loop_talks_to_it():
    with BackgroundSimulator(HELLO) as simulator, open_line(simulator) as line:
        say(line, "Hello!")
        done = simulator.wait_for("response.done")

        assert done["response"]["output"][0]["content"][0]["text"] == "Hi."
        assert simulator.base_url == f"http://127.0.0.1:{simulator.port}/v1"


def test_both_sides_are_seen_in_their_order_and_by_session():
    with BackgroundSimulator(HELLO) as simulator:
        with open_line(simulator) as first, open_line(simulator) as second:
            simulator.wait_for("session.created", nth=2)
            first.send("rubbish")
            simulator.wait_for("error")
            second.send('{"type": "input_audio_buffer.clear"}')
            simulator.wait_for("input_audio_buffer.cleared")

        types = [(each.session, each.source, each.type) for each in simulator.messages]
        assert types[2:] == [
            (1, "client", ""),
            (1, "server", "error"),
            (2, "client", "input_audio_buffer.clear"),
            (2, "server", "input_audio_buffer.cleared"),
        ]
        assert [each["type"] for each in simulator.client_events] == ["input_audio_buffer.clear"]
        assert [each["type"] for each in simulator.events("server", session=1)] == [
            "session.created",
            "error",
        ]
        assert len(simulator.server_events) == 4


def test_what_does_not_come_is_told_with_what_came():
    with BackgroundSimulator() as simulator, open_line(simulator):
        simulator.wait_for("session.created", session=1)
        with pytest.raises(
            AssertionError, match=r"no response\.done within 0\.01 s.*session\.created"
        ):
            simulator.wait_for("response.done", timeout_s=0.01)
        with pytest.raises(AssertionError, match=r"fewer than 2 of session\.created"):
            simulator.wait_for("session.created", nth=2, timeout_s=0)


async def test_waiting_does_not_hold_an_event_loop():
    with BackgroundSimulator() as simulator:
        waiting = asyncio.ensure_future(simulator.wait_for_async("session.created"))
        await asyncio.sleep(0)
        async with open_async_line(f"{simulator.url}?model=gpt-realtime-2.1"):
            assert (await waiting)["session"]["model"] == "gpt-realtime-2.1"


def test_faults_can_be_set_from_the_start_and_later():
    with BackgroundSimulator(faults="close_after=1,close_code=4001") as simulator:
        with open_line(simulator) as line:
            line.recv()
            with pytest.raises(ConnectionClosed) as closed:
                line.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4001

        simulator.set_faults("")
        with open_line(simulator) as line:
            line.recv()
            assert simulator.inject("drop") == 1
            with pytest.raises(ConnectionClosed):
                line.recv(timeout=10)


def test_nothing_is_left_after_the_end():
    simulator = BackgroundSimulator(HELLO)
    simulator.start()
    with open_line(simulator):
        simulator.stop()
        simulator.stop()

    assert not [each for each in threading.enumerate() if each.name == "realtime-simulator"]
    with pytest.raises(ConnectionRefusedError), open_line(simulator):
        pass


def test_what_cannot_be_used_is_refused_at_once():
    with pytest.raises(ConfigurationError, match="rulez: is not known here"):
        BackgroundSimulator({"rulez": []})
    with pytest.raises(ValueError, match="There is no fault"):
        BackgroundSimulator(faults="explode")


def test_a_simulator_that_cannot_start_says_why(monkeypatch):
    simulator = BackgroundSimulator()

    async def refuse() -> None:
        raise OSError("no ports left")

    monkeypatch.setattr(simulator._server, "start", refuse)
    with pytest.raises(ConsoleError, match="cannot be started: no ports left"):
        simulator.start()
    simulator.stop()
