"""What the service receives through the relay, for every event of a client, by policy."""

import json

import pytest
from websockets.asyncio.client import connect

from tests.relay.allow_list import POLICIES, ROWS
from tests.relay.recorder import recording
from tests.relay.rig import TOKEN, relaying

QUICK = {"rates": {"messages_per_s": 100_000}}


async def pass_through(client, service, n, row):
    """Send a row; return what the service got of it, and what the client was told."""
    await client.send(row.message)
    after = {"type": "input_audio_buffer.append", "audio": "", "event_id": f"after {n}"}
    await client.send(json.dumps(after))
    received = await service.until(after["event_id"])
    await service.send(service.connections[0], "rate_limits.updated", marker=n)
    told = []
    while (event := json.loads(await client.recv())).get("marker") != n:
        told.append(event)
    return received, told


@pytest.mark.parametrize("policy", POLICIES)
async def test_the_service_receives_what_the_policy_lets_pass_and_nothing_else(policy):
    rows = [row for row in ROWS if row.policy == policy]
    async with (
        recording() as service,
        relaying(service.url, POLICIES[policy] | QUICK) as relay,
        connect(
            relay.url, compression=None, additional_headers={"Authorization": f"Bearer {TOKEN}"}
        ) as client,
    ):
        assert json.loads(await client.recv())["type"] == "session.created"
        service.messages.clear()
        for n, row in enumerate(rows):
            received, told = await pass_through(client, service, n, row)

            errors = [event["error"] for event in told if event["type"] == "error"]
            assert received == ([] if row.received is None else [row.received]), row
            assert [each["code"] for each in errors] == ([row.code] if row.code else []), row
            event_id = row.sent.get("event_id") if isinstance(row.sent, dict) else None
            for error in errors:
                assert error["event_id"] == (event_id if isinstance(event_id, str) else None), row
    assert rows
