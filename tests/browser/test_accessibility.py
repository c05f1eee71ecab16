"""What axe finds on the pages, in their panes and dialogs, in a real browser, light and dark."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final, Literal

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, FilePayload, Locator, Page, ViewportSize, expect

from console.ui.pages.watch import WATCHING
from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.live_console import Program
from tests.simulator.pictures import png_bytes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]

Themes = tuple[tuple[Literal["light", "dark"], dict[str, Any]], ...]
SERIOUS = ("serious", "critical")
LEFT_OUT = [
    [".q-loading-bar"],  # the toolkit's, there for a moment while something is fetched
    [".rc-events__scroll"],  # scrolled by the keys of the grid around it, which has the focus
    [".rc-talk"],  # axe reads the bar's colour behind its words, not the button's
]
RUN = "([context, options]) => axe.run(context, options)"
EVERYTHING = {"resultTypes": ["violations"], "preload": False}
CONTRAST = {**EVERYTHING, "runOnly": ["color-contrast"]}
LIGHT: Final[Themes] = (("light", EVERYTHING),)
BOTH: Final[Themes] = (*LIGHT, ("dark", CONTRAST))
"""Nothing but colours changes with the theme."""
IS_AT_REST = """() =>
  !document.querySelector("[class*='-enter-'], [class*='-leave-']") &&
  document.getAnimations().every(
    (each) => each.playState !== "running" || each.effect.getComputedTiming().endTime === Infinity,
  )"""
"""What fades in has less contrast than it will have."""
IS_DARK = "(is_dark) => document.body.classList.contains('body--dark') === is_dark"
PANES = ("Tools", "Usage", "Composer", "Session")
DIALOGS = (
    "Keyboard shortcuts",
    "Key of the OpenAI API",
    "Share",
    "People",
    "Sound",
    "Simulator faults",
)
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def used_page(chromium: Browser, console: Program) -> AsyncIterator[ConsolePage]:
    """The page in a session that has a place on the map, something in memory, and a picture."""
    context = await chromium.new_context(viewport=DESK, reduced_motion="reduce")
    shown = ConsolePage(await context.new_page())
    await shown.open(console.url)
    await shown.start("Manual")
    picture = FilePayload(name="dot.png", mimeType="image/png", buffer=png_bytes())
    await shown.type("What is the weather in Toronto?")
    await expect(shown.weather).to_contain_text("21.5", timeout=ANSWER_TIMEOUT_MS)
    await shown.type("Remember that my name is Ada.")
    await expect(shown.memory).to_contain_text("Ada", timeout=ANSWER_TIMEOUT_MS)
    await shown.page.locator("[data-rc-picture]").set_input_files(picture)
    await expect(shown.page.get_by_role("img", name="Attached: dot.png")).to_be_visible()
    yield shown
    await context.close()


async def expect_nothing_serious(
    page: Page, what: str, part: str = "", themes: Themes = BOTH
) -> None:
    """Let axe look at the page as it is.

    Args:
        page: In whatever state it is.
        what: Names the state.
        part: A selector of what has not been looked at yet; empty: all of it.
        themes: In which colours, each with what axe does.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE_SCRIPT)
    context: dict[str, Any] = {"exclude": LEFT_OUT} | ({"include": [[part]]} if part else {})
    told = []
    for scheme, options in themes:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.wait_for_function(IS_DARK, arg=scheme == "dark")
        await page.wait_for_function(IS_AT_REST)
        found = await page.evaluate(RUN, [context, options])
        told += [
            f"{what}, {scheme}: {each['id']} ({each['impact']}): {node['html'][:200]}"
            for each in found["violations"]
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]
    assert told == []


async def open_tab(page: Page, name: str) -> None:
    await page.get_by_role("tab", name=name).locator("visible=true").click()
    await expect(page.get_by_role("region", name=name)).to_be_visible()


@contextlib.asynccontextmanager
async def open_dialog(page: Page, name: str) -> AsyncIterator[Locator]:
    """Have a dialog open until the block ends, also by a fault; gives it."""
    await page.get_by_role("button", name=name, exact=True).click()
    dialog = page.locator(".rc-dialog")
    close = dialog.get_by_role("button", name="Close", exact=True)
    await expect(close).to_be_visible()
    try:
        yield dialog
    finally:
        await close.click()
        await expect(close).to_be_hidden()


# In an order: the fewer elements the page has, the quicker axe is, and panes stay in it.


async def test_the_page_has_no_serious_fault(used_page: ConsolePage) -> None:
    await expect_nothing_serious(used_page.page, "page")


async def test_an_open_event_has_no_serious_fault(used_page: ConsolePage) -> None:
    rows = await used_page.show_events("session.update")
    await rows.first.click()
    await expect(used_page.page.locator(".rc-detail")).to_be_visible()

    await expect_nothing_serious(used_page.page, "event", ".rc-panel--events")


@pytest.mark.parametrize("name", DIALOGS)
async def test_a_dialog_has_no_serious_fault(used_page: ConsolePage, name: str) -> None:
    async with open_dialog(used_page.page, name):
        await expect_nothing_serious(used_page.page, name, ".rc-dialog")


async def test_who_watches_finds_no_serious_fault(
    used_page: ConsolePage, chromium: Browser
) -> None:
    async with open_dialog(used_page.page, "People") as people:
        link = await people.get_by_role("textbox", name="Watch link").input_value()
    watcher = await chromium.new_context(viewport=DESK, reduced_motion="reduce")
    page = await watcher.new_page()
    await page.goto(link)
    await expect(page.get_by_text(WATCHING)).to_be_visible()
    await open_tab(page, "Tools")
    await expect(page.get_by_text("get_weather").first).to_be_visible()

    await expect_nothing_serious(page, "watch")
    await watcher.close()


@pytest.mark.parametrize("name", PANES)
async def test_a_pane_has_no_serious_fault(used_page: ConsolePage, name: str) -> None:
    await open_tab(used_page.page, name)

    await expect_nothing_serious(used_page.page, name, f".rc-panel--{name.lower()}")


async def test_the_reference_has_no_serious_fault(used_page: ConsolePage) -> None:
    page = used_page.page
    await open_tab(page, "Composer")
    await page.get_by_role("button", name="Reference", exact=True).click()
    await expect(page.get_by_role("searchbox", name="Find an event")).to_be_visible()

    await expect_nothing_serious(page, "Reference", ".rc-panel--composer")


async def test_a_phone_finds_no_serious_fault(used_page: ConsolePage) -> None:
    page = used_page.page
    await page.set_viewport_size(PHONE)
    await open_tab(page, "Conversation")
    await expect_nothing_serious(page, "phone")
    for name in ("Events", "Composer", "Session"):  # those with the most to work
        await open_tab(page, name)
        await expect_nothing_serious(
            page, f"{name} on a phone", f".rc-panel--{name.lower()}", LIGHT
        )
    await page.set_viewport_size(DESK)
