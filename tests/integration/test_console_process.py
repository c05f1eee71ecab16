"""The console as a process: where its keys may be, and how it ends when a peer does not let go."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import orjson
from websockets.asyncio.server import ServerConnection, serve

from console.app.spending.budget import FILE_NAME
from console.app.spending.other_consoles import TOTAL_KEY
from tests.live_console import Program, open_console
from tests.page_visitor import visiting
from tests.redis_server import RedisServer

KEYS = {
    "OPENAI_API_KEY": "sk-proj-planted-openai-0001",
    "AZURE_OPENAI_API_KEY": "planted-azure-0002-0002-0002",
    "CONSOLE_TARGET_KEY": "planted-target-0003-0003-0003",
    "CONSOLE_SIMULATOR_KEY": "planted-simulator-0004-0004",
    "CONSOLE_BRAIN_KEY": "planted-brain-0005-0005-0005",
    "CONSOLE_OPERATOR_TOKEN": "planted-operator-0008-0008",
}
TYPED = "sk-proj-planted-typed-by-hand-0006"
DIALOGS = ("Simulator faults", "People", "Key of the OpenAI API")
STORAGE_PASSWORD = "planted-password-of-redis-0007"
SECRETS = (*KEYS.values(), TYPED, STORAGE_PASSWORD)


def leaks(text: str, secrets: Iterable[str] = SECRETS) -> list[str]:
    """Return which secrets stand in a text, as they are or as base64 writes them."""
    return [each for each in secrets if any(form in text for form in forms(each))]


def forms(secret: str) -> Iterator[str]:
    """Yield a secret as it is, and its middle as base64 writes it wherever it begins in a text."""
    yield secret
    for lead in range(3):
        encoded = base64.b64encode(bytes(lead) + secret.encode()).decode()
        yield encoded[4 : len(encoded) // 4 * 4 - 4]


def files(directory: Path) -> Iterator[tuple[str, str]]:
    for path in directory.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes().decode("latin-1")


async def answers(program: Program, session_id: str) -> AsyncIterator[tuple[str, str]]:
    """Yield what the console answers by HTTP, where there is something and where there is not."""
    paths = (
        "/",
        "/nowhere",
        f"/rt/{session_id}/rows/0",
        f"/rt/{session_id}/rows/99999",
        f"/rt/{session_id}/rows/0?zoom=frames",
        f"/rt/{session_id}/events.jsonl",
        f"/rt/{session_id}/events.har",
        *(f"/rt/{session_id}/conversation.{form}" for form in ("md", "txt", "srt", "json")),
        f"/rt/{session_id}/items/none.wav",
        f"/rt/{'x' * 43}/rows/0",
        "/watch-none",
        "/assets/style.css",
        "/relays",
        "/relayed?relay=0&session=none",
    )
    async with httpx.AsyncClient(headers=await program.cookie()) as client:
        for path in paths:
            answer = await client.get(f"{program.origin}{path}")
            yield path, f"{answer.headers} {answer.text}"


async def test_no_key_is_in_any_page_dialog_frame_answer_log_or_file(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    quiet = ("--target", "simulator", "--microphone", "silence")
    arguments = (*quiet, "--watch", "ws://127.0.0.1:1", "--log-level", "debug")
    with redis_server.locked(STORAGE_PASSWORD) as storage:
        environment = {**KEYS, "CONSOLE_LIMITS_STORAGE": storage}
        async with open_console(tmp_path, *arguments, environment=environment) as console:
            seen = await look_around(console)
            cookies = SimpleCookie((await console.cookie())["cookie"]).values()
            of_the_door = {*parse_qs(urlsplit(console.url).query)["token"]}
            of_the_door |= {each.value for each in cookies}
            status, _ = await console.end()

    assert status == 0
    assert "DEBUG" in console.errors, "the log was to be at its loudest"
    assert len(of_the_door) == 2
    kept = [("log", console.errors), *files(tmp_path)]
    assert [(where, leaks(text)) for where, text in (*seen, *kept) if leaks(text)] == []
    assert [where for where, text in kept if leaks(text, of_the_door)] == []
    with redis_server.client(decode_responses=True) as client:
        found = client.keys()
        assert TOTAL_KEY in found, "what was spent was to be counted there"
        assert any("page" in each for each in found), "and so were pages"


async def look_around(console: Program) -> list[tuple[str, str]]:
    """Use everything that has to do with keys; return all that was seen, and where."""
    async with visiting(console) as page:
        # The simulator asks for its key, so it has travelled.
        await page.click("Connect")
        await page.until(lambda: page.says('"Connected"'))
        for name in DIALOGS:
            await page.click(name)
        await page.until(lambda: page.says("sk-...0001"))
        await page.choose("Composer")
        await page.until(lambda: page.says('"Reference"') and page.says('"Compose"'))
        await page.click("Disconnect")
        await page.until(lambda: page.says('"Disconnected"'))

        await page.submit(f" {TYPED} ", False)
        await page.until(lambda: page.says("sk-...0006"))
        await page.until(lambda: page.says("OpenAI Realtime API"))
        await page.submit(f"{TYPED} {TYPED}", True)
        await page.until(lambda: page.says("That has spaces, quotes"))

        found = re.search(r'"session": "([\w-]{43})"', "\n".join(page.frames))
        assert found is not None
        seen = [("html", page.html), *(("frame", each) for each in page.frames)]
        return seen + [each async for each in answers(console, found[1])]


class QuotingServer:
    """Quotes the key that it is given: in the first session as an error, then as its refusal."""

    def __init__(self) -> None:
        self.url = ""
        self.n_asked = 0

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[QuotingServer]:
        async with serve(self._answer, "127.0.0.1", 0) as server:
            (socket,) = server.sockets
            self.url = f"ws://127.0.0.1:{socket.getsockname()[1]}/v1/realtime"
            yield self

    async def _answer(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.n_asked += 1
        key = connection.request.headers["Authorization"].removeprefix("Bearer ")
        is_refusal = self.n_asked > 1
        if not is_refusal:
            session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
            for event_type in ("session.created", "session.updated"):
                await self._send(connection, {"type": event_type, "session": session})
        error = {
            "type": "invalid_request_error",
            "code": "invalid_api_key" if is_refusal else "quoted",
            "message": f"Incorrect API key provided: {key}. Authorization: Bearer {key}",
        }
        await self._send(connection, {"type": "error", "error": error})
        if is_refusal:
            await connection.close(3000, f"invalid_request_error.invalid_api_key {key}")
        await connection.wait_closed()

    async def _send(self, connection: ServerConnection, event: dict[str, object]) -> None:
        await connection.send(orjson.dumps({"event_id": "event_1"} | event).decode())


async def test_a_server_that_refuses_and_quotes_the_key_shows_it_to_nobody(tmp_path: Path) -> None:
    arguments = ("--microphone", "silence", "--log-level", "debug")
    async with (
        QuotingServer().run() as server,
        open_console(tmp_path, "--target", server.url, *arguments, environment=KEYS) as console,
        visiting(console) as page,
    ):
        await page.click("Connect")
        await page.until(lambda: page.says("Incorrect API key provided"))
        await page.click("Disconnect")
        await page.until(lambda: page.says('"Disconnected"'))
        await page.click("Connect")
        await page.until(lambda: page.says("did not accept the API key ending in 0003"))
        seen = [("html", page.html), *(("frame", each) for each in page.frames)]
        seen += [each async for each in answers(console, page.session_id)]
        await console.end()

    assert server.n_asked == 2, "a key that was refused is not tried again"
    assert "Incorrect API key provided" in dict(seen)[f"/rt/{page.session_id}/events.jsonl"]
    seen += [("log", console.errors), *files(tmp_path)]
    assert [(where, leaks(text)) for where, text in seen if leaks(text)] == []


class StuckServer:
    """Begins a session and then neither reads nor lets go."""

    def __init__(self) -> None:
        self.url = ""
        self.authorization: list[str | None] = []

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[StuckServer]:
        async with serve(self._begin, "127.0.0.1", 0) as server:
            (socket,) = server.sockets
            self.url = f"ws://127.0.0.1:{socket.getsockname()[1]}/v1/realtime"
            yield self
            for each in list(server.connections):
                each.transport.abort()

    async def _begin(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        self.authorization.append(connection.request.headers.get("Authorization"))
        session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
        for event_type in ("session.created", "session.updated"):
            event = {"type": event_type, "event_id": "event_1", "session": session}
            await connection.send(orjson.dumps(event).decode())
        response = {"id": "resp_1", "object": "realtime.response", "status": "in_progress"}
        event = {"type": "response.created", "event_id": "event_2", "response": response}
        await connection.send(orjson.dumps(event).decode())
        connection.transport.pause_reading()
        await connection.wait_closed()


async def half_an_upload(program: Program, session_id: str) -> bytes:
    """Return the beginning of what a page sends that has a sound file for the microphone."""
    head = (
        f"POST /rt/{session_id}/microphone?name=a.wav HTTP/1.1",
        f"Host: {urlsplit(program.origin).netloc}",
        f"Cookie: {(await program.cookie())['cookie']}",
        "Content-Length: 500000",
        "Expect: 100-continue",
    )
    return "\r\n".join((*head, "", "RIFF")).encode()


async def test_a_stuck_server_does_not_keep_the_console_from_ending_with_everything_written(
    tmp_path: Path,
) -> None:
    async with StuckServer().run() as server:
        arguments = ("--target", server.url, "--microphone", "tone")
        async with (
            open_console(tmp_path, *arguments, environment=KEYS) as console,
            visiting(console) as page,
        ):
            await page.click("Connect")
            await page.until(lambda: page.says('"Connected"'))
            await page.until(lambda: page.says("answering"))
            # Visitors, too, of whom one has begun a request and one a file, and say no more.
            host, _, port = console.origin.removeprefix("http://").partition(":")
            _, stalled = await asyncio.open_connection(host, int(port))
            stalled.write(b"GET / HTTP/1.1\r\nHost: ")
            answers, sending = await asyncio.open_connection(host, int(port))
            sending.write(await half_an_upload(console, page.session_id))
            await asyncio.gather(stalled.drain(), sending.drain())
            await answers.readuntil(b"100 Continue\r\n\r\n")  # somebody reads it now

            status, took_s = await console.end()

            stalled.close()
            sending.close()

    assert status == 0
    assert took_s < 6
    assert server.authorization == [f"Bearer {KEYS['CONSOLE_TARGET_KEY']}"]
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / FILE_NAME)) as counter:
        ((seconds, dollars, estimated),) = counter.execute(
            "SELECT seconds, dollars, estimated FROM spent WHERE person = 'owner'"
        )
    assert seconds > 0
    assert dollars == estimated > 0, "the answer whose end was never told counts as an estimate"
    assert not re.search("Traceback|ERROR", console.errors)
    (line,) = (each for each in console.errors.splitlines() if "uvicorn" in each)
    assert "ending: cut off 1 connection that had not ended within 2 s" in line
