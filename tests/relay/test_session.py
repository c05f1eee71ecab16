import asyncio

import pytest

from console.realtime.refusal import Refusal
from console.relay import upstream
from console.transport import Closed
from tests.fakes import settle
from tests.relay.carrying import KEY, carrying

KEEP = {"session": {"keep": {"instructions": "Speak of trains alone."}}}


async def test_without_settings_of_its_own_the_relay_sends_nothing_itself():
    async with carrying() as carried:
        carried.client.deliver("response.cancel")
        await carried.service.expect("response.cancel")
        carried.begin()
        await carried.client.expect("session.created")

    assert carried.service.url == "wss://service.example/v1/realtime?model=gpt-realtime-2.1"
    assert carried.service.headers == {"Authorization": f"Bearer {KEY}"}


async def test_what_the_policy_keeps_is_set_before_the_client_says_anything():
    async with carrying(KEEP) as carried:
        carried.client.deliver("response.create")
        await settle()
        carried.begin(instructions="old")
        update = await carried.service.expect("session.update")
        await carried.service.finish()
        await carried.client.finish()
        kept = {"id": "sess_1", "instructions": "Speak of trains alone.", "voice": "marin"}
        carried.service.deliver("session.updated", session=kept)
        created = await carried.client.expect("session.created")
        await carried.service.expect("response.create")

    assert update["session"] == {"type": "realtime", "instructions": "Speak of trains alone."}
    assert created["session"] == {"id": "sess_1", "voice": "marin"}


async def test_a_service_that_does_not_take_what_is_kept_gets_nothing_from_the_client(caplog):
    async with carrying(KEEP) as carried:
        carried.client.deliver("response.create")
        carried.begin()
        await carried.service.expect("session.update")
        carried.service.deliver("error", error={"message": "too long: Speak of ..."})
        error = await carried.client.expect("error")
        await settle()

    assert error["error"]["code"] == "relay_policy_not_accepted"
    assert "Speak" not in error["error"]["message"]
    assert carried.client.closed is not None
    assert carried.client.closed.code == 1011
    assert "too long" in caplog.text


@pytest.mark.parametrize("policy", [None, KEEP])
async def test_a_service_that_begins_nothing_is_waited_for_only_so_long(monkeypatch, policy):
    monkeypatch.setattr(upstream, "BEGIN_TIMEOUT_S", 0.01)
    async with carrying(policy) as carried:
        if policy:
            error = await carried.client.expect("error")
            assert error["error"]["code"] == "relay_upstream_timeout"
        else:
            carried.service.deliver("transcription.delta", delta="hello")
            await carried.client.expect("transcription.delta")
            carried.client.deliver("response.cancel")
            await carried.service.expect("response.cancel")


async def test_an_error_before_the_session_is_held_until_the_session_is_there():
    async with carrying() as carried:
        carried.service.deliver("error", error={"message": "odd"})
        await carried.client.finish()
        carried.begin()
        await carried.client.expect("session.created")
        error = await carried.client.expect("error")

    assert error["error"]["message"] == "odd"


async def test_an_error_that_ends_the_line_names_the_cause():
    async with carrying() as carried:
        carried.service.deliver(
            "error",
            error={"type": "invalid_request_error", "code": "invalid_model", "message": "m"},
        )
        carried.service.hang_up(4000, "invalid_request_error.invalid_model")
        error = await carried.client.expect("error")
        await settle()

    assert error["error"]["code"] == "relay_upstream_model"
    assert carried.told.of("session_closed") == [
        ("session-1", 1011, "server_error.relay_upstream_model", "upstream")
    ]


@pytest.mark.parametrize("has_begun", [True, False])
@pytest.mark.parametrize(
    ("code", "reason", "cause"),
    [
        (1009, "frame with 17825816 bytes exceeds limit", "too_large"),
        (1007, "invalid start byte", "garbage"),
    ],
)
async def test_what_the_service_may_not_send_is_not_told_as_the_client_s_fault(
    code, reason, cause, has_begun
):
    async with carrying() as carried:
        if has_begun:
            carried.begin()
            await carried.client.expect("session.created")
        carried.service.hang_up(code, reason, is_ours=True)
        error = await carried.client.expect("error")
        await settle()

    assert error["error"]["code"] == f"relay_upstream_{cause}"
    assert reason in error["error"]["message"]
    assert carried.client.closed is not None
    assert carried.client.closed.code == 1011


async def test_a_close_that_the_service_wants_is_passed_on_as_it_is():
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.service.hang_up(1009, "too much for me")
        await settle()

    assert carried.client.closed == Closed(1009, "too much for me")


async def test_the_end_by_the_relay_is_told_to_both_and_a_running_answer_is_cancelled():
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.service.deliver("response.created", response={"id": "resp_1"})
        await carried.client.expect("response.created")
        assert carried.session.is_answering
        carried.session.end(1001, "relay_stopping", Refusal("The relay ends.", code="stopping"))
        carried.session.end(1000, "again")
        await carried.service.expect("response.cancel")
        error = await carried.client.expect("error")
        await settle()

    assert error["error"]["code"] == "stopping"
    assert carried.client.closed is not None
    assert (carried.client.closed.code, carried.client.closed.reason) == (1001, "relay_stopping")


async def test_a_notice_reaches_the_client_and_the_session_goes_on():
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.session.tell(Refusal("Soon.", code="relay_stopping"))
        notice = await carried.client.expect("error")
        carried.client.deliver("response.cancel")
        await carried.service.expect("response.cancel")

    assert notice["error"]["code"] == "relay_stopping"
    passed = [each.event["type"] for each in carried.told.passed("down")]
    assert passed == ["session.created", "error"]


async def test_a_client_of_the_beta_hears_and_says_everything_in_its_own_words():
    async with carrying(is_beta=True) as carried:
        carried.begin(type="realtime", output_modalities=["audio"])
        created = await carried.client.expect("session.created")
        await carried.client.expect("conversation.created")
        carried.client.deliver("session.update", session={"voice": "marin", "temperature": 0.7})
        update = await carried.service.expect("session.update")
        carried.service.deliver("conversation.item.done", item={"id": "item_1"})
        carried.service.deliver("response.output_audio.delta", delta="AAAA")
        await carried.client.expect("response.audio.delta")
        carried.client.deliver("session.update", session={"speed": 9}, event_id="mine")
        refused = await carried.client.expect("error")

    assert created["session"]["modalities"] == ["text", "audio"]
    assert update["session"] == {"type": "realtime", "audio": {"output": {"voice": "marin"}}}
    assert (refused["error"]["param"], refused["error"]["event_id"]) == ("session.speed", "mine")
    down = [each.event["type"] for each in carried.told.passed("down")]
    assert down == [
        "session.created",
        "conversation.item.done",
        "response.output_audio.delta",
        "error",
    ]


async def test_observers_hear_of_everything_in_the_form_in_which_it_went_on():
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.client.deliver("session.update", session={"instructions": "x"})
        await carried.service.expect("session.update")
        carried.client.deliver("future.event")
        await carried.client.expect("error")

    (up,) = carried.told.passed("up")
    assert up.event == {"type": "session.update", "event_id": "event_s", "session": {}}
    assert up.size_bytes == len('{"type":"session.update","event_id":"event_s","session":{}}')
    assert up.received_s <= up.sent_s
    assert carried.told.of("settings_left_out") == [
        ("session-1", "session.update", ["session.instructions"])
    ]
    ((_, refused, code),) = carried.told.of("event_refused")
    assert (refused["type"], code) == ("future.event", "relay_event_not_allowed")
    assert carried.told.calls[0][0] == "session_opened"
    assert carried.told.of("session_closed") == [("session-1", 1000, "", "client")]


async def test_the_oldest_sound_goes_first_when_the_service_is_slow():
    policy = {"queues": {"up_audio_s": 2}}
    second = "A" * 64_000
    async with carrying(policy) as carried:
        carried.service.is_backed_up = True
        carried.begin()
        await carried.client.expect("session.created")
        gate = asyncio.Event()
        send = carried.service.send

        async def slow(text):
            await gate.wait()
            await send(text)

        carried.service.send = slow
        carried.client.deliver("input_audio_buffer.append", audio=second)
        await settle()
        for _ in range(5):
            carried.client.deliver("input_audio_buffer.append", audio=second)
        carried.client.deliver("input_audio_buffer.commit")
        await settle()
        gate.set()
        for _ in range(3):
            await carried.service.expect("input_audio_buffer.append")
        await carried.service.expect("input_audio_buffer.commit")

    dropped = carried.told.of("audio_dropped")
    assert [(way, n) for _, way, n, _ in dropped] == [("up", 1)] * 3


async def test_a_failure_of_our_own_ends_the_session_and_says_so():
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.client.fail(RuntimeError("a mistake"))
        error = await carried.client.expect("error")
        await settle()

    assert error["error"]["code"] == "relay_failed"
    assert carried.client.closed is not None
    assert carried.client.closed.code == 1011
