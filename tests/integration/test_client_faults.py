"""What can go wrong between the client and its server, fault by fault, over a real line.

The server is the simulator with its faults switched on. The waits of the client are tiny; nothing
else is different from a session with the service. Faults of a browser's line to the console are
no matter of the client: they are tested with the console.
"""

import asyncio
import socket
import ssl
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from console.client.client import RealtimeClient
from console.client.reconnection import ReconnectPolicy
from console.errors import ConnectError
from console.simulator.faults import Faults
from console.simulator.server import SimulatorServer
from console.simulator.service.session_work import Pace
from console.tools.registry import Tool
from console.transport import Closed, Transport, WebSocketTransport
from tests.fakes import PATIENCE_S, ManualClock
from tests.simulator.fake_senses import FakeSenses, silence, tone

KEY = "sk-planted-0123456789-wxyz"
POLICY = ReconnectPolicy(first_delay_s=0.01, max_delay_s=0.02)
TEXT: dict[str, Any] = {"output_modalities": ["text"]}


class Line:
    """Opens real lines, after failing as often as the test wants."""

    def __init__(self, ping_interval_s: float, pong_timeout_s: float) -> None:
        self.failures: list[Exception] = []
        self.detours: list[str] = []
        """Where the next lines go instead."""
        self.n_calls = 0
        self._pings = (ping_interval_s, pong_timeout_s)

    async def open(self, url: str, headers: Mapping[str, str], timeout_s: float) -> Transport:
        self.n_calls += 1
        if self.failures:
            raise self.failures.pop(0)
        if self.detours:
            url = self.detours.pop(0)
        interval_s, pong_s = self._pings
        return await WebSocketTransport.open(
            url,
            headers=headers,
            open_timeout_s=timeout_s,
            ping_interval_s=interval_s,
            pong_timeout_s=pong_s,
        )


class Stage:
    """A simulator, a client of it, and a record of both."""

    def __init__(self) -> None:
        self.senses = FakeSenses()
        self.received: dict[int, list[dict[str, Any]]] = defaultdict(list)
        """What the server was sent, by the number of the connection."""
        self.server = SimulatorServer(
            "127.0.0.1", 0, self.senses, pace=Pace(0, 0), require_key=KEY, watch=self._saw
        )
        self.line = Line(10, 10)
        self.told: dict[str, list[Any]] = defaultdict(list)
        self._changed = asyncio.Event()

    def _saw(self, number: int, source: str, message: str | bytes) -> None:
        if source == "client":
            self.received[number].append(orjson.loads(message))
        self._changed.set()

    def client(self, **options: Any) -> RealtimeClient:
        client = RealtimeClient(
            **{
                "url": self.server.url,
                "api_key": KEY,
                "reconnect": POLICY,
                "open_transport": self.line.open,
                **options,
            }
        )
        for name in ("connection.changed", "session.moved", "session.expiring", "error", "close"):
            client.on(name, partial(self._told, name))
        client.on("realtime.event", lambda event: self._changed.set())
        return client

    def _told(self, name: str, value: Any) -> None:
        self.told[name].append(value)
        self._changed.set()

    async def until(self, condition: Any) -> None:
        """Wait until something that the server or the client tells makes this true."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def moved(self, n: int = 1) -> None:
        await self.until(lambda: len(self.told["session.moved"]) >= n)

    async def closed(self) -> Closed:
        await self.until(lambda: self.told["close"])
        closed: Closed
        (closed,) = self.told["close"]
        return closed

    def sentences(self) -> list[str]:
        return [each.sentence for each in self.told["connection.changed"]]

    def types(self, number: int) -> list[str]:
        return [event["type"] for event in self.received[number]]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    await stage.server.start()
    yield stage
    await stage.server.stop()


@asynccontextmanager
async def talking(stage: Stage, **options: Any) -> AsyncIterator[RealtimeClient]:
    """A client with a session, in which one question was answered in text."""
    client = stage.client(**options)
    await client.update_session(TEXT)
    await client.connect()
    try:
        await answered(client, "hello")
        yield client
    finally:
        await client.disconnect()


async def answered(client: RealtimeClient, question: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        done = asyncio.create_task(_done(client))
        await asyncio.sleep(0)
        await client.send_user_message_content(question)
        await done


async def _done(client: RealtimeClient) -> None:
    while not (await client.wait_for_next("response.updated", PATIENCE_S)).is_done:
        pass


def faults(text: str) -> Faults:
    return Faults.parse(text)


def texts(client: RealtimeClient) -> list[str]:
    return [item.text for item in client.conversation.items]


async def refusal(client: RealtimeClient) -> ConnectError:
    with pytest.raises(ConnectError) as caught:
        await client.connect()
    assert KEY not in str(caught.value)
    assert not client.is_connected
    return caught.value


# F1


async def test_f1_a_line_dropped_mid_response_keeps_the_partial_answer_and_goes_on(stage):
    async with talking(stage) as client:
        stage.server.inject("drop_after=9")
        appended = asyncio.create_task(client.wait_for_next("conversation.item.appended", 5))
        await client.send_user_message_content("count")
        await appended
        await stage.moved()

        *before, question, partial = client.conversation.items
        assert [item.text for item in before] == ["hello", "You said hello. What else?"]
        assert question.text == "count"
        whole = " ".join(f"This is number {n}." for n in range(1, 31))
        assert whole.startswith(partial.text)
        assert 0 < len(partial.text) < len(whole)
        assert partial.status == "incomplete"
        assert stage.sentences()[2] == "Connection lost - reconnecting (1/5)..."
        assert stage.told["session.moved"][0].n_replayed == 3
        assert stage.told["close"] == []
        await answered(client, "goodbye")
        assert stage.types(2) == [
            "session.update",
            *["conversation.item.create"] * 3,
            "conversation.item.create",
            "response.create",
        ]
        ids = [item.id for item in client.conversation.items]
        assert len(ids) == len(set(ids)) == 6
        assert texts(client)[-1] == "You said goodbye. What else?"
        assert stage.told["error"] == []


# F2


async def test_f2_a_half_open_line_is_found_by_pings_even_while_sound_is_sent(stage):
    stage.line = Line(0.1, 0.1)
    async with talking(stage) as client:
        stage.server.inject("stall_after=0")
        while not stage.told["session.moved"]:
            # The line fills up and takes nothing any more.
            await client.append_input_audio(silence(100))
            await asyncio.sleep(0.005)

        assert client.is_connected
        assert stage.told["session.moved"][0].reason == "lost"
        await client.clear_input_audio()
        await answered(client, "again")
        sound = sum(1 for each in stage.types(2) if each == "input_audio_buffer.append")
        assert sound <= 2


# F3


async def test_f3_a_host_that_cannot_be_found_is_tried_three_times_at_the_start(stage):
    stage.line.failures = [socket.gaierror(-3, "Temporary failure")] * 9
    client = stage.client()

    error = await refusal(client)

    assert str(error) == "Can't find 127.0.0.1. Check the internet connection."
    assert stage.line.n_calls == 3


async def test_f3_a_network_that_comes_back_during_the_attempts_is_used(stage):
    stage.line.failures = [OSError(101, "Network is unreachable")] * 2

    async with talking(stage):
        assert stage.line.n_calls == 3


async def test_f3_no_network_while_reconnecting_is_tried_until_it_is_back(stage):
    async with talking(stage) as client:
        stage.line.failures = [socket.gaierror(-3, "Temporary failure")] * 3
        stage.server.inject("drop_after=0")
        await stage.moved()

        assert stage.line.n_calls == 5
        assert client.is_connected


# F4 to F8: refusals


async def test_f4_a_key_that_is_refused_is_tried_once_and_never_shown(stage):
    wrong = "sk-wrong-planted-0123456789-abcd"

    error = await refusal(stage.client(api_key=wrong))

    assert error.cause == "key"
    assert str(error).endswith("did not accept the API key ending in abcd.")
    assert stage.line.n_calls == 1


async def test_f4_a_key_that_is_refused_in_the_handshake_is_tried_once(stage):
    stage.server.set_faults(faults("refuse=401"))

    assert (await refusal(stage.client())).cause == "key"

    assert stage.line.n_calls == 1


async def test_f5_a_key_that_may_not_use_the_model_or_is_of_another_region_is_tried_once(stage):
    stage.server.set_faults(faults("refuse=403,refuse_code=not_yours"))
    permission = await refusal(stage.client())
    stage.server.set_faults(faults("refuse=403,refuse_code=unsupported_country_region_territory"))
    region = await refusal(stage.client())

    assert (permission.cause, region.cause) == ("permission", "region")
    assert "does not serve this country or region" in str(region)
    assert stage.line.n_calls == 2


async def test_f6_a_rate_limit_is_waited_for_and_an_empty_account_is_not(stage):
    stage.server.set_faults(
        faults("refuse=429,refuse_code=rate_limit_exceeded,retry_after=0,times=2")
    )
    async with talking(stage):
        assert stage.line.n_calls == 3

    for code in ("insufficient_quota", "billing_hard_limit_reached"):
        stage.line.n_calls = 0
        stage.server.set_faults(faults(f"refuse=429,refuse_code={code},retry_after=0"))
        error = await refusal(stage.client())
        assert (error.cause, error.retryable) == ("quota", False)
        assert "out of credit" in str(error)
        assert stage.line.n_calls == 1


async def test_f6_a_rate_limit_that_stays_is_given_up_after_three_attempts(stage):
    stage.server.set_faults(faults("refuse=429,refuse_code=rate_limit_exceeded,retry_after=0"))

    assert (await refusal(stage.client())).cause == "rate_limit"

    assert stage.line.n_calls == 3


async def test_f7_trouble_of_the_server_is_tried_five_times(stage):
    stage.server.set_faults(faults("refuse=503,retry_after=0,times=2"))
    async with talking(stage):
        assert stage.line.n_calls == 3

    stage.line.n_calls = 0
    stage.server.set_faults(faults("refuse=503,retry_after=0"))
    assert "is having trouble (503)." in str(await refusal(stage.client()))
    assert stage.line.n_calls == 5


async def test_f8_a_web_page_in_place_of_the_server_is_named_and_tried_once(stage):
    async def portal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        page = b"<html>Please sign in</html>"
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(page), page)
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(portal, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        error = await refusal(stage.client(url=f"ws://127.0.0.1:{port}/v1"))

    assert error.cause == "portal"
    assert "sign in with a browser first" in str(error)
    assert stage.line.n_calls == 1


async def test_f8_a_certificate_that_nobody_vouches_for_is_named_and_tried_once(stage, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    _make_certificate(certificate, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)

    async with await asyncio.start_server(
        lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context
    ) as listener:
        port = listener.sockets[0].getsockname()[1]
        error = await refusal(stage.client(url=f"wss://127.0.0.1:{port}/v1"))

    assert error.cause == "tls"
    assert "its certificate was not accepted: self-signed certificate" in str(error)
    assert stage.line.n_calls == 1


@asynccontextmanager
async def answering(answer: bytes, *, then_reset: bool = False) -> AsyncIterator[str]:
    """The URL of a server that answers every handshake with these bytes and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        if then_reset:
            writer.transport.abort()
        else:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listener:
        yield f"ws://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"


HANG_UPS = [(b"", False), (b"", True), (b"HTTP/1.1 101 Switching Protocols\r\nUpgr", False)]


@pytest.mark.parametrize(("answer", "then_reset"), HANG_UPS)
async def test_a_server_that_hangs_up_before_it_answers_is_tried_as_one_in_trouble(
    stage, answer, then_reset
):
    async with answering(answer, then_reset=then_reset) as url:
        error = await refusal(stage.client(url=url))

    assert (error.cause, error.retryable) == ("server", True)
    assert "(it hung up)" in str(error)
    assert stage.line.n_calls == 5


@pytest.mark.parametrize(("answer", "then_reset"), HANG_UPS)
async def test_a_handshake_that_breaks_while_reconnecting_is_tried_again(stage, answer, then_reset):
    async with talking(stage) as client, answering(answer, then_reset=then_reset) as elsewhere:
        stage.line.detours = [elsewhere] * 2
        stage.server.inject("drop_after=0")
        await stage.moved()

        assert stage.line.n_calls == 4
        await answered(client, "again")


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9.2p1\r\n", b"\x00\x01\x02", b"220 mail ready\r\n", b"<html>\n"]
)
async def test_an_answer_that_is_no_http_is_tried_once(stage, answer):
    async with answering(answer) as url:
        error = await refusal(stage.client(url=url))

    assert (error.cause, error.retryable) == ("protocol", False)
    assert stage.line.n_calls == 1


# F9 to F13: what comes on the line


async def test_f9_a_few_messages_that_are_no_events_are_counted_and_the_session_goes_on(stage):
    async with talking(stage) as client:
        stage.server.inject("garbage_after=0,garbage_count=9")
        await stage.until(lambda: len(stage.told["error"]) == 9)

        await answered(client, "still there")
        assert client.bad_messages == 9
        assert all(each.raw is not None for each in stage.told["error"])
        assert stage.line.n_calls == 1


async def test_f9_ten_messages_in_a_row_that_are_no_events_end_the_line(stage):
    async with talking(stage) as client:
        stage.server.inject("garbage_after=0,garbage_count=10")
        await stage.moved()

        assert stage.line.n_calls == 2
        assert stage.told["connection.changed"][2].cause == "garbage"
        await answered(client, "again")


async def test_f9_text_that_is_no_utf8_ends_the_line_and_not_the_session(stage):
    async with talking(stage) as client:
        stage.server.inject("broken_utf8_after=0")
        await stage.moved()

        await answered(client, "again")


async def test_f10_events_and_fields_that_nobody_knows_are_told_and_change_nothing(stage):
    async with talking(stage) as client:
        before = texts(client)
        seen: list[Any] = []
        client.on("realtime.event", lambda each: seen.append(each.event))
        line = client._parts.life.line
        assert line is not None

        line.message_came('{"type":"future.thing","event_id":"e","item_id":"nobody","new":[1]}')

        assert [(each.type, each.fields["new"]) for each in seen] == [("future.thing", [1])]
        assert texts(client) == before
        assert stage.told["error"] == []


async def test_f11_closing_events_that_are_missing_or_late_leave_the_conversation_whole(stage):
    stage.server.set_faults(faults("missing_closers,overlapping_items,late_deltas"))
    async with talking(stage) as client:
        assert texts(client) == ["hello", "You said hello. What else?"]
        assert all(item.is_done for item in client.conversation.items)
        await client.send_user_message_content("count")
        await stage.until(lambda: texts(client)[-1].startswith("This is number 1"))
        await client.cancel_response()
        await stage.until(lambda: client.conversation.unfinished_response is None)
        await answered(client, "bye")

        assert texts(client)[-1] == "You said bye. What else?"
        assert all(item.is_done for item in client.conversation.items)


@pytest.mark.parametrize("fault", ["", "null_event_id"])
async def test_f12_a_mistake_is_told_with_the_event_that_caused_it_and_the_session_goes_on(
    stage, fault
):
    stage.server.set_faults(faults(fault))
    async with talking(stage) as client:
        await client.send({"type": "input_audio_buffer.commit", "event_id": "mine"})
        await stage.until(lambda: stage.told["error"])

        (report,) = stage.told["error"]
        assert report.code == "input_audio_buffer_commit_empty"
        assert report.event_id == (None if fault else "mine")
        assert report.cause.event_id == "mine"
        await answered(client, "still there")


async def test_f13_a_message_that_is_too_large_is_risked_once_more_and_then_it_is_over(stage):
    async with talking(stage) as client:
        stage.server.set_faults(faults("huge_after=0"))
        closed = await stage.closed()

        assert closed.code == 1009
        assert stage.line.n_calls == 2
        assert "too large" in stage.sentences()[-1]
        assert texts(client) == ["hello", "You said hello. What else?"]


# F15


async def test_f15_a_network_that_is_too_slow_costs_old_sound_and_says_how_much(stage):
    gate = asyncio.Event()

    class Slow:
        """A real line through a network that takes nothing while the gate is closed."""

        def __init__(self, transport: Transport) -> None:
            self._transport = transport
            self.receive = transport.receive
            self.close = transport.close
            self.ping = transport.ping

        @property
        def is_backed_up(self) -> bool:
            return not gate.is_set()

        async def send(self, text: str) -> None:
            await gate.wait()
            await self._transport.send(text)

    async def open_slowly(url: str, headers: Mapping[str, str], timeout_s: float) -> Transport:
        return Slow(await stage.line.open(url, headers, timeout_s))

    gate.set()
    clock = ManualClock()
    async with talking(stage, open_transport=open_slowly, clock=clock) as client:
        gate.clear()
        async with asyncio.timeout(PATIENCE_S):
            for _ in range(33):
                await client.append_input_audio(tone(100))
                await clock.advance(0.1)
        assert 1900 <= client.pending_input_ms <= 2100

        gate.set()
        await stage.until(lambda: stage.told["error"])

        assert [each.message for each in stage.told["error"]] == [
            "Network too slow: 1.2 s skipped."
        ]
        assert client.pending_input_ms == 2100
        stage.senses.ears.says = ["what is left"]
        await client.update_session(transcription={"model": "whisper-1"})
        await client.create_response()
        await stage.until(lambda: texts(client)[-1:] == ["You said what is left. What else?"])
        assert [heard_ms for heard_ms, _, _ in stage.senses.ears.asked] == [2100]


# F17 to F20: how a server may close


async def test_f17_a_server_that_closes_with_1000_has_ended_the_session(stage):
    async with talking(stage) as client:
        stage.server.set_faults(faults("close_after=0,close_code=1000"))
        closed = await stage.closed()

        assert closed == Closed(1000, "")
        assert stage.sentences()[-1] == "Session ended by the server."
        assert stage.line.n_calls == 1
        assert texts(client) == ["hello", "You said hello. What else?"]


async def test_f18_a_server_that_goes_away_is_called_again(stage):
    async with talking(stage) as client:
        stage.server.inject("close_after=0,close_code=1001")
        await stage.moved()

        assert stage.told["session.moved"][0].reason == "lost"
        await answered(client, "again")


async def test_f19_a_close_by_policy_ends_it_with_the_reason(stage):
    async with talking(stage):
        stage.server.set_faults(faults("close_after=0,close_code=1008,close_reason=Too loud"))
        closed = await stage.closed()

        assert closed == Closed(1008, "Too loud")
        assert "by its policy (Too loud)" in stage.sentences()[-1]
        assert stage.line.n_calls == 1


@pytest.mark.parametrize("code", [1011, 1012, 1013])
async def test_f20_a_server_in_trouble_or_restarting_is_called_again(stage, code):
    async with talking(stage) as client:
        stage.server.inject(f"close_after=0,close_code={code}")
        await stage.moved()

        await answered(client, "again")
        assert len(texts(client)) == 4


# F21


@pytest.mark.parametrize("phase", ["idle", "speaking", "answer", "tool"])
async def test_f21_a_session_at_its_time_limit_is_carried_over_in_every_phase(stage, phase):
    is_called = asyncio.Event()

    async def work(said: str) -> str:
        is_called.set()
        await asyncio.get_running_loop().create_future()
        return "never"

    async with talking(stage) as client:
        schema = {"type": "object", "properties": {"said": {"type": "string"}}}
        await client.add_tool(Tool("work", "Works for ever.", handler=work, parameters=schema))
        if phase == "speaking":
            await client.append_input_audio(tone(800))
        elif phase == "answer":
            stage.server.set_faults(faults("slow_ms=5"))
            begun = asyncio.create_task(client.wait_for_next("conversation.item.appended", 5))
            await asyncio.sleep(0)
            await client.send_user_message_content("count")
            await begun
        elif phase == "tool":
            await client.send_user_message_content("call it")
            async with asyncio.timeout(PATIENCE_S):
                await is_called.wait()

        stage.server.inject("expire_after=0")
        await stage.moved()

        assert [each.reason for each in stage.told["session.moved"]] == ["expired"]
        lost = ["0.8 s of speech was lost."] if phase == "speaking" else []
        assert stage.told["close"] == []
        told = {"speaking": ["sound_lost"], "tool": ["tools_stopped"]}.get(phase, [])
        assert [each.code for each in stage.told["error"]] == told
        assert all(each in stage.told["session.moved"][0].sentence for each in lost)
        assert all(item.is_done for item in client.conversation.items)
        assert client.pending_input_ms == 0
        stage.server.set_faults(Faults())
        await answered(client, "hello again")
        assert texts(client)[-1] == "You said hello again. What else?"
        assert "function_call" not in [
            event["item"]["type"]
            for event in stage.received[2]
            if event["type"] == "conversation.item.create"
        ]


def _make_certificate(certificate: Path, key: Path) -> None:
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "1", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
