import httpx
import pytest
from websockets.datastructures import Headers

from console.client.relay_sessions import RelaySessions
from console.client.targets import Target
from console.clock import SystemClock
from console.errors import ConnectError
from console.realtime import observed
from console.realtime.observed import ObservedNow
from console.realtime.prices import PriceTable
from console.relay import policy_file
from console.relay.assembly import build
from console.relay.door import Door
from console.relay.policy_file import PolicyFile
from console.relay.server import RelayServer, Surroundings
from console.relay.tokens import hashed
from console.relay.upstream import Upstream
from console.serving.http_exchange import HttpRequest
from console.transport import Closed
from tests.relay.facts import FACTS

OPERATOR = "operators-token-0123"
PRICES = PriceTable.read()


def parts_for(policy=None, **options):
    file = PolicyFile(policy_file.parse(policy or {}))
    return file, build(file, prices=PRICES, clock=SystemClock(), **options)


def server_for(file, parts):
    """A relay that needs nobody behind it: only its own routes are asked."""
    clock = SystemClock()
    door = Door(parts.admission, lambda: file.policy, clock)
    around = Surroundings(parts.admission, parts.observers, parts.operation)
    service = Upstream(Target(url="ws://127.0.0.1:9", model="m"))
    server = RelayServer("127.0.0.1", 0, service, file, door, around, clock=clock)
    parts.serve(server)
    return server


@pytest.fixture
async def running():
    file, parts = parts_for(operator_token=OPERATOR)
    server = server_for(file, parts)
    await server.start()
    yield server, parts
    await parts.drain(0)
    await server.stop()
    await parts.close()


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
    parts.observers.event_passed(FACTS.id, "up", {"type": "response.create"}, 26, 0, 0)

    (listed,) = await relay.listed()
    line = await relay.open(listed.id)
    told = [observed.parse(await line.receive()) for _ in range(2)]
    parts.observers.session_closed(FACTS.id, 1000, "", "client")
    end = observed.parse(await line.receive())

    assert (listed.id, listed.token, listed.up_events) == (FACTS.id, "shop", 1)
    assert told[0].event == {"type": "response.create"}
    assert told[1] == ObservedNow()
    assert end.reason == "ended by the client"
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
    _, parts = parts_for({"operators": [{"name": "ada", "hash": hashed(token)}]})
    by_policy = await parts.operation.answer(request(token))
    by_nobody = await parts.operation.answer(request(OPERATOR))
    await parts.close()

    assert (by_policy.status_code, by_nobody.status_code) == (200, 401)


async def test_before_there_is_a_server_nobody_is_ready_for_anything():
    _, parts = parts_for()

    assert (await parts.operation.answer(request("", "/readyz"))).status_code == 503
    await parts.drain(1)
    await parts.close()


def request(token, path="/relay/sessions"):
    return HttpRequest("GET", path, Headers([("Authorization", f"Bearer {token}")]))
