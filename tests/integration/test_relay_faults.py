"""Each end of a relay killed, stalled, flooding, or sending garbage; the others go on undisturbed."""

import asyncio
import contextlib
import gc
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import websockets
from websockets.asyncio.client import connect

from console import tasks, transport
from console.clock import SystemClock
from console.realtime.refusal import Refusal
from console.transport import WebSocketTransport
from tests.relay.recorder import recording
from tests.relay.rig import TOKEN, relaying
from tests.simulator.serving import closing, running, until

KEY = "sk-planted-key-0123456789"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@contextlib.asynccontextmanager
async def client_of(relay, **options):
    async with connect(
        relay.url, compression=None, additional_headers=HEADERS, **options
    ) as connection:
        yield connection


@contextlib.asynccontextmanager
async def session_of(relay, **options):
    """A client whose session has begun."""
    async with client_of(relay, **options) as connection:
        assert (await next_event(connection))["type"] == "session.created"
        yield connection


async def next_event(connection):
    async with asyncio.timeout(5):
        return json.loads(await connection.recv())


async def told_and_closed(connection):
    """The errors that a client is told, and how its connection is closed."""
    errors = []
    try:
        while True:
            event = await next_event(connection)
            if event["type"] == "error":
                errors.append(event["error"])
    except websockets.ConnectionClosed as closed:
        frame = closed.rcvd
    return errors, (frame.code, frame.reason) if frame else None


async def all_has_ended(relay):
    await asyncio.wait_for(until(lambda: not relay.server.sessions), 5)
    assert all(lease.has_ended for lease in relay.admission.leases)


@pytest.fixture(autouse=True)
async def _nothing_is_left():
    """No task, socket or file outlives a test."""
    before = n_open()
    yield
    await asyncio.wait_for(until(lambda: not tasks._running), 5)
    await asyncio.wait_for(until(lambda: n_open() <= before), 5)


def n_open():
    """How many files and sockets are open."""
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))


# ---------------------------------------------------------------- ends


@pytest.mark.parametrize(("code", "upstream"), [(1000, 1000), (1001, 1001), (3456, 3456)])
async def test_when_the_client_goes_so_does_the_line_to_the_service(code, upstream):
    async with recording() as service, relaying(service.url) as relay:
        async with session_of(relay) as client:
            await client.close(code, "bye")
        async with asyncio.timeout(5):
            await service.has_closed.wait()
        await all_has_ended(relay)

    assert service.closed == [(upstream, "bye")]
    assert relay.told.of("session_closed")[0][1:] == (code, "bye", "client")


async def test_a_client_that_is_killed_is_told_to_the_service_as_gone():
    async with recording() as service, relaying(service.url) as relay:
        async with session_of(relay) as client:
            client.transport.abort()
        async with asyncio.timeout(5):
            await service.has_closed.wait()
        await all_has_ended(relay)

    assert service.closed == [(1001, "")]


@pytest.mark.parametrize("code", [1000, 1001, 1008, 1009, 1011, 1012, 1013, 4000])
async def test_a_close_of_the_service_reaches_the_client(code):
    async with (
        recording() as service,
        relaying(service.url) as relay,
        session_of(relay) as client,
    ):
        await service.connections[0].close(code, "so it is")
        errors, closed = await told_and_closed(client)
        await all_has_ended(relay)

    assert (errors, closed) == ([], (code, "so it is"))


async def test_a_service_that_is_killed_is_named_as_lost():
    async with (
        recording() as service,
        relaying(service.url) as relay,
        session_of(relay) as client,
        session_of(relay) as other,
    ):
        service.connections[0].transport.abort()
        errors, closed = await told_and_closed(client)
        await service.send(service.connections[1], "rate_limits.updated")

        assert (await next_event(other))["type"] == "rate_limits.updated"
    assert [each["code"] for each in errors] == ["relay_upstream_lost"]
    assert closed == (1013, "server_error.relay_upstream_lost")


async def test_the_last_words_of_a_client_still_reach_the_service():
    async with recording() as service, relaying(service.url) as relay:
        async with client_of(relay) as client:
            for n in range(50):
                event = {"type": "input_audio_buffer.append", "audio": "", "event_id": f"{n}"}
                await client.send(json.dumps(event))
        async with asyncio.timeout(5):
            await service.has_closed.wait()

    assert [json.loads(each)["event_id"] for each in service.messages] == [
        str(n) for n in range(50)
    ]


# ---------------------------------------------------------------- no session


async def test_what_the_service_says_of_our_key_is_not_told_to_clients(caplog):
    async with (
        running(require_key="another-key-0123456789") as simulator,
        relaying(simulator.url, api_key=KEY) as relay,
        client_of(relay) as client,
    ):
        errors, closed = await told_and_closed(client)

    (error,) = errors
    assert error["code"] == "relay_upstream_key"
    assert closed == (1011, "server_error.relay_upstream_key")
    assert "key was not accepted" in error["message"]
    assert KEY[-4:] not in error["message"]
    assert KEY not in caplog.text


async def test_a_service_that_nobody_answers_for_is_named():
    async with recording() as service:
        port = urlsplit(service.url).port
    async with relaying(service.url) as relay, client_of(relay) as client:
        errors, closed = await told_and_closed(client)

    assert errors[0]["message"] == (
        f"Nothing answers at 127.0.0.1:{port}; check the address and the network."
    )
    assert closed == (1013, "server_error.relay_upstream_unreachable")


async def test_a_refusal_in_the_handshake_is_named():
    async with (
        running() as simulator,
        relaying(f"{simulator.url}?fault=refuse%3D503&model=m") as relay,
        client_of(relay) as client,
    ):
        errors, closed = await told_and_closed(client)

    assert [each["code"] for each in errors] == ["relay_upstream_server"]
    assert closed == (1013, "server_error.relay_upstream_server")


# ---------------------------------------------------------------- garbage and floods


async def test_binary_from_a_client_ends_its_session():
    async with (
        recording() as service,
        relaying(service.url) as relay,
        session_of(relay) as client,
    ):
        await client.send(b'{"type":"response.cancel"}')
        errors, closed = await told_and_closed(client)

    assert [each["code"] for each in errors] == ["invalid_event"]
    assert closed == (1003, "invalid_request_error.invalid_event")
    assert service.messages == []


async def test_a_message_over_the_limit_ends_its_session_alone():
    policy = {"sizes": {"event_bytes": 1000, "append_bytes": 2000, "item_bytes": 1500}}
    async with (
        recording() as service,
        relaying(service.url, policy) as relay,
        session_of(relay) as client,
        session_of(relay) as other,
    ):
        await client.send("x" * 2001)
        _, closed = await told_and_closed(client)
        await other.send(json.dumps({"type": "response.cancel", "response_id": "x" * 1000}))
        too_large = await next_event(other)
        append = {"type": "input_audio_buffer.append", "audio": "A" * 1900, "event_id": "last"}
        await other.send(json.dumps(append))

        assert await service.until("last") == []
    assert closed is not None
    assert closed[0] == 1009
    assert too_large["error"]["code"] == "relay_event_too_large"


async def test_compression_is_not_agreed_on_so_no_message_grows():
    async with (
        recording() as service,
        relaying(service.url) as relay,
        connect(relay.url, additional_headers=HEADERS) as client,
    ):
        assert client.protocol.extensions == []


@pytest.mark.parametrize(
    "frame",
    [
        # Compressed though nobody agreed; unmasked; a ping of 126 bytes; a code that is none.
        b"\xc1\x80\0\0\0\0",
        b"\x81\x02{}",
        b"\x89\xfe\x00\x7e" + bytes(4 + 126),
        b"\x88\x82\0\0\0\0\x27\x0f",
    ],
)
async def test_frames_against_the_rules_end_their_session_alone(frame):
    async with (
        recording() as service,
        relaying(service.url) as relay,
        session_of(relay) as client,
        session_of(relay) as other,
    ):
        client.transport.write(frame)
        _, closed = await told_and_closed(client)
        await other.send('{"type":"response.cancel","event_id":"mine"}')

        assert await service.until("mine") == []
    assert closed is not None
    assert closed[0] == 1002


async def test_a_message_in_pieces_is_one_message_and_one_in_too_many_ends_its_session():
    event = {"type": "response.cancel", "event_id": "mine", "response_id": "x" * 500}
    async with (
        recording() as service,
        relaying(service.url) as relay,
        session_of(relay) as client,
    ):
        await client.send(list(json.dumps(event)))
        await client.send('{"type":"input_audio_buffer.clear","event_id":"last"}')
        received = await service.until("last")
        await client.send(list("x" * 5000))
        _, closed = await told_and_closed(client)

    assert received == [event]
    assert closed is not None
    assert closed[0] == 1009


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"\x16\x03\x01\x00"]
)
async def test_who_breaks_off_or_speaks_something_else_leaves_nothing(said):
    async with recording() as service, relaying(service.url) as relay, session_of(relay) as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        writer.write(said)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        del reader
        await client.send('{"type":"response.cancel","event_id":"mine"}')

        assert await service.until("mine") == []


async def test_garbage_of_the_service_is_left_out_until_there_is_nothing_else():
    async with (
        recording() as service,
        relaying(service.url) as relay,
        session_of(relay) as client,
    ):
        line = service.connections[0]
        for garbage in ("", "[]", '{"a":', "\ufeff{}", '{"x":"\\ud800"}', b"\x00", '{"type":5}'):
            await line.send(garbage)
        await service.send(line, "future.event", what={"ever": [1]})
        passed = await next_event(client)
        for _ in range(10):
            await line.send("garbage")
        errors, closed = await told_and_closed(client)

    assert passed["what"] == {"ever": [1]}
    assert [each["code"] for each in errors] == ["relay_upstream_garbage"]
    assert closed == (1011, "server_error.relay_upstream_garbage")


async def test_a_client_that_never_rests_is_sent_away():
    policy = {"rates": {"messages_per_s": 10}}

    class QuickClock(SystemClock):
        """Short sleeps take no time, and yet time passes."""

        slept_s = 0.0

        def now_s(self):
            return super().now_s() + self.slept_s

        async def sleep(self, duration_s):
            if duration_s < 1:
                self.slept_s += duration_s
            else:
                await super().sleep(duration_s)

    async with (
        recording() as service,
        relaying(service.url, policy, clock=QuickClock()) as relay,
        session_of(relay) as client,
    ):
        for _ in range(300):
            await client.send('{"type":"input_audio_buffer.clear"}')
        errors, closed = await told_and_closed(client)

    assert [each["code"] for each in errors] == ["relay_rate_exceeded"]
    assert closed == (1008, "rate_limit_error.relay_rate_exceeded")


async def test_a_client_that_reads_nothing_is_given_up_and_others_go_on(monkeypatch):
    monkeypatch.setattr(transport, "CLOSE_TIMEOUT_S", 0.1)
    policy = {"queues": {"stall_s": 0.2, "down_audio_s": 5}}
    delta = "AAAA" * 16_000
    async with (
        recording() as service,
        relaying(service.url, policy) as relay,
        session_of(relay, max_queue=1) as client,
        session_of(relay) as other,
    ):
        client.transport.pause_reading()
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await service.send(
                    service.connections[0], "response.output_audio.delta", delta=delta
                )
        await service.send(service.connections[1], "rate_limits.updated")
        assert (await next_event(other))["type"] == "rate_limits.updated"
        await asyncio.wait_for(until(lambda: len(relay.server.sessions) == 1), 10)
        client.transport.abort()

    assert relay.told.of("session_closed")[0][1:] == (1013, "relay_client_too_slow", "relay")
    dropped = relay.told.of("audio_dropped")
    assert dropped
    assert {each[1] for each in dropped} == {"down"}


async def test_a_service_that_takes_nothing_costs_the_oldest_sound_and_bounded_memory():
    policy = {
        "rates": {"messages_per_s": 1e6, "audio_speed": 1e6, "audio_burst_s": 1e6},
        "queues": {"up_audio_s": 5},
    }
    append = json.dumps({"type": "input_audio_buffer.append", "audio": "AAAA" * 16_000})
    async with (
        recording() as service,
        relaying(service.url, policy) as relay,
        session_of(relay) as client,
    ):
        service.connections[0].transport.pause_reading()
        while not relay.told.of("audio_dropped"):
            await client.send(append)
        (session,) = relay.server.sessions
        waiting_s = session._up._waiting_audio_s
        service.connections[0].transport.resume_reading()
        await client.send('{"type":"input_audio_buffer.commit","event_id":"last"}')
        received = await service.until("last")

    assert waiting_s <= 5
    assert {each[1] for each in relay.told.of("audio_dropped")} == {"up"}
    assert {each["type"] for each in received} == {"input_audio_buffer.append"}


# ---------------------------------------------------------------- limits


async def test_a_session_whose_lease_is_over_is_told_why():
    async with (
        recording() as service,
        relaying(service.url) as relay,
        session_of(relay) as client,
    ):
        await service.send(service.connections[0], "response.created", response={"id": "resp_1"})
        await next_event(client)
        relay.admission.leases[0].use_up(
            Refusal("The minutes of this token are used up.", code="relay_minutes_used_up")
        )
        errors, closed = await told_and_closed(client)
        async with asyncio.timeout(5):
            await service.has_closed.wait()

    assert [each["code"] for each in errors] == ["relay_minutes_used_up"]
    assert closed == (1008, "invalid_request_error.relay_minutes_used_up")
    assert json.loads(service.messages[-1]) == {"type": "response.cancel"}
    assert service.closed[0][0] == 1000


async def test_an_answer_that_nobody_pays_is_not_asked_for_and_one_that_comes_is_cancelled():
    async with (
        recording() as service,
        relaying(service.url) as relay,
        session_of(relay) as client,
    ):
        lease = relay.admission.leases[0]
        lease.refusal = Refusal("Nothing is left.", code="relay_dollars_used_up")
        await client.send('{"type":"response.create","event_id":"mine"}')
        refused = await next_event(client)
        await service.send(service.connections[0], "response.created", response={"id": "resp_1"})
        await next_event(client)
        await client.send('{"type":"response.cancel","event_id":"last"}')
        received = await service.until("last")

    assert (refused["error"]["code"], refused["error"]["event_id"]) == (
        "relay_dollars_used_up",
        "mine",
    )
    assert [(each["type"], each["response_id"]) for each in received] == [
        ("response.cancel", "resp_1")
    ]
    assert [each["type"] for each in lease.charged] == ["session.created", "response.created"]


async def test_who_is_not_let_in_is_told_inside_the_socket():
    async with recording() as service, relaying(service.url) as relay:
        relay.admission.refusal = Refusal("Too many sessions.", code="relay_sessions_used_up")
        async with client_of(relay) as client:
            assert (await next_event(client))["error"]["code"] == "relay_sessions_used_up"
            assert await closing(client) == (1008, "invalid_request_error.relay_sessions_used_up")

    assert service.connections == []
    assert relay.told.calls == [("client_turned_away", "relay_sessions_used_up")]


# ---------------------------------------------------------------- half-open lines


async def test_a_client_whose_line_died_without_a_word_is_found(monkeypatch):
    monkeypatch.setattr(transport, "CLOSE_TIMEOUT_S", 0.1)
    quick = {"ping_interval_s": 0.05, "pong_timeout_s": 0.05}
    async with (
        recording() as service,
        relaying(service.url, **quick) as relay,
        session_of(relay) as client,
    ):
        client.transport.pause_reading()
        async with asyncio.timeout(5):
            await service.has_closed.wait()
        client.transport.abort()

    assert service.closed == [(1001, "")]


async def test_a_service_whose_line_died_without_a_word_is_found():
    async def open_quickly(url, headers, timeout_s):
        return await WebSocketTransport.open(
            url, headers=headers, ping_interval_s=0.05, pong_timeout_s=0.05
        )

    async with (
        running() as simulator,
        relaying(simulator.url, open_transport=open_quickly) as relay,
        session_of(relay) as client,
    ):
        simulator.inject("stall")
        errors, closed = await told_and_closed(client)

    assert [each["code"] for each in errors] == ["relay_upstream_lost"]
    assert closed == (1013, "server_error.relay_upstream_lost")


def test_both_lines_are_looked_after_within_20_seconds():
    assert transport.PING_INTERVAL_S + transport.PONG_TIMEOUT_S <= 20
