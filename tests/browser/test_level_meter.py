"""The level meters in a real browser: drawn from what an analyser hears, or from told levels."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.played import Played

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOUD = [0.2, 0.4, 0.6, 0.8, 0.9, 0.7, 0.5, 0.3, 0.2, 0.1]
SILENT = [0.0] * 10
OF_MICROPHONE = ".rc-actions .rc-meter--client"

FIND_METERS = """() => {
  const { id } = document.querySelector(".rc-voice").closest("[id^=c]");
  const { microphoneMeter, speakerMeter } = getElement(Number(id.slice(1)));
  window.meters = [microphoneMeter, speakerMeter];
  return speakerMeter !== undefined;
}"""
# Heights of the bars in dots of the screen, read off the picture itself.
HEIGHTS = """() => {
  const { context, width, height } = meters[0].canvas;
  const { data } = context.getImageData(0, 0, width, height);
  return Array.from({ length: 10 }, (_, bar) => {
    const x = Math.round(((bar * 5 + 1.5) * width) / 53);
    let high = 0;
    while (high < height && data[((height - 1 - high) * width + x) * 4 + 3]) high += 1;
    return high;
  });
}"""
IS_AT_REST = "() => meters.every((each) => each.frame === null && each.timer === null)"
IS_EMPTY = """() => meters.every(({ canvas }) =>
  canvas.context.getImageData(0, 0, canvas.width, canvas.height).data.every((each) => each === 0))"""
# How many pictures the screen had, how many of them the meters looked at, and the time it took.
COUNT = """() => {
  window.counted = { screen: 0, meter: 0, busyMs: 0, from: performance.now() };
  const step = meters[0]._step.bind(meters[0]);
  meters[0]._step = (now) => {
    const began = performance.now();
    step(now);
    counted.busyMs += performance.now() - began;
    counted.meter += 1;
  };
  const tick = () => { counted.screen += 1; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""


def levels(microphone: list[float], speaker: list[float] = SILENT) -> dict[str, Any]:
    return {"k": "levels", "microphone": microphone, "speaker": speaker}


async def test_bars_show_the_levels_that_are_told_and_come_to_rest(
    kept_page: Page, replayed: Played
) -> None:
    await kept_page.wait_for_function(FIND_METERS)
    meter = kept_page.locator(OF_MICROPHONE)
    await expect(meter).to_have_attribute("aria-valuetext", "silent")

    await replayed.send(levels(LOUD))
    await kept_page.wait_for_function(f"({HEIGHTS})()[4] > 0.85 * meters[0].canvas.height")
    heights = await kept_page.evaluate(HEIGHTS)
    assert sorted(range(5), key=heights.__getitem__) == [0, 1, 2, 3, 4]
    assert heights[9] < heights[7] < heights[5] < heights[4]
    await expect(meter).to_have_attribute("aria-valuenow", "90")

    await replayed.send(levels(SILENT))

    await expect(meter).to_have_attribute("aria-valuenow", "0")
    await kept_page.wait_for_function(IS_AT_REST)
    assert await kept_page.evaluate(IS_EMPTY)


async def test_a_bar_keeps_its_mark_of_the_highest_for_a_while(
    kept_page: Page, replayed: Played
) -> None:
    await kept_page.wait_for_function(FIND_METERS)
    # A bar that is low with its mark still high, and a while later the mark beside it.
    await kept_page.evaluate(
        """() => {
          window.seen = [];
          const note = () => {
            const { levels, marks } = meters[0];
            if (levels[0] > 0.8) seen[0] = true;
            if (seen[0] && levels[0] < 0.3 && marks[0] > 0.7) seen[1] = true;
            if (seen[1] && levels[0] < 0.3 && marks[0] < 0.3) seen[2] = true;
            if (!seen[2]) requestAnimationFrame(note);
          };
          note();
        }"""
    )
    await replayed.send(levels([0.9] * 10))
    await kept_page.wait_for_function("seen[0]")
    await replayed.send(levels([0.1] * 10))

    await kept_page.wait_for_function("seen[1]")
    await kept_page.wait_for_function("seen[2]")


async def test_sound_at_full_scale_lights_a_lamp_and_says_so(kept_page: Page) -> None:
    await kept_page.wait_for_function(FIND_METERS)
    await kept_page.evaluate("meters[0].notePeak(1, 2)")
    assert await kept_page.evaluate("meters[0].lampUntil < 0")

    await kept_page.evaluate("meters[0].notePeak(1, 12)")

    meter = kept_page.locator(f"{OF_MICROPHONE}[data-rc-clipped]")
    await expect(meter).to_have_attribute("aria-valuetext", "too loud, the sound is clipped")
    await expect(meter).to_have_count(0)
    await kept_page.wait_for_function(IS_AT_REST)


async def test_a_busy_page_has_a_new_picture_of_the_meter_with_each_of_the_screen(
    demo_page: Page, played: Played
) -> None:
    await demo_page.wait_for_function(FIND_METERS)

    async def speak() -> None:
        for n in range(40):
            await played.send(levels(LOUD if n % 2 else LOUD[::-1]))
            await asyncio.sleep(0.05)  # the pace of the server

    await played.send(levels(LOUD))
    await demo_page.wait_for_function("meters[0].frame !== null")
    await demo_page.evaluate(COUNT)
    await asyncio.gather(speak(), played.flood(seconds=2, per_second=100, first=0))
    counted = await demo_page.evaluate("({ ...counted, ms: performance.now() - counted.from })")

    assert counted["meter"] >= 0.95 * counted["screen"]
    assert counted["screen"] > 20
    assert counted["busyMs"] < 0.1 * counted["ms"]


async def test_where_nothing_shall_move_a_number_changes_twice_a_second(
    demo_page: Page, played: Played
) -> None:
    await demo_page.emulate_media(reduced_motion="reduce")
    await demo_page.wait_for_function(FIND_METERS)
    await demo_page.evaluate(
        """() => {
          window.changes = [];
          new MutationObserver(() => changes.push(performance.now())).observe(
            meters[0].number, { childList: true, characterData: true, subtree: true });
        }"""
    )
    for n in range(40):
        await played.send(levels([0.9 if n % 2 else 0.2] * 10))
        await asyncio.sleep(0.05)  # the pace of the server
    await demo_page.wait_for_function("changes.length > 1")

    times = await demo_page.evaluate("changes")
    assert min(b - a for a, b in pairwise(times)) > 450
    assert await demo_page.locator(f"{OF_MICROPHONE} canvas").is_hidden()
    await expect(demo_page.locator(f"{OF_MICROPHONE} .rc-meter__number")).to_be_visible()


async def test_each_pitch_lights_its_own_bar_and_full_scale_is_counted(kept_page: Page) -> None:
    found = await kept_page.evaluate(
        """async () => {
          const { HeardBands } = await import("rc/voice_bands.js");
          const rate = 48000, fftSize = 2048;
          let hz = 0;
          const bands = new HeardBands({
            fftSize, frequencyBinCount: fftSize / 2, context: { sampleRate: rate },
            getFloatFrequencyData: (bins) => bins.fill(-120).fill(-30, Math.round(hz * fftSize / rate), Math.round(hz * fftSize / rate) + 1),
            getFloatTimeDomainData: (wave) => wave.fill(0).fill(-1, 7, 10),
          });
          return Array.from({ length: 10 }, (_, bar) => {
            hz = 80 * (7000 / 80) ** ((bar + 0.5) / 10);
            bands.read();
            return [[...bands.levels].map((each) => each > 0.5), bands.clipped];
          });
        }"""
    )

    for bar, (lit, clipped) in enumerate(found):
        assert lit == [each == bar for each in range(10)]
        assert clipped == 3


async def test_levels_that_are_told_glide_from_one_to_the_next(kept_page: Page) -> None:
    found = await kept_page.evaluate(
        """async () => {
          const { ToldBands } = await import("rc/voice_bands.js");
          const told = new ToldBands();
          told.take(Array(10).fill(0.4), 1000);
          return [1025, 1050, 1500, 4000].map((now) => (told.read(now), told.levels[3]));
        }"""
    )

    assert found == pytest.approx([0.2, 0.4, 0.4, 0.0], abs=1e-6)


async def test_a_picture_of_clipped_sound_asks_for_one_more_and_the_lamp_is_lit(
    kept_page: Page,
) -> None:
    told = await kept_page.evaluate(
        """async () => {
          const { LevelMeter } = await import("rc/level_meter.js");
          const analyser = {
            fftSize: 1024, frequencyBinCount: 512, context: { sampleRate: 24000 },
            getFloatTimeDomainData: (wave) => wave.fill(1),
            getFloatFrequencyData: (spectrum) => spectrum.fill(-10),
          };
          const element = document.createElement("div");
          element.className = "rc-meter rc-meter--client";
          document.querySelector(".rc-actions").append(element);
          const meter = new LevelMeter(element, () => analyser);
          let asked = 0, pictures = 0;
          const real = requestAnimationFrame;
          meter._next = () => {
            asked += 1;
            meter.frame = real((now) => meter._step(now));
          };
          meter.set(true);
          while (pictures++ < 12) await new Promise(real);
          const isLit = element.hasAttribute("data-rc-clipped");
          meter.stop();
          element.remove();
          return { asked, pictures, isLit };
        }"""
    )

    assert told["isLit"]
    assert told["asked"] <= told["pictures"] + 1


@pytest.mark.parametrize("width", [1440, 390])
async def test_the_foot_of_the_page_has_the_bars_of_both_sides(demo_page: Page, width: int) -> None:
    await demo_page.set_viewport_size({"width": width, "height": 844})
    meters = demo_page.locator(".rc-actions [role=meter]")
    await expect(meters).to_have_count(2)
    for meter in await meters.all():
        await expect(meter.locator("canvas")).to_be_visible()
        await expect(meter).to_be_in_viewport(ratio=1)
    talk = demo_page.get_by_role("button", name="Push to talk")
    await expect(talk).to_be_in_viewport(ratio=1)
    assert await talk.evaluate("(each) => each.scrollWidth <= each.clientWidth")
