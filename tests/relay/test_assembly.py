import asyncio

import httpx
import pytest
from websockets.datastructures import Headers

from console.client.relay_sessions import RelaySessions
from console.clock import SystemClock
from console.errors import ConnectError
from console.realtime import observed
from console.realtime.observed import ObservedEnd, ObservedEvent, ObservedNow
from console.relay import policy_file
from console.relay.assembly import build
from console.relay.policy_file import PolicyFile
from console.relay.quotas import Quotas
from console.relay.tokens import hashed
from console.serving.http_exchange import HttpRequest
from console.serving.shared_store import SharedStore
from console.transport import Closed
from tests.relay.facts import FACTS, passed
from tests.relay.operated import OPERATOR, PRICES, Operated, operated


@pytest.fixture
async def running():
    async with operated() as relay:
        yield relay.server, relay.parts


@pytest.fixture
async def relay(running):
    return RelaySessions(running[0].url, OPERATOR)


async def ask(server, path, token=""):
    async with httpx.AsyncClient() as http:
        url = f"http://127.0.0.1:{server.port}{path}"
        return await http.get(url, headers={"Authorization": f"Bearer {token}"} if token else {})


async def test_the_routes_are_served_on_the_relays_port(running):
    server, _ = running

    assert (await ask(server, "/healthz")).text == "ok\n"
    assert (await ask(server, "/readyz")).text == "ready\n"
    assert "<h1>Relay</h1>" in (await ask(server, "/relay")).text
    assert "relay_draining 0.0" in (await ask(server, "/metrics", OPERATOR)).text
    assert (await ask(server, "/metrics")).status_code == 401


async def test_a_relay_that_drains_is_healthy_and_not_ready(running):
    server, parts = running
    await parts.drain(0)

    assert (await ask(server, "/healthz")).status_code == 200
    assert (await ask(server, "/readyz")).status_code == 503


async def test_an_operator_sees_the_sessions_and_watches_one(running, relay):
    parts = running[1]
    parts.observers.session_opened(FACTS)
    parts.observers.event_passed(passed("up", {"type": "response.create"}, 26))

    (listed,) = await relay.listed()
    line = await relay.open(listed.id)
    told = [observed.parse(await line.receive()) for _ in range(2)]
    parts.observers.session_closed(FACTS.id, 1000, "", "client")
    end = observed.parse(await line.receive())

    assert (listed.id, listed.token, listed.up_events) == (FACTS.id, "shop", 1)
    assert told == [ObservedEvent(0.0, "client", {"type": "response.create"}, 26), ObservedNow()]
    assert end == ObservedEnd(1000, "ended by the client")
    assert (await line.receive()).code == 1000


async def test_who_is_no_operator_sees_nothing(running):
    server, parts = running
    parts.observers.session_opened(FACTS)
    stranger = RelaySessions(server.url, "some-other-token-0123")

    with pytest.raises(ConnectError) as refused:
        await stranger.listed()
    line = await stranger.open(FACTS.id)

    assert refused.value.cause == "key"
    assert await line.receive() == Closed(3000, "invalid_api_key")


async def test_operators_of_the_policy_and_of_the_settings_are_let_in():
    token = "another-operator-0123"
    policy = {"operators": [{"name": "ada", "hash": hashed(token)}]}
    parts = Operated(policy=policy).parts
    without = Operated(policy=policy, operator_token="").parts

    assert await status_of(parts, token) == 200
    assert await status_of(parts, OPERATOR) == 200
    assert await status_of(without, OPERATOR) == 401


async def test_counters_that_workers_share_are_watched_until_the_relay_ends(monkeypatch):
    begun, ended = asyncio.Event(), asyncio.Event()

    async def watch_counters(self):
        begun.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set()

    monkeypatch.setattr(Quotas, "watch_counters", watch_counters)
    clock = SystemClock()
    store = SharedStore("redis://127.0.0.1:9", clock)

    relay = Operated(store=store)
    await begun.wait()
    await relay.parts.close()

    assert ended.is_set()


async def test_before_there_is_a_server_nobody_is_ready_for_anything():
    parts = build(PolicyFile(policy_file.parse({})), prices=PRICES, clock=SystemClock())

    assert await status_of(parts, "", "/readyz") == 503
    await parts.drain(1)
    await parts.close()


async def status_of(parts, token, path="/relay/sessions"):
    answer = await parts.operation.answer(request(token, path))
    assert answer is not None
    return answer.status_code


def request(token, path="/relay/sessions"):
    return HttpRequest("GET", path, Headers([("Authorization", f"Bearer {token}")]))
