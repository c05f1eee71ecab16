"""Microphone, speaker and push-to-talk in a real Chromium, against a real session channel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from console import pcm, wav
from tests.browser.voice_harness import (
    WATCH_LOCKS,
    Harness,
    button,
    connect,
    hold,
)
from tests.chromium import microphone_from_file, open_chromium
from tests.pulse import RATE_HZ, VirtualSoundCard, frequency_hz
from tests.speech import silence, turn

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FADE = 96
"""Samples over which an interruption fades: 4 ms."""
SPEECH = turn("What is the weather in Toronto?") + turn("Remember that my name is Ada.")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(
    sound_card: VirtualSoundCard, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Browser]:
    """A Chromium that plays to the sound card and whose microphone is a file of speech."""
    speech = tmp_path_factory.mktemp("speech") / "speech.wav"
    speech.write_bytes(wav.pack(SPEECH + silence(1000)))
    arguments = [
        # Each page that opens the microphone hears the file from its beginning.
        *microphone_from_file(speech),
        # As on a desktop: without it only frames of other origins need a click for Web Audio.
        "--autoplay-policy=document-user-activation-required",
    ]
    async with open_chromium(sound_card.environment, arguments=arguments) as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    """One profile for all pages: what it has loaded once is at hand for the next one."""
    context = await browser.new_context()
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, harness: Harness, url: str) -> AsyncIterator[Page]:
    """The page of the harness before anybody clicked; it talks by push-to-talk."""
    page = await context.new_page()
    await page.goto(url)
    await harness.until(kind="microphone", state="off")
    yield page
    await page.close()
    await harness.until(kind="closed")


async def tap(page: Page) -> None:
    """Put an ear between the playback worklet and the loudspeaker."""
    await page.wait_for_function("getElement(voiceId).speaker.node !== null")
    await page.evaluate(
        """async () => {
          const { context, node } = getElement(voiceId).speaker;
          await context.audioWorklet.addModule("/tests/tap.worklet.js");
          window.tap = new AudioWorkletNode(context, "rc-tap");
          node.connect(window.tap).connect(context.destination);
        }"""
    )


async def tapped(page: Page) -> npt.NDArray[np.int64]:
    """Return all that was played, as int16 values, from the first sound on."""
    blocks = await page.evaluate(
        """() => new Promise((resolve) => {
          window.tap.port.onmessage = ({ data }) => resolve(data.map((each) => [...each]));
          window.tap.port.postMessage("all");
        })"""
    )
    played = np.concatenate([np.asarray(each) for each in blocks])
    begun: npt.NDArray[np.int64] = np.rint(np.trim_zeros(played, "f") * 32_768).astype(np.int64)
    return begun


def voice(n_samples: int, start: int = 0, level: int = 8000) -> npt.NDArray[np.int16]:
    """Return a smooth sound that is never zero, so that each played sample can be told."""
    times = np.arange(start, start + n_samples) / RATE_HZ
    return (level + level / 2 * np.sin(2 * np.pi * 300 * times)).astype(np.int16)


def contains(played: npt.NDArray[Any], sound: npt.NDArray[Any]) -> bool:
    """Say whether `sound` was played whole and unchanged."""
    starts = np.flatnonzero(played[: len(played) - len(sound) + 1] == sound[0])
    return any(np.array_equal(played[at : at + len(sound)], sound) for at in starts)


def correlation(heard: npt.NDArray[Any], source: npt.NDArray[Any]) -> float:
    """Return how alike two sounds are at the delay that suits them best: 1 is the same."""
    n = len(heard)
    padded = np.concatenate([source, np.zeros(n)]).astype(np.float64)
    size = len(padded) + n
    product = np.fft.irfft(np.fft.rfft(padded, size) * np.conj(np.fft.rfft(heard, size)), size)
    energy = np.concatenate([[0.0], np.cumsum(padded**2)])
    scores = product[: len(source)] / np.sqrt(
        energy[n : n + len(source)] - energy[: len(source)] + 1e-6
    )
    delay = int(np.argmax(scores))
    return float(np.corrcoef(heard, padded[delay : delay + n])[0, 1])


# --- microphone


async def test_chunks_arrive_without_gap_and_sound_like_what_was_said(
    context: BrowserContext, harness: Harness, url: str
) -> None:
    page = await context.new_page()
    await page.goto(f"{url}/?mode=vad")
    await button(page, "Connect").click()

    log = await harness.until(kind="chunk", count=100)
    heard = await harness.pcm()
    rate_hz = await page.evaluate("getElement(voiceId).microphone.context.sampleRate")
    await page.close()
    await harness.until(kind="closed")

    chunks = [each for each in log if each["kind"] == "chunk"]
    assert [each["sequence"] for each in chunks] == list(range(len(chunks)))
    # The context may skip some sound in its first moment; the chunk that it cuts is a short one.
    chunks = chunks[1:]
    assert {each["samples"] for each in chunks} == {720}
    assert np.diff([each["time_ms"] for each in chunks]) == pytest.approx(30, abs=0.1)
    assert rate_hz != 24_000, "the microphone's context keeps the device's rate"
    # On a busy machine the file that stands in for a device slips now and then: what lies between
    # two slips is as it was said.
    pieces = [heard[at : at + 2400] for at in range(0, len(heard) - 2400, 2400)]
    alike = [correlation(each, pcm.to_float(SPEECH)) for each in pieces if each.std() > 0.01]
    assert len(alike) >= 10
    assert np.mean(np.asarray(alike) > 0.99) > 0.7


async def test_nothing_leaves_the_microphone_before_the_button_is_held(
    page: Page, harness: Harness
) -> None:
    await connect(page, harness)
    # Six chunks' time has passed at the microphone, and the answer comes behind what was sent.
    await page.wait_for_function("getElement(voiceId).microphone.context.currentTime > 0.2")
    await harness.call("interrupt")

    assert await harness.log("chunk") == []


async def test_a_refused_microphone_is_told(
    sound_card: VirtualSoundCard, harness: Harness, url: str
) -> None:
    async with open_chromium(sound_card.environment, grant_microphone=False) as browser:
        page = await browser.new_page()
        await page.goto(url)
        await button(page, "Connect").click()
        log = await harness.until(kind="microphone", state="denied")
    await harness.until(kind="closed")

    states = [each["state"] for each in log if each["kind"] == "microphone"]
    assert states == ["off", "asking", "denied"]


async def test_typing_only_asks_for_no_microphone(page: Page, harness: Harness) -> None:
    await button(page, "Type only").click()
    await page.wait_for_function("getElement(voiceId).speaker.sound === 'running'")

    assert [each["state"] for each in await harness.log("microphone")] == ["off"]


async def test_disconnecting_gives_the_microphone_back(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    await page.evaluate("window.held = getElement(voiceId).microphone.stream.getTracks()[0]")
    assert await page.evaluate("window.held.readyState") == "live"

    await button(page, "Disconnect").click()
    await harness.until(kind="microphone", state="off", count=2)

    assert await page.evaluate("window.held.readyState") == "ended"
    await connect_again(page, harness)


async def connect_again(page: Page, harness: Harness) -> None:
    await button(page, "Connect").click()
    await harness.until(kind="microphone", state="on", count=2)


# --- push-to-talk

# As other elements of the page are told.
IS_TALKING = """async () => {
  const { voiceOf } = await import("rc/voice_parts.js");
  return voiceOf(getElement(voiceId).session).parts.isTalking;
}"""


async def test_every_chunk_lies_between_press_and_release(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    await hold(page, harness)
    assert await page.evaluate(IS_TALKING)
    await page.mouse.up()
    log = await harness.until(kind="talk", is_down=False)
    assert not await page.evaluate(IS_TALKING)

    kinds = [each["kind"] for each in log if each["kind"] in ("talk", "chunk")]
    assert kinds[0] == kinds[-1] == "talk"
    assert set(kinds[1:-1]) == {"chunk"}
    n_samples = sum(each["samples"] for each in log if each["kind"] == "chunk")
    held_ms = log[-1]["held_ms"]
    # No more than the hold, but for the time in which a busy page tells the worker of its ends.
    assert held_ms / 2 < pcm.samples_to_ms(n_samples) < held_ms + 60
    # The last chunk is sent as far as it is filled.
    assert any(each.get("samples", 720) < 720 for each in log)


async def test_a_second_press_begins_at_once(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    await hold(page, harness)
    await page.mouse.up()
    await harness.until(kind="talk", is_down=False)
    before = len(await harness.log("chunk"))
    await hold(page, harness, chunks=before + 1)
    await page.mouse.up()
    log = await harness.until(kind="talk", is_down=False, count=2)

    talks = [index for index, each in enumerate(log) if each["kind"] == "talk"]
    first = next(each for each in log[talks[2] :] if each["kind"] == "chunk")
    assert first["is_first"]
    assert first["at"] - log[talks[2]]["at"] < 80


async def test_the_space_bar_talks_and_presses_no_button(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    await button(page, "Count").focus()
    await page.keyboard.down("Space")
    await harness.until(kind="chunk", count=3)
    await page.keyboard.down("Space")  # the keyboard repeats while the bar is held
    await page.keyboard.up("Space")
    log = await harness.until(kind="talk", is_down=False)

    assert [each["is_down"] for each in log if each["kind"] == "talk"] == [True, False]
    await expect(page.get_by_text("0 clicks")).to_be_visible()


async def test_the_space_bar_types_a_space_in_the_message(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    message = page.get_by_label("Message")
    await message.press_sequentially("a b")

    assert await message.input_value() == "a b"
    await harness.call("interrupt")
    assert await harness.log("talk") == []


async def test_straying_from_the_button_ends_the_hold(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    await hold(page, harness)
    await page.mouse.move(5, 700)

    log = await harness.until(kind="talk", is_down=False)
    await page.mouse.up()
    assert log[-1]["kind"] == "talk"


async def test_a_finger_holds_the_button_too(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    box = await button(page, "Push to talk").bounding_box()
    assert box is not None
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    session = await page.context.new_cdp_session(page)
    await session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await harness.until(kind="chunk", count=3)
    await session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    log = await harness.until(kind="talk", is_down=False)
    assert [each["is_down"] for each in log if each["kind"] == "talk"] == [True, False]


async def test_losing_the_window_ends_the_hold(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    await hold(page, harness)
    await page.evaluate("window.dispatchEvent(new Event('blur'))")

    await harness.until(kind="talk", is_down=False)
    await page.mouse.up()


async def test_losing_the_line_ends_the_hold_and_the_line_comes_back(
    page: Page, harness: Harness
) -> None:
    await connect(page, harness)
    await hold(page, harness)
    await harness.call("drop")
    log = await harness.until(kind="talk", is_down=False)
    await page.mouse.up()
    await harness.until(kind="connected", count=2)

    assert [each["is_down"] for each in log if each["kind"] == "talk"] == [True, False]
    await harness.call("reset")
    await hold(page, harness)
    await page.mouse.up()
    await harness.until(kind="talk", is_down=False)


@pytest.mark.parametrize("key", ["mouse", "space"])
async def test_a_press_that_is_let_go_ends_in_the_browser_too_and_begins_anew(
    page: Page, harness: Harness, key: str
) -> None:
    await connect(page, harness)
    if key == "mouse":
        await hold(page, harness)
    else:
        await button(page, "Count").focus()
        await page.keyboard.down("Space")
        await harness.until(kind="chunk", count=3)

    await harness.call("let_go")
    await page.wait_for_function("!getElement(voiceId).talk.isHeld")
    assert await page.locator("[data-rc-held]").count() == 0
    await harness.call("interrupt")  # its answer comes behind all that was sent
    n_sent = len(await harness.log("chunk"))
    if key == "space":
        await page.keyboard.down("Space")  # the keyboard repeats while the bar is held
    now_s = await page.evaluate("getElement(voiceId).microphone.context.currentTime")
    await page.wait_for_function(
        f"getElement(voiceId).microphone.context.currentTime > {now_s} + 0.2"
    )
    await (page.mouse.up() if key == "mouse" else page.keyboard.up("Space"))
    await harness.call("interrupt")

    assert len(await harness.log("chunk")) == n_sent
    assert [each["is_down"] for each in await harness.log("talk")] == [True]
    await expect(page.get_by_text("0 clicks")).to_be_visible()
    await hold(page, harness, chunks=n_sent + 3)
    await page.mouse.up()
    log = await harness.until(kind="talk", is_down=False)
    assert [each["is_down"] for each in log if each["kind"] == "talk"] == [True, True, False]


# --- speaker


async def test_tracks_are_played_to_the_last_sample_and_without_a_seam(
    page: Page, harness: Harness
) -> None:
    await connect(page, harness)
    await tap(page)
    first, second = voice(5001), voice(4777, start=5001)
    await harness.perform(("a", first, 617), ("b", second, len(second)))
    log = await harness.until(kind="drained", track="b")

    assert not any(each["underruns"] for each in log if each["kind"] == "heard")
    drained = {each["track"]: each["samples"] for each in log if each["kind"] == "drained"}
    assert drained == {"a": 5001, "b": 4777}
    played = await tapped(page)
    assert np.array_equal(played[: 5001 + 4777], np.concatenate([first, second]))


async def test_interrupt_reports_the_track_being_heard_to_the_sample(
    page: Page, harness: Harness
) -> None:
    await connect(page, harness)
    await tap(page)
    heard_track, waiting = voice(48_000), voice(24_000, level=4000)
    await harness.play("heard", heard_track)
    await harness.play("waiting", waiting)
    await harness.until(kind="heard", track="heard", count=3)
    answer = await harness.call("interrupt")
    # What comes late of interrupted tracks is ignored, in the browser as well.
    await page.evaluate(
        """() => { const late = new MessageChannel();
          getElement(voiceId).speaker.node.port.postMessage({ port: late.port1 }, [late.port1]);
          const pcm = new Int16Array(4800).fill(9000).buffer;
          for (const track of ["heard", "waiting"])
            late.port2.postMessage({ command: "write", track, pcm: pcm.slice(0) });
        }"""
    )
    await page.evaluate("new Promise((done) => setTimeout(done, 200))")

    n = answer["heard"]["samples"]
    played = await tapped(page)
    fade = heard_track[n : n + FADE] * (1 - (np.arange(FADE) + 1) / FADE)
    assert answer["heard"]["track"] == "heard"
    assert np.array_equal(played[:n], heard_track[:n])
    assert played[n : n + FADE] == pytest.approx(fade, abs=1)
    assert not played[n + FADE :].any()
    assert answer["took_ms"] < 100


async def test_interrupt_answers_nothing_when_nothing_plays(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    await tap(page)
    await harness.play("a", voice(4800))
    await harness.call("finish", "a")
    await harness.until(kind="drained", track="a")

    assert (await harness.call("interrupt"))["heard"] is None


async def test_another_track_plays_after_an_interruption(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    await tap(page)
    await harness.play("a", voice(48_000))
    await harness.until(kind="heard", track="a")
    await harness.call("interrupt")
    await harness.play("b", voice(2400))
    await harness.call("finish", "b")
    log = await harness.until(kind="drained", track="b")

    assert log[-1]["samples"] == 2400
    assert contains(await tapped(page), voice(2400))


async def test_a_late_stream_plays_on_with_its_position_kept(page: Page, harness: Harness) -> None:
    await connect(page, harness)
    await tap(page)
    whole = voice(12_000)
    await harness.play("a", whole[:6000])
    await page.wait_for_function("getElement(voiceId).speaker.isPlaying")
    await page.wait_for_function("!getElement(voiceId).speaker.isPlaying")
    await harness.play("a", whole[6000:])
    await harness.call("finish", "a")
    log = await harness.until(kind="drained", track="a")

    assert log[-1]["samples"] == 12_000
    reports = [each for each in log if each["kind"] == "heard"]
    assert max(each["underruns"] for each in reports) == 1
    played = await tapped(page)
    assert np.array_equal(played[:6000], whole[:6000])
    # The first samples rise out of the silence; the rest is as it was sent.
    assert contains(played, whole[6000 + FADE :])
    # Neither the end, nor the silence, nor the new beginning clicks.
    assert np.abs(np.diff(played)).max() <= 32_768 / FADE + 700


async def test_positions_are_reported_at_least_four_times_a_second(
    page: Page, harness: Harness
) -> None:
    await connect(page, harness)
    await page.wait_for_function("getElement(voiceId).speaker.node !== null")
    await harness.play("a", voice(48_000))
    await harness.call("finish", "a")
    log = await harness.until(kind="drained", track="a")

    heard = [each["samples"] for each in log if each["kind"] == "heard"]
    assert heard[0] <= 256, "the first samples are reported at once"
    assert np.diff([*heard, 48_000]).max() <= RATE_HZ // 4


async def test_what_is_played_is_heard_at_the_output_and_stops_within_100_ms(
    page: Page, harness: Harness, sound_card: VirtualSoundCard
) -> None:
    tone = (12_000 * np.sin(2 * np.pi * 440 * np.arange(96_000) / RATE_HZ)).astype(np.int16)
    await connect(page, harness)
    async with sound_card.record_speaker() as speaker:
        await harness.play("a", tone)
        begin = await speaker.wait_for_sound()
        await speaker.wait_for_samples(begin + RATE_HZ)
        called = speaker.n_samples
        await harness.call("interrupt")
        await speaker.wait_until(
            lambda each: each.last_sound_before_silence(begin, 200) is not None, timeout_s=5
        )

    end = speaker.last_sound_before_silence(begin, 200)
    assert end is not None
    assert frequency_hz(speaker.samples(begin + 2400, begin + 14_400)) == pytest.approx(440, abs=3)
    assert pcm.samples_to_ms(end - called) < 100


async def test_a_device_that_refuses_24_khz_gets_resampled_sound(page: Page) -> None:
    heard = await page.evaluate(
        """async () => {
          const context = new AudioContext({ sampleRate: 48000 });
          await context.audioWorklet.addModule("/assets/playback.worklet.js");
          await context.audioWorklet.addModule("/tests/tap.worklet.js");
          const node = new AudioWorkletNode(context, "rc-playback", { numberOfInputs: 0 });
          const tap = new AudioWorkletNode(context, "rc-tap");
          node.connect(tap).connect(context.destination);
          const line = new MessageChannel();
          node.port.postMessage({ port: line.port1 }, [line.port1]);
          const pcm = new Int16Array(12000);
          for (let i = 0; i < 12000; i++) pcm[i] = 16384 * Math.sin((2 * Math.PI * 1000 * i) / 24000);
          line.port2.postMessage({ command: "write", track: "a", pcm: pcm.buffer });
          line.port2.postMessage({ command: "finish", track: "a" });
          const samples = await new Promise((resolve) => {
            line.port2.onmessage = ({ data }) => data.k === "drained" && resolve(data.samples);
          });
          const blocks = await new Promise((resolve) => {
            tap.port.onmessage = ({ data }) => resolve(data);
            tap.port.postMessage("all");
          });
          await context.close();
          return { samples, sound: blocks.flatMap((each) => [...each]) };
        }"""
    )
    sound = np.trim_zeros(np.asarray(heard["sound"]))
    source = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(24_000) / 48_000)

    assert heard["samples"] == 12_000
    assert correlation(source[2000:20_000], sound) > 0.999


async def test_the_browser_asks_for_a_click_when_it_may_not_sound(
    page: Page, harness: Harness
) -> None:
    await harness.call("capture", "manual")
    # A page that captures may sound as well; so this one must not have the microphone.
    await page.add_init_script("navigator.permissions.query = async () => ({ state: 'prompt' })")
    await page.reload()  # the new page finds a session that is talking

    # Asking the page anything would count as a click; so the server is asked.
    await harness.until(kind="sound", state="blocked")
    await page.mouse.click(400, 400)
    await harness.until(kind="sound", state="running")


async def test_an_answer_is_heard_whole_though_it_came_before_the_click(
    page: Page, harness: Harness
) -> None:
    await harness.play("a", voice(4800))
    await harness.call("finish", "a")
    await harness.until(kind="sound", state="blocked")
    await page.mouse.click(400, 400)

    log = await harness.until(kind="drained", track="a")
    assert log[-1]["samples"] == 4800


async def test_an_answer_is_heard_without_a_microphone(page: Page, harness: Harness) -> None:
    await button(page, "Type only").click()
    await harness.until(kind="sound", state="running")
    await harness.call("capture", "off")  # what a session without a microphone is told
    await harness.until(kind="sound", state="off")
    await harness.play("a", voice(4800))
    await harness.call("finish", "a")

    log = await harness.until(kind="drained", track="a")
    assert log[-1]["samples"] == 4800


# --- meters, line


async def test_meters_follow_both_sides_and_come_to_rest(page: Page, harness: Harness) -> None:
    microphone = page.get_by_role("meter", name="Microphone level")
    speaker = page.get_by_role("meter", name="Speaker level")
    await expect(microphone).to_have_attribute("aria-valuenow", "0")
    await connect(page, harness)
    await page.wait_for_function("getElement(voiceId).speaker.node !== null")

    loud = "(name) => Number(document.querySelector(name).getAttribute('aria-valuenow')) > 50"
    await page.wait_for_function(loud, arg=".rc-meter--client")
    await harness.play("a", voice(24_000))
    await harness.call("finish", "a")
    await page.wait_for_function(loud, arg=".rc-meter--server")
    await button(page, "Disconnect").click()

    await expect(microphone).to_have_attribute("aria-valuenow", "0")
    await expect(speaker).to_have_attribute("aria-valuenow", "0")
    await page.wait_for_function("getElement(voiceId).microphoneMeter.frame === null")


async def test_a_page_that_was_replaced_does_not_come_back(
    page: Page, harness: Harness, url: str
) -> None:
    await page.evaluate(
        """async () => {
          const { bus } = await import("rc/bus.js");
          bus("harness").on("state", (change) => (window.change = change));
        }"""
    )
    newer = await page.context.new_page()
    await newer.goto(url)
    await harness.until(kind="connected", count=2)

    change = await (await page.wait_for_function("window.change")).json_value()
    assert change["code"] == 4001
    assert change["retrying"] is False
    assert await page.evaluate("document.documentElement.dataset.rcLine") == "ended"
    await newer.close()


async def test_neither_screen_nor_microphone_stays_on_where_nobody_hears_the_page(
    page: Page, harness: Harness
) -> None:
    async def tell(**change: Any) -> None:
        await page.evaluate(
            """async (change) => {
              const { bus } = await import("rc/bus.js");
              bus("harness").share("state", change);
            }""",
            change,
        )

    def state() -> Any:
        return page.evaluate("[locks.join(), getElement(voiceId).microphone.state]")

    await page.clock.install()
    await page.evaluate(f"() => {{ {WATCH_LOCKS} }}")
    await connect(page, harness)
    await harness.call("awake", True)
    await page.wait_for_function("locks.join() === 'screen'")

    await tell(state="closed", retrying=True)
    await page.clock.fast_forward(20_000)
    await tell(state="closed", retrying=True)
    assert await state() == ["screen", "on"]
    await page.clock.fast_forward(11_000)
    await page.wait_for_function("locks.join() === 'screen,released'")
    assert await state() == ["screen,released", "off"]

    await tell(state="open", retrying=False)
    await page.wait_for_function("locks.join() === 'screen,released,screen'")
    await tell(state="closed", retrying=False)
    await page.wait_for_function("locks.join() === 'screen,released,screen,released'")


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
async def test_resampling_keeps_the_voice_and_folds_nothing_back(page: Page, rate_hz: int) -> None:
    gains = await page.evaluate(
        """async (rate) => {
          const { Resampler } = await import("/assets/resampler.js");
          const gain = (hz) => {
            const resampler = new Resampler(rate, 24000);
            const out = new Float32Array(512);
            let power = 0, n = 0;
            for (let at = 0; at < rate; at += 128) {
              const block = Float32Array.from({ length: 128 }, (_, i) => Math.sin((2 * Math.PI * hz * (at + i)) / rate));
              const count = resampler.push(block, out);
              if (at > rate / 10) for (let i = 0; i < count; i++) { power += out[i] ** 2; n++; }
            }
            return [10 * Math.log10((2 * power) / n), n];
          };
          return [1000, 9000, 13500, 15000].map(gain);
        }""",
        rate_hz,
    )

    (low, n), (high, _), (edge, _), (alias, _) = gains
    assert low == pytest.approx(0, abs=0.1)
    assert high == pytest.approx(0, abs=0.5)
    assert edge < -50
    assert alias < -70
    assert n == pytest.approx(21_600, abs=70)
