"""Our own client talks through a relay, and says in plain words why one does not let it."""

import pytest

from console.client import RealtimeClient
from console.client.happenings import ConnectionChanged, ErrorReport
from console.errors import ConnectError
from console.relay.tokens import hashed
from console.tools.memory import Memory, memory_tool
from tests.fakes import PATIENCE_S
from tests.relay.operated import operated
from tests.relay.recorder import recording
from tests.simulator.fake_senses import FakeSenses
from tests.simulator.serving import running, until

TOKEN = "ek_relay_of-the-console-0123"


def policy(**limits):
    return {"tokens": [{"name": "console", "hash": hashed(TOKEN), "limits": limits}]}


def client_of(relay, token=TOKEN):
    return RealtimeClient(url=relay.server.url, api_key=token, model="any", reconnect=None)


async def refused(relay, token=TOKEN):
    with pytest.raises(ConnectError) as caught:
        await client_of(relay, token).connect()
    assert token not in str(caught.value)
    return caught.value


async def test_a_conversation_of_the_console_goes_through_the_default_policy():
    async with running(FakeSenses()) as simulator, operated(simulator.url, policy()) as relay:
        client = client_of(relay)
        await client.update_session(instructions="Be brief.", voice="marin")
        await client.add_tool(memory_tool(Memory()))
        errors: list[ErrorReport] = []
        client.on("error", errors.append)
        async with client:
            await client.send_user_message_content("hello")
            await client.wait_for_next_completed_item(PATIENCE_S)
            answer = await client.wait_for_next_completed_item(PATIENCE_S)

        assert answer.text == "You said hello. What else?"
        assert answer.audio_ms > 0
        assert errors == []


async def test_a_token_that_the_relay_does_not_know_is_a_key_that_was_refused():
    async with recording() as service, operated(service.url, policy()) as relay:
        error = await refused(relay, "ek_relay_of-somebody-else-01")

        assert error.cause == "key"
        assert not error.retryable
        assert "did not accept the API key ending in e-01" in str(error)
        assert service.requests == []


async def test_more_sessions_than_the_token_may_have_are_told_in_the_relays_words():
    async with (
        recording() as service,
        operated(service.url, policy(sessions=1)) as relay,
        client_of(relay),
    ):
        error = await refused(relay)

        assert error.cause == "rate_limit"
        assert "There may be 1 session at once with this token" in str(error)
        assert error.retryable


async def test_a_token_that_has_nothing_left_is_told_so_and_not_tried_again():
    async with recording() as service, operated(service.url, policy(total_minutes=1e-5)) as relay:
        async with client_of(relay):
            pass
        await until(lambda: not relay.server.sessions)
        error = await refused(relay)

        assert error.cause == "quota"
        assert "The limit for this token in all is reached" in str(error)
        assert not error.retryable


async def test_a_relay_that_ends_is_a_line_that_is_worth_another_try():
    async with recording() as service, operated(service.url, policy()) as relay:
        client = client_of(relay)
        changes: list[ConnectionChanged] = []
        client.on("connection.changed", changes.append)
        await client.connect()
        closing = client.wait_for_next("close", PATIENCE_S)
        await relay.parts.drain(0)
        closed = await closing
        error = await refused(relay)

        assert (closed.code, closed.reason) == (1001, "relay_stopping")
        assert error.retryable
