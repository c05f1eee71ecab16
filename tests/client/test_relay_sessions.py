"""What an operator asks of a relay, which the test plays."""

import httpx
import pytest

from console.client.relay_sessions import RelaySessions
from console.errors import ConnectError
from console.realtime import observed
from console.realtime.observed import ListedSession
from tests.client.http_service import reply, running
from tests.fakes import FakeTransport

TOKEN = "operators-token-0123"


@pytest.fixture
async def service():
    async with running() as played:
        yield played


def relay_at(service, path=""):
    port = httpx.URL(service.url.replace("ws", "http", 1)).port
    return RelaySessions(f"ws://127.0.0.1:{port}{path}", TOKEN)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("", "/relay/sessions"),
        ("/v1/realtime", "/relay/sessions"),
        ("/voice/v1/realtime/", "/voice/relay/sessions"),
    ],
)
async def test_the_list_is_beside_the_sessions_of_the_relay(service, path, asked):
    session = ListedSession("s1", token="shop")
    service.answer = reply(observed.dump_list([session]))

    assert await relay_at(service, path).listed() == [session]
    assert service.asked[0].path == asked
    assert service.asked[0].headers["authorization"] == f"Bearer {TOKEN}"


async def test_a_list_that_quotes_the_token_does_not_show_it(service):
    service.answer = reply(observed.dump_list([ListedSession("s1", agent=f"{TOKEN}/1")]))

    (listed,) = await relay_at(service).listed()

    assert listed.agent == "[secret]/1"


async def test_what_is_no_relay_is_said_to_be_none(service):
    service.answer = reply(b"<html>")

    with pytest.raises(ConnectError, match="is no relay whose sessions can be watched"):
        await relay_at(service).listed()


async def test_a_token_that_is_refused_is_told_and_not_shown(service):
    service.answer = reply(b'{"error": {"message": "no"}}', "401 Unauthorized")

    with pytest.raises(
        ConnectError, match=r"did not list its sessions: .*\(HTTP 401: no\)"
    ) as told:
        await relay_at(service).listed()
    assert TOKEN not in str(told.value)


async def test_a_line_is_opened_to_the_session_with_the_token():
    line = FakeTransport()
    relay = RelaySessions("wss://relay.example/v1/realtime", TOKEN, open_transport=line.open)

    assert await relay.open("a/b") is line
    assert line.url == "wss://relay.example/relay/sessions/a%2Fb"
    assert line.headers == {"Authorization": f"Bearer {TOKEN}"}


async def test_why_a_line_cannot_be_opened_is_a_sentence():
    async def refuse(url, headers, timeout_s):
        raise ConnectionRefusedError

    relay = RelaySessions("ws://127.0.0.1:9/v1/realtime", TOKEN, open_transport=refuse)

    with pytest.raises(ConnectError, match=r"127\.0\.0\.1:9"):
        await relay.open("s1")


async def test_the_token_goes_nowhere_in_the_clear():
    relay = RelaySessions("ws://relay.example/v1/realtime", TOKEN)

    with pytest.raises(ConnectError, match="unencrypted"):
        await relay.listed()
    with pytest.raises(ConnectError, match="unencrypted"):
        await relay.open("s1")
