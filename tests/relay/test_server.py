import asyncio
import json
from typing import Any

import httpx
import pytest
import websockets
from websockets.asyncio.client import connect

from console import tasks
from console.realtime.refusal import Refusal
from console.relay import policy_file, server
from console.relay.tokens import hashed
from console.serving import answers
from tests.relay.recorder import recording
from tests.relay.rig import TOKEN, relaying
from tests.simulator.serving import closing, handshake_status, until

KEY: Any = {"additional_headers": {"Authorization": f"Bearer {TOKEN}"}, "compression": None}
NOWHERE = "ws://127.0.0.1:9/"


class Beside:
    """What is served beside sessions."""

    async def answer(self, request):
        return (
            answers.text(200, f"{request.method} {request.address}")
            if request.path == "/up"
            else None
        )

    def wants(self, path):
        return path == "/mine"

    async def serve(self, connection, let_in):
        let_in()
        await connection.send("hello")
        await connection.wait_closed()


async def get(relay, path, **options):
    async with httpx.AsyncClient() as browser:
        return await browser.request(
            options.pop("method", "GET"), f"http://127.0.0.1:{relay.port}{path}", **options
        )


async def test_what_is_no_session_is_answered_beside_them():
    async with relaying(NOWHERE, operation=Beside()) as relay:
        found = await get(relay, "/up")
        posted = await get(relay, "/up", method="POST", content=b"x")
        missing = await get(relay, "/other")
        async with connect(f"ws://127.0.0.1:{relay.port}/mine") as connection:
            said = await connection.recv()

    assert (found.text, posted.text) == ("GET 127.0.0.1", "POST 127.0.0.1")
    assert (missing.status_code, said) == (404, "hello")


async def test_a_proxy_of_the_policy_is_believed_for_whom_it_speaks():
    policy = {"proxies": ["127.0.0.0/8"]}
    headers = {"X-Forwarded-For": "203.0.113.5"}
    async with relaying(NOWHERE, policy, operation=Beside()) as relay:
        found = await get(relay, "/up", headers=headers)
        posted = await get(relay, "/up", method="POST", headers=headers)

    assert (found.text, posted.text) == ("GET 203.0.113.5", "POST 203.0.113.5")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/realtime/client_secrets", 403),
        ("POST", "/v1/realtime/calls", 403),
        ("POST", "/v1/realtime/sessions", 403),
        ("GET", "/openai/v1/realtime/client_secrets", 403),
        ("GET", "/v1/realtime", 426),
        ("POST", "/v1/realtime", 426),
        ("GET", "/", 404),
        ("GET", "/v1/realtime/", 426),
        ("GET", "/v1/models", 403),
        ("GET", "/elsewhere", 404),
    ],
)
async def test_the_service_s_http_leads_nowhere_and_says_so(method, path, status):
    async with relaying(NOWHERE) as relay:
        answer = await get(relay, path, method=method)

    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    if status == 403:
        assert error["code"] == "relay_request_not_allowed"
        assert f"no {method} of {path}" in error["message"]
        assert "token of the relay" in error["message"]


async def test_those_who_show_no_token_leave_room_for_sessions_that_go_on_and_for_health():
    policy = {"strangers": {"connections": 3, "connections_per_address": 3}}
    async with recording() as service, relaying(service.url, policy) as relay:
        async with connect(relay.url, proxy=None, **KEY) as client:
            await client.recv()
            silent = [await asyncio.open_connection("127.0.0.1", relay.port) for _ in range(5)]
            cut_off = [await asyncio.wait_for(reader.read(), 5) for reader, _ in silent[3:]]
            await client.send('{"type": "response.cancel", "event_id": "goes on"}')
            await service.until("goes on")
            silent[0][1].close()
            async with asyncio.timeout(5):
                await until(lambda: len(relay.server._port.waiting) == 2)
            answer = await get(relay, "/v1/models")
        for _, writer in silent:
            writer.close()

    assert cut_off == [b"", b""]
    assert len(relay.told.of("connection_refused")) == 2
    assert answer.status_code == 403


async def test_who_looks_on_with_a_good_token_is_no_stranger():
    policy = {"strangers": {"connections": 1}}
    async with relaying(NOWHERE, policy, operation=Beside()) as relay:
        place = f"ws://127.0.0.1:{relay.port}/mine"
        async with connect(place, proxy=None) as first:
            greetings = [await first.recv()]
            async with connect(place, proxy=None) as second:
                greetings.append(await second.recv())

    assert greetings == ["hello", "hello"]


async def test_foreign_names_and_pages_are_turned_away_before_anything_else():
    async with relaying(NOWHERE, operation=Beside()) as relay:
        host = await get(relay, "/up", headers={"Host": "evil.example"})
        posted = await get(relay, "/up", method="POST", headers={"Host": "evil.example"})
        page = await handshake_status(relay, origin="https://evil.example")
        own = await handshake_status(relay, "/mine", origin="https://evil.example")

    assert (host.status_code, posted.status_code, page, own) == (400, 400, 403, 403)


@pytest.mark.parametrize("head", [b"GET //[", b"POST //[", b"GET //[?a=b"])
@pytest.mark.parametrize("upgrade", [b"", b"Upgrade: websocket\r\nConnection: Upgrade\r\n"])
async def test_a_target_that_cannot_be_read_is_a_bad_request_and_no_failure(head, upgrade, caplog):
    async with relaying(NOWHERE, operation=Beside()) as relay:
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        writer.write(head + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n" + upgrade + b"\r\n")
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 400")
    assert "Traceback" not in caplog.text


async def test_there_are_sessions_only_where_the_service_has_them():
    async with relaying(NOWHERE) as relay:
        assert await handshake_status(relay, "/v1/audio") == 404


async def test_a_relay_that_is_about_to_end_lets_nobody_in():
    async with relaying(NOWHERE, operation=Beside()) as relay:
        assert relay.server.is_accepting
        relay.server.stop_accepting()

        assert await handshake_status(relay) == 503
        assert (await get(relay, "/up")).status_code == 200


async def test_the_facts_of_a_session_hold_nothing_secret():
    headers = {"Authorization": f"Bearer {TOKEN}", "User-Agent": "program/1 " * 50}
    async with (
        recording() as service,
        relaying(service.url, api_key="sk-planted-0123456789") as relay,
        connect(relay.url, compression=None, additional_headers=headers) as client,
    ):
        await client.recv()
        (session,) = relay.server.sessions
        facts = session.facts

    assert (facts.token, facts.address, facts.dialect) == ("default", "127.0.0.1", "ga")
    assert facts.agent
    assert len(facts.agent) <= 200
    assert facts.agent.isprintable()
    assert service.url.split("/")[2] == facts.upstream
    assert TOKEN not in repr(facts)
    assert "sk-planted" not in repr(facts)
    assert service.requests[0].headers["Authorization"] == "Bearer sk-planted-0123456789"
    assert "program" not in service.requests[0].headers["User-Agent"]


async def test_who_comes_by_a_token_that_was_taken_out_of_the_policy_is_sent_away():
    token = {"name": "shop", "hash": hashed("shop's token")}
    headers = {"Authorization": "Bearer shop's token"}
    async with (
        recording() as service,
        relaying(service.url, {"tokens": [token]}) as relay,
        connect(relay.url, compression=None, additional_headers=headers) as theirs,
        connect(relay.url, **KEY) as ours,
    ):
        await theirs.recv()
        await ours.recv()
        relay.policy.policy = policy_file.parse({})
        relay.policy.changed.emit(relay.policy.policy)
        error = json.loads(await theirs.recv())
        closed = await closing(theirs)
        await asyncio.wait_for(until(lambda: len(relay.server.sessions) == 1), 5)

    assert error["error"]["code"] == "relay_token_revoked"
    assert closed == (1008, "invalid_request_error.relay_token_revoked")


async def test_a_session_does_not_outlive_its_token_for_long(monkeypatch):
    monkeypatch.setattr(server, "CHECK_TOKENS_EVERY_S", 0.01)
    token = {"name": "shop", "hash": hashed("shop's token")}
    headers = {"Authorization": "Bearer shop's token"}
    async with (
        recording() as service,
        relaying(service.url, {"tokens": [token]}) as relay,
        connect(relay.url, compression=None, additional_headers=headers) as client,
    ):
        await client.recv()
        expired = {**token, "expires": "2020-01-01"}
        relay.policy.policy = policy_file.parse({"tokens": [expired]})
        error = json.loads(await client.recv())

    assert error["error"]["code"] == "relay_token_revoked"


async def test_those_who_come_after_a_change_of_the_policy_meet_the_new_one():
    async with recording() as service, relaying(service.url) as relay:
        relay.policy.policy = policy_file.parse(
            {"sizes": {"event_bytes": 100, "append_bytes": 100, "item_bytes": 100}}
        )
        async with connect(relay.url, **KEY) as client:
            await client.recv()
            await client.send("x" * 101)

            closed = await closing(client)
    assert closed is not None
    assert closed[0] == 1009


async def test_stopping_ends_every_session_and_can_be_done_twice():
    async with (
        recording() as service,
        relaying(service.url) as relay,
        connect(relay.url, **KEY) as client,
    ):
        await client.recv()
        stopping = tasks.spawn(relay.server.stop(), name="stop")
        closed = await closing(client)
        await stopping
        await relay.server.stop()

    assert closed == (1001, "relay_stopping")
    assert not relay.server.sessions
    assert service.closed[0][0] == 1000


async def test_stopping_does_not_wait_for_those_who_only_look_on():
    async with (
        relaying(NOWHERE, operation=Beside()) as relay,
        connect(f"ws://127.0.0.1:{relay.port}/mine") as connection,
    ):
        await connection.recv()
        stopping = tasks.spawn(relay.server.stop(), name="stop")
        closed = await closing(connection)
        async with asyncio.timeout(2):
            await stopping

    assert closed == (1001, "relay_stopping")


async def test_a_session_that_cannot_be_made_touches_no_other(monkeypatch, caplog):
    async with (
        recording() as service,
        relaying(service.url) as relay,
        connect(relay.url, **KEY) as other,
    ):
        await other.recv()
        monkeypatch.setattr(relay.admission, "begin", None)
        async with connect(relay.url, **KEY) as client:
            with pytest.raises(websockets.ConnectionClosedError):
                await client.recv()
        await service.send(service.connections[0], "rate_limits.updated")

        assert json.loads(await other.recv())["type"] == "rate_limits.updated"
    assert "a session has failed" in caplog.text


@pytest.mark.parametrize(("kind", "code"), [("server_error", 1013), ("rate_limit_error", 1008)])
async def test_who_is_not_let_in_by_a_trouble_of_the_relay_s_own_may_come_again(kind, code):
    async with relaying(NOWHERE) as relay:
        relay.admission.refusal = Refusal("Not now.", code="relay_counters_away", kind=kind)
        async with connect(relay.url, proxy=None, **KEY) as client:
            error = json.loads(await client.recv())
            await client.wait_closed()

    assert error["error"]["message"] == "Not now."
    assert client.close_code == code
