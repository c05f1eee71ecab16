"""How late sound is between the browser's worklets and the server.

    python tests/bench/bench_microphone_to_wire.py --seconds 20

A real Chromium, a session channel in another process, both on this machine:

- lateness: when a chunk of the microphone reached the server, after the moment at which its last
  sample was captured; the constant part, which the two clocks do not share, is taken off by the
  earliest chunk
- first sample: from `sink.play` on the server to its report that samples have been rendered,
  with the browser's pre-buffer satisfied at once (so: line, worklet, and the way back)
- interruption: from `sink.interrupt` to its answer, while a track plays
- own time: from a chunk's frame, as the browser sends it, to the event that the transport is given:
  channel, source, controller, event log and client, without a browser; beside the floor of
  unpacking the frame, base64 and JSON alone
"""

from __future__ import annotations

import argparse
import asyncio
import os
import struct
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import httpx
import numpy as np
import orjson
import pybase64
from playwright.async_api import Page

from console import wav
from console.app.controller import Controller
from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.session_feed import SessionFeed
from console.app.session_tools import SessionTools
from console.app.view_model import MicrophoneState, Target, ViewModel
from console.client import RealtimeClient
from console.clock import SystemClock
from console.ui.channel_wire import BrowserMicrophone
from console.ui.session_channel import SessionChannel
from tests.browser.test_voice_io import SPEECH, voice
from tests.browser.voice_harness import ROOT, Harness, button, connect
from tests.chromium import microphone_from_file, open_chromium

CHUNK_BYTES = 1440
PROMISE_OWN_MS = 2.0


def summary(name: str, values_ms: list[float]) -> str:
    """Return one line with the median, the 99th percentile and the most."""
    p50, p99, most = np.percentile(values_ms, [50, 99, 100])
    return f"{name:32} n {len(values_ms):4}  p50 {p50:7.2f}  p99 {p99:7.2f}  max {most:7.2f} ms"


async def lateness(page: Page, harness: Harness, seconds: float) -> list[float]:
    """Return how late each chunk was, in ms, against the earliest."""
    await harness.call("capture", "vad")
    log = await harness.until(kind="chunk", count=10)
    while len(log) < seconds * 1000 / 30:
        await asyncio.sleep(1)
        log = await harness.log("chunk")
    await harness.call("capture", "manual")
    chunks = [each for each in log if each["kind"] == "chunk"]
    offsets = [each["at"] - each["time_ms"] for each in chunks[10:]]
    return [each - min(offsets) for each in offsets]


async def first_samples(harness: Harness, rounds: int) -> list[float]:
    """Return the ms from `play` to the first report, for some tracks."""
    took = []
    for number in range(rounds):
        track = f"first{number}"
        await harness.play(track, voice(4800))
        await harness.call("finish", track)
        log = await harness.until(kind="drained", track=track)
        at = {each["kind"]: each["at"] for each in reversed(log) if each.get("track") == track}
        took.append(at["heard"] - at["play"])
    return took


async def interruptions(harness: Harness, rounds: int) -> list[float]:
    """Return the ms that interruptions took while a track played."""
    took = []
    for number in range(rounds):
        track = f"cut{number}"
        await harness.play(track, voice(48_000))
        await harness.until(kind="heard", track=track)
        took.append((await harness.call("interrupt"))["took_ms"])
    return took


class Wire:
    """A transport that begins a session and notes when each chunk was sent."""

    is_backed_up = False

    def __init__(self) -> None:
        self.sent_at = 0.0
        self._sent = asyncio.Event()
        self._greeted = False

    async def open(self, url: str, headers: Mapping[str, str], timeout_s: float) -> Wire:
        """Stand in for the opening of a connection."""
        return self

    async def receive(self) -> str:
        """Begin the session, then say nothing."""
        if not self._greeted:
            self._greeted = True
            return '{"type":"session.created","session":{"id":"sess_1"}}'
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nothing more comes")

    async def send(self, text: str) -> None:
        """Note the time."""
        self.sent_at = time.perf_counter()
        if "input_audio_buffer.append" in text[:80]:
            self._sent.set()

    async def ping(self, timeout_s: float) -> bool:
        """Answer at once."""
        return True

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Nothing to do."""

    async def chunk_sent(self) -> None:
        """Wait for the next chunk."""
        await self._sent.wait()
        self._sent.clear()


async def own_time(n_chunks: int = 10_000) -> tuple[float, float, float]:
    """Return p50 and p99 of our own time for a chunk, and p50 of the floor, in ms."""
    wire = Wire()
    log, conversation = EventLog(), ConversationView()
    feed = SessionFeed(log, conversation)
    channel = SessionChannel(feed)
    channel.source.set_microphone(BrowserMicrophone(MicrophoneState.ON, ""))
    view = ViewModel(Target("bench", "m", "v", "", False), turn="vad")
    controller = Controller(
        new_client=lambda: RealtimeClient(url="ws://bench", open_transport=wire.open),
        view=view,
        log=log,
        conversation=conversation,
        feed=feed,
        tools=SessionTools(view, "http://127.0.0.1:9"),
        source=channel.source,
        sink=channel.sink,
        set_capture=channel.set_capture,
        let_go=channel.let_go,
        is_source_gated=True,
        clock=SystemClock(),
    )
    await controller.connect()
    header = struct.Struct("<B3xId")
    frame = header.pack(1, 0, 0.0) + bytes(CHUNK_BYTES)
    ours, floor = [], []
    for _ in range(n_chunks):
        began = time.perf_counter()
        channel.accept_audio(frame)
        await wire.chunk_sent()
        ours.append((wire.sent_at - began) * 1000)
        began = time.perf_counter()
        header.unpack_from(frame)
        audio = pybase64.b64encode_as_string(frame[header.size :])
        orjson.dumps({"type": "input_audio_buffer.append", "audio": audio})
        floor.append((time.perf_counter() - began) * 1000)
    await controller.close()
    return *np.percentile(ours, [50, 99]), float(np.median(floor))


async def measure(seconds: float, rounds: int) -> None:
    """Run all parts and print their lines."""
    p50, p99, floor = await own_time()
    print(
        f"own time: p50 {p50:.3f}  p99 {p99:.3f} ms (promise {PROMISE_OWN_MS:g});"
        f" {p50 / floor:.1f} times the floor of {floor:.4f} ms"
    )
    port = 18_431
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.browser.voice_app", "--port", str(port), cwd=ROOT,
        env=dict(os.environ),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        speech = Path(folder) / "speech.wav"
        speech.write_bytes(wav.pack(SPEECH * max(1, round(seconds / 6))))
        try:
            await run_browser(f"http://127.0.0.1:{port}", speech, seconds, rounds)
        finally:
            process.terminate()
            await process.wait()


async def run_browser(url: str, speech: Path, seconds: float, rounds: int) -> None:
    """Measure what needs a browser."""
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http,
        open_chromium({}, arguments=microphone_from_file(speech)) as browser,
    ):
        while True:
            try:
                await http.get("/log")
                break
            except httpx.TransportError:
                await asyncio.sleep(0.05)
        harness = Harness(http)
        page = await browser.new_page()
        await page.goto(url)
        await connect(page, harness)
        print(summary("microphone chunk, lateness", await lateness(page, harness, seconds)))
        print(summary("play to first sample and back", await first_samples(harness, rounds)))
        print(summary("interruption, there and back", await interruptions(harness, rounds)))
        await button(page, "Disconnect").click()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.seconds, arguments.rounds))
