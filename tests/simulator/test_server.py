import asyncio
import json
from contextlib import asynccontextmanager

import httpx
import pytest
import websockets
from websockets.asyncio.client import connect

from console import pcm
from console.simulator.connection import Pace
from console.simulator.faults import Faults
from console.simulator.server import SimulatorServer
from tests.simulator.fake_senses import FakeSenses, silence, tone

AT_ONCE = Pace(speech_rate=0, writing_interval_s=0)
MANUAL = {"type": "realtime", "audio": {"input": {"turn_detection": None}}}


@asynccontextmanager
async def running(senses=None, **options):
    server = SimulatorServer("127.0.0.1", 0, senses or FakeSenses(), **{"pace": AT_ONCE, **options})
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def open_session(server, query="?model=gpt-realtime-2.1", **options):
    return connect(server.url + query, compression=None, max_size=None, **options)


class Talker:
    """A client of few words."""

    def __init__(self, connection):
        self.connection = connection

    async def send(self, **event):
        await self.connection.send(json.dumps(event))

    async def say(self, text):
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": "user", "content": content}
        await self.send(type="conversation.item.create", item=item)

    async def until(self, event_type):
        events = []
        async with asyncio.timeout(10):
            while True:
                events.append(json.loads(await self.connection.recv()))
                if events[-1]["type"] == event_type:
                    return events


async def test_a_typed_message_is_answered_with_speech_and_transcript():
    async with running() as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.say("hello")
        await talker.send(type="response.create")
        events = await talker.until("response.done")

    deltas = [e["delta"] for e in events if e["type"] == "response.output_audio_transcript.delta"]
    audio = [e["delta"] for e in events if e["type"] == "response.output_audio.delta"]
    assert events[0]["type"] == "session.created"
    assert "".join(deltas) == "You said hello. What else?"
    assert pcm.bytes_to_ms(len(b"".join(map(pcm.decode, audio)))) == 60 * len("You said hello.") + (
        60 * len("What else?")
    )


async def test_a_spoken_turn_is_detected_recognised_and_answered():
    senses = FakeSenses()
    senses.ears.says = ["hello"]
    async with running(senses) as server, open_session(server) as connection:
        talker = Talker(connection)
        spoken = silence(640) + tone(960) + silence(960)
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(spoken))
        events = await talker.until("response.done")

    kinds = [e["type"] for e in events]
    assert kinds[1:7] == [
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
        "conversation.item.added",
        "conversation.item.done",
        "response.created",
    ]
    assert events[1]["audio_start_ms"] == 340
    assert events[2]["audio_end_ms"] == 2112
    assert senses.ears.asked == [(2112 - 340, False, "")]


async def test_what_the_assistant_cannot_understand_is_listened_to_again():
    senses = FakeSenses()
    senses.ears.says = ["mumble", "hello"]
    async with running(senses) as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.send(type="session.update", session=MANUAL)
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(tone(500)))
        await talker.send(type="input_audio_buffer.commit")
        await talker.send(type="response.create")
        events = await talker.until("response.done")

    said = events[-1]["response"]["output"][0]["content"][0]["transcript"]
    assert said == "You said hello. What else?"
    assert [retry for _, retry, _ in senses.ears.asked] == [False, True]


async def test_speech_over_a_long_answer_stops_the_synthesis():
    senses = FakeSenses()
    senses.ears.says = ["stop"]
    pace = Pace(speech_rate=20)
    async with running(senses, pace=pace) as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.say("count")
        await talker.send(type="response.create")
        await talker.until("response.output_audio.delta")
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(tone(320)))
        events = await talker.until("response.done")
        await talker.send(type="input_audio_buffer.append", audio=pcm.encode(silence(960)))
        later = await talker.until("response.done")

    done = events[-1]["response"]
    details = {"type": "cancelled", "reason": "turn_detected"}
    assert (done["status"], done["status_details"]) == ("cancelled", details)
    assert senses.voice.n_closed_early == 1
    assert not [e for e in later if e.get("response_id") == done["id"]]


async def test_a_failing_voice_ends_the_response_as_failed_and_the_session_goes_on():
    async with running() as server, open_session(server) as connection:
        talker = Talker(connection)
        output = {"output": {"voice": "verse"}}
        await talker.say("hello")
        await talker.send(type="response.create", response={"audio": output})
        failed = (await talker.until("response.done"))[-1]["response"]
        await talker.send(type="response.create", response={"output_modalities": ["text"]})
        answered = (await talker.until("response.done"))[-1]["response"]

    assert failed["status_details"]["error"]["message"] == "The voice verse has a cold."
    assert answered["status"] == "completed"


async def test_a_crash_of_the_assistant_fails_the_response_and_not_the_session(caplog):
    async with running() as server, open_session(server) as connection:
        talker = Talker(connection)
        await talker.say("crash")
        await talker.send(type="response.create")
        failed = (await talker.until("response.done"))[-1]["response"]
        await talker.send(type="session.update", session=MANUAL)
        await talker.until("session.updated")

    assert failed["status"] == "failed"
    assert "could not be carried out" in caplog.text


async def test_binary_frames_are_answered_with_an_error():
    async with running() as server, open_session(server) as connection:
        await connection.send(b"\x00")
        error = (await Talker(connection).until("error"))[-1]["error"]

    assert error["code"] == "invalid_event"


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["realtime", "openai-insecure-api-key.k"], "realtime"),
        (["openai-insecure-api-key.k"], None),
        (None, None),
    ],
)
async def test_realtime_is_the_only_subprotocol_ever_answered(offered, chosen):
    async with running() as server, open_session(server, subprotocols=offered) as connection:
        assert connection.subprotocol == chosen


async def told_and_closed(connection):
    error = (await Talker(connection).until("error"))[-1]["error"]
    with pytest.raises(websockets.ConnectionClosed) as closed:
        await connection.recv()
    return error["code"], closed.value.rcvd.code, closed.value.rcvd.reason


@pytest.mark.parametrize(
    "offer",
    [
        {},
        {"additional_headers": {"authorization": "Bearer wrong"}},
        {"additional_headers": {"api-key": "wrong"}},
        {"subprotocols": ["realtime", "openai-insecure-api-key.wrong"]},
    ],
)
async def test_a_wrong_key_is_told_inside_the_socket_and_closed_with_3000(offer):
    async with running(require_key="right") as server, open_session(server, **offer) as connection:
        ending = await told_and_closed(connection)

    assert ending == ("invalid_api_key", 3000, "invalid_request_error.invalid_api_key")


@pytest.mark.parametrize(
    "offer",
    [
        {"additional_headers": {"AUTHORIZATION": "Bearer right"}},
        {"additional_headers": {"api-key": "right"}},
        {"subprotocols": ["realtime", "openai-insecure-api-key.right"]},
    ],
)
async def test_the_right_key_is_found_in_any_header_and_in_the_subprotocols(offer):
    async with running(require_key="right") as server, open_session(server, **offer) as connection:
        first = json.loads(await connection.recv())

    assert first["type"] == "session.created"


@pytest.mark.parametrize(
    ("query", "headers", "code"),
    [
        ("", {}, "missing_model"),
        ("?model=gpt-4", {}, "invalid_model"),
        ("?model=gpt-realtime", {"OpenAI-Beta": "realtime=v1"}, "beta_api_shape_disabled"),
        ("?intent=transcription", {}, "invalid_value"),
    ],
)
async def test_what_cannot_be_served_is_told_and_closed_with_4000(query, headers, code):
    async with (
        running(models=["gpt-realtime"]) as server,
        open_session(server, query, additional_headers=headers) as connection,
    ):
        ending = await told_and_closed(connection)

    assert ending == (code, 4000, f"invalid_request_error.{code}")


async def handshake_status(server, path="/v1/realtime?model=gpt-realtime", **options):
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{server.port}{path}", **options):
            pass
    return refused.value.response.status_code


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}"]
)
async def test_only_loopback_names_with_the_own_port_are_served(host):
    async with running() as server, httpx.AsyncClient() as browser:
        headers = {"Host": host.format(port=server.port)}
        answer = await browser.get(f"http://127.0.0.1:{server.port}/", headers=headers)

    assert answer.status_code == 400


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1:{port}.evil.example"],
)
async def test_pages_of_foreign_origins_may_not_connect(origin):
    async with running(allowed_origins=["http://good.example"]) as server:
        foreign = origin.format(port=server.port)
        status = await handshake_status(server, origin=foreign)
        async with open_session(server, origin="http://good.example"):
            pass
        async with open_session(server, origin=f"http://localhost:{server.port}"):
            pass

    assert status == 403


async def test_unknown_paths_are_404():
    async with running() as server:
        assert await handshake_status(server, "/v1/realtime/translations?model=x") == 404


async def test_the_models_are_listed_over_http():
    async with running() as server, httpx.AsyncClient() as browser:
        listed = (await browser.get(f"http://127.0.0.1:{server.port}/v1/models")).json()

    assert "gpt-realtime-2.1" in [model["id"] for model in listed["data"]]


async def test_one_session_too_many_is_refused_until_one_ends():
    async with running(max_sessions=1) as server:
        async with open_session(server) as first:
            await first.recv()
            status = await handshake_status(server)
        await asyncio.wait_for(_until(lambda: server.n_sessions == 0), 5)
        async with open_session(server) as second:
            assert json.loads(await second.recv())["type"] == "session.created"

    assert status == 503


async def _until(holds):  # the server tells nobody when a session has ended
    while not holds():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0)


async def test_a_client_that_drops_the_line_leaves_nothing_running(caplog):
    senses = FakeSenses()
    async with running(senses, pace=Pace(speech_rate=20)) as server:
        connection = await open_session(server)
        talker = Talker(connection)
        await talker.say("count")
        await talker.send(type="response.create")
        await talker.until("response.output_audio.delta")
        connection.transport.abort()
        await asyncio.wait_for(_until(lambda: server.n_sessions == 0), 5)

    assert senses.voice.n_closed_early == 1
    assert not caplog.records


async def test_a_client_that_reads_slowly_makes_speech_wait_instead_of_memory_grow():
    senses = FakeSenses()
    async with running(senses) as server:
        connection = await open_session(server)
        talker = Talker(connection)
        for _ in range(3):
            await talker.say("count")
        await talker.send(type="response.create")
        events = await talker.until("response.done")
        await connection.close()

    assert events[-1]["response"]["status"] == "completed"


async def test_stop_ends_open_sessions_in_bounded_time():
    async with running() as server:
        connection = await open_session(server)
        await connection.recv()
        async with asyncio.timeout(5):
            await server.stop()
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await connection.recv()

    assert closed.value.rcvd.code == 1001


async def test_the_engines_are_opened_and_closed_with_the_server():
    senses = FakeSenses()
    async with running(senses):
        was_open = senses.is_open

    assert (was_open, senses.is_open) == (True, False)


async def test_a_fault_refuses_the_handshake():
    async with running(faults=Faults(refuse_status=429)) as server:
        assert await handshake_status(server) == 429


async def test_a_fault_closes_after_some_events():
    faults = Faults(close_after=1, close_code=4000, close_reason="because")
    async with running(faults=faults) as server, open_session(server) as connection:
        await connection.recv()
        with pytest.raises(websockets.ConnectionClosed) as closed:
            await connection.recv()

    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4000, "because")


async def test_a_fault_drops_the_line():
    async with running(faults=Faults(drop_after=1)) as server, open_session(server) as connection:
        await connection.recv()
        with pytest.raises(websockets.ConnectionClosedError) as closed:
            await connection.recv()

    assert closed.value.rcvd is None


async def test_a_fault_stalls_with_the_connection_open():
    async with running(faults=Faults(stall_after=1)) as server, open_session(server) as connection:
        await connection.recv()
        await Talker(connection).send(type="session.update", session=MANUAL)
        # The line answers pings, so the server has read what came before.
        await (await connection.ping())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(connection.recv(), 0.1)
