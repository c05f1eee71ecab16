"""The real page on a session that a test plays by HTTP: no client, no simulator, no sound.

`python -m tests.browser.demo_page --port N` serves the page of session X at `/?session=X`.
`POST /demo/X/send` sends a batch on its channel, `POST /demo/X/events` adds events to its log,
`POST /demo/X/again` begins anew, `POST /demo/X/view` changes what the page shows,
`GET /demo/X/calls` tells what the page asked for. What a page is measured against: `/?bare=N` is one
of N elements with nothing in them, `/?naive=N` a label for each of N events.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import replace
from typing import Any

import numpy as np
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, WebSocket
from nicegui import app, ui

from console import pcm
from console.app.garbage import GarbageRounds
from console.app.view_model import MicrophoneState, Notice, Phase, Place
from console.audio.peaks import peaks
from console.realtime.events import from_dict
from console.tools.measures import Measure
from console.ui import event_routes, theme, told_signatures
from console.ui.item_sound import wav_answer
from console.ui.pages.console import build_page
from console.ui.session_channel import SessionChannel
from tests.browser.played_feed import PlayedFeed
from tests.ui.demo_session import DemoPeople, DemoSession
from tests.ui.let_in import LetIn


class PlayedSession(DemoSession):
    """A session whose channel, events and sounds come from a test."""

    def __init__(self, session_id: str) -> None:
        super().__init__(session_id)
        self.log = self.composer.log
        self.feed = PlayedFeed(self.log)
        self.channel = SessionChannel(self.feed)
        self.sounds: dict[str, bytes] = {}
        self.peaks_asked: list[str] = []
        self.opened = asyncio.Event()
        self.naive: ui.column | None = None
        self.cost = (0.0, 0)
        """Milliseconds of CPU that building the page took, and how many elements it has."""

    def add(self, *events: dict[str, Any]) -> None:
        """Add events: `{"source", "at_s", "size", "event"}`."""
        for each in events:
            event = from_dict(each["event"])
            self.log.add(each["at_s"], each["source"], event, each["size"])
        self.feed.touch()

    def begin_again(self) -> None:
        """Forget events, sounds and calls, and let the pages begin anew as with a new session."""
        self.sounds.clear()
        self.peaks_asked.clear()
        self.calls.clear()
        self.log.clear()
        self.feed.touch()

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
        if "usage" in wanted:
            self.usage.be_used(wanted["usage"])
            view.on_change("usage")
        if "memory" in wanted:
            view.set_memory(wanted["memory"])
        if "file_name" in wanted:
            chosen = replace(view.sound.settings.microphone, kind="file")
            view.set_sound(settings=replace(view.sound.settings, microphone=chosen))
            view.set_stand_in(file_name=wanted["file_name"], file_ms=1000.0)
        for place in wanted.get("places", ()):
            view.show_place(place_of(place))
        for notice in wanted.get("notices", ()):
            view.add_notice(Notice(**notice))


def place_of(told: dict[str, Any]) -> Place:
    measures = {
        name: None if told.get(name) is None else Measure(*told[name])
        for name in ("temperature", "wind")
    }
    return Place(**{**told, **measures})


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
        session.channel.connected.connect(lambda _: session.opened.set())
        await session.channel.serve(socket)

    router = APIRouter(prefix="/rt")
    event_routes.add(
        router,
        lambda session_id, visitor: session_named(session_id).log,
        lambda session_id, visitor: session_named(session_id).log,
    )
    api.include_router(router)

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
        session_named(session_id).feed.tell(await request.json())

    @api.post("/demo/{session_id}/again")
    async def again(session_id: str) -> None:
        session_named(session_id).begin_again()

    @api.post("/demo/{session_id}/hold")
    async def hold(session_id: str, request: Request) -> None:
        session_named(session_id).feed.held = await request.json()

    @api.post("/demo/{session_id}/events")
    async def add(session_id: str, request: Request) -> None:
        session_named(session_id).add(*await request.json())

    @api.post("/demo/{session_id}/fill")
    async def fill(session_id: str, count: int) -> None:
        """Add so many events, as a busy session has them."""
        session = session_named(session_id)
        for first in range(0, count, 1000):
            session.add(*(plain_event(first + n) for n in range(min(1000, count - first))))
            await asyncio.sleep(0)

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

    @api.get("/demo/processor")
    async def processor() -> float:
        """Return how many milliseconds of CPU this process has taken so far."""
        return time.process_time() * 1000

    @api.get("/demo/{session_id}/calls")
    async def calls(session_id: str, count: int = 0) -> list[list[Any]]:
        """Answer once the page has asked for something `count` times."""
        await session_named(session_id).asked_times(count)
        return session_named(session_id).calls

    @api.post("/demo/{session_id}/flood")
    async def flood(
        session_id: str, seconds: float, per_second: int, first: int
    ) -> dict[int, float]:
        """Add events as a busy session has them; tells when each was added, in ms since 1970."""
        session = session_named(session_id)
        added: dict[int, float] = {}
        loop = asyncio.get_running_loop()
        began, sent = loop.time(), 0
        while sent < seconds * per_second:
            batch = [plain_event(first + sent + index) for index in range(per_second // 20)]
            if session.naive is None:
                session.add(*batch)
            else:
                with session.naive:
                    for each in batch:
                        ui.label(naive_text(each))
            now_ms = time.time() * 1000
            added |= {first + sent + index: now_ms for index in range(len(batch))}
            sent += len(batch)
            await asyncio.sleep(max(0.0, began + sent / per_second - loop.time()))
        return added


def plain_event(index: int) -> dict[str, Any]:
    """An event of a busy session: every other one of the microphone, and every tenth no delta."""
    event: dict[str, Any] = {"event_id": f"event_{index:08d}", "item_id": f"item_{index // 200}"}
    if index % 10 == 9:
        event |= {"type": "rate_limits.updated", "rate_limits": [{"name": f"event {index}"}]}
    elif index % 2:
        event = {"type": "input_audio_buffer.append", "audio": "AAAA" * 320}
    else:
        event |= {"type": "response.output_text.delta", "delta": f"event {index} "}
    source = "client" if event["type"].startswith("input") else "server"
    return {"source": source, "at_s": index / 100, "size": 1234, "event": event}


async def root() -> None:
    client = ui.context.client
    await client.connected()
    if client.is_deleted:
        return
    query = client.request.query_params
    session = session_named(query.get("session", "demo"))
    began = time.thread_time()
    if "naive" in query:
        build_naive_list(session, int(query["naive"]))
    elif "bare" in query:
        for _ in range(int(query["bare"])):
            ui.element("div")
    else:
        build_page(session, DemoPeople())
    session.cost = ((time.thread_time() - began) * 1000, len(client.elements))


def build_naive_list(session: PlayedSession, count: int) -> None:
    """What the event list is measured against: a NiceGUI label for each event in a column."""
    with ui.element("div").style("height: 400px; overflow: auto"):
        session.naive = ui.column()
    with session.naive:
        for index in range(count):
            ui.label(naive_text(plain_event(index)))


def naive_text(event: dict[str, Any]) -> str:
    told = event["event"]
    return f"{event['at_s']} {event['source']} {told['type']} {told.get('event_id', '')}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    app.add_static_files("/assets", theme.ASSETS, max_cache_age=0)
    theme.install()
    told_signatures.tell()
    rounds = GarbageRounds()
    app.on_startup(rounds.start)
    app.on_delete(rounds.page_gone)
    app.on_shutdown(rounds.stop)
    app.add_middleware(LetIn)
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
