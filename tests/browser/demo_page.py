"""The real page on a session that a test plays by HTTP: no client, no simulator, no sound.

`python -m tests.browser.demo_page --port N` serves the page of session X at `/?session=X`.
`POST /demo/X/send` sends a batch on its channel, `POST /demo/X/again` begins anew, `POST /demo/X/view` changes what the page shows,
`GET /demo/X/calls` tells what the page asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import time
import uuid
from dataclasses import replace
from typing import Any

import numpy as np
from fastapi import FastAPI, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from nicegui import app, ui

from console import pcm
from console.app.view_model import MicrophoneState, Notice, Phase, Place
from console.audio.peaks import peaks
from console.ui import theme
from console.ui.item_sound import wav_answer
from console.ui.pages.console import build_page
from tests.ui.demo_session import DemoPeople, DemoSession

WELCOME = {"k": "welcome", "epoch": "demo", "sound": "browser", "capture": "off"}


class PlayedSession(DemoSession):
    """A session whose channel, events and sounds come from a test."""

    def __init__(self, session_id: str) -> None:
        super().__init__(session_id)
        self.events: dict[int, list[dict[str, Any]]] = {}
        self.sounds: dict[str, bytes] = {}
        self.peaks_asked: list[str] = []
        self.held: list[dict[str, Any]] = []
        """What a page that opens later is told first."""
        self.channels: set[WebSocket] = set()
        self.opened = asyncio.Event()
        self.naive: ui.column | None = None
        self.cost = (0.0, 0)
        """Milliseconds of CPU that building the page took, and how many elements it has."""

    async def send(self, messages: list[dict[str, Any]]) -> None:
        for channel in tuple(self.channels):
            await channel.send_json(messages)

    async def begin_again(self) -> None:
        """Forget events, sounds and calls, and let the pages begin anew as with a new session."""
        self.events.clear()
        self.sounds.clear()
        self.peaks_asked.clear()
        self.calls.clear()
        await self.send([{**WELCOME, "epoch": uuid.uuid4().hex}])

    def change(self, wanted: dict[str, Any]) -> None:
        """Change the view as a test asks: {"connection": {...}, "places": [...], ...}."""
        view = self.view
        if "connection" in wanted:
            view.set_connection(
                **(wanted["connection"] | {"phase": Phase(wanted["connection"]["phase"])})
            )
        if "microphone" in wanted:
            view.set_microphone(MicrophoneState(wanted["microphone"]))
        if "turn" in wanted:
            view.set_turn(wanted["turn"])
        if "talking" in wanted:
            view.set_talking(wanted["talking"])
        if "answering" in wanted:
            view.set_answering(wanted["answering"])
        if "memory" in wanted:
            view.set_memory(wanted["memory"])
        if "file_name" in wanted:
            chosen = replace(view.sound.settings.microphone, kind="file")
            view.set_sound(settings=replace(view.sound.settings, microphone=chosen))
            view.set_stand_in(file_name=wanted["file_name"], file_ms=1000.0)
        for place in wanted.get("places", ()):
            view.show_place(Place(**place))
        for notice in wanted.get("notices", ()):
            view.add_notice(Notice(**notice))


sessions: dict[str, PlayedSession] = {}


def session_named(session_id: str) -> PlayedSession:
    return sessions.setdefault(session_id, PlayedSession(session_id))


def tone(milliseconds: int) -> bytes:
    """Syllables and pauses, as speech has them: something to hear and something to see."""
    at_s = np.arange(milliseconds * 24) / 24_000
    syllables = np.maximum(0.0, np.sin(2 * np.pi * 2.3 * at_s)) * (0.6 + 0.4 * np.sin(at_s * 1.7))
    phrases = np.where(np.sin(2 * np.pi * at_s / 3.1) > -0.8, 1.0, 0.02)
    voice = np.sin(2 * np.pi * 180 * at_s) + 0.4 * np.sin(2 * np.pi * 1_210 * at_s)
    return pcm.from_float(0.4 * voice * syllables * phrases)


def install(api: FastAPI) -> None:
    """Add the session channel and the controls of the test."""

    @api.websocket("/rt/{session_id}")
    async def channel(socket: WebSocket, session_id: str) -> None:
        session = session_named(session_id)
        await socket.accept()
        try:
            await socket.receive_json()
            await socket.send_json([WELCOME])
            if session.held:
                await socket.send_json(session.held)
            session.channels.add(socket)
            session.opened.set()
            while True:
                await socket.receive()
        except (WebSocketDisconnect, RuntimeError):
            session.channels.discard(socket)

    @api.get("/rt/{session_id}/rows/{index}")
    async def rows(session_id: str, index: int, offset: int = 0, limit: int = 50) -> dict[str, Any]:
        events = session_named(session_id).events.get(index)
        if events is None:
            raise HTTPException(404, "gone")
        return {"count": len(events), "events": events[offset : offset + limit]}

    def sound_of(session_id: str, item_id: str) -> bytes:
        session = session_named(session_id)
        if item_id not in session.sounds:
            raise HTTPException(404, "no sound")
        return session.sounds[item_id]

    @api.get("/rt/{session_id}/items/{item_id}.wav")
    async def sound(session_id: str, item_id: str, request: Request) -> Response:
        return wav_answer(sound_of(session_id, item_id), request.headers.get("range"))

    @api.get("/rt/{session_id}/items/{item_id}.peaks")
    async def waveform(session_id: str, item_id: str) -> dict[str, Any]:
        audio = sound_of(session_id, item_id)
        session_named(session_id).peaks_asked.append(item_id)
        return {"peaks": peaks(audio), "ms": pcm.bytes_to_ms(len(audio))}

    @api.get("/demo/{session_id}/peaks")
    async def peaks_asked(session_id: str) -> list[str]:
        """Tell for which items a waveform was wanted."""
        return session_named(session_id).peaks_asked

    @api.post("/demo/{session_id}/send")
    async def send(session_id: str, request: Request) -> None:
        await session_named(session_id).send(await request.json())

    @api.post("/demo/{session_id}/again")
    async def again(session_id: str) -> None:
        await session_named(session_id).begin_again()

    @api.post("/demo/{session_id}/hold")
    async def hold(session_id: str, request: Request) -> None:
        session_named(session_id).held = await request.json()

    @api.post("/demo/{session_id}/events/{index}")
    async def keep(session_id: str, index: int, request: Request) -> None:
        session_named(session_id).events[index] = await request.json()

    @api.post("/demo/{session_id}/sounds/{item_id}")
    async def keep_sound(session_id: str, item_id: str, milliseconds: int) -> None:
        session_named(session_id).sounds[item_id] = tone(milliseconds)

    @api.post("/demo/{session_id}/view")
    async def view(session_id: str, request: Request) -> None:
        session_named(session_id).change(await request.json())

    @api.get("/demo/{session_id}/opened")
    async def opened(session_id: str) -> None:
        """Answer once the page's channel is open."""
        await session_named(session_id).opened.wait()

    @api.get("/demo/{session_id}/cost")
    async def cost(session_id: str) -> tuple[float, int]:
        return session_named(session_id).cost

    @api.get("/demo/{session_id}/calls")
    async def calls(session_id: str, count: int = 0) -> list[list[Any]]:
        """Answer once the page has asked for something `count` times."""
        await session_named(session_id).asked_times(count)
        return session_named(session_id).calls

    @api.post("/demo/{session_id}/flood")
    async def flood(session_id: str, seconds: float, per_second: int, first: int) -> None:
        """Send rows as a busy session does: 20 batches a second."""
        session = session_named(session_id)
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), 0
        while sent < seconds * per_second:
            batch = [plain_row(first + sent + index) for index in range(per_second // 20)]
            if session.naive is None:
                await session.send([{"k": "rows", "epoch": "demo", "version": 0, "rows": batch}])
            else:
                with session.naive:
                    for each in batch:
                        ui.label(naive_text(each))
            sent += len(batch)
            await asyncio.sleep(max(0.0, began + sent / per_second - loop.time()))


def plain_row(index: int) -> dict[str, Any]:
    """A row of the wire with nothing odd about it."""
    return {
        "i": index,
        "v": index,
        "t": index * 10.0,
        "g": 10.0,
        "s": "client" if index % 2 else "server",
        "y": "input_audio_buffer.append" if index % 2 else "response.output_audio.delta",
        "d": f"event {index}",
        "n": 1,
        "b": 1234,
        "a": 40 if index % 2 else 0,
        "u": index * 10.0,
        "e": False,
        "item": f"item_{index}",
        "resp": None,
    }


async def root() -> None:
    client = ui.context.client
    await client.connected()
    if client.is_deleted:
        return
    query = client.request.query_params
    session = session_named(query.get("session", "demo"))
    if "naive" in query:
        build_naive_list(session, int(query["naive"]))
    else:
        began = time.thread_time()
        build_page(session, DemoPeople())
        session.cost = ((time.thread_time() - began) * 1000, len(client.elements))


def build_naive_list(session: PlayedSession, count: int) -> None:
    """What the event list is measured against: a NiceGUI label for each event in a column."""
    with ui.element("div").style("height: 400px; overflow: auto"):
        session.naive = ui.column()
    with session.naive:
        for index in range(count):
            ui.label(naive_text(plain_row(index)))


def naive_text(row: dict[str, Any]) -> str:
    return f"{row['t']} {row['s']} {row['y']} {row['d']}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    app.add_static_files("/assets", theme.ASSETS, max_cache_age=0)
    theme.install()
    install(app)
    ui.run(
        root,
        host="127.0.0.1",
        port=port,
        show=False,
        reload=False,
        dark=None,
        tailwind=False,
        title="Realtime Console",
        favicon=theme.ASSETS / "icon.svg",
        show_welcome_message=False,
        ws_per_message_deflate=False,
        reconnect_timeout=30,
    )


if __name__ in {"__main__", "__mp_main__"}:
    main()
