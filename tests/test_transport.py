"""The WebSocket, and the client on it, against a tiny real server."""

import asyncio
import http
import logging
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import websockets
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from console.client.client import RealtimeClient
from console.errors import ConnectError
from console.transport import PING_INTERVAL_S, PONG_TIMEOUT_S, Closed, WebSocketTransport

KEY = "sk-planted-0123456789-wxyz"
CREATED = '{"type":"session.created","session":{"id":"s"}}'


class Server:
    """A WebSocket server that does what the test says."""

    def __init__(self) -> None:
        self.status: int | None = None
        """Refuse the handshake with this status."""
        self.headers: dict[str, str] = {}
        self.seen_headers: dict[str, str] = {}
        self.port = 0
        self.session: Callable[[ServerConnection], Awaitable[None]] = self._echo

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/v1/realtime"

    async def handle(self, connection: ServerConnection) -> None:
        await self.session(connection)

    async def _echo(self, connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    def check(self, connection: ServerConnection, request: Request) -> Response | None:
        self.seen_headers = dict(request.headers.raw_items())
        if self.status is None:
            return None
        response = connection.respond(http.HTTPStatus(self.status), f"no {KEY}")
        for name, value in self.headers.items():
            response.headers[name] = value
        return response


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    played = Server()
    async with serve(
        played.handle, "127.0.0.1", 0, process_request=played.check, logger=_silent()
    ) as listener:
        played.port = next(iter(listener.sockets)).getsockname()[1]
        yield played


def _silent() -> logging.Logger:
    logger = logging.getLogger("tests.silent")
    logger.disabled = True
    return logger


def client_of(server: Server) -> RealtimeClient:
    return RealtimeClient(url=server.url, api_key=KEY, model="gpt-x", reconnect=None)


# The transport alone


async def test_messages_travel_both_ways_without_compression(server):
    transport = await WebSocketTransport.open(server.url, headers={"X-Own": "1"})

    await transport.send("Grüße")

    assert await transport.receive() == "Grüße"
    assert server.seen_headers["X-Own"] == "1"
    assert "Sec-WebSocket-Extensions" not in server.seen_headers
    await transport.close()


async def test_binary_messages_arrive_as_bytes(server):
    async def send_bytes(connection: ServerConnection) -> None:
        await connection.send(b"\x00\x01")

    server.session = send_bytes
    transport = await WebSocketTransport.open(server.url)

    assert await transport.receive() == b"\x00\x01"
    await transport.close()


async def test_the_close_of_the_server_is_told_with_code_and_reason(server):
    async def close(connection: ServerConnection) -> None:
        await connection.close(4000, "enough")

    server.session = close
    transport = await WebSocketTransport.open(server.url)

    closed = await transport.receive()
    assert closed == Closed(4000, "enough")
    assert isinstance(closed, Closed)
    assert not closed.is_ours
    assert await transport.receive() == closed
    with pytest.raises(websockets.ConnectionClosed):
        await transport.send("late")


async def test_a_close_by_this_side_has_a_number_for_a_code_too(server):
    async def send_no_text(connection: ServerConnection) -> None:
        await connection.send(b"\xff", text=True)
        await connection.wait_closed()

    server.session = send_no_text
    transport = await WebSocketTransport.open(server.url)

    closed = await transport.receive()

    assert isinstance(closed, Closed)
    assert (closed.code, type(closed.code)) == (1007, int)
    assert closed.is_ours


async def test_a_torn_line_is_told_as_1006(server):
    async def tear(connection: ServerConnection) -> None:
        connection.transport.abort()

    server.session = tear
    transport = await WebSocketTransport.open(server.url)

    assert await transport.receive() == Closed(1006, "")


async def test_closing_twice_is_fine_and_told_as_1000(server):
    transport = await WebSocketTransport.open(server.url)

    await transport.close()
    await transport.close()

    assert await transport.receive() == Closed(1000, "")


async def test_a_redirect_is_not_followed_so_that_no_other_host_sees_the_key(server):
    server.status = 302
    server.headers = {"Location": server.url}

    with pytest.raises(websockets.InvalidStatus) as caught:
        await WebSocketTransport.open(server.url)

    assert caught.value.response.status_code == 302


async def test_the_key_is_not_logged_even_when_everything_is(server, caplog):
    caplog.set_level(logging.DEBUG)

    transport = await WebSocketTransport.open(
        server.url, headers={"Authorization": f"Bearer {KEY}"}
    )
    await transport.close()

    assert server.seen_headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in caplog.text


# The client on it


@pytest.mark.parametrize(
    ("status", "cause"),
    [(401, "key"), (403, "permission"), (404, "model"), (429, "rate_limit"), (503, "server")],
)
async def test_a_refused_handshake_becomes_one_sentence_by_cause(server, status, cause):
    server.status = status

    with pytest.raises(ConnectError) as caught:
        await client_of(server).connect()

    assert caught.value.cause == cause
    assert f"127.0.0.1:{server.port}" in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "close_code", "cause"),
    [
        ("invalid_api_key", 3000, "key"),
        ("invalid_model", 4000, "model"),
        ("insufficient_quota", 4000, "quota"),
    ],
)
async def test_a_refusal_inside_the_socket_becomes_one_sentence_by_cause(
    server, code, close_code, cause
):
    async def refuse(connection: ServerConnection) -> None:
        error = {"type": "invalid_request_error", "code": code, "message": "No."}
        await connection.send(orjson.dumps({"type": "error", "error": error}).decode())
        await connection.close(close_code, f"invalid_request_error.{code}")

    server.session = refuse

    with pytest.raises(ConnectError) as caught:
        await client_of(server).connect()

    assert caught.value.cause == cause


async def test_a_torn_line_before_the_session_is_the_servers_doing(server):
    async def tear(connection: ServerConnection) -> None:
        connection.transport.abort()

    server.session = tear

    with pytest.raises(ConnectError) as caught:
        await client_of(server).connect()

    assert caught.value.cause == "server"


async def test_a_silent_server_is_a_timeout(server):
    with pytest.raises(ConnectError) as caught:
        await client_of(server).connect(timeout_s=0.2)

    assert caught.value.cause == "timeout"


async def test_a_handshake_that_is_never_answered_is_a_timeout():
    is_over = asyncio.Event()

    async def ignore(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await is_over.wait()
        writer.close()

    listener = await asyncio.start_server(ignore, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]

    with pytest.raises(ConnectError) as caught:
        await RealtimeClient(url=f"ws://127.0.0.1:{port}", reconnect=None).connect(timeout_s=0.2)

    assert caught.value.cause == "timeout"
    is_over.set()
    listener.close()
    await listener.wait_closed()


async def test_a_port_where_nobody_listens_is_named(unused_port):
    with pytest.raises(ConnectError) as caught:
        await RealtimeClient(url=f"ws://127.0.0.1:{unused_port}/v1").connect()

    assert str(caught.value) == (
        f"Nothing answers at 127.0.0.1:{unused_port}; check the address and the network."
    )
    assert caught.value.cause == "unreachable"


async def test_a_host_that_does_not_exist_is_named():
    client = RealtimeClient(url="wss://nowhere.invalid/v1", reconnect=None)

    with pytest.raises(
        ConnectError, match=r"Can't find nowhere\.invalid\. Check the inter"
    ) as caught:
        await client.connect()

    assert caught.value.cause == "dns"


async def test_something_that_is_no_websocket_server_is_told():
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail ready\r\n")
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]

    with pytest.raises(ConnectError) as caught:
        await RealtimeClient(url=f"ws://127.0.0.1:{port}").connect()

    assert caught.value.cause == "protocol"
    listener.close()
    await listener.wait_closed()


async def test_a_certificate_that_nobody_vouches_for_is_told(tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    _make_certificate(certificate, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    played = Server()

    async with serve(played.handle, "127.0.0.1", 0, ssl=context, logger=_silent()) as listener:
        port = next(iter(listener.sockets)).getsockname()[1]
        with pytest.raises(ConnectError) as caught:
            await RealtimeClient(url=f"wss://127.0.0.1:{port}/v1").connect()

    assert caught.value.cause == "tls"
    assert "its certificate was not accepted: self-signed certificate" in str(caught.value)


async def test_wss_to_a_server_without_tls_is_told(server):
    client = RealtimeClient(url=server.url.replace("ws:", "wss:"))

    with pytest.raises(ConnectError) as caught:
        await client.connect()

    assert caught.value.cause == "tls"


async def test_a_session_over_a_real_line_begins_and_ends(server):
    received: list[Any] = []

    async def begin(connection: ServerConnection) -> None:
        await connection.send(CREATED)
        async for message in connection:
            received.append(orjson.loads(message)["type"])
            if received[-1] == "response.create":
                await connection.close(1001, "bye")

    server.session = begin
    client = client_of(server)
    closes: list[Closed] = []
    client.on("close", closes.append)

    assert await client.connect() == {"id": "s"}
    ended = asyncio.create_task(client.wait_for_next("close", timeout_s=5))
    await client.append_input_audio(bytes(9_600))
    await client.create_response()

    assert await ended == Closed(1001, "bye")
    assert closes == [Closed(1001, "bye")]
    assert received == [
        "session.update",
        "input_audio_buffer.append",
        "input_audio_buffer.commit",
        "response.create",
    ]


@pytest.fixture
async def unused_port() -> int:
    listener = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port: int = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    return port


def _make_certificate(certificate: Path, key: Path) -> None:
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "1", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1",
            "-keyout", str(key), "-out", str(certificate),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip


# A line that has died without a word


class BlackHole:
    """A proxy that passes everything on, until it swallows everything and says nothing."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._is_swallowing = False
        self._pumps: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []
        self._is_over = asyncio.Event()
        self.port = 0

    def swallow(self) -> None:
        """Read nothing and pass nothing on from now on; both lines stay open."""
        self._is_swallowing = True
        for pump in self._pumps:
            pump.cancel()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, to_there = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers += [writer, to_there]
        self._pumps += [
            asyncio.create_task(self._pass_on(reader, to_there)),
            asyncio.create_task(self._pass_on(there, writer)),
        ]
        await self._is_over.wait()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not self._is_swallowing and (data := await reader.read(65_536)):
            writer.write(data)
        writer.close()

    def close(self) -> None:
        self.swallow()
        for writer in self._writers:
            writer.transport.abort()
        self._is_over.set()


@pytest.fixture
async def black_hole(server) -> AsyncIterator[BlackHole]:
    hole = BlackHole(server.port)
    async with await asyncio.start_server(hole.serve, "127.0.0.1", 0) as listener:
        hole.port = listener.sockets[0].getsockname()[1]
        yield hole
        hole.close()


async def open_through(hole: BlackHole) -> WebSocketTransport:
    return await WebSocketTransport.open(
        f"ws://127.0.0.1:{hole.port}/v1", ping_interval_s=0.1, pong_timeout_s=0.2
    )


def test_a_dead_line_is_found_within_twenty_seconds():
    # A second for the way and for a machine that is busy.
    assert PING_INTERVAL_S + PONG_TIMEOUT_S <= 19


async def test_a_line_that_lives_is_pinged_and_stays(black_hole):
    transport = await open_through(black_hole)

    await asyncio.sleep(0.5)
    await transport.send("still there")

    assert await transport.receive() == "still there"
    assert await transport.ping(1)
    await transport.close()


async def test_a_line_on_which_nothing_answers_ends_as_lost(black_hole):
    transport = await open_through(black_hole)
    black_hole.swallow()

    async with asyncio.timeout(5):
        assert not await transport.ping(0.05)
        assert await transport.receive() == Closed(1006, "")


async def test_a_dead_line_is_found_while_it_is_full_of_what_was_sent(black_hole):
    transport = await open_through(black_hole)
    black_hole.swallow()
    is_lost = asyncio.create_task(transport.receive())

    async with asyncio.timeout(10):
        with pytest.raises(websockets.ConnectionClosed):
            await _send_for_ever(transport)

        assert await is_lost == Closed(1006, "")


async def test_a_line_that_takes_nothing_says_so_and_can_still_be_closed(black_hole):
    transport = await WebSocketTransport.open(f"ws://127.0.0.1:{black_hole.port}/v1")
    assert not transport.is_backed_up
    black_hole.swallow()
    stuck = asyncio.create_task(_send_for_ever(transport))
    async with asyncio.timeout(10):
        while not transport.is_backed_up:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)

        await transport.close()

    with pytest.raises(websockets.ConnectionClosed):
        await stuck


async def _send_for_ever(transport: WebSocketTransport) -> None:
    while True:
        await transport.send("x" * 1_000_000)
