"""How late sound is through a real browser, from the microphone to the server and back to the ear.

    python tests/bench/bench_sound_latency.py --rounds 30

A real Chromium at a virtual sound card whose microphone and loudspeaker are recorded, so that all
times are taken at the card; the server is another process on this machine. Beside each line stands
Chromium's own floor, measured in the same run:

- microphone to wire: from a burst at the microphone to the moment at which the server has the chunk
  with its first sample, in chunks of 30 ms; floor: a worklet of the page that tells of the burst
- wire to ear: from `sink.play` on the server to the first sample at the loudspeaker, for an answer
  that comes faster than it is heard; floor: an AudioBufferSourceNode that the page starts
- interruption: from `sink.interrupt` on the server to silence at the loudspeaker; floor: `stop()` of
  an AudioBufferSourceNode
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from playwright.async_api import Page

from tests.browser.voice_harness import Harness, button, fresh_harness, voice_server
from tests.chromium import open_chromium
from tests.pulse import RATE_HZ, Recording, VirtualSoundCard, write_wav

MS = RATE_HZ // 1000
LOUD = 1000
APART_MS = 500
ONSET = (Path(__file__).parent / "onset.worklet.js").read_text(encoding="utf-8")

_PAGE = """async (onset) => {
  const { microphone, speaker } = getElement(voiceId);
  const now = () => performance.timeOrigin + performance.now();
  const address = URL.createObjectURL(new Blob([onset], { type: "text/javascript" }));
  await microphone.context.audioWorklet.addModule(address);
  const node = new AudioWorkletNode(microphone.context, "rc-onset");
  window.onsets = [];
  node.port.onmessage = () => onsets.push(now());
  microphone.context.createMediaStreamSource(microphone.stream).connect(node);
  node.connect(microphone.context.destination);
  const buffer = new AudioBuffer({ length: 24000, sampleRate: 24000 });
  const samples = buffer.getChannelData(0);
  for (let i = 0; i < 24000; i++) samples[i] = 0.4 * Math.sin((2 * Math.PI * 1000 * i) / 24000);
  window.startTone = () => {
    window.tone = new AudioBufferSourceNode(speaker.context, { buffer, loop: true });
    tone.connect(speaker.context.destination);
    tone.start();
    return now();
  };
  window.stopTone = () => {
    tone.stop();
    return now();
  };
}"""


def onsets(recording: Recording) -> list[int]:
    """Return the samples at which bursts begin."""
    loud = np.flatnonzero(np.abs(recording.samples().astype(int)) > LOUD)
    if not len(loud):
        return []
    starts = np.flatnonzero(np.diff(loud) > 100 * MS) + 1
    return [int(loud[0]), *(int(loud[each]) for each in starts)]


async def wait_for_end(speaker: Recording, begin: int) -> int:
    """Wait until sound after `begin` has ended; return the sample."""
    end = await speaker.wait_for_silence(begin, 100)
    loud = np.flatnonzero(np.abs(speaker.samples(begin, end + 20 * MS).astype(int)) > LOUD)
    return begin + int(loud[-1])


async def microphone_to_wire(
    page: Page, harness: Harness, card: VirtualSoundCard, folder: Path, rounds: int
) -> tuple[list[float], list[float]]:
    """Return the ms to the server and to a worklet of the page, for some bursts."""
    burst = np.zeros(APART_MS * MS, dtype=np.int16)
    burst[-100 * MS :] = 16_000 * np.sin(2 * np.pi * 1000 * np.arange(100 * MS) / RATE_HZ)
    wav = write_wav(folder / "bursts.wav", np.tile(burst, rounds), RATE_HZ)
    await harness.call("reset")
    await page.evaluate("onsets.length = 0")
    async with card.record_microphone() as microphone:
        await card.play_into_microphone(wav)
        await microphone.wait_for_samples(microphone.n_samples + RATE_HZ // 2)
    begun = [microphone.time_of(each) * 1000 for each in onsets(microphone)]
    chunks = await harness.log("chunk")
    heard = np.abs(await harness.pcm()) > LOUD / 32_768
    arrived, at, last = [], 0, -RATE_HZ
    for chunk in chunks:
        loud = np.flatnonzero(heard[at : at + chunk["samples"]])
        if len(loud):
            if at + loud[0] - last > 100 * MS:
                arrived.append(chunk["at"] + clock_offset_ms())
            last = at + int(loud[-1])
        at += chunk["samples"]
    told = await page.evaluate("onsets")
    return lateness(begun, arrived), lateness(begun, told)


def lateness(causes: Sequence[float], effects: Sequence[float]) -> list[float]:
    """Return how long after each cause its effect came."""
    found = []
    for cause in causes:
        after = [each - cause for each in effects if 0 < each - cause < APART_MS * 0.8]
        found += after[:1]
    return found


def clock_offset_ms() -> float:
    """Return what is added to a monotonic time to have the wall clock's, in ms."""
    return (time.time() - time.monotonic()) * 1000


async def wire_to_ear_and_back(
    page: Page, harness: Harness, card: VirtualSoundCard, rounds: int
) -> dict[str, list[float]]:
    """Return the ms from order to sound and from interruption to silence, ours and the floor's."""
    tone = (13_000 * np.sin(2 * np.pi * 1000 * np.arange(4 * RATE_HZ) / RATE_HZ)).astype(np.int16)
    took: dict[str, list[float]] = {"start": [], "stop": [], "floor start": [], "floor stop": []}
    async with card.record_speaker() as speaker:
        for number in range(rounds):
            began = speaker.n_samples
            await harness.play(f"track{number}", tone)
            began = await settled(speaker, began)
            await harness.call("interrupt")
            ended = await wait_for_end(speaker, began)
            log = await harness.log("play"), await harness.log("interrupt")
            asked, cut = (each[-1]["at"] + clock_offset_ms() for each in log)
            took["start"].append(speaker.time_of(began) * 1000 - asked)
            took["stop"].append(speaker.time_of(ended) * 1000 - cut)

            began = speaker.n_samples
            asked = await page.evaluate("startTone()")
            began = await settled(speaker, began)
            cut = await page.evaluate("stopTone()")
            ended = await wait_for_end(speaker, began)
            took["floor start"].append(speaker.time_of(began) * 1000 - asked)
            took["floor stop"].append(speaker.time_of(ended) * 1000 - cut)
    return took


async def settled(speaker: Recording, after: int) -> int:
    """Wait for sound and half a second of it; return its first sample."""
    begin = await speaker.wait_for_sound(after=after)
    await speaker.wait_for_samples(begin + RATE_HZ // 2)
    around = speaker.samples(begin - 10 * MS, begin + 20 * MS).astype(int)
    return begin - 10 * MS + int(np.flatnonzero(np.abs(around) > LOUD)[0])


def line(name: str, ours: Sequence[float], floor: Sequence[float]) -> str:
    """Return one line of the report."""
    p50, p90 = np.percentile(ours, [50, 90])
    bottom = float(np.median(floor))
    return (
        f"{name:20} n {len(ours):3}  p50 {p50:6.1f}  p90 {p90:6.1f} ms;"
        f"  floor {bottom:6.1f} ms;  {p50 / bottom:.2f} times the floor, {p50 - bottom:+.1f} ms"
    )


async def measure(rounds: int) -> None:
    """Run all parts and print their lines."""
    with tempfile.TemporaryDirectory(prefix="pulse") as name:
        card = VirtualSoundCard(Path(name))
        card.start()
        try:
            async with (
                voice_server() as url,
                fresh_harness(url) as harness,
                open_chromium(card.environment) as browser,
            ):
                page = await browser.new_page()
                await page.goto(f"{url}/?mode=vad")
                await button(page, "Connect").click()
                await harness.until(kind="chunk", count=30)
                await page.wait_for_function("getElement(voiceId).speaker.node !== null")
                await page.evaluate(_PAGE, ONSET)
                heard = await microphone_to_wire(page, harness, card, Path(name), rounds)
                print(line("microphone to wire", *heard))
                took = await wire_to_ear_and_back(page, harness, card, rounds)
                print(line("wire to ear", took["start"], took["floor start"]))
                print(line("interruption", took["stop"], took["floor stop"]))
        finally:
            card.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    asyncio.run(measure(parser.parse_args().rounds))
