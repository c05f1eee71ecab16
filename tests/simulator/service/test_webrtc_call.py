import asyncio
import re
import socket
import struct
import threading

import aioice.ice
import httpx
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, VideoStreamTrack

from console import pcm
from console.client import targets
from console.client.client import RealtimeClient
from console.simulator.faults import Faults
from console.simulator.service import calls as calls_module
from console.simulator.service import media, webrtc_call
from tests.simulator.caller import Caller, Mouth, calling
from tests.simulator.fake_senses import FakeSenses, silence, tone
from tests.simulator.serving import Talker, open_session, running, until
from tests.speech import say

MODEL = "gpt-realtime-2.1"
ANSWER = "You said hello. What else?"
TURN = silence(300) + tone(400) + silence(700)


class SpeakingVoice:
    """Says everything at once, as flite does."""

    async def speak(self, text, voice, speed):
        yield say(text)


@pytest.fixture
def senses():
    senses = FakeSenses()
    senses.ears.says = ["hello"] * 8
    return senses


def kinds(events):
    return [event["type"] for event in events]


def only(events, event_type):
    (found,) = [event for event in events if event["type"] == event_type]
    return found


def likeness(heard: np.ndarray, said: bytes) -> float:
    """How much of `said` is found in what was heard, at the best place: 1 is all of it."""
    wanted = pcm.to_float(said).astype(np.float64)
    size = len(heard) + len(wanted)
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)
    at = int(np.argmax(found[: len(heard)]))
    there = heard[at : at + len(wanted)]
    return float(found[at] / np.sqrt(np.sum(there**2) * np.sum(wanted**2)))


async def test_who_speaks_is_answered_and_hears_what_was_said(senses):
    senses.voice = SpeakingVoice()
    async with running(senses) as server, calling(server, model=MODEL) as (caller, _):
        caller.mouth.say(TURN)
        events = await caller.until("output_audio_buffer.stopped")
        await caller.hears(0.3)  # it is still on its way
        sound = caller.sound()

    order = list(dict.fromkeys(kinds(events)))
    assert order[:4] == [
        "session.created",
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
        "input_audio_buffer.committed",
    ]
    assert "response.output_audio.delta" not in order
    assert only(events, "response.output_audio_transcript.done")["transcript"] == ANSWER
    assert order.index("response.output_audio_transcript.delta") < order.index(
        "output_audio_buffer.started"
    )
    started, stopped = (only(events, f"output_audio_buffer.{w}") for w in ("started", "stopped"))
    response = only(events, "response.done")["response"]
    assert started["response_id"] == stopped["response_id"] == response["id"]
    assert likeness(sound, say("You said hello.")) > 0.7
    assert likeness(sound, say("What else?")) > 0.7
    assert likeness(sound, say("Good morning to you all.")) < 0.4


async def test_speech_over_the_answer_silences_it_and_what_was_not_heard_is_forgotten(senses):
    senses.ears.says = ["count", "stop"]
    async with running(senses) as server, calling(server, model=MODEL) as (caller, _):
        caller.mouth.say(TURN)
        await caller.until("output_audio_buffer.started")
        caller.mouth.say(silence(500) + tone(400) + silence(700))
        events = await caller.until("output_audio_buffer.cleared")

    cut = [event for event in events if event["type"] == "conversation.item.truncated"]
    assert kinds(events)[-1 - len(cut) :] == [
        *["conversation.item.truncated"] * len(cut),
        "output_audio_buffer.cleared",
    ]
    # Half a second of silence, then speech until it is noticed; the way there and back is short.
    assert cut[0]["audio_end_ms"] == pytest.approx(650, abs=350)


async def test_the_client_can_clear_what_waits_to_be_heard(senses):
    async with running(senses) as server, calling(server, model=MODEL) as (caller, _):
        await caller.until("session.created")
        caller.send("conversation.item.create", item=message("count"))
        caller.send("response.create")
        response_id = (await caller.until("output_audio_buffer.started"))[-1]["response_id"]
        caller.send("response.cancel")
        caller.send("output_audio_buffer.clear")
        cleared = (await caller.until("output_audio_buffer.cleared"))[-1]
        await caller.hears(1.0)
        late = pcm.rms_dbfs(bytes(caller.heard[-24_000:]))

    assert cleared["response_id"] == response_id
    assert late < -60


def message(text):
    return {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": text}],
    }


async def test_a_long_answer_is_made_no_faster_than_it_can_be_heard(senses, monkeypatch):
    monkeypatch.setattr("console.simulator.service.call_speaker.ROOM_BYTES", 2000 * 48)
    async with running(senses) as server, calling(server, model=MODEL) as (caller, call_id):
        await caller.until("session.created")
        caller.send("conversation.item.create", item=message("count"))
        caller.send("response.create")
        await caller.until("output_audio_buffer.started")
        call = server._calls._calls[call_id]
        waiting_ms = pcm.bytes_to_ms(sum(len(each.waiting) for each in call.speaker._sounds))

    assert waiting_ms < 5000  # of some 40 s: what there was room for, and one sentence


async def test_turns_end_also_when_nothing_comes_any_more(senses):
    async with running(senses) as server, calling(server, model=MODEL) as (caller, _):
        caller.mouth.say(silence(200) + tone(600))
        await caller.until("input_audio_buffer.speech_started")
        caller.peer.getSenders()[0].replaceTrack(None)
        events = await caller.until("response.done")

    assert "input_audio_buffer.committed" in kinds(events)


async def test_a_page_calls_with_its_client_secret_alone(senses):
    async with running(senses, require_key="right") as server:
        async with httpx.AsyncClient(trust_env=False) as http:
            made = await http.post(
                f"http://127.0.0.1:{server.port}/v1/realtime/client_secrets",
                json={"session": {"type": "realtime", "model": MODEL, "instructions": "Be brief."}},
                headers={"Authorization": "Bearer right"},
            )
        bearer = {"Authorization": f"Bearer {made.json()['value']}"}
        async with calling(server, headers=bearer) as (caller, _):
            created = (await caller.until("session.created"))[-1]["session"]

    assert created["instructions"] == "Be brief."
    assert created["model"] == MODEL


async def test_a_call_with_sound_is_watched_and_steered_by_our_client(senses):
    told = []
    async with running(senses) as server, calling(server, model=MODEL) as (caller, call_id):
        client = RealtimeClient(target=targets.call(call_id, url=server.url), reconnect=None)
        client.on("realtime.event", lambda each: told.append(each.event.type))
        async with client:
            await client.update_session(instructions="Be brief.")
            changed = (await caller.until("session.updated"))[-1]["session"]
            caller.mouth.say(TURN)
            await caller.until("output_audio_buffer.stopped")
            await asyncio.wait_for(until(lambda: "output_audio_buffer.stopped" in told), 5)
            answer = client.conversation.items[-1]

    assert changed["instructions"] == "Be brief."
    assert answer.content[0].transcript == ANSWER
    assert {"input_audio_buffer.speech_started", "output_audio_buffer.started"} <= set(told)


async def test_what_happened_before_the_channel_was_open_is_told_then(senses):
    async with running(senses) as server:
        caller = Caller()
        connected = caller.may_connect = asyncio.Event()
        calling_ = asyncio.ensure_future(caller.call(server, model=MODEL))
        await asyncio.wait_for(until(lambda: server._calls._calls), 5)
        (call_id,) = server._calls._calls
        await asyncio.wait_for(until(lambda: server._calls._calls[call_id].work), 5)
        async with open_session(server, f"?call_id={call_id}") as connection:
            talker = Talker(connection)
            await talker.say("hello")
            await talker.until("conversation.item.done")
            connected.set()
            await calling_
            events = await caller.until("conversation.item.done")
        await caller.close()

    assert kinds(events) == ["session.created", "conversation.item.added", "conversation.item.done"]


async def test_a_call_can_have_no_channel_and_one_can_have_no_sound(senses):
    async with running(senses) as server:
        async with (
            calling(server, has_channel=False, model=MODEL) as (caller, call_id),
            open_session(server, f"?call_id={call_id}") as connection,
        ):
            caller.mouth.say(TURN)
            await Talker(connection).until("output_audio_buffer.stopped")
        async with calling(server, speaks=False, model=MODEL) as (caller, _):
            created = await caller.until("session.created")

    assert kinds(created) == ["session.created"]


# ---------------------------------------------------------------- the end


async def ended(caller):
    async with asyncio.timeout(10):
        await caller.is_over.wait()


async def gone(server):
    """Wait until no call is left, nor the end of one."""
    async with asyncio.timeout(15):
        while server._calls._calls or server._calls._endings:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)


async def test_hanging_up_ends_the_call_on_both_sides(senses):
    async with running(senses) as server, calling(server, model=MODEL) as (caller, call_id):
        await caller.until("session.created")
        server._calls.hang_up(call_id)
        await ended(caller)
        await gone(server)


async def test_of_a_caller_that_hangs_up_nothing_is_left(senses):
    async with running(senses) as server:
        async with calling(server, model=MODEL) as (caller, _):  # what the first one starts stays
            caller.mouth.say(TURN)
            await caller.until("output_audio_buffer.started")
        await gone(server)
        tasks_before, threads_before = asyncio.all_tasks(), set(threading.enumerate())
        async with calling(server, model=MODEL) as (caller, _):
            caller.mouth.say(TURN)
            await caller.until("output_audio_buffer.started")
        await gone(server)
        tasks_left = {each for each in asyncio.all_tasks() if not each.done()} - tasks_before
        threads_left = [each.name for each in set(threading.enumerate()) - threads_before]

    assert tasks_left == set()
    assert [each for each in threads_left if not each.startswith("asyncio_")] == []


async def test_a_caller_that_vanishes_is_missed(senses, monkeypatch):
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.1)
    monkeypatch.setattr(aioice.ice, "CONSENT_FAILURES", 2)
    async with running(senses) as server, calling(server, model=MODEL) as (caller, _):
        await caller.until("session.created")
        transport = caller.peer.sctp.transport.transport
        for protocol in transport._connection._protocols:
            protocol.transport.abort()
        await gone(server)


async def test_a_caller_that_never_comes_is_given_up(senses, monkeypatch, caplog):
    monkeypatch.setattr(webrtc_call, "CONNECT_TIMEOUT_S", 0.1)
    async with running(senses) as server:
        caller = Caller()
        caller.may_connect = asyncio.Event()
        calling_ = asyncio.ensure_future(caller.call(server, model=MODEL))
        await asyncio.wait_for(until(lambda: server._calls._calls), 5)
        await gone(server)
        caller.may_connect.set()
        await calling_
        await caller.close()

    assert "could not be reached" in caplog.text


async def test_stopping_the_server_ends_its_calls(senses):
    async with running(senses) as server, calling(server, model=MODEL) as (caller, _):
        await caller.until("session.created")
        await server.stop()
        await ended(caller)


async def test_a_call_expires_with_an_error(senses, monkeypatch):
    monkeypatch.setattr(calls_module, "SESSION_LENGTH_S", 1)
    async with running(senses) as server, calling(server, model=MODEL) as (caller, _):
        error = (await caller.until("error"))[-1]["error"]
        await ended(caller)

    assert error["code"] == "session_expired"


async def test_faults_reach_the_caller_too(senses):
    async with running(senses) as server, calling(server, model=MODEL) as (caller, _):
        session_id = (await caller.until("session.created"))[-1]["session"]["id"]
        server.set_faults(Faults.parse("fail_response=insufficient_quota"), session_id)
        caller.send("response.create")
        failed = (await caller.until("response.done"))[-1]["response"]
        n_reached = server.inject("drop", session_id)
        await ended(caller)

    assert failed["status_details"]["error"]["code"] == "insufficient_quota"
    assert n_reached == 1


# ---------------------------------------------------------------- offers


async def offer_of(*tracks):
    """The offer of a peer that wants to send these."""
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for track in tracks:
        peer.addTrack(track)
    await peer.setLocalDescription()
    offer = peer.localDescription.sdp
    await peer.close()
    return offer


async def answer_to(server, offer):
    async with httpx.AsyncClient(trust_env=False) as http:
        return await http.post(
            f"http://127.0.0.1:{server.port}/v1/realtime/calls?model={MODEL}",
            content=offer,
            headers={"Content-Type": "application/sdp"},
        )


async def test_one_stream_of_sound_is_taken_and_all_else_declined(senses):
    async with running(senses) as server:
        offer = await offer_of(Mouth(), VideoStreamTrack(), Mouth())
        answer = (await answer_to(server, offer)).text

    directions = re.findall(r"^a=(sendrecv|inactive|recvonly|sendonly)\r$", answer, re.MULTILINE)
    assert directions == ["sendrecv", "inactive", "inactive"]
    first = answer.partition("m=video")[0]
    assert re.findall(r"a=rtpmap:\d+ (\w+)", first) == ["opus"]


@pytest.mark.parametrize(
    ("wanted", "instead"),
    [("opus/48000", "speex/16000"), ("a=ice-pwd:", "a=ice-no:"), ("a=rtcp-mux", "a=x-no-mux")],
)
async def test_an_offer_that_cannot_be_taken_is_refused_and_leaves_no_call(senses, wanted, instead):
    async with running(senses) as server:
        offer = (await offer_of(Mouth())).replace(wanted, instead)
        answer = await answer_to(server, re.sub(r"PCM[UA]/8000|G722/8000", "x/8000", offer))
        await asyncio.wait_for(until(lambda: not server._calls._endings), 5)

        assert not server._calls._calls
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "invalid_offer", "sdp")


async def test_nothing_is_sent_to_addresses_that_an_offer_names(senses):
    async with running(senses) as server:
        await answer_to(server, await offer_of(Mouth()))
        (call,) = server._calls._calls.values()
        transports = call.media._transports()

        assert [each.getRemoteCandidates() for each in transports] == [[]]


async def test_the_answer_names_the_loopback_address(senses):
    async with running(senses) as server:
        answer = (await answer_to(server, await offer_of(Mouth()))).text

    assert re.search(r"^a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 \d+ typ host\r$", answer, re.M)


async def test_without_the_package_the_streams_are_declined(senses, monkeypatch):
    monkeypatch.setattr(media, "PACKAGE", "not_there")
    async with running(senses) as server:
        answer = await answer_to(server, await offer_of(Mouth()))

    assert answer.status_code == 201
    assert "m=audio 0 " in answer.text


async def test_a_client_that_is_gone_before_the_answer_leaves_no_call(senses, monkeypatch):
    entered = asyncio.Event()

    async def never(self, offer):
        entered.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(webrtc_call.WebRtcCall, "answer", never)
    async with running(senses) as server:
        offer = (await offer_of(Mouth())).encode()
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = (
            f"POST /v1/realtime/calls?model={MODEL} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Content-Type: application/sdp\r\nContent-Length: {len(offer)}\r\n\r\n"
        )
        writer.write(head.encode() + offer)
        await asyncio.wait_for(entered.wait(), 5)
        # Closed this way, a socket says that it reads no more either.
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.close()
        await gone(server)
