"""Two relays, one Redis and one nginx on loopback, set up as the example says."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from pathlib import Path

import httpx
import pytest
import websockets
import yaml
from websockets.asyncio.client import connect

from console import cli
from console.app.local_relay import open_relay
from console.relay.policy_file import PolicyFile
from console.relay.tokens import hashed
from console.serving import messages
from console.settings import SECRETS, Settings
from tests.live_console import ROOT, free_port
from tests.nginx import open_nginx
from tests.relay.long_known import let_settle
from tests.relay.recorder import recording
from tests.simulator.serving import until

EXAMPLE = ROOT / "console/examples/relay"
COMPOSE = yaml.safe_load((EXAMPLE / "compose.yaml").read_text(encoding="utf-8"))
NGINX = (EXAMPLE / "nginx.conf").read_text(encoding="utf-8")
RELAYS = ("relay-1", "relay-2")
TOKEN = "ek_relay_of-the-website-0123"


# ---------------------------------------------------------------- the files of the example


@pytest.mark.parametrize("name", RELAYS)
def test_the_relays_of_the_compose_file_are_started_with_flags_and_variables_that_there_are(name):
    service = COMPOSE["services"][name]
    given = vars(cli._parser().parse_args(service["command"].split()))
    variables = {f"CONSOLE_{field.upper()}" for field in Settings.model_fields}

    assert given["command"] == "relay"
    assert set(service["environment"]) <= variables | set(SECRETS.values())
    settings = Settings(
        _env_file=None, limits_storage=service["environment"]["CONSOLE_LIMITS_STORAGE"]
    )
    assert "//redis:" in settings.limits_storage.get_secret_value()
    grace_s = float(service["stop_grace_period"].removesuffix("s"))
    assert grace_s > float(given["drain_seconds"])


def test_every_file_and_service_that_the_example_names_is_there():
    services = COMPOSE["services"]
    mounted = [
        volume.partition(":")[0] for each in services.values() for volume in each.get("volumes", [])
    ]
    build_ = services["relay-1"]["build"]

    assert all((EXAMPLE / path).exists() for path in mounted if path.startswith("."))
    assert (EXAMPLE / build_["context"] / build_["dockerfile"]).resolve().is_file()
    assert (EXAMPLE / build_["context"] / "pyproject.toml").is_file()
    assert {each for name in services for each in services[name].get("depends_on", [])} <= set(
        services
    )
    assert re.findall(r"server ([\w-]+):8081", NGINX) == list(RELAYS)


def test_the_policy_of_the_example_is_one_and_its_token_opens_nothing():
    policy = PolicyFile.open(EXAMPLE / "policy.yaml").policy

    assert [each.name for each in policy.tokens] == ["website"]
    assert policy.limits_for(policy.tokens[0]).sessions == 50
    assert not any(hashed(each) == policy.tokens[0].hash for each in ("", TOKEN))


# ---------------------------------------------------------------- at work


def replaced(text, **values):
    """A text of the example with what is of this machine in place of what is of the example."""
    for name, (old, new) in values.items():
        assert text.count(old) == 1, name
        text = text.replace(old, new)
    return text


def policy_here(folder, sessions):
    """The example's policy with a token of ours, for peers on this machine."""
    example = (EXAMPLE / "policy.yaml").read_text(encoding="utf-8")
    policy = folder / "policy.yaml"
    policy.write_text(
        replaced(
            example,
            token=("sha256:" + 64 * "0", hashed(TOKEN)),
            proxies=("172.16.0.0/12", "127.0.0.0/8"),
            sessions=("sessions: 50,", f"sessions: {sessions},"),
        )
    )
    return str(policy)


def settings_here(name, monkeypatch, redis_url, **here):
    """The settings that the compose file's command and variables make of a relay."""
    service = COMPOSE["services"][name]
    for variable, value in service["environment"].items():
        required = re.fullmatch(r"\$\{(\w+):\?.+\}", value)
        monkeypatch.setenv(variable, f"sk-{variable}-of-a-test" if required else value)
        assert required is None or required[1] == variable
    monkeypatch.setenv("CONSOLE_LIMITS_STORAGE", redis_url)
    given = vars(cli._parser().parse_args(service["command"].split()))
    assert given.pop("command") == "relay"
    return Settings(_env_file=None, **given | here)


@pytest.fixture
def working(redis_server, tmp_path, monkeypatch):
    """Starts the workers of the compose file; gives them, and the URL of the nginx before them."""

    @contextlib.asynccontextmanager
    async def start(sessions=50):
        policy = policy_here(tmp_path, sessions)
        let_settle(redis_server)
        async with recording() as service, contextlib.AsyncExitStack() as stack:
            workers = []
            for name in RELAYS:
                settings = settings_here(
                    name, monkeypatch, redis_server.url, policy=policy, upstream=service.url
                )
                workers.append(await open_relay(settings, "127.0.0.1", 0))
                stack.push_async_callback(workers[-1].stop, 0)
            port = await stack.enter_async_context(balancing(tmp_path, workers))
            yield workers, f"ws://127.0.0.1:{port}/v1/realtime"

    return start


@contextlib.asynccontextmanager
async def balancing(folder: Path, workers):
    """Run nginx with the example's configuration before the workers; gives its port."""
    port = free_port()
    ports = [worker.server.port for worker in workers]
    site = replaced(
        NGINX,
        first=("relay-1:8081", f"127.0.0.1:{ports[0]}"),
        second=("relay-2:8081", f"127.0.0.1:{ports[1]}"),
        listen=("listen 80;", f"listen 127.0.0.1:{port};"),
    )
    async with open_nginx(folder / "nginx", site, "127.0.0.1", port):
        yield port


@contextlib.asynccontextmanager
async def clients(url, n):
    """Several sessions that have begun."""
    async with contextlib.AsyncExitStack() as stack:
        found = []
        for _ in range(n):
            headers = {"Authorization": f"Bearer {TOKEN}"}
            line = await stack.enter_async_context(
                connect(url, additional_headers=headers, compression=None, proxy=None)
            )
            found.append((line, await event_of(line)))
        yield found


async def event_of(line):
    async with asyncio.timeout(5):
        return messages.read(await line.recv())


async def test_sessions_are_shared_out_and_carried_by_both(working):
    async with working() as (workers, url), clients(url, 4) as begun:
        shares = [len(each.server.sessions) for each in workers]

        assert shares == [2, 2]
        assert {event["type"] for _, event in begun} == {"session.created"}
        addresses = {session.facts.address for each in workers for session in each.server.sessions}
        assert addresses == {"127.0.0.1"}


async def test_a_token_has_so_many_sessions_in_all_workers_together(working):
    async with working(sessions=3) as (_, url), clients(url, 3):
        async with clients(url, 1) as ((line, event),):
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await line.recv()

        assert event["error"]["code"] == "rate_limit_exceeded"
        assert "3 sessions at once with this token" in event["error"]["message"]
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008


async def test_who_ends_a_session_makes_room_for_one_at_the_other_worker(working):
    async with working(sessions=1) as (workers, url):
        types: Counter[str] = Counter()
        for _ in range(4):
            async with clients(url, 1) as ((_, event),):
                types[event["type"]] += 1
            await until(lambda: not any(each.server.sessions for each in workers))

        assert types == {"session.created": 4}


async def test_relays_that_were_not_ready_share_the_sessions_as_soon_as_they_are(
    working, redis_server
):
    async with working() as (workers, url), httpx.AsyncClient() as balancer:
        with redis_server.client() as client:
            client.flushall()
        ready = url.replace("ws:", "http:").replace("/v1/realtime", "/readyz")
        states = {(await balancer.get(ready)).status_code for _ in range(6)}
        let_settle(redis_server)
        async with clients(url, 4):
            shares = [len(each.server.sessions) for each in workers]

    assert states == {503}
    assert shares == [2, 2]


async def test_the_operators_token_of_the_compose_file_opens_each_worker_for_those_who_watch(
    working,
):
    headers = {"Authorization": "Bearer sk-CONSOLE_OPERATOR_TOKEN-of-a-test"}
    async with working() as (workers, url), clients(url, 2), httpx.AsyncClient() as operator:
        lists = [
            await operator.get(
                f"http://127.0.0.1:{each.server.port}/relay/sessions", headers=headers
            )
            for each in workers
        ]
        ready = await operator.get(url.replace("ws:", "http:").replace("/v1/realtime", "/readyz"))

    assert [len(each.json()["sessions"]) for each in lists] == [1, 1]
    assert (ready.status_code, ready.text) == (200, "ready\n")


async def test_a_worker_that_ends_tells_its_clients_and_the_other_takes_the_new_ones(working):
    async with working() as (workers, url), clients(url, 2) as begun:
        first, second = workers
        first.server.stop_accepting()
        async with clients(url, 3) as later:
            assert {event["type"] for _, event in later} == {"session.created"}
            assert len(second.server.sessions) == 4
        hearing = [asyncio.ensure_future(event_of(line)) for line, _ in begun]
        await first.parts.drain(0)
        (told,), (quiet,) = await asyncio.wait(hearing, return_when=asyncio.FIRST_COMPLETED)
        quiet.cancel()

        assert told.result()["error"]["code"] == "relay_stopping"
        line = begun[hearing.index(told)][0]
        await line.wait_closed()
        assert (line.close_code, line.close_reason) == (1001, "relay_stopping")
