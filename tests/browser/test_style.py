"""What the stylesheets make of the page together, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.played import Played

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FAINT_TEXT = """() => [...document.querySelectorAll(".rc-page *")].filter((element) =>
  element.checkVisibility() && Number(getComputedStyle(element).opacity) < 1
  && (element.textContent.trim() || element.querySelector("input")))
  .map((element) => element.className)"""
CHROME = """() => {
  const { top, bottom } = document.querySelector(".rc-panel--conversation").getBoundingClientRect();
  return 1 - (bottom - top) / innerHeight;
}"""


@pytest.mark.parametrize("width", [1280, 390])
async def test_no_text_is_fainter_than_its_colour(demo_page: Page, width: int) -> None:
    await demo_page.set_viewport_size({"width": width, "height": 844})

    assert await demo_page.evaluate(FAINT_TEXT) == []


@pytest.mark.parametrize(
    ("line", "shown"),
    [("open", []), ("closed", ["not reachable"]), ("ended", ["not in use"]), ("refused", [])],
)
async def test_the_page_itself_says_that_the_console_does_not_answer(
    kept_page: Page, line: str, shown: list[str]
) -> None:
    tell = "(line) => (document.documentElement.dataset.rcLine = line)"
    await kept_page.evaluate(tell, line)

    await expect(kept_page.get_by_role("alert")).to_contain_text(shown)
    await kept_page.evaluate(tell, "open")


@pytest.mark.parametrize(("line", "shown"), [("open", "none"), ("closed", '"not reachable"')])
async def test_the_button_to_talk_does_not_ask_to_go_on_when_the_console_does_not_answer(
    kept_page: Page, line: str, shown: str
) -> None:
    tell = "(line) => (document.documentElement.dataset.rcLine = line)"
    await kept_page.evaluate(tell, line)
    hint = kept_page.locator("#rc-talk-hint")

    assert await hint.evaluate("(hint) => getComputedStyle(hint, '::after').content") == shown
    await expect(hint.locator("> *").first).to_be_visible(visible=line == "open")
    await kept_page.evaluate(tell, "open")


@pytest.mark.parametrize(("width", "height", "most"), [(390, 844, 0.3), (844, 390, 0.4)])
async def test_a_phone_in_use_leaves_most_of_its_screen_to_the_pane(
    demo_page: Page, played: Played, width: int, height: int, most: float
) -> None:
    await demo_page.set_viewport_size({"width": width, "height": height})
    await played.change(connection={"phase": "connected", "at_s": 0}, microphone="on")
    await demo_page.get_by_role("button", name="Disconnect").wait_for()

    await expect(demo_page.get_by_role("region")).to_have_count(1)
    # The page is told of its new size, and of the microphone, when it has time to lay itself out.
    await demo_page.wait_for_function(f"(most) => ({CHROME})() <= most", arg=most, timeout=10_000)


async def test_the_tab_that_is_chosen_is_in_sight_on_a_phone(demo_page: Page) -> None:
    await demo_page.set_viewport_size({"width": 390, "height": 844})
    tabs = demo_page.get_by_role("tablist", name="Panes").get_by_role("tab")
    await expect(tabs.last).not_to_be_in_viewport(ratio=0.9)

    # The event alone: a click would bring the tab into sight before.
    await tabs.last.dispatch_event("click")

    await expect(tabs.last).to_be_in_viewport(ratio=0.9)


FIELDS = """() => [...document.querySelectorAll(".rc-panel--composer .rc-field")].map((field) => ({
  depth: Number(field.style.getPropertyValue("--rc-depth")),
  name: field.querySelector(".rc-field__name")?.getBoundingClientRect().left,
  value: field.querySelector(":scope > :is(.rc-field__input, .rc-field__fixed)")?.getBoundingClientRect().left,
})).filter(({ name, value }) => name !== undefined && value !== undefined)"""


async def test_names_of_nested_fields_are_indented_and_what_they_hold_stands_in_one_column(
    demo_page: Page,
) -> None:
    await demo_page.get_by_role("tab", name="Composer").locator("visible=true").click()
    await expect(demo_page.get_by_role("button", name="Send event")).to_be_visible()

    fields = await demo_page.evaluate(FIELDS)

    assert len({each["depth"] for each in fields}) > 1
    assert len({each["value"] for each in fields}) == 1
    names = [each["name"] for each in sorted(fields, key=lambda each: each["depth"])]
    assert names == sorted(names)
    assert names[0] < names[-1]
