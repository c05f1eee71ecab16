"""The browser's microphone: what reaches the server, every refusal, changes within a session."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import soxr
from playwright.async_api import Browser, BrowserContext, Page, Route

from console import pcm, wav
from tests.browser.voice_harness import (
    Harness,
    button,
    connect,
    hold,
)
from tests.chromium import microphone_from_file, open_chromium
from tests.pulse import VirtualSoundCard
from tests.speech import silence, turn

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CHUNK = 720
"""Samples of a chunk of 30 ms."""
SPEECH = turn("What is the weather in Toronto?") + turn("Remember that my name is Ada.")
PIECE = 2400
"""Samples of a piece of speech that is looked for by itself: 100 ms."""
MICROPHONE = "getElement(voiceId).microphone"

DEVICE_RATE = """const Real = AudioContext;
window.AudioContext = class extends Real {
  constructor(options) { super({ sampleRate: %d, ...options }); }
};"""
"""As on a machine whose sound has this rate: a context that asks for none gets it."""
TAP = f"""async () => {{
  const {{ context, source }} = {MICROPHONE};
  await context.audioWorklet.addModule("/tests/tap.worklet.js");
  window.tap = new AudioWorkletNode(context, "rc-tap", {{ channelCount: 1, channelCountMode: "explicit" }});
  source.connect(window.tap).connect(context.destination);
}}"""
"""Keeps what the device gives."""
TAPPED = f"""() => new Promise((resolve) => {{
  {MICROPHONE}.source.disconnect();
  window.tap.port.onmessage = ({{ data }}) => resolve(data.flatMap((each) => [...each]));
  window.tap.port.postMessage("all");
}})"""
"""What the device gave up to now; from here on it gives nothing more."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(sound_card: VirtualSoundCard) -> AsyncIterator[Browser]:
    """A Chromium with several microphones that beep."""
    arguments = ["--use-fake-device-for-media-stream"]
    async with open_chromium(sound_card.environment, arguments=arguments) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One profile for all pages: what it has loaded once is at hand for the next one."""
    context = await browser.new_context()
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, harness: Harness) -> AsyncIterator[Page]:
    """An empty page; `open_page` leads it to the harness."""
    page = await context.new_page()
    yield page
    await page.close()
    await context.clear_permissions()
    await harness.until(kind="closed")


async def open_page(page: Page, harness: Harness, url: str, mode: str = "manual") -> None:
    await page.goto(f"{url}/?mode={mode}")
    await harness.until(kind="microphone", state="off")


async def open_connected(page: Page, harness: Harness, url: str) -> None:
    await open_page(page, harness, url)
    await connect(page, harness)


async def open_talking(page: Page, harness: Harness, url: str) -> None:
    """Have the button held, and sound coming."""
    await open_connected(page, harness, url)
    await hold(page, harness)


QUANTUM = 128
"""Samples of the device in which the browser renders."""
STARTING_MS = 1000
"""For so long after it starts a context may skip quanta: it gives them to nobody."""
EXACT_MS = 0.1


def chunks_of(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in log if each["kind"] == "chunk"]


def assert_no_sample_is_missing(
    chunks: list[dict[str, Any]], device_hz: float, whole: tuple[int, ...] = (CHUNK,)
) -> None:
    """Each chunk begins where the one before it ended, by count and by the capture clock.

    A context that starts may skip whole quanta; the chunk that this cuts is a short one, and says so
    by the beginning of the next one. Nothing else may be missing.
    """
    first = chunks[0]["sequence"]
    assert [each["sequence"] for each in chunks] == list(range(first, first + len(chunks)))
    begins = np.asarray([each["time_ms"] for each in chunks])
    n_samples = np.asarray([each["samples"] for each in chunks])
    ends = begins + n_samples * 1000 / pcm.SAMPLE_RATE_HZ
    steps = begins[1:] - ends[:-1]
    is_start = ~np.isin(n_samples[:-1], whole) & (ends[:-1] < STARTING_MS)
    quanta = np.where(is_start, np.maximum(np.rint(steps * device_hz / 1000 / QUANTUM), 0), 0)
    skipped_ms = quanta * QUANTUM * 1000 / device_hz
    assert steps == pytest.approx(skipped_ms, abs=EXACT_MS)
    # Nor do small steps add up.
    assert begins[1:] - begins[0] == pytest.approx(
        np.cumsum(ends[:-1] - begins[:-1] + skipped_ms), abs=EXACT_MS
    )


def align(device: np.ndarray, heard: np.ndarray) -> np.ndarray:
    """Return `device` later by the one part of a sample that makes it most like `heard`.

    Where a device's quantum is no whole number of samples at 24 kHz, the grid of samples of what was
    tapped lies anywhere between two samples of ours. The part is found to 1/16 of a sample.
    """
    size = 1 << (len(device) + len(heard)).bit_length()
    spectrum = np.fft.rfft(device, size)
    product = np.fft.rfft(heard.astype(np.float64), size) * np.conj(spectrum)
    turns = -2j * np.pi * np.fft.rfftfreq(size)
    shifts = [np.exp(turns * part / 16) for part in range(16)]
    best = max(shifts, key=lambda shift: np.fft.irfft(product * np.conj(shift), size).max())
    return np.fft.irfft(spectrum * best, size)[: len(device)]


def offsets(heard: np.ndarray, source: np.ndarray) -> list[tuple[int, float, float]]:
    """Return for each piece of speech in `source` by how many samples it is late in `heard`.

    With it: how alike the two are, 1 being the same, and the level of the one against the other.
    """
    found = []
    size = 1 << (len(heard) + PIECE - 1).bit_length()  # other sizes may take many times as long
    spectrum = np.fft.rfft(heard, size)
    energy = np.concatenate([[0.0], np.cumsum(heard.astype(np.float64) ** 2)])
    for at in range(0, len(source) - PIECE, PIECE):
        piece = source[at : at + PIECE].astype(np.float64)
        if np.sqrt(np.mean(piece**2)) < 0.02:
            continue
        product = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)
        n = len(heard) - PIECE
        loud = energy[PIECE : PIECE + n] - energy[:n]
        # Where next to nothing was heard, nothing is like the piece.
        norms = np.sqrt(np.maximum(loud, np.sum(piece**2) / 10) * np.sum(piece**2))
        scores = product[:n] / norms
        best = int(np.argmax(scores))
        level = np.sqrt((energy[best + PIECE] - energy[best]) / np.sum(piece**2))
        found.append((best - at, float(scores[best]), float(level)))
    return found


# --- what reaches the server


@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
async def test_what_reaches_the_server_is_what_was_said_at_any_rate(
    sound_card: VirtualSoundCard, harness: Harness, url: str, tmp_path: Path, rate_hz: int
) -> None:
    source = pcm.to_float(SPEECH)
    said = pcm.from_float(soxr.resample(source, pcm.SAMPLE_RATE_HZ, rate_hz))
    file = tmp_path / "said.wav"
    file.write_bytes(wav.pack(said + silence(2000), rate_hz))
    async with open_chromium(
        sound_card.environment, arguments=microphone_from_file(file)
    ) as browser:
        page = await browser.new_page()
        await page.add_init_script(DEVICE_RATE % rate_hz)
        await page.goto(f"{url}/?mode=vad")
        await connect(page, harness)
        await page.evaluate(TAP)
        for n_chunks in range(50, len(SPEECH) // 2 // CHUNK + 10, 50):
            log = await harness.until(kind="chunk", count=n_chunks)
        given = await page.evaluate(TAPPED)
        log = await harness.until(kind="chunk", count=n_chunks + 20)
        heard = await harness.pcm()
        context_hz = await page.evaluate(f"{MICROPHONE}.context.sampleRate")
    await harness.until(kind="closed")

    assert context_hz == rate_hz, "the microphone's context keeps the device's rate"
    assert_no_sample_is_missing(chunks_of(log), rate_hz)
    device = soxr.resample(np.asarray(given), rate_hz, pcm.SAMPLE_RATE_HZ)
    pieces = offsets(heard, align(device, heard))
    lags, likeness, levels = (np.asarray(each) for each in zip(*pieces, strict=True))
    assert len(pieces) >= 20
    assert np.ptp(lags) == 0, "from the first word to the last nothing is longer or shorter"
    assert likeness.min() > 0.99
    assert np.median(likeness) > 0.999
    assert 20 * np.log10(np.median(levels)) == pytest.approx(0, abs=0.1)
    # The file that stands in for a device slips now and then on a busy machine; between the slips
    # it says what is in it.
    assert np.mean([alike > 0.98 for _, alike, _ in offsets(heard, source)]) > 0.5


async def captured(page: Page, url: str, frames: list[int]) -> list[list[float]]:
    """Run the capture at 48 kHz by a clock that says these frames; return [ms, samples] of each chunk.

    The page's own globals stand for those of an audio thread.
    """
    await page.goto(url)
    return list(
        await page.evaluate(
            """async (frames) => {
              const chunks = [];
              const port = { postMessage: ({ timeMs, pcm }) => chunks.push([timeMs, pcm.byteLength / 2]) };
              globalThis.AudioWorkletProcessor = class { port = { postMessage() {} } };
              globalThis.registerProcessor = (name, Processor) => (globalThis.Capture = Processor);
              globalThis.sampleRate = 48000;
              await import("/assets/capture.worklet.js");
              const capture = new Capture({ processorOptions: { chunkMs: 10 } });
              capture.obey({ port });
              capture.setGate(true);
              for (const frame of frames) {
                globalThis.currentFrame = frame;
                capture.process([[new Float32Array(128)]]);
              }
              return chunks;
            }""",
            frames,
        )
    )


async def test_a_clock_that_stands_still_for_a_quantum_cuts_no_chunk(page: Page, url: str) -> None:
    frames = [128 * each for each in range(40)]
    frames[17] = frames[16]

    chunks = await captured(page, url, frames)

    assert [n for _, n in chunks] == [240] * len(chunks)
    assert np.diff([ms for ms, _ in chunks]) == pytest.approx(10, abs=0.001)


async def test_sound_that_is_left_out_cuts_the_chunk_and_the_next_one_says_so(
    page: Page, url: str
) -> None:
    frames = [128 * each for each in range(40)]
    frames[17:] = [each + 3 * 128 for each in frames[17:]]

    chunks = await captured(page, url, frames)

    (short,) = [at for at, (_, n) in enumerate(chunks) if n < 240]
    (begin_ms, n_samples), (next_ms, _) = chunks[short], chunks[short + 1]
    assert next_ms - (begin_ms + pcm.samples_to_ms(int(n_samples))) == pytest.approx(8, abs=0.001)


@pytest.mark.timeout(180)
async def test_sixty_seconds_under_a_page_that_is_always_busy_lose_no_sample(
    page: Page, harness: Harness, url: str
) -> None:
    seconds = 60
    await open_page(page, harness, url, mode="vad")
    await connect(page, harness)
    # A sound of which each sample is known, in the microphone's place and at the device's rate.
    await page.evaluate(
        f"""() => {{
          const {{ context, source, capture }} = {MICROPHONE};
          source.disconnect();
          const sweep = new AudioBuffer({{ length: 4 * context.sampleRate, sampleRate: context.sampleRate }});
          const out = sweep.getChannelData(0);
          for (let i = 0; i < out.length; i++) {{
            const t = i / context.sampleRate;
            out[i] = 0.5 * Math.sin(2 * Math.PI * (200 * t + 375 * t * t));
          }}
          window.sweep = new AudioBufferSourceNode(context, {{ buffer: sweep, loop: true }});
          window.sweep.connect(capture);
          window.sweep.start();
        }}"""
    )
    # Forty of every fifty milliseconds the page's own thread builds and throws away its rows.
    await page.evaluate(
        """() => setInterval(() => {
          const end = performance.now() + 40, list = document.createElement("div");
          document.body.append(list);
          while (performance.now() < end) {
            const row = document.createElement("p");
            row.textContent = `row ${performance.now()}`;
            list.append(row);
            if (list.childElementCount % 20 === 0) list.getBoundingClientRect();
          }
          list.remove();
        }, 10)"""
    )
    await harness.call("reset")
    for n_chunks in range(200, seconds * 1000 // 30 + 1, 200):
        log = await harness.until(kind="chunk", count=n_chunks)
    heard = (await harness.pcm()).astype(np.float64)
    device_hz = await page.evaluate(f"{MICROPHONE}.context.sampleRate")

    chunks = chunks_of(log)
    assert sum(each["samples"] for each in chunks) >= (seconds * 1000 // 30 // 200) * 200 * CHUNK
    assert_no_sample_is_missing(chunks, device_hz)
    # The sweep repeats after four seconds to the sample; anything lost would shift what follows.
    period = 4 * pcm.SAMPLE_RATE_HZ
    one, next_one = heard[CHUNK:-period], heard[CHUNK + period :]
    seconds_alike = [
        np.corrcoef(one[at : at + 24_000], next_one[at : at + 24_000])[0, 1]
        for at in range(0, len(one) - 24_000, 24_000)
    ]
    assert len(seconds_alike) > 50
    assert min(seconds_alike) > 0.9999


# --- refusals


def refuse(name: str, message: str) -> str:
    """A script that has the browser refuse the microphone like this."""
    error = f"new DOMException({json.dumps(message)}, {json.dumps(name)})"
    return f"navigator.mediaDevices.getUserMedia = () => Promise.reject({error});"


@pytest.mark.parametrize(
    ("name", "message", "state"),
    [
        ("NotAllowedError", "Permission dismissed", "dismissed"),
        ("NotAllowedError", "Permission denied by system", "blocked_by_system"),
        # The site may use it, as the browser says, and is refused all the same.
        ("NotAllowedError", "The request is not allowed", "blocked_by_system"),
        ("NotFoundError", "Requested device not found", "missing"),
        ("NotReadableError", "Could not start audio source", "busy"),
        ("AbortError", "Starting audioinput failed", "busy"),
        ("OverconstrainedError", "", "unfit"),
        ("SecurityError", "", "blocked_by_policy"),
        ("InvalidStateError", "odd", "failed"),
    ],
)
async def test_every_refusal_has_a_state_of_its_own(
    page: Page, harness: Harness, url: str, name: str, message: str, state: str
) -> None:
    await page.context.grant_permissions(["microphone"])
    await page.add_init_script(refuse(name, message))
    await open_page(page, harness, url)
    await button(page, "Connect").click()

    log = await harness.until(kind="microphone", state=state)
    told = [each for each in log if each["kind"] == "microphone"]
    assert [each["state"] for each in told] == ["off", "asking", state]
    assert told[-1]["detail"].startswith(f"{name}: ")
    # The sound of the answers goes on.
    await harness.until(kind="sound", state="running")


async def test_a_policy_of_the_page_is_told_apart_from_the_user(
    page: Page, harness: Harness, url: str
) -> None:
    async def forbid(route: Route) -> None:
        response = await route.fetch()
        headers = {**response.headers, "permissions-policy": "microphone=()"}
        await route.fulfill(response=response, headers=headers)

    await page.route(lambda each: each.rstrip("/").split("?")[0].rstrip("/") == url, forbid)
    await open_page(page, harness, url)
    await button(page, "Connect").click()

    await harness.until(kind="microphone", state="blocked_by_policy")


async def test_an_insecure_page_is_told_so(
    sound_card: VirtualSoundCard, harness: Harness, url: str
) -> None:
    arguments = ["--host-resolver-rules=MAP console.invalid 127.0.0.1"]
    async with open_chromium(sound_card.environment, arguments=arguments) as browser:
        page = await browser.new_page()
        await page.goto(url.replace("127.0.0.1", "console.invalid"))
        await harness.until(kind="microphone", state="off")
        assert not await page.evaluate("window.isSecureContext")
        await button(page, "Connect").click()

        await harness.until(kind="microphone", state="insecure")
    await harness.until(kind="closed")


async def test_a_question_that_nobody_answers_is_told_and_may_be_answered_later(
    page: Page, harness: Harness, url: str
) -> None:
    await page.add_init_script(
        """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (asked) =>
          new Promise((resolve) => (window.answer = () => resolve(real(asked))));
        const later = window.setTimeout;
        window.setTimeout = (what, ms, ...rest) => later(what, ms === 15000 ? 50 : ms, ...rest);"""
    )
    await open_page(page, harness, url)
    await button(page, "Connect").click()
    await harness.until(kind="microphone", state="waiting")
    await page.evaluate("window.answer()")

    await harness.until(kind="microphone", state="on")


async def test_an_answer_after_one_gave_up_opens_nothing(
    page: Page, harness: Harness, url: str
) -> None:
    await page.add_init_script(
        """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (asked) => {
          await new Promise((resolve) => (window.answer = resolve));
          return (window.given = await real(asked));
        };"""
    )
    await open_page(page, harness, url)
    await button(page, "Connect").click()
    await harness.until(kind="microphone", state="asking")
    await button(page, "Disconnect").click()
    await page.wait_for_function("window.answer && getElement(voiceId).mode === 'off'")
    await page.evaluate(f"{MICROPHONE}.close(), window.answer()")

    await harness.until(kind="microphone", state="off", count=2)
    assert await page.evaluate("window.given.getAudioTracks()[0].readyState") == "ended"


# --- within a session


async def test_a_microphone_that_is_unplugged_is_told_and_one_click_brings_it_back(
    page: Page, harness: Harness, url: str
) -> None:
    await open_talking(page, harness, url)
    await page.evaluate(
        f"{MICROPHONE}.stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))"
    )
    log = await harness.until(kind="talk", is_down=False)
    await harness.until(kind="microphone", state="unplugged")
    await page.mouse.up()

    (let_go,) = (each for each in log if each["kind"] == "talk" and not each["is_down"])
    assert let_go["held_ms"] > 0, "what was said up to now is a turn"
    await button(page, "Use microphone").click()
    await harness.until(kind="microphone", state="on", count=2)
    await harness.call("reset")
    await hold(page, harness)
    await page.mouse.up()


async def test_a_microphone_that_is_not_in_the_list_any_more_is_told_though_its_track_goes_on(
    page: Page, harness: Harness, url: str
) -> None:
    await open_talking(page, harness, url)
    listed = await page.evaluate(
        f"""async () => {{
          const [track] = {MICROPHONE}.stream.getAudioTracks();
          const settings = track.getSettings.bind(track);
          track.getSettings = () => ({{ ...settings(), deviceId: "usb" }});
          window.track = track;
          const other = {{ kind: "audioinput", deviceId: "other", label: "Other" }};
          window.devices = [other, {{ ...other, deviceId: "usb", label: "USB" }}];
          navigator.mediaDevices.enumerateDevices = async () => window.devices;
          navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
          await navigator.mediaDevices.enumerateDevices();
          return {MICROPHONE}.state;
        }}"""
    )
    assert listed == "on"

    await page.evaluate(
        "devices.pop(), navigator.mediaDevices.dispatchEvent(new Event('devicechange'))"
    )

    await harness.until(kind="talk", is_down=False)
    await harness.until(kind="microphone", state="unplugged")
    await page.mouse.up()


async def test_a_microphone_that_the_system_mutes_is_told_and_heard_again(
    page: Page, harness: Harness, url: str
) -> None:
    await open_connected(page, harness, url)
    mute = f"""(is) => {{
      const track = {MICROPHONE}.stream.getAudioTracks()[0];
      Object.defineProperty(track, "muted", {{ value: is, configurable: true }});
      track.dispatchEvent(new Event(is ? "mute" : "unmute"));
    }}"""
    await page.evaluate(mute, True)
    await harness.until(kind="microphone", state="silenced")
    await page.evaluate(mute, False)

    await harness.until(kind="microphone", state="on", count=2)


async def test_a_locked_screen_interrupts_and_a_touch_goes_on(
    page: Page, harness: Harness, url: str
) -> None:
    await open_connected(page, harness, url)
    await page.evaluate(
        f"""() => {{
          const {{ context }} = {MICROPHONE};
          Object.defineProperty(context, "state", {{ value: "interrupted", configurable: true }});
          context.resume = async () => {{
            delete context.state;
            context.dispatchEvent(new Event("statechange"));
          }};
          context.dispatchEvent(new Event("statechange"));
        }}"""
    )
    await harness.until(kind="microphone", state="interrupted")
    await page.mouse.click(500, 500)

    await harness.until(kind="microphone", state="on", count=2)


async def test_nothing_leaves_a_muted_microphone_and_the_device_stays_open(
    page: Page, harness: Harness, url: str
) -> None:
    await open_page(page, harness, url, mode="vad")
    await connect(page, harness)
    await harness.until(kind="chunk", count=3)
    track = f"{MICROPHONE}.stream.getAudioTracks()[0]"
    await button(page, "Mute").click()
    assert await page.evaluate(f"[{track}.enabled, {track}.readyState]") == [False, "live"]
    # What was on its way has come when the answer to a question behind it comes.
    await harness.call("interrupt")
    await harness.call("reset")
    began = await page.evaluate(f"{MICROPHONE}.context.currentTime")
    await page.wait_for_function(f"{MICROPHONE}.context.currentTime > {began + 0.3}")
    await harness.call("interrupt")
    assert await harness.log("chunk") == []

    # The settings were forgotten by the reset: the page alone knows that it is muted.
    await harness.call("microphone", {"is_muted": True})
    await button(page, "Mute").click()
    log = await harness.until(kind="chunk", count=3)
    assert await page.evaluate(f"{track}.enabled")
    assert [each["is_first"] for each in chunks_of(log)[:3]] == [True, False, False]


async def test_a_muted_microphone_ends_the_hold_and_takes_no_press(
    page: Page, harness: Harness, url: str
) -> None:
    await open_talking(page, harness, url)
    await harness.call("microphone", {"is_muted": True})
    await harness.until(kind="talk", is_down=False)
    await page.mouse.up()
    await button(page, "Push to talk").hover()
    await page.mouse.down()
    await page.mouse.up()
    await harness.call("interrupt")

    assert len(await harness.log("talk")) == 2


@pytest.mark.parametrize("chunk_ms", [10, 100])
async def test_the_length_of_a_chunk_changes_while_one_speaks(
    page: Page, harness: Harness, url: str, chunk_ms: int
) -> None:
    await open_page(page, harness, url, mode="vad")
    await connect(page, harness)
    await harness.until(kind="chunk", count=3)
    await harness.call("microphone", {"chunk_ms": chunk_ms})

    log = await harness.until(kind="chunk", samples=24 * chunk_ms, count=5)
    device_hz = await page.evaluate(f"{MICROPHONE}.context.sampleRate")
    assert_no_sample_is_missing(chunks_of(log), device_hz, (CHUNK, 24 * chunk_ms))


async def test_processing_is_switched_within_a_session(
    page: Page, harness: Harness, url: str
) -> None:
    await open_page(page, harness, url, mode="vad")
    await connect(page, harness)
    await harness.until(kind="chunk", count=3)
    settings = f"{MICROPHONE}.stream.getAudioTracks()[0].getSettings()"
    before = await page.evaluate(settings)
    assert [before[each] for each in ("echoCancellation", "noiseSuppression")] == [False, False]

    await harness.call("microphone", {"echo_cancellation": True, "noise_suppression": True})
    await page.wait_for_function(f"{settings}.echoCancellation && {settings}.noiseSuppression")

    n_chunks = len(await harness.log("chunk"))
    log = await harness.until(kind="chunk", count=n_chunks + 5)
    sequences = [each["sequence"] for each in chunks_of(log)]
    assert sequences == list(range(len(sequences))), "the capture goes on as one"
    assert [e["state"] for e in log if e["kind"] == "microphone"] == ["off", "asking", "on"]


async def test_another_microphone_is_chosen_within_a_session(
    page: Page, harness: Harness, url: str
) -> None:
    await open_page(page, harness, url, mode="vad")
    await connect(page, harness)
    await page.wait_for_function("getElement(voiceId).listed.inputs.length > 1")
    other = await page.evaluate("getElement(voiceId).listed.inputs.at(-1)")
    label = f"{MICROPHONE}.stream.getAudioTracks()[0].label"
    assert await page.evaluate(label) != other["label"]

    await harness.call("microphone", {"device_id": other["id"], "label": other["label"]})
    await page.wait_for_function(f"{label} === {json.dumps(other['label'])}")
    n_chunks = len(await harness.log("chunk"))
    await harness.until(kind="chunk", count=n_chunks + 3)

    # A new id, as browsers give when they forget a site: it is found by its name.
    await harness.call("microphone", {"device_id": ""})
    await page.wait_for_function(f"{label} !== {json.dumps(other['label'])}")
    await harness.call("microphone", {"device_id": "of last year", "label": other["label"]})
    await page.wait_for_function(f"{label} === {json.dumps(other['label'])}")


async def test_a_chosen_microphone_that_is_not_there_is_replaced_and_told(
    page: Page, harness: Harness, url: str
) -> None:
    await open_page(page, harness, url)
    await harness.call("microphone", {"device_id": "gone", "label": "Desk microphone"})
    await page.wait_for_function("getElement(voiceId).chosen.microphone.device_id === 'gone'")
    await connect(page, harness)

    await page.wait_for_function(
        "getElement(voiceId).odd.microphone.some((each) => each.includes('is heard instead'))"
    )
    told = await harness.log("devices")
    assert any("Desk microphone is not there" in one for each in told for one in each["remarks"])


async def test_the_list_follows_what_is_plugged_in(page: Page, harness: Harness, url: str) -> None:
    await open_connected(page, harness, url)
    await page.evaluate(
        """() => {
          const real = navigator.mediaDevices.enumerateDevices.bind(navigator.mediaDevices);
          navigator.mediaDevices.enumerateDevices = async () =>
            [...(await real()), { kind: "audioinput", deviceId: "new", label: "New microphone" }];
          navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
        }"""
    )
    await page.wait_for_function(
        "getElement(voiceId).listed.inputs.some((each) => each.id === 'new')"
    )


async def test_a_microphone_without_any_sound_is_odd(
    page: Page, harness: Harness, url: str
) -> None:
    await open_connected(page, harness, url)
    await page.evaluate(f"{MICROPHONE}.source.disconnect()")

    await page.wait_for_function(
        "getElement(voiceId).odd.microphone.some((each) => each.includes('no sound at all'))"
    )

    await button(page, "Use microphone").click()
    await page.wait_for_function("getElement(voiceId).odd.microphone.length === 0")
    assert await page.evaluate(f"{MICROPHONE}.state") == "on"
    assert [each["state"] for each in await harness.log("microphone")][-1] == "on"


async def test_what_is_cut_off_at_full_scale_is_counted(
    page: Page, harness: Harness, url: str
) -> None:
    await open_connected(page, harness, url)
    await page.evaluate(
        f"""() => {{
          const {{ context, source, capture }} = {MICROPHONE};
          source.disconnect();
          const loud = new OscillatorNode(context, {{ frequency: 440 }});
          loud.connect(new GainNode(context, {{ gain: 2 }})).connect(capture);
          window.levels = 0;
          const counted = {MICROPHONE}.onLevel;
          {MICROPHONE}.onLevel = (...level) => {{ window.levels += 1; counted(...level); }};
          window.began = context.currentTime;
          loud.start();
        }}"""
    )
    await page.wait_for_function(f"{MICROPHONE}.clipped > 5000 && {MICROPHONE}.peak > 1")
    per_second = await page.evaluate(
        f"window.levels / ({MICROPHONE}.context.currentTime - window.began)"
    )
    assert per_second == pytest.approx(20, abs=6)

    await harness.until(kind="devices", remarks=[TOO_LOUD])
    # Told until it was not too loud for five seconds.
    await page.evaluate(
        f"""async () => {{
          await {MICROPHONE}.context.suspend();
          for (let i = 0; i < 100; i++) {MICROPHONE}._measured({{ peak: 0.1, clipped: 0 }});
        }}"""
    )
    assert await page.evaluate("getElement(voiceId).odd.microphone") == []


TOO_LOUD = (
    "The microphone is too loud, its sound is clipped: go further from it, or turn its level down in"
    " the system's settings."
)


# --- push-to-talk


@pytest.mark.parametrize("pointer", ["mouse", "pen"])
async def test_mouse_and_pen_hold_the_button(
    page: Page, harness: Harness, url: str, pointer: str
) -> None:
    await open_connected(page, harness, url)
    await page.evaluate(
        "addEventListener('pointerdown', (event) => (window.pointer = event.pointerType), true)"
    )
    box = await button(page, "Push to talk").bounding_box()
    assert box is not None
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    cdp = await page.context.new_cdp_session(page)
    press = {**at, "button": "left", "clickCount": 1, "pointerType": pointer}
    await cdp.send("Input.dispatchMouseEvent", {"type": "mousePressed", **press})
    await harness.until(kind="chunk", count=3)
    await cdp.send("Input.dispatchMouseEvent", {"type": "mouseReleased", **press})
    log = await harness.until(kind="talk", is_down=False)

    assert await page.evaluate("window.pointer") == pointer
    assert [each["is_down"] for each in log if each["kind"] == "talk"] == [True, False]


async def test_a_tab_that_is_hidden_ends_the_hold(page: Page, harness: Harness, url: str) -> None:
    await open_talking(page, harness, url)
    await page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: true, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )

    await harness.until(kind="talk", is_down=False)
    await page.mouse.up()


async def test_a_stand_in_for_the_microphone_is_talked_with_at_once(
    page: Page, harness: Harness, url: str
) -> None:
    await open_page(page, harness, url)
    await harness.call("microphone", {"kind": "tone"})
    await page.wait_for_function("getElement(voiceId).chosen.microphone.kind === 'tone'")
    await button(page, "Connect").click()
    await page.wait_for_function("getElement(voiceId).mode === 'manual'")
    await button(page, "Push to talk").hover()
    await page.mouse.down()
    await harness.until(kind="talk", is_down=True)
    await page.mouse.up()
    await harness.until(kind="talk", is_down=False)

    assert await page.evaluate(f"{MICROPHONE}.stream") is None
