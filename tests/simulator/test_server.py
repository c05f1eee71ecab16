import asyncio
import base64
import json
import threading
from typing import Any

import pytest
import websockets

from console.simulator.faults import Faults
from tests.fakes import ManualClock
from tests.simulator.fake_senses import FakeSenses, LoudnessDetector, tone
from tests.simulator.serving import (
    MANUAL,
    Talker,
    closing,
    handshake_status,
    open_session,
    running,
    until,
)


async def test_one_session_too_many_is_refused_until_one_ends():
    async with running(max_sessions=1) as server:
        async with open_session(server) as first:
            await first.recv()
            status = await handshake_status(server)
        await asyncio.wait_for(until(lambda: server.n_sessions == 0), 5)
        async with open_session(server) as second:
            assert json.loads(await second.recv())["type"] == "session.created"

    assert status == 503


class HeldUpDetector(LoudnessDetector):
    """Hears nothing before it is let go on."""

    def __init__(self, begun, going_on):
        super().__init__()
        self._begun, self._going_on = begun, going_on

    def push(self, pcm24k):
        self._begun.set()
        assert self._going_on.wait(10)
        return super().push(pcm24k)


async def test_who_has_gone_takes_no_place_even_while_the_engines_still_hear_them():
    begun, going_on = threading.Event(), threading.Event()
    senses: Any = FakeSenses()
    senses.new_detector = lambda: HeldUpDetector(begun, going_on)
    try:
        async with running(senses, max_sessions=1) as server:
            async with open_session(server) as first:
                await first.recv()
                audio = base64.b64encode(tone(2000)).decode()
                await Talker(first).send(type="input_audio_buffer.append", audio=audio)
                assert await asyncio.to_thread(begun.wait, 10)
            async with open_session(server) as second:
                assert json.loads(await second.recv())["type"] == "session.created"
            going_on.set()
    finally:
        going_on.set()


async def test_stop_ends_open_sessions_in_bounded_time():
    async with running() as server:
        connection = await open_session(server)
        await connection.recv()
        async with asyncio.timeout(5):
            await server.stop()
        ending = await closing(connection)

    assert ending == (1001, "")


async def test_the_engines_are_opened_and_closed_with_the_server():
    senses = FakeSenses()
    async with running(senses):
        was_open = senses.is_open

    assert (was_open, senses.is_open) == (True, False)


async def test_a_fault_refuses_the_handshake():
    async with running(faults=Faults(refuse_status=429)) as server:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with open_session(server):
                pass

    answer = refused.value.response
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert json.loads(answer.body)["error"]["code"] == "rate_limit_exceeded"


async def test_faults_may_be_for_some_connections_only():
    async with running(faults=Faults(refuse_status=503, times=2)) as server:
        refusals = [await handshake_status(server) for _ in range(2)]
        async with open_session(server) as connection:
            first = json.loads(await connection.recv())

    assert (refusals, first["type"]) == ([503, 503], "session.created")


async def test_faults_of_urls_are_counted_for_all_connections_that_ask_for_the_same():
    once, twice = (f"/v1/realtime?model=gpt-realtime&fault=refuse=503,times={n}" for n in (1, 2))
    async with running() as server:
        refusals = [await handshake_status(server, path) for path in (once, twice, twice)]
        for path in (once, twice):
            async with open_session(server, path.removeprefix("/v1/realtime")) as connection:
                first = json.loads(await connection.recv())
                assert first["type"] == "session.created"

    assert refusals == [503, 503, 503]


async def test_a_fault_closes_after_some_events():
    faults = Faults(close_after=1, close_code=4000, close_reason="because")
    async with running(faults=faults) as server, open_session(server) as connection:
        await connection.recv()
        ending = await closing(connection)

    assert ending == (4000, "because")


async def test_a_fault_drops_the_line():
    async with running(faults=Faults(drop_after=1)) as server, open_session(server) as connection:
        await connection.recv()
        ending = await closing(connection)

    assert ending is None


async def test_a_stalled_line_is_open_and_dead():
    async with running(faults=Faults(stall_after=1)) as server, open_session(server) as connection:
        await connection.recv()
        await Talker(connection).send(type="session.update", session=MANUAL)
        pong = await connection.ping()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pong, 0.1)
        is_open = server.n_sessions == 1
        connection.transport.abort()
        await asyncio.wait_for(until(lambda: server.n_sessions == 0), 5)

    assert is_open


async def test_a_url_brings_faults_for_its_own_connection_only():
    async with running(faults=Faults(refuse_status=500)) as server:
        query = "?model=gpt-realtime&fault=close_after=1,close_code=4001&fault=late_deltas"
        async with open_session(server, query) as connection:
            await connection.recv()
            ending = await closing(connection)
        others = await handshake_status(server)

    assert (ending, others) == ((4001, ""), 500)


async def test_a_fault_that_makes_no_sense_in_a_url_is_a_400_in_a_sentence():
    async with running() as server:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with open_session(server, "?model=gpt-realtime&fault=explode"):
                pass

    answer = refused.value.response
    assert answer.status_code == 400
    assert "There is no fault 'explode'." in json.loads(answer.body)["error"]["message"]


async def test_faults_set_live_reach_running_and_coming_sessions():
    async with running() as server, open_session(server) as connection:
        await connection.recv()
        server.set_faults(Faults(drop_after=0))
        running_one = await closing(connection)
        async with open_session(server) as coming:
            coming_one = await closing(coming)

    assert server.faults == Faults(drop_after=0)
    assert (running_one, coming_one) == (None, None)


async def test_faults_for_coming_connections_leave_running_ones_alone():
    async with running() as server, open_session(server) as connection:
        await connection.recv()
        server.faults = Faults(refuse_status=403, times=1)
        statuses = [await handshake_status(server)]
        async with open_session(server) as after:
            await after.recv()
        await (await connection.ping())

    assert statuses == [403]


async def test_faults_may_be_for_one_session():
    async with running() as server, open_session(server) as one, open_session(server) as other:
        session_id = json.loads(await one.recv())["session"]["id"]
        await other.recv()
        server.set_faults(Faults(close_after=0, close_code=4002), session_id)
        ending = await closing(one)
        reached = server.inject("close", "sess_unknown")
        await (await other.ping())

    assert (ending, reached) == ((4002, ""), 0)
    assert server.faults == Faults()


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("drop", None),
        ("close", (1011, "")),
        ("close_after=0,close_code=1013,close_reason=busy", (1013, "busy")),
        ("expire", (1001, "Your session hit the maximum duration of 60 minutes.")),
    ],
)
async def test_something_goes_wrong_now_and_once(name, ending):
    async with running() as server, open_session(server) as connection:
        await connection.recv()
        reached = server.inject(name)
        events = await Talker(connection).until("error") if name == "expire" else []
        seen = await closing(connection)
        async with open_session(server) as untouched:
            await untouched.recv()
            await (await untouched.ping())

    assert (reached, seen) == (1, ending)
    assert [event["error"]["code"] for event in events] == ["session_expired"] * len(events)


async def test_faults_of_a_group_reach_what_runs_and_what_comes_of_it_alone():
    async with running() as server:
        async with (
            open_session(server, "?model=gpt-realtime&fault_group=a") as ours,
            open_session(server) as other,
        ):
            await ours.recv()
            await other.recv()
            assert server.inject("close", group="b") == 0
            server.set_faults(Faults(refuse_status=503, times=1), group="a")
            assert server.inject("close", group="a") == 1
            assert await closing(ours) == (1011, "")
        ours_path = "/v1/realtime?model=gpt-realtime&fault_group=a"
        assert await handshake_status(server, ours_path) == 503
        async with open_session(server, "?model=gpt-realtime&fault_group=a") as again:
            assert json.loads(await again.recv())["type"] == "session.created"


async def test_what_nobody_knows_cannot_be_injected():
    async with running() as server:
        with pytest.raises(ValueError, match="no fault 'explode'"):
            server.inject("explode")


async def test_a_session_expires_when_a_fault_says_so():
    faults = Faults(expire_after_s=0)
    async with running(faults=faults) as server, open_session(server) as connection:
        events = await Talker(connection).until("error")
        ending = await closing(connection)

    assert events[-1]["error"]["code"] == "session_expired"
    assert ending == (1001, "Your session hit the maximum duration of 60 minutes.")


@pytest.mark.parametrize(
    ("text", "is_told"), [("expire_after=90", True), ("expire_after=90,surprise_expiry", False)]
)
async def test_a_session_says_when_a_fault_will_end_it_unless_that_is_a_surprise(text, is_told):
    clock = ManualClock()
    faults = Faults.parse(text)
    async with running(faults=faults, clock=clock) as server, open_session(server) as connection:
        created = json.loads(await connection.recv())
        await Talker(connection).send(type="session.update", session=MANUAL)
        updated = json.loads(await connection.recv())

    left_s = [event["session"]["expires_at"] - int(clock.wall_s()) for event in (created, updated)]
    assert left_s == ([90, 90] if is_told else [3600, 3600])


async def test_responses_fail_with_the_code_that_a_fault_names():
    faults = Faults(fail_response="insufficient_quota")
    async with running(faults=faults) as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.say("hello")
        await talker.send(type="response.create")
        failed = (await talker.until("response.done"))[-1]["response"]
        server.set_faults(Faults())
        await talker.send(type="response.create")
        answered = (await talker.until("response.done"))[-1]["response"]

    assert failed["status_details"]["error"]["code"] == "insufficient_quota"
    assert (failed["status"], answered["status"]) == ("failed", "completed")


async def test_every_message_is_shown_to_who_watches():
    seen = []
    async with running(watch=lambda *told: seen.append(told)) as server:
        for _ in range(2):
            async with open_session(server) as connection:
                talker = Talker(connection)
                await talker.send(type="session.update", session=MANUAL)
                await talker.until("session.updated")

    shown = [(number, who, json.loads(message)["type"]) for number, who, message in seen]
    assert sorted(shown) == [
        (1, "client", "session.update"),
        (1, "server", "session.created"),
        (1, "server", "session.updated"),
        (2, "client", "session.update"),
        (2, "server", "session.created"),
        (2, "server", "session.updated"),
    ]
