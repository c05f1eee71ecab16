"""A page with the voice element alone, and HTTP to steer and watch its session channel.

Run as a program of its own: ``python -m tests.browser.voice_app --port N``.
"""

from __future__ import annotations

import argparse
import base64
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from nicegui import app, ui
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from console.app.event_view import Find, Look
from console.app.sound_settings import SoundSettings
from console.pcm import SAMPLE_RATE_HZ
from console.signals import Signal
from console.ui.channel_wire import decode_microphone
from console.ui.elements.voice_io import BrowserDevices, VoiceIO
from console.ui.session_channel import SessionChannel

SESSION = "harness"
ASSETS = Path(__file__).parent.parent.parent / "assets"


class EmptyFeed:
    """A session in which nothing happens."""

    epoch = 1
    touched: Signal[None] = Signal("feed touched")

    def reader(self) -> Self:
        return self

    def close(self) -> None:
        pass

    is_scanning = False

    def look(self, look: Look) -> None:
        pass

    def find(self, find: Find) -> None:
        pass

    def scan(self) -> bool:
        return False

    def rows(self) -> Sequence[Any]:
        return []

    def snapshot(self) -> Sequence[Any]:
        return []

    def changes(self) -> Sequence[Any]:
        return []


class WatchedChannel(SessionChannel):
    """A channel that writes down, in order, what the browser sent."""

    def __init__(self) -> None:
        super().__init__(EmptyFeed())
        self.log: list[dict[str, Any]] = []
        self.pcm = bytearray()
        self.websocket: WebSocket | None = None
        self.settings = SoundSettings()
        self.voice: VoiceIO | None = None
        self.noted: Signal[None] = Signal("noted")
        self.talk.connect(
            lambda talk: self.note("talk", is_down=talk.is_down, held_ms=talk.held_ms)
        )
        self.microphone.connect(
            lambda each: self.note("microphone", state=each.state, detail=each.detail)
        )
        self.sink.heard.connect(
            lambda each: self.note(
                "heard",
                track=each.track,
                samples=each.n_samples,
                queued=each.n_queued,
                underruns=each.underruns,
                prebuffer_ms=each.n_prebuffer * 1000 // SAMPLE_RATE_HZ,
            )
        )
        self.sink.drained.connect(
            lambda each: self.note("drained", track=each.track, samples=each.n_samples)
        )
        self.connected.connect(lambda _: self.note("connected"))
        self.closed.connect(lambda _: self.note("closed"))

    def change_microphone(self, **changed: Any) -> None:
        microphone = replace(self.settings.microphone, **changed)
        self.settings = replace(self.settings, microphone=microphone)
        assert self.voice is not None
        self.voice.apply(self.settings)

    def toggle_mute(self) -> None:
        self.change_microphone(is_muted=not self.settings.microphone.is_muted)

    def note_devices(self, devices: BrowserDevices) -> None:
        self.note(
            "devices",
            inputs=[each.label for each in devices.inputs],
            remarks=list(devices.remarks),
        )

    def note(self, kind: str, **fields: Any) -> None:
        self.log.append({"kind": kind, "at": time.monotonic() * 1000, **fields})
        self.noted.emit(None)

    async def wait_for(self, match: dict[str, Any], count: int) -> None:
        """Wait until `count` entries of the log have the fields of `match`."""

        def found(_: None = None) -> bool:
            return sum(match.items() <= each.items() for each in self.log) >= count

        if not found():
            await self.noted.wait(found, timeout_s=10)

    async def serve(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        await super().serve(websocket)

    def accept_audio(self, data: bytes) -> None:
        super().accept_audio(data)
        chunk = decode_microphone(data)
        self.pcm += chunk.pcm
        self.note(
            "chunk",
            sequence=chunk.sequence,
            time_ms=chunk.time_ms,
            samples=len(chunk.pcm) // 2,
            is_first=chunk.is_first,
        )


def quiet(settings: SoundSettings) -> SoundSettings:
    """The settings without any processing: what is heard can be compared with what was said."""
    microphone = replace(
        settings.microphone, echo_cancellation=False, noise_suppression=False, auto_gain=False
    )
    return replace(settings, microphone=microphone)


def build(channel: WatchedChannel, mode: str, processing: bool) -> None:
    """Lay out the page; `mode` is what connecting allows of the microphone."""

    def connect() -> None:
        channel.set_capture(mode)  # type: ignore[arg-type]  # checked by the channel
        connect_button.set_visibility(False)

    def disconnect() -> None:
        channel.set_capture("off")
        connect_button.set_visibility(True)

    voice = channel.voice = VoiceIO(
        SESSION,
        settings=channel.settings if processing else quiet(channel.settings),
        on_devices=channel.note_devices,
        on_sound=lambda state: channel.note("sound", state=state),
    )
    connect_button = ui.button("Connect", on_click=connect).props("data-rc-connect")
    ui.button("Type only").props("data-rc-connect data-rc-text-only")
    ui.button("Disconnect", on_click=disconnect)
    clicks = ui.label("0 clicks")
    ui.button("Count", on_click=lambda: clicks.set_text("1 clicks"))
    ui.button("Push to talk").props("data-rc-talk")
    ui.button("Use microphone").props("data-rc-microphone")
    ui.button("Mute", on_click=channel.toggle_mute).props("data-rc-mute=microphone")
    ui.input("Message")
    ui.add_body_html(f"<script>window.voiceId = {voice.id}</script>")


def steer(channel: WatchedChannel) -> None:
    """Add the routes that tests steer and watch the channel with."""

    @app.websocket(f"/rt/{SESSION}")
    async def line(websocket: WebSocket) -> None:
        await channel.serve(websocket)

    @app.post("/play/{track}")
    async def play(track: str, request: Request) -> Response:
        channel.note("play", track=track)
        channel.sink.play(track, await request.body())
        return Response()

    @app.post("/perform")
    async def perform(request: Request) -> Response:
        for track, sound in await request.json():
            if sound is None:
                channel.sink.finish(track)
            else:
                channel.sink.play(track, base64.b64decode(sound))
        return Response()

    @app.post("/call/{name}")
    async def call(name: str, request: Request) -> Response:
        arguments = await request.json()
        began = time.perf_counter()
        if name == "interrupt":
            channel.note("interrupt")
            heard = await channel.sink.interrupt()
            took_ms = (time.perf_counter() - began) * 1000
            answer = heard and {"track": heard.track, "samples": heard.n_samples}
            return JSONResponse({"heard": answer, "took_ms": took_ms})
        if name == "finish":
            channel.sink.finish(*arguments)
        elif name == "clear":
            await channel.sink.clear()
        elif name == "capture":
            channel.set_capture(*arguments)
        elif name == "let_go":
            channel.let_go()
        elif name == "drop":
            assert channel.websocket is not None
            await channel.websocket.close(1012)
        elif name == "awake":
            assert channel.voice is not None
            channel.voice.keep_awake(*arguments)
        elif name == "microphone":
            channel.change_microphone(**arguments[0])
        elif name == "reset":
            channel.log.clear()
            channel.pcm.clear()
            channel.settings = quiet(SoundSettings())
        return JSONResponse({})

    @app.post("/until")
    async def until(request: Request) -> JSONResponse:
        asked = await request.json()
        try:
            await channel.wait_for(asked["match"], asked["count"])
        except TimeoutError:
            return JSONResponse(channel.log, status_code=504)
        return JSONResponse(channel.log)

    @app.get("/log")
    def log() -> JSONResponse:
        return JSONResponse(channel.log)

    @app.get("/pcm")
    def pcm() -> Response:
        return Response(bytes(channel.pcm))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    channel = WatchedChannel()
    app.add_static_files("/assets", ASSETS, max_cache_age=0)
    app.add_static_files("/tests", Path(__file__).parent, max_cache_age=0)
    steer(channel)

    @ui.page("/")
    def page(mode: str = "manual", processing: bool = False) -> None:
        build(channel, mode, processing)

    ui.run(
        host="127.0.0.1", port=port, show=False, reload=False, tailwind=False,
        ws_per_message_deflate=False, show_welcome_message=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
