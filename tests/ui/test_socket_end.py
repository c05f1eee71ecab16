"""Browsers that send while the server ends, on a real server."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import uvicorn
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode
from wsproto.events import AcceptConnection, Request

from console import tasks
from console.ui.socket_end import ANSWER_S, RESTART, HeardOutSocket, speak_http
from tests.fakes import PATIENCE_S

GRACE_S = 1
CHUNK = bytes(60_000)
LAST_WORD = b"\x88\x02" + RESTART.to_bytes(2, "big")


async def listens(scope: Any, receive: Any, send: Any) -> None:
    """Take a socket, and whatever comes of it until its end."""
    assert scope["type"] == "websocket"
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@contextlib.asynccontextmanager
async def served() -> AsyncIterator[tuple[uvicorn.Server, asyncio.Task[None], str]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            listens,
            http=speak_http,  # type: ignore[arg-type]  # called with what a class would be
            ws="wsproto",
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=GRACE_S,
        )
        server = uvicorn.Server(config)
        serving = tasks.spawn(server.serve([listener]), name="serve")
        while not server.started:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.001)
        yield server, serving, f"ws://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


async def opened(url: str) -> socket.socket:
    """Return a connection that has become a WebSocket, and of which nothing is read but that."""
    loop = asyncio.get_running_loop()
    host, port = url.removeprefix("ws://").split(":")
    browser = socket.create_connection((host, int(port)))
    browser.setblocking(False)
    await loop.sock_sendall(
        browser,
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += await loop.sock_recv(browser, 1)
    assert b" 101 " in head.splitlines()[0]
    return browser


def frame(opcode: Opcode, content: bytes) -> bytes:
    return Frame(opcode, content).serialize(mask=True)


async def test_who_talks_to_the_end_is_told_and_heard_out():
    loop = asyncio.get_running_loop()
    async with served() as (server, serving, url):
        with await opened(url) as browser:
            for _ in range(3):
                await loop.sock_sendall(browser, frame(Opcode.BINARY, CHUNK))

            server.should_exit = True

            async with asyncio.timeout(PATIENCE_S):
                assert await loop.sock_recv(browser, 4) == LAST_WORD
                await loop.sock_sendall(browser, frame(Opcode.BINARY, CHUNK))
                await loop.sock_sendall(browser, frame(Opcode.CLOSE, LAST_WORD[2:]))
                assert await loop.sock_recv(browser, 4) == b""
                await serving


class Line(asyncio.Transport):
    """The server's end of a connection, which writes down what is done to it."""

    def __init__(self, *, is_closing: bool) -> None:
        super().__init__()
        self.done: list[str] = []
        self._is_closing = is_closing

    def is_closing(self) -> bool:
        return self._is_closing

    def write(self, data: Any) -> None:
        self.done.append("told" if bytes(data).startswith(LAST_WORD) else "written")

    def close(self) -> None:
        self.done.append("closed")

    def abort(self) -> None:
        self.done.append("cut off")


class Timers:
    """A loop of which only the timers are used; a test lets them come."""

    def __init__(self) -> None:
        self.waiting: list[tuple[float, Any]] = []

    def call_later(self, delay_s: float, call: Any) -> Any:
        self.waiting.append((delay_s, call))
        return SimpleNamespace(cancel=lambda: None)


def open_socket(line: Line, timers: Timers) -> HeardOutSocket:
    """Return a WebSocket on a line, past its handshake."""
    config = uvicorn.Config(listens, ws="wsproto", lifespan="off", log_config=None)
    made = HeardOutSocket(config, ServerState(), {}, _loop=timers)  # type: ignore[arg-type]
    made.transport = line
    made.conn.receive_data(
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    assert [type(each) for each in made.conn.events()] == [Request]
    made.conn.send(AcceptConnection())
    made.handshake_complete = True
    return made


def test_a_browser_is_told_once_though_the_server_says_it_again():
    line, timers = Line(is_closing=False), Timers()
    browser = open_socket(line, timers)

    browser.shutdown()
    browser.shutdown()

    assert line.done == ["told"]


def test_who_does_not_answer_the_last_word_is_cut_off_and_not_waited_for():
    line, timers = Line(is_closing=False), Timers()
    open_socket(line, timers).shutdown()
    ((delay_s, call),) = timers.waiting

    call()

    assert delay_s == ANSWER_S
    assert line.done == ["told", "cut off"]


def test_who_was_sent_away_before_and_has_not_read_that_is_not_waited_for():
    line, timers = Line(is_closing=True), Timers()

    open_socket(line, timers).shutdown()

    assert line.done == ["cut off"]
    assert timers.waiting == []


async def test_who_never_answers_is_told_and_cut_off_in_time():
    loop = asyncio.get_running_loop()
    async with served() as (server, serving, url):
        with await opened(url) as browser:
            server.should_exit = True

            async with asyncio.timeout(GRACE_S + PATIENCE_S):
                await serving
                assert await loop.sock_recv(browser, 4) == LAST_WORD
