"""A server that spells the key that it was shown, letter by letter, and who sees what of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve

from console.app.backend import Backend
from console.settings import Settings
from console.ui.console_session import ConsoleSession
from tests.fakes import ManualClock, settle
from tests.ui.page_lines import LOOK, Browser, connected

KEY = "planted-target-0003-0003-0003"
SAID = f"The key is {KEY}, as you know. That is it."
TOLD = "The key is pla[secret], as you know. That is it."
TRANSCRIPT = "response.output_audio_transcript.delta"
ARGUMENTS = "response.function_call_arguments.delta"


def spelling() -> list[dict[str, Any]]:
    """Return what the server sends: a session, and an answer that is not at its end."""
    session = {"type": "realtime", "object": "realtime.session", "id": "sess_1"}
    response = {"id": "r", "object": "realtime.response", "status": "in_progress"}
    speech = {"id": "speech", "type": "message", "role": "assistant", "status": "in_progress"}
    call = {"id": "call", "type": "function_call", "name": "tell", "call_id": "call_1"}
    events: list[dict[str, Any]] = [
        {"type": "session.created", "session": session},
        {"type": "session.updated", "session": session},
        {"type": "response.created", "response": response},
    ]
    for item in (speech, call):
        events += [
            {"type": "response.output_item.added", "response_id": "r", "item": item},
            {"type": "conversation.item.added", "item": item},
        ]
    for each in SAID:
        events += [
            {"type": TRANSCRIPT, "item_id": "speech", "delta": each},
            {"type": "response.output_audio.delta", "item_id": "speech", "delta": "AAAA"},
            {"type": ARGUMENTS, "item_id": "call", "delta": each},
        ]
    return [*events, {"type": "rate_limits.updated", "rate_limits": []}]


@contextlib.asynccontextmanager
async def spelling_server() -> AsyncIterator[str]:
    """Yield the URL of a server that sends what `spelling` says."""

    async def answer(connection: ServerConnection) -> None:
        for n, event in enumerate(spelling()):
            await connection.send(orjson.dumps({"event_id": f"event_{n}"} | event).decode())
        await connection.wait_closed()

    async with serve(answer, "127.0.0.1", 0) as server:
        (socket,) = server.sockets
        yield f"ws://127.0.0.1:{socket.getsockname()[1]}/v1/realtime"


class Page:
    """What a browser has been told, as its page joins it."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.items: dict[str, dict[str, Any]] = {}
        self.rows: dict[int, dict[str, Any]] = {}

    async def read_until(self, event_type: str) -> None:
        """Read until the list of events shows one of a type."""
        while event_type not in {each["y"] for each in self.rows.values()}:
            frame = await self._browser.frame()
            for message in frame if isinstance(frame, list) else []:
                self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        match message["k"]:
            case "items":
                self.items |= {each["id"]: each for each in message["items"]}
            case "text":
                for item_id, text in message["deltas"]:
                    self.items[item_id]["text"] += text
            case "rows":
                self.rows |= {each["i"]: each for each in message["rows"]}


@pytest.mark.parametrize("zoom", ["spans", "frames"])
async def test_a_key_that_is_spelled_is_whole_nowhere_on_the_live_page(zoom):
    clock = ManualClock()
    async with spelling_server() as url:
        settings = Settings(_env_file=None, target=url, target_key=KEY)
        session = ConsoleSession(Backend(settings), settings, clock)
        async with connected(session.channel) as browser, asyncio.timeout(10):
            browser.send({**LOOK, "zoom": zoom, "count": 500})
            await session.connect(with_microphone=False)
            await settle()
            page = Page(browser)
            await page.read_until("rate_limits.updated")
        entries = list(session.log.entries())
        await session.close()

    assert page.items["speech"]["text"] == TOLD
    assert page.items["call"]["arguments"] == TOLD
    for kind in (TRANSCRIPT, ARGUMENTS):
        deltas = [each.event.fields["delta"] for each in entries if each.event.type == kind]
        assert "".join(deltas) == TOLD
        assert len(deltas) == len(SAID)
        shown = [each["d"] for _, each in sorted(page.rows.items()) if each["y"] == kind]
        assert shown == ([TOLD] if zoom == "spans" else [each.strip() for each in deltas])
