"""The browser's speaker at a virtual sound card: where it plays, how loud, and when it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.test_voice_io import contains, tap, tapped, voice
from tests.browser.voice_harness import Harness, button
from tests.pulse import RATE_HZ, Samples, VirtualSoundCard, end_in, rms

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MS = RATE_HZ // 1000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    """One profile for all pages: what it has loaded once is at hand for the next one."""
    context = await chromium.new_context()
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext, harness: Harness, url: str) -> AsyncIterator[Page]:
    """A page that may sound, without a microphone."""
    page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await page.goto(url)
    await harness.until(kind="connected")
    await button(page, "Type only").click()
    await harness.until(kind="sound", state="running")
    await page.wait_for_function("getElement(voiceId).speaker.node !== null")
    yield page
    await page.close()
    await context.clear_permissions()
    await harness.until(kind="closed")
    assert failures == []


def hiss(n_samples: int) -> Samples:
    """Return a sound of which each piece is found at one place only."""
    noise = np.random.default_rng(4).normal(0, 1, n_samples + 64)
    smooth = np.convolve(noise, np.hanning(16), "valid")[:n_samples]
    return np.asarray(smooth / np.abs(smooth).max() * 16_000, dtype=np.int16)


def tone(seconds: float) -> Samples:
    times = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (12_000 * np.sin(2 * np.pi * 440 * times)).astype(np.int16)


async def steps_of_gain(page: Page, settings: dict[str, Any]) -> npt.NDArray[np.float64]:
    """Change the settings while a tone plays; return what came out of the volume control."""
    blocks = await page.evaluate(
        """async (settings) => {
          const { context, volume } = getElement(voiceId).speaker;
          await context.audioWorklet.addModule("/tests/tap.worklet.js");
          const tap = new AudioWorkletNode(context, "rc-tap");
          volume.connect(tap).connect(context.destination);
          // By the clock of the sound: on a busy machine it stands still now and then.
          const play = async (s) => {
            const end = context.currentTime + s;
            while (context.currentTime < end) await new Promise((done) => setTimeout(done, 10));
          };
          await play(0.1);
          getElement(voiceId).speaker.configure(settings);
          await play(0.25);
          return new Promise((resolve) => {
            tap.port.onmessage = ({ data }) => resolve(data.map((each) => [...each]));
            tap.port.postMessage("all");
          });
        }""",
        settings,
    )
    return np.concatenate([np.asarray(each) for each in blocks])


async def cuts_off_ms(harness: Harness, sound_card: VirtualSoundCard) -> list[float]:
    """Return how much further the card played than some interruptions answered, in ms.

    A busy machine puts gaps into the sound at the card; where one hides the end, there is no figure,
    and one more is tried.
    """
    whole = hiss(4 * RATE_HZ)
    off_ms: list[float] = []
    async with sound_card.record_speaker() as speaker:
        for number in range(10):
            if number >= 5 and len(off_ms) >= 3:
                break
            begin = speaker.n_samples
            await harness.play(f"track{number}", whole)
            await harness.play(f"waiting{number}", whole)
            begin = await speaker.wait_for_sound(after=begin)
            await speaker.wait_for_samples(begin + RATE_HZ)
            answer = await harness.call("interrupt")
            end = await speaker.wait_for_silence(begin + RATE_HZ // 2, 300)
            heard = end_in(whole, speaker.samples(begin, end))
            assert answer["heard"]["track"] == f"track{number}"
            if heard is not None:
                off_ms.append((heard - answer["heard"]["samples"]) / MS)
    return off_ms


async def test_an_interruption_cuts_where_the_card_stopped(
    page: Page, harness: Harness, sound_card: VirtualSoundCard
) -> None:
    off_ms = await cuts_off_ms(harness, sound_card)

    assert len(off_ms) >= 3
    assert abs(np.median(off_ms)) < 20


async def test_silence_is_rendered_within_50_ms_of_an_interruption(
    page: Page, harness: Harness
) -> None:
    await tap(page)
    took_ms = []
    for number in range(5):
        await harness.play(f"track{number}", voice(48_000))
        await harness.until(kind="heard", track=f"track{number}")
        answer = await harness.call("interrupt")
        took_ms.append(answer["took_ms"])
        assert answer["heard"]["track"] == f"track{number}"
    await page.evaluate("window.until = getElement(voiceId).speaker.context.currentTime + 0.1")
    await page.wait_for_function("getElement(voiceId).speaker.context.currentTime > until")
    played = await tapped(page)

    # The worklet fades ahead of its answer; nothing comes after that.
    assert np.median(took_ms) + 4 < 50
    assert not played[-50 * MS :].any()


async def test_a_session_plays_on_in_a_page_that_nobody_sees(page: Page, harness: Harness) -> None:
    await tap(page)
    await harness.play("a", voice(24_000))
    await harness.until(kind="heard", track="a")
    await page.evaluate(
        """() => {
          for (const [name, value] of [["hidden", true], ["visibilityState", "hidden"]])
            Object.defineProperty(document, name, { value, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
          window.dispatchEvent(new Event("blur"));
        }"""
    )
    await harness.play("a", voice(24_000, start=24_000))
    await harness.call("finish", "a")
    log = await harness.until(kind="drained", track="a")

    assert log[-1]["samples"] == 48_000
    assert contains(await tapped(page), voice(48_000))


async def test_sound_that_the_system_took_goes_on_where_it_stopped(
    page: Page, harness: Harness
) -> None:
    await tap(page)
    await harness.play("a", voice(48_000))
    await harness.call("finish", "a")
    await harness.until(kind="heard", track="a", count=2)
    await page.evaluate("getElement(voiceId).speaker.context.suspend()")
    await harness.until(kind="sound", state="blocked")
    stopped = (await harness.log("heard"))[-1]["samples"]
    assert stopped < 48_000

    # What a page gets when it is looked at again.
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await harness.until(kind="sound", state="running", count=2)
    log = await harness.until(kind="drained", track="a")

    assert log[-1]["samples"] == 48_000
    assert contains(await tapped(page), voice(48_000))


@pytest.mark.parametrize(
    ("settings", "gain"),
    [({"is_muted": True}, 0), ({"volume": 0.25}, 0.25), ({"volume": 0}, 0)],
)
async def test_volume_and_mute_glide_and_arrive(
    page: Page, harness: Harness, settings: dict[str, Any], gain: float
) -> None:
    await harness.play("a", tone(2))
    await harness.until(kind="heard", track="a")
    played = await steps_of_gain(page, settings)

    before, after = played[: 20 * MS], played[-100 * MS :]
    assert np.abs(before).max() == pytest.approx(12_000 / 32_768, rel=0.02)
    assert np.abs(after).max() == pytest.approx(gain * 12_000 / 32_768, rel=0.02, abs=1e-6)
    # The largest step of the tone itself is 0.042; a slope of 10 ms adds 0.002.
    assert np.abs(np.diff(played)).max() < 0.05


async def choose(page: Page, label: str) -> None:
    """Choose a speaker as soon as the browser lists it."""
    await page.context.grant_permissions(["microphone"])
    await page.evaluate(
        """async (label) => {
          const speaker = getElement(voiceId).speaker;
          speaker.onRemark = (remarks) => (window.remarks = remarks);
          const list = () => navigator.mediaDevices.enumerateDevices();
          const isIt = (each) => each.kind === "audiooutput" && each.label === label;
          let found;
          while ((found = (await list()).find(isIt)) === undefined)
            await new Promise((done) => setTimeout(done, 100));
          speaker.configure({ device_id: found.deviceId, label });
          await speaker.output.working;
        }""",
        label,
    )


GONE = 'The speaker "Headphones" is not there. You hear the system\'s speaker.'


async def test_a_chosen_speaker_plays_and_the_systems_one_when_it_goes(
    page: Page, harness: Harness, sound_card: VirtualSoundCard
) -> None:
    async with sound_card.record_speaker() as systems:
        async with sound_card.plug_speaker("Headphones") as chosen:
            await choose(page, "Headphones")
            await harness.play("a", tone(5))
            await harness.call("finish", "a")
            begin = await chosen.wait_for_sound()
            await chosen.wait_for_samples(begin + RATE_HZ // 2)
            assert rms(systems.samples()) < 60
            assert await page.evaluate("window.remarks") == []
        unplugged = systems.n_samples

        await systems.wait_for_sound(after=unplugged)
        log = await harness.until(kind="drained", track="a")
    assert log[-1]["samples"] == 5 * RATE_HZ
    # Chromium learns of it from the kernel, which knows nothing of virtual cards; or by looking.
    await page.wait_for_function(
        "async (gone) => (await navigator.mediaDevices.enumerateDevices()) && remarks[0] === gone",
        arg=GONE,
    )


async def test_a_speaker_that_went_in_silence_is_missed_when_sound_begins(
    page: Page, harness: Harness, sound_card: VirtualSoundCard
) -> None:
    async with sound_card.plug_speaker("Headphones"):
        await choose(page, "Headphones")
    async with sound_card.record_speaker() as systems:
        await harness.play("a", tone(3))
        await systems.wait_for_sound()

    await page.wait_for_function("(gone) => window.remarks[0] === gone", arg=GONE)


async def test_pre_buffer_and_underruns_reach_the_server(page: Page, harness: Harness) -> None:
    whole = voice(24_000)
    await harness.play("a", whole[:6000])
    await page.wait_for_function("getElement(voiceId).speaker.isPlaying")
    await page.wait_for_function("!getElement(voiceId).speaker.isPlaying")
    await harness.play("a", whole[6000:])
    await harness.call("finish", "a")
    await harness.until(kind="drained", track="a")

    reports = await harness.log("heard")
    assert (reports[0]["underruns"], reports[0]["prebuffer_ms"]) == (0, 60)
    assert reports[-1]["underruns"] == 1
    assert reports[-1]["prebuffer_ms"] >= 80
