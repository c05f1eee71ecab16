"""Waveforms of the conversation in a real browser: seen, clicked, dragged, and moved with the keys."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, FloatRect, Locator, Page, expect

from tests.browser.played import Played, item

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TEN_S = 10_000
# Where the sound that is in the page began to play.
BEGAN_AT = "() => document.querySelector('audio')?.played.length && document.querySelector('audio').played.start(0)"
# Middles of what is drawn along the upper edge, as shares of the width: only marks reach it.
MARKS = """(wave) => {
  const canvas = wave.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, 1);
  const found = [];
  for (let x = 0; x < canvas.width; x++) if (data[4 * x + 3]) found.push((x + 0.5) / canvas.width);
  return found;
}"""
IS_DRAWN = """(wave) => {
  const canvas = wave.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, canvas.height / 4, canvas.width, 1);
  return data.some((each) => each);
}"""


def sounding(item_id: str, milliseconds: int = TEN_S, **changes: Any) -> dict[str, Any]:
    return item(item_id, text="Hello.", audio_ms=milliseconds, playable=True) | changes


async def show(played: Played, *views: dict[str, Any]) -> None:
    for each in views:
        await played.keep_sound(each["id"], each["audio_ms"])
    await played.send({"k": "items", "items": list(views)})


def wave_of(page: Page, item_id: str) -> Locator:
    return page.locator(f".rc-item[data-id={item_id}]").get_by_role("slider")


async def box_of(wave: Locator) -> FloatRect:
    box = await wave.bounding_box()
    assert box is not None
    return box


async def offer(page: Page, played: Played, **parts: Any) -> None:
    """Say how the voice of the session is, as its element does."""
    await page.evaluate(
        "async ([id, parts]) => (await import('rc/voice_parts.js')).offer(id, parts)",
        [played.session, parts],
    )


async def began_at(page: Page) -> float:
    return float(await (await page.wait_for_function(BEGAN_AT)).json_value())


async def test_a_click_into_the_waveform_plays_from_there(
    kept_page: Page, replayed: Played
) -> None:
    await show(replayed, sounding("a"))
    box = await box_of(wave_of(kept_page, "a"))
    x = round(box["x"] + box["width"] * 0.6)

    await kept_page.mouse.click(x, box["y"] + 5)

    assert await began_at(kept_page) == pytest.approx(10 * (x - box["x"]) / box["width"], abs=0.05)
    await expect(kept_page.get_by_role("button", name="Pause")).to_be_visible()
    await expect(kept_page.locator(".rc-player__length")).to_contain_text("/ 0:10")


async def test_dragging_plays_from_where_it_is_let_go(kept_page: Page, replayed: Played) -> None:
    await show(replayed, sounding("a"))
    box = await box_of(wave_of(kept_page, "a"))
    y = box["y"] + 10
    await kept_page.mouse.move(box["x"] + 20, y)
    await kept_page.mouse.down()
    await kept_page.mouse.move(box["x"] + box["width"] * 0.5, y + 200)
    x = round(box["x"] + box["width"] * 0.8)
    await kept_page.mouse.move(x, y)
    assert await kept_page.locator("audio").count() == 0

    await kept_page.mouse.up()

    assert await began_at(kept_page) == pytest.approx(10 * (x - box["x"]) / box["width"], abs=0.05)


async def test_keys_move_the_position_and_play(kept_page: Page, replayed: Played) -> None:
    await show(replayed, sounding("a"))
    wave = wave_of(kept_page, "a")
    await wave.focus()
    await expect(wave).to_have_attribute("aria-valuetext", "0:00 of 0:10")
    for key, seconds in (
        ("ArrowRight", "1.0"), ("ArrowUp", "2.0"), ("PageUp", "10.0"), ("ArrowLeft", "9.0"),
        ("PageDown", "0.0"), ("End", "10.0"), ("Home", "0.0"), ("ArrowRight", "1.0"),
    ):  # fmt: skip
        await wave.press(key)
        await expect(wave).to_have_attribute("aria-valuenow", seconds)
    assert await kept_page.locator("audio").count() == 0

    await wave.press("Enter")

    assert await began_at(kept_page) == pytest.approx(1.0, abs=0.05)
    await wave.press("Enter")
    await expect(kept_page.get_by_role("button", name="Play", exact=True)).to_be_visible()


async def test_where_it_was_cut_off_is_marked_and_told(kept_page: Page, replayed: Played) -> None:
    await show(replayed, sounding("a", heard=3, heard_ms=4_000, cut=True), sounding("b"))
    wave = wave_of(kept_page, "a")
    await kept_page.wait_for_function(IS_DRAWN, arg=await wave.element_handle())

    marks = await wave.evaluate(MARKS)

    assert sum(marks) / len(marks) == pytest.approx(0.4, abs=0.01)
    await expect(wave).to_have_attribute("aria-valuetext", "0:00 of 0:10, cut off at 0:04")
    assert await wave_of(kept_page, "b").evaluate(MARKS) == []


async def test_waveforms_are_fetched_once_and_only_when_they_are_seen(
    kept_page: Page, replayed: Played
) -> None:
    await show(replayed, *(sounding(f"i{n}", 400) for n in range(40)))
    last = await wave_of(kept_page, "i39").element_handle()
    await kept_page.wait_for_function(IS_DRAWN, arg=last)
    assert "i0" not in await replayed.waveforms_asked()

    await wave_of(kept_page, "i0").scroll_into_view_if_needed()
    first = await wave_of(kept_page, "i0").element_handle()
    await kept_page.wait_for_function(IS_DRAWN, arg=first)

    asked = await replayed.waveforms_asked()
    assert len(asked) == len(set(asked)) < 40


async def test_the_waveform_of_a_growing_item_is_fetched_now_and_then_and_at_its_end(
    kept_page: Page, replayed: Played
) -> None:
    await show(replayed, sounding("a", 1_000, status="in_progress"))
    wave = await wave_of(kept_page, "a").element_handle()
    await kept_page.wait_for_function(IS_DRAWN, arg=wave)
    for milliseconds in (2_000, 3_000, 4_000):
        await show(replayed, sounding("a", milliseconds, status="in_progress"))
    await expect(kept_page.locator(".rc-player__length")).to_have_text("0:04")
    assert await replayed.waveforms_asked() == ["a"]

    async with kept_page.expect_response("**/a.peaks"):
        await show(replayed, sounding("a", 5_000))

    assert await replayed.waveforms_asked() == ["a", "a"]


async def test_only_one_item_sounds_and_none_while_the_assistant_speaks(
    demo_page: Page, played: Played
) -> None:
    async def speak(is_speaking: bool) -> None:
        await demo_page.evaluate(
            "async (is) => (await import('rc/audio_player.js')).setSpeaking(is)", is_speaking
        )

    await show(played, sounding("a"), sounding("b"))
    one, other = (demo_page.locator(f".rc-item[data-id={each}]") for each in "ab")
    await one.get_by_role("button", name="Play").click()
    await expect(one.get_by_role("button", name="Pause")).to_be_visible()
    await other.get_by_role("button", name="Play").click()
    await expect(other.get_by_role("button", name="Pause")).to_be_visible()
    await expect(one.get_by_role("button", name="Play")).to_be_visible()

    await speak(True)
    await expect(other.get_by_role("button", name="Play")).to_be_visible()
    await one.get_by_role("button", name="Play").click()
    await expect(one.get_by_role("button", name="Plays once the answer")).to_be_visible()

    await speak(False)
    await expect(one.get_by_role("button", name="Pause")).to_be_visible()


async def test_who_talks_silences_what_plays_and_what_waits(
    demo_page: Page, played: Played
) -> None:
    await show(played, sounding("a"), sounding("b"))
    one, other = (demo_page.locator(f".rc-item[data-id={each}]") for each in "ab")
    await one.get_by_role("button", name="Play").click()
    await expect(one.get_by_role("button", name="Pause")).to_be_visible()

    await offer(demo_page, played, isTalking=True)
    await expect(one.get_by_role("button", name="Play")).to_be_visible()

    await offer(demo_page, played, isSounding=True)
    await other.get_by_role("button", name="Play").click()
    await expect(other.get_by_role("button", name="Plays once the answer")).to_be_visible()
    await offer(demo_page, played, isTalking=True, isSounding=True)
    await offer(demo_page, played)
    await expect(other.get_by_role("button", name="Play", exact=True)).to_be_visible()

    await other.get_by_role("button", name="Play").click()
    await expect(other.get_by_role("button", name="Pause")).to_be_visible()
    await played.send({"k": "hush"})  # who talks freely presses nothing
    await expect(other.get_by_role("button", name="Play", exact=True)).to_be_visible()


async def test_an_items_sound_is_as_loud_as_the_assistant_and_leaves_where_it_does(
    demo_page: Page, played: Played
) -> None:
    quiet = {"device_id": "", "label": "", "volume": 0.25, "is_muted": False}
    await show(played, sounding("a"))
    await offer(demo_page, played, speakerSettings=quiet)
    await demo_page.get_by_role("button", name="Play").click()
    await demo_page.wait_for_function("() => document.querySelector('audio')?.volume === 0.25")
    assert not await demo_page.evaluate("document.querySelector('audio').muted")

    moved = await demo_page.evaluate_handle(
        """() => {
          const moved = [];
          document.querySelector("audio").setSinkId = async (id) => moved.push(id);
          return moved;
        }"""
    )
    changed = quiet | {"device_id": "headset", "is_muted": True}
    await offer(demo_page, played, speakerSettings=changed)

    assert await demo_page.evaluate("document.querySelector('audio').muted")
    assert await moved.json_value() == ["headset"]


async def test_a_finger_has_targets_of_its_size_and_nothing_is_cut_off(
    chromium: Browser, demo_url: str, played: Played
) -> None:
    context = await chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = await context.new_page()
    await page.goto(f"{demo_url}/?session={played.session}")
    await page.get_by_role("region", name="Conversation").wait_for()
    await played.hold({"k": "items", "items": [sounding("a", 90_000)]})
    await page.reload()
    item_a = page.locator(".rc-item[data-id=a]")
    await item_a.wait_for()

    # To show its events one taps the item itself: there is no button for that.
    targets = await item_a.locator("button, a, [role=slider]").locator("visible=true").all()
    assert len(targets) == 4
    for target in targets:
        box = await box_of(target)
        assert box["height"] >= 44, await target.get_attribute("aria-label")
        assert box["width"] >= 44
        assert 0 <= box["x"] <= 390 - box["width"]
    await context.close()
