"""A page calls the simulator over WebRTC, as it would call the service: Chromium's own media."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from console import pcm, wav
from console.simulator.server import SimulatorServer
from tests.chromium import microphone_from_file, open_chromium
from tests.pulse import VirtualSoundCard
from tests.simulator.fake_senses import FakeSenses
from tests.simulator.serving import running
from tests.speech import say, turn

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
    b"<!doctype html><title>A call</title>"
)
SESSION = {"type": "realtime", "model": "gpt-realtime-2.1"}
ANSWER = "You said hello."
CALL = """async ({ url, secret }) => {
  const peer = window.peer = new RTCPeerConnection();
  window.events = [];
  window.heard = [];
  peer.ontrack = ({ streams, track }) => {
    // Chromium decodes what an element plays; the graph only listens in.
    const audio = new Audio();
    audio.muted = true;
    audio.srcObject = new MediaStream([track]);
    audio.play();
    const context = new AudioContext({ sampleRate: 24000 });
    const tap = context.createScriptProcessor(2048, 1, 1);
    tap.onaudioprocess = ({ inputBuffer }) => heard.push(...inputBuffer.getChannelData(0));
    context.createMediaStreamSource(audio.srcObject).connect(tap).connect(context.destination);
    context.resume();
  };
  const { sender } = peer.addTransceiver("audio", { direction: "sendrecv" });
  const channel = window.channel = peer.createDataChannel("oai-events");
  channel.onmessage = ({ data }) => events.push(JSON.parse(data));
  channel.onopen = async () => {
    // Only now: it begins to speak when it is opened.
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
    await sender.replaceTrack(microphone.getTracks()[0]);
  };
  await peer.setLocalDescription();
  const offer = peer.localDescription.sdp;
  const answer = await fetch(url, {
    method: "POST",
    body: offer,
    headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/sdp" },
  });
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  return { status: answer.status, location: answer.headers.get("Location"), offer };
}"""
HAS = "(type) => events.some((event) => event.type === type)"


class Voice:
    """Says everything as flite does."""

    async def speak(self, text: str, voice: str, speed: float) -> AsyncIterator[bytes]:
        yield say(text)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(
    sound_card: VirtualSoundCard, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    """A Chromium whose microphone says hello, once."""
    path = tmp_path_factory.mktemp("call") / "said.wav"
    path.write_bytes(wav.pack(turn("Hello, hello.", before_ms=600)))
    arguments = microphone_from_file(path)
    async with open_chromium(sound_card.environment, arguments=arguments) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A plain page of another origin than the simulator's."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(PAGE)
        writer.close()

    context = await browser.new_context()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as pages:
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{pages.sockets[0].getsockname()[1]}/")
        await page.mouse.click(9, 9)  # sound begins with a click
        yield page
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[SimulatorServer]:
    senses: Any = FakeSenses()
    senses.ears.says = ["hello"] * 4
    senses.voice = Voice()
    async with running(senses) as server:
        yield server


async def call(page: Page, server: SimulatorServer) -> dict[str, Any]:
    base = f"http://127.0.0.1:{server.port}/v1/realtime"
    async with httpx.AsyncClient(trust_env=False) as http:
        # As the application's own server does, which alone has the key.
        made = await http.post(f"{base}/client_secrets", json={"session": SESSION})
    secret = made.json()["value"]
    given = {"url": f"{base}/calls", "secret": secret}
    answer: dict[str, Any] = await page.evaluate(CALL, given)
    assert answer["status"] == 201
    return answer


async def likeness(page: Page) -> float:
    """How much of the answer is found in what the page heard: 1 is all of it."""
    heard = np.array(await page.evaluate("heard"), dtype=np.float64)
    wanted = pcm.to_float(say(ANSWER)).astype(np.float64)
    size = len(heard) + len(wanted)
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(wanted, size)), size)
    at = int(np.argmax(found[: len(heard)]))
    there = heard[at : at + len(wanted)]
    return float(found[at] / np.sqrt(np.sum(there**2) * np.sum(wanted**2)))


async def test_a_page_speaks_into_its_microphone_and_hears_the_answer(
    page: Page, server: SimulatorServer
) -> None:
    answer = await call(page, server)
    await page.wait_for_function(HAS, arg="output_audio_buffer.stopped")
    kinds = await page.evaluate("events.map(({ type }) => type)")
    await page.wait_for_function("(n) => heard.length > n", arg=24_000)

    assert "a=candidate" not in answer["offer"]  # the page has not waited for any
    assert re.fullmatch(r"/v1/realtime/calls/rtc_\w+", answer["location"])
    assert kinds[:3] == [
        "session.created",
        "input_audio_buffer.speech_started",
        "input_audio_buffer.speech_stopped",
    ]
    assert "response.output_audio.delta" not in kinds
    assert await likeness(page) > 0.6
