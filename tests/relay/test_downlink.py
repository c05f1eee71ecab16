import re

import pytest

from console.realtime.refusal import Refusal
from console.relay.downlink import MAX_GARBAGE
from console.transport import Closed
from tests.fakes import settle
from tests.relay.carrying import KEY, carrying


async def test_a_lease_hears_of_what_costs_before_the_client_does():
    done = {"id": "resp_1", "usage": {"total_tokens": 5}}
    async with carrying({"events": {"down_without": ["response.done"]}}) as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.service.deliver("response.created", response={"id": "resp_1"})
        await carried.client.expect("response.created")
        assert carried.session.is_answering
        carried.service.deliver("response.done", response=done)
        carried.service.deliver("rate_limits.updated")
        await carried.client.expect("rate_limits.updated")

    assert not carried.session.is_answering
    assert [each["type"] for each in carried.lease.charged] == [
        "session.created",
        "response.created",
        "response.done",
    ]
    assert carried.lease.charged[-1]["response"] == done


@pytest.mark.parametrize("text", ["sk-live-0123456789abcdef", "Bearer 0123456789abcdef"])
async def test_what_looks_like_a_key_in_an_error_does_not_come_down(text):
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.service.deliver("error", error={"message": f"wrong key: {text}"})
        error = await carried.client.expect("error")

    assert "0123456789abcdef" not in error["error"]["message"]


@pytest.mark.parametrize("is_beta", [False, True])
async def test_the_relays_key_does_not_come_down_in_any_event(is_beta):
    async with carrying(is_beta=is_beta) as carried:
        carried.begin(instructions=f"Say {KEY}.")
        begun = await carried.client.expect("session.created")
        if is_beta:
            await carried.client.expect("conversation.created")
        carried.service.deliver_raw(
            f'{{"type":"rate_limits.updated","n":["{KEY}","\\u0070{KEY[1:]}"]}}'
        )
        told = await carried.client.expect("rate_limits.updated")
        seen = [each.event for each in carried.told.passed("down")]

    assert begun["session"]["instructions"] == "Say [secret]."
    assert told["n"] == ["[secret]", "[secret]"]
    assert KEY not in str(seen)


@pytest.mark.parametrize("size", [1, 4, 9])
async def test_the_relays_key_does_not_come_down_in_pieces(size):
    kind, said = "response.output_audio_transcript.delta", f"It is {KEY}, so there."
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    heard = []
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        for each in pieces:
            carried.service.deliver(kind, item_id="a", content_index=0, delta=each)
            carried.service.deliver("response.output_audio.delta", item_id="a", delta="AAAA")
            heard.append((await carried.client.expect(kind))["delta"])
            await carried.client.expect("response.output_audio.delta")

    assert re.fullmatch(r"It is p?l?a?\[secret\], so there\.", "".join(heard))


async def test_the_relays_key_does_not_come_down_in_the_reason_of_a_close():
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.service.hang_up(4000, f"wrong: {KEY}")
        await settle()

    assert carried.client.closed == Closed(4000, "wrong: [secret]")


async def test_one_event_after_garbage_forgives_it():
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        for _ in range(3):
            for _ in range(MAX_GARBAGE - 1):
                carried.service.deliver_raw("garbage")
            carried.service.deliver("rate_limits.updated")
            await carried.client.expect("rate_limits.updated")


async def test_an_event_that_is_too_deep_to_be_written_is_left_out():
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        deep = '{"a":' * 300 + "1" + "}" * 300
        carried.service.deliver_raw('{"type":"future.event","x":' + deep + "}")
        carried.service.deliver("rate_limits.updated")
        await carried.client.expect("rate_limits.updated")


async def test_the_log_names_a_session_so_that_nobody_can_watch_it_by_that(caplog):
    async with carrying() as carried:
        carried.begin()
        await carried.client.expect("session.created")
        carried.service.deliver_raw("no event")
        carried.service.deliver("rate_limits.updated")
        await carried.client.expect("rate_limits.updated")
        facts = carried.session.facts

    (told,) = (each for each in caplog.messages if "the service sent no event" in each)
    assert told.startswith(f"session {facts.name_in_log}: ")
    assert told.endswith("failed to parse JSON value.")
    assert facts.id not in caplog.text


async def own_event_id(carried):
    """Return the id of an event that the relay makes itself."""
    carried.begin()
    await carried.client.expect("session.created")
    carried.lease.refusal = Refusal("Used up.", code="relay_quota_exceeded")
    carried.service.deliver("response.created", response={"id": "resp_1"})
    await carried.client.expect("response.created")
    cancel = await carried.service.expect("response.cancel")
    return cancel["event_id"]


async def test_what_the_service_says_of_the_relay_s_own_events_is_for_the_log_alone(caplog):
    async with carrying() as carried:
        own = await own_event_id(carried)
        carried.service.deliver("error", error={"message": "nothing to cancel", "event_id": own})
        carried.service.deliver("error", error={"message": "odd", "event_id": "mine"})
        error = await carried.client.expect("error")

    assert error["error"]["event_id"] == "mine"
    assert "nothing to cancel" in caplog.text


async def test_no_client_can_know_the_id_of_the_relay_s_own_events():
    async with carrying() as one, carrying() as other:
        first, second = await own_event_id(one), await own_event_id(other)
        one.service.deliver("error", error={"message": "no", "event_id": second})
        error = await one.client.expect("error")

    assert first != second
    assert error["error"]["event_id"] == second
