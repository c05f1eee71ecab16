"""Keys of the page in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.played import Played

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

# What a busy browser does: an observer's first two changes come in one call.
TELL_TOGETHER = """() => {
    const Told = IntersectionObserver;
    window.IntersectionObserver = function (tell, options) {
        const kept = [];
        return new Told((entries, observer) => {
            kept.push(...entries);
            if (kept.length > 1) tell(kept.splice(0), observer);
        }, options);
    };
}"""


def sheet_of(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Keyboard shortcuts")


async def test_keys_lead_to_the_parts_of_the_page_and_type_where_one_types(
    demo_page: Page, played: Played
) -> None:
    keyboard = demo_page.keyboard
    filter_box = demo_page.get_by_role("searchbox", name="Filter events")
    search = demo_page.get_by_role("searchbox", name="Search the conversation")

    await keyboard.press("/")
    await expect(filter_box).to_be_focused()
    await keyboard.type("e/f2?")
    await expect(filter_box).to_have_value("e/f2?")
    await keyboard.press("Escape")

    await filter_box.evaluate("box => box.blur()")
    await keyboard.press("f")
    await expect(search).to_be_focused()
    await search.evaluate("box => box.blur()")
    await keyboard.press("e")
    await expect(demo_page.get_by_role("grid", name="Event list")).to_be_focused()
    await keyboard.press("Control+f")
    await expect(search).not_to_be_focused()
    await keyboard.press("3")
    tab = demo_page.get_by_role("tab", name="Tools").locator("visible=true")
    await expect(tab).to_be_focused()
    await expect(demo_page.get_by_role("region", name="Tools")).to_be_visible()


async def test_the_sheet_opens_by_its_key_closes_by_escape_and_switches_the_keys_off(
    demo_page: Page, played: Played
) -> None:
    sheet = sheet_of(demo_page)
    filter_box = demo_page.get_by_role("searchbox", name="Filter events")
    await demo_page.keyboard.press("?")
    await expect(sheet).to_contain_text("Filter the events")

    await demo_page.keyboard.press("/")
    await expect(filter_box).not_to_be_focused()
    await sheet.get_by_role("switch").click()
    await expect(sheet.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    await demo_page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()

    await demo_page.keyboard.press("?")
    await demo_page.keyboard.press("/")
    await expect(filter_box).not_to_be_focused()
    await demo_page.get_by_role("button", name="Keyboard shortcuts").click()
    await sheet.get_by_role("switch").click()
    await demo_page.keyboard.press("Escape")
    await expect(sheet).to_be_hidden()


async def test_where_one_pane_is_seen_a_key_opens_its_tab_first(
    demo_page: Page, played: Played
) -> None:
    await demo_page.set_viewport_size({"width": 700, "height": 800})
    filter_box = demo_page.get_by_role("searchbox", name="Filter events")
    await expect(filter_box).to_be_hidden()

    await demo_page.keyboard.press("/")

    await expect(filter_box).to_be_focused()
    await demo_page.get_by_role("grid", name="Event list").focus()
    await demo_page.keyboard.press("1")
    await expect(demo_page.get_by_role("region", name="Weather")).to_be_visible()


async def test_a_key_opens_a_tab_of_a_page_that_is_too_busy_to_tell_each_change_by_itself(
    demo_page: Page, played: Played
) -> None:
    await demo_page.set_viewport_size({"width": 700, "height": 800})
    filter_box = demo_page.get_by_role("searchbox", name="Filter events")
    await expect(filter_box).to_be_hidden()
    await demo_page.evaluate(TELL_TOGETHER)

    await demo_page.keyboard.press("/")

    await expect(filter_box).to_be_focused()


@pytest.mark.parametrize(
    ("name", "key", "other_key", "cookie"),
    [
        ("Width of events and conversation", "ArrowLeft", "ArrowRight", "{:.1f}-"),
        ("Height of the events", "ArrowUp", "ArrowDown", "-{:.1f}-"),
        ("Height of the weather", "ArrowUp", "ArrowDown", "-{:.1f}"),
    ],
)
async def test_the_line_between_two_panes_is_moved_by_keys_and_stays_there(
    demo_page: Page, played: Played, name: str, key: str, other_key: str, cookie: str
) -> None:
    line = demo_page.get_by_role("separator", name=name)
    way = "vertical" if key == "ArrowLeft" else "horizontal"
    await expect(line).to_have_attribute("aria-orientation", way)
    began = int(await line.get_attribute("aria-valuenow") or "")
    side = "width" if way == "vertical" else "height"
    before = (await box_of(line))[side]

    await line.focus()
    await line.press(key)
    await line.press(key)
    await line.press(other_key)

    await expect(line).to_have_attribute("aria-valuenow", str(began - 2))
    assert (await box_of(line))[side] < before
    await line.press("End")
    await expect(line).to_have_attribute("aria-valuenow", "85")
    await line.press(other_key)
    await expect(line).to_have_attribute("aria-valuenow", "85")
    await line.press("Home")
    await expect(line).to_have_attribute("aria-valuenow", "15")
    await demo_page.wait_for_function(
        "(part) => document.cookie.includes('rc_panes=') && document.cookie.includes(part)",
        arg=cookie.format(15),
    )
    await demo_page.context.clear_cookies(name="rc_panes")


async def box_of(line: Locator) -> dict[str, float]:
    """Return the box of the pane before a line."""
    box = await line.locator("xpath=preceding-sibling::*").bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}
