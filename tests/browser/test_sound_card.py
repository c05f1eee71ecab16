"""The rig that the browser tests stand on: what Chromium plays and hears is what we measure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page

from console import tasks
from tests.pulse import RATE_HZ, VirtualSoundCard, frequency_hz, rms, write_wav

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PAGE = b"""<!doctype html><title>rig</title><button onclick="play()">tone</button>
<button onclick="listen()">listen</button><script>
let context, source;
async function play() {
  context = new AudioContext();
  source = new OscillatorNode(context, { frequency: 440 });
  source.connect(new GainNode(context, { gain: 0.5 })).connect(context.destination);
  source.start();
}
function stop() { source.stop(); return performance.timeOrigin + performance.now(); }
async function listen() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: {
    echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 8192 });
  context.createMediaStreamSource(stream).connect(analyser);
  const bins = new Float32Array(analyser.frequencyBinCount);
  window.loudest = () => {
    analyser.getFloatFrequencyData(bins);
    const at = bins.indexOf(Math.max(...bins));
    return { hz: (at * context.sampleRate) / analyser.fftSize, db: bins[at] };
  };
  document.title = "listening";
}
</script>"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser_context: BrowserContext) -> AsyncIterator[Page]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n")
        writer.write(b"Content-Length: %d\r\n\r\n%b" % (len(PAGE), PAGE))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    page = await browser_context.new_page()
    # A page on a loopback address is a secure context; a data: URL has no microphone.
    await page.goto(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    yield page
    await page.close()
    server.close()
    await server.wait_closed()


async def test_a_tone_played_by_a_page_is_measured_at_the_loudspeaker(
    page: Page, sound_card: VirtualSoundCard
) -> None:
    async with sound_card.record_speaker() as speaker:
        await page.get_by_role("button", name="tone").click()
        begin = await speaker.wait_for_sound() + 2400
        await speaker.wait_for_samples(begin + RATE_HZ // 2)
        stopped_s = await page.evaluate("stop()") / 1000
        end = await speaker.wait_for_silence(begin, 100)

    tone = speaker.samples(begin, begin + RATE_HZ // 2)
    assert frequency_hz(tone) == pytest.approx(440, abs=10)
    # An amplitude of a half in both channels is an RMS of 0.354 of full scale. The median: a busy
    # machine may put a gap between two of the windows.
    levels = [rms(window) for window in np.split(tone, 50)]
    assert np.median(levels) == pytest.approx(0.354 * 32_768, rel=0.05)
    assert 0 < speaker.time_of(end) - stopped_s < 0.15


async def test_a_file_played_into_the_microphone_reaches_the_page(
    page: Page, sound_card: VirtualSoundCard, tmp_path: Path
) -> None:
    times = np.arange(48_000 * 3) / 48_000
    tone = (16_000 * np.sin(2 * np.pi * 997 * times)).astype(np.int16)
    wav = write_wav(tmp_path / "tone.wav", tone, 48_000)

    await page.get_by_role("button", name="listen").click()
    await page.wait_for_function("document.title === 'listening'")
    quiet = await page.evaluate("loudest()")
    playing = tasks.spawn(sound_card.play_into_microphone(wav), name="speak")
    await page.wait_for_function("loudest().db > -20")
    loudest = await page.evaluate("loudest()")
    await playing

    assert quiet["db"] < -80
    assert loudest["hz"] == pytest.approx(997, abs=6)
