"""Several people at one console, in the browser: who watches, who ends, who has the microphone."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from console.app.microphone_lease import FREE, TAKEN, TAKEN_AWAY
from console.ui.pages.front import NOT_TO_WATCH, NOT_YET
from console.ui.pages.watch import OVER, WATCHING
from console.ui.sessions import ENDED_BY_HOST
from tests.browser.console_page import ANSWER_TIMEOUT_MS, ConsolePage
from tests.live_console import Program

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]


async def open_people(page: Page) -> None:
    await page.get_by_role("button", name="People").click()
    await expect(page.get_by_role("dialog", name="People")).to_be_visible()


async def test_a_session_is_watched_live_by_its_link_and_by_nobody_without(
    chromium: Browser, browser_context: BrowserContext, console: Program
) -> None:
    page = ConsolePage(await browser_context.new_page())
    await page.open(console.url)
    await page.page.get_by_role("button", name="People").click()
    link = await page.page.get_by_role("textbox", name="Watch link").input_value()
    assert link.startswith(f"{console.origin}/watch-")
    await page.page.get_by_role("button", name="Close").click()

    stranger = await chromium.new_context()
    watcher = await stranger.new_page()
    answer = await watcher.goto(link.partition("?")[0])
    assert answer is not None
    assert answer.status == 403
    await watcher.goto(link)
    await expect(watcher.get_by_text(WATCHING)).to_be_visible()
    assert "token" not in watcher.url

    await page.connect.click()
    await page.type("Remember that my name is Ada.")
    watched = ConsolePage(watcher)
    await expect(watched.items("user")).to_contain_text("my name is Ada")
    await expect(watched.memory).to_contain_text("Ada", timeout=ANSWER_TIMEOUT_MS)
    rows = await watched.show_events("session.created")
    await expect(rows).to_have_count(1)
    await expect(rows.first).to_contain_text("session.created")
    await rows.first.click()
    await expect(watched.events.get_by_text('"session.created"').first).to_be_visible()
    await expect(page.page.get_by_role("button", name="1 watching")).to_be_visible()

    await page.disconnect.click()
    await page.connect.click()
    await page.type("What can you do?")
    await expect(page.items("user")).to_contain_text("What can you do?")
    await expect(watcher.get_by_text(OVER)).to_be_visible()
    await expect(watched.items("user")).to_contain_text("my name is Ada")
    await expect(page.page.get_by_role("button", name="1 watching")).to_be_hidden()
    await expect(watcher.get_by_role("button", name="Connect")).to_have_count(0)
    await expect(watcher.get_by_role("button", name="Delete item")).to_have_count(0)

    link_field = page.page.get_by_role("textbox", name="Watch link")
    close = page.page.get_by_role("button", name="Close")
    await open_people(page.page)
    second = await link_field.input_value()
    await close.click()
    await page.disconnect.click()
    await open_people(page.page)
    await expect(link_field).not_to_have_value(second)
    await watcher.goto(await link_field.input_value())
    await expect(watcher.get_by_text(NOT_YET)).to_be_visible()
    await close.click()
    await page.connect.click()
    await expect(watcher.get_by_text(WATCHING)).to_be_visible()
    await expect(watched.items("user")).to_have_count(0)
    await page.type("Remember that my name is Eve.")
    await expect(watched.items("user")).to_contain_text("my name is Eve")

    await watcher.goto(console.origin)
    await expect(watcher.get_by_text("Open that link again")).to_be_visible()
    await stranger.close()


async def test_the_host_sees_and_ends_the_session_of_another(
    chromium: Browser, browser_context: BrowserContext, console: Program
) -> None:
    page = ConsolePage(await browser_context.new_page())
    await page.open(console.url)
    await page.connect.click()
    await page.type("What can you do?")
    await expect(page.items("user")).to_have_count(1)

    elsewhere = await chromium.new_context()
    host = await elsewhere.new_page()
    await host.goto(console.url)
    await open_people(host)
    mine = host.get_by_role("listitem").filter(has_text="this page")
    await expect(mine).to_have_count(1)
    # Those whose pages are closed are of tests before this one.
    other = host.get_by_role("listitem").filter(has_text=re.compile("Connected(?!, page closed)"))
    await expect(other).to_contain_text("127.0.0.1, Chrome on Linux")
    await other.get_by_role("button", name="End session").click()

    await expect(page.alert).to_contain_text(ENDED_BY_HOST)
    await expect(page.connect).to_be_visible()
    await expect(page.items("user")).to_have_count(1)
    await expect(other).to_have_count(0)
    await elsewhere.close()


async def test_a_tab_that_is_reloaded_in_an_answer_goes_on_with_its_session(
    browser_context: BrowserContext, console: Program
) -> None:
    page = ConsolePage(await browser_context.new_page())
    await page.open(console.url)
    await page.connect.click()
    await page.type("Please count to ten.")
    answer = page.items("assistant")
    await expect(answer).to_contain_text("One", timeout=ANSWER_TIMEOUT_MS)

    await page.page.reload()

    await expect(page.items("user")).to_contain_text("count to ten")
    await expect(answer).to_have_count(1)
    await expect(answer).to_contain_text("One")
    await expect(page.disconnect).to_be_visible()
    await expect(answer).to_contain_text("five", timeout=ANSWER_TIMEOUT_MS)
    speaker = page.page.get_by_role("meter", name="Speaker level")
    await expect(speaker).not_to_have_attribute("aria-valuenow", "0", timeout=ANSWER_TIMEOUT_MS)
    await page.disconnect.click()
    await expect(answer).to_contain_text("Not heard:")


async def test_two_tabs_agree_who_has_the_microphone(
    browser_context: BrowserContext, console: Program
) -> None:
    first = ConsolePage(await browser_context.new_page())
    second = ConsolePage(await browser_context.new_page())
    await first.open(console.url)
    await first.start("VAD")
    await second.open(console.origin)
    await second.connect.click()
    await expect(second.page.get_by_text(TAKEN)).to_be_visible(timeout=ANSWER_TIMEOUT_MS)

    await second.page.get_by_role("button", name="Take over").click()

    await expect(second.disconnect).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    await expect(first.page.get_by_text(TAKEN_AWAY)).to_be_visible()
    await expect(first.disconnect).to_be_visible()

    for taking, losing in ((first, second), (second, first)):
        await taking.page.get_by_role("button", name="Take over").click()
        await expect(losing.page.get_by_text(TAKEN_AWAY)).to_be_visible()
        await expect(taking.page.get_by_text(TAKEN_AWAY)).to_have_count(0)
        await expect(taking.page.get_by_role("button", name="Mute microphone")).to_be_visible()

    await second.disconnect.click()

    await expect(first.page.get_by_text(FREE)).to_be_visible()
    await expect(first.page.get_by_text(TAKEN_AWAY)).to_have_count(0)
    await first.page.locator(".rc-notice__action").filter(has_text="Use microphone").click()
    await expect(first.page.get_by_text(FREE)).to_have_count(0)


async def test_a_session_that_is_over_is_named(
    browser_context: BrowserContext, console: Program
) -> None:
    page = await browser_context.new_page()
    await page.goto(console.url)
    await page.goto(f"{console.origin}/watch-none")

    await expect(page.get_by_text(NOT_TO_WATCH)).to_be_visible()
