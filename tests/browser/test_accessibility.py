"""What axe finds on the page and in its dialogs, in a real browser, light and dark."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.live_console import Program
from tests.simulator.pictures import png_bytes

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SERIOUS = ("serious", "critical")
LEFT_OUT = [
    [".q-loading-bar"],  # the toolkit's, there for a moment while something is fetched
    [".rc-events__scroll"],  # scrolled by the keys of the grid around it, which has the focus
    [".rc-talk"],  # axe reads the bar's colour behind its words, not the button's
]
PANES = ("Session", "Tools", "Composer", "Usage")
DIALOGS = ("Sound", "Simulator faults", "People")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def used_page(chromium: Browser, console: Program) -> AsyncIterator[ConsolePage]:
    """The page in a session that has a place on the map, something in memory, and a picture."""
    context = await chromium.new_context(viewport={"width": 1440, "height": 900})
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


async def expect_nothing_serious(page: Page, what: str) -> None:
    """Let axe look at the page as it is, in both colours."""
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = await Axe().run(page, {"exclude": LEFT_OUT})
        told = [
            f"{what}, {scheme}: {each['id']} ({each['impact']}): {node['html'][:200]}"
            for each in found.response["violations"]
            if each["impact"] in SERIOUS
            for node in each["nodes"]
        ]
        assert told == []


async def test_the_page_has_no_serious_fault(used_page: ConsolePage) -> None:
    await expect_nothing_serious(used_page.page, "page")


@pytest.mark.parametrize("name", PANES)
async def test_a_pane_has_no_serious_fault(used_page: ConsolePage, name: str) -> None:
    await used_page.page.get_by_role("tab", name=name).locator("visible=true").click()
    await expect(used_page.page.get_by_role("region", name=name)).to_be_visible()

    await expect_nothing_serious(used_page.page, name)


async def test_an_open_event_has_no_serious_fault(used_page: ConsolePage) -> None:
    rows = await used_page.show_events("session.update")
    await rows.first.click()

    await expect_nothing_serious(used_page.page, "event")


@pytest.mark.parametrize("name", DIALOGS)
async def test_a_dialog_has_no_serious_fault(used_page: ConsolePage, name: str) -> None:
    page = used_page.page
    await page.get_by_role("button", name=name, exact=True).click()
    close = page.locator(".rc-dialog").get_by_role("button", name="Close", exact=True)
    await expect(close).to_be_visible()

    await expect_nothing_serious(page, name)

    await page.keyboard.press("Escape")
    await expect(close).to_be_hidden()
