"""The usage pane in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, expect

from tests.browser.played import Played

pytestmark = [
    pytest.mark.browser,
    pytest.mark.page,
    pytest.mark.asyncio(loop_scope="session"),
]


async def opened(page: Page) -> None:
    await page.get_by_role("tab", name="Usage").locator("visible=true").click()
    await expect(page.get_by_role("region", name="Usage")).to_be_visible()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def used(demo_url: str) -> AsyncIterator[Played]:
    """A session for all tests that say themselves how much was used."""
    session = Played(demo_url)
    yield session
    await session.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def used_page(demo_context: BrowserContext, used: Played) -> AsyncIterator[Page]:
    """Its page, with the pane open: loading takes longer than what most tests do."""
    page = await demo_context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await used.open(page)
    await opened(page)
    yield page
    await page.close()
    assert failures == []


async def test_before_the_first_turn_it_says_what_will_appear(demo_page: Page) -> None:
    await opened(demo_page)

    pane = demo_page.get_by_role("region", name="Usage")
    await expect(pane.get_by_text("Each turn appears here")).to_be_visible()
    await expect(pane.get_by_role("table", name="Tokens by kind")).to_be_visible()
    await expect(pane.get_by_text("unknown", exact=True)).to_be_visible()


async def test_what_was_used_is_told_by_kind_and_the_time_left_runs(
    used_page: Page, used: Played
) -> None:
    await used_page.evaluate("performance.now = () => 1000")
    await used.change(usage=12)

    rows = used_page.get_by_role("table", name="Tokens by kind").get_by_role("row")
    await expect(rows.nth(1)).to_have_text("text2,9001,40048 %310")
    await expect(rows.nth(4)).to_have_text("all4,1001,64040 %1,210")
    left = used_page.locator(".rc-fact").filter(has_text="Time left")
    await expect(left).to_contain_text("56:51")
    resets = used_page.get_by_role("table", name="Rate limits").get_by_role("cell").last
    await expect(resets).to_have_text("8.7 s")

    await used_page.evaluate("performance.now = () => 10_000")

    await expect(left).to_contain_text("56:42")
    await expect(resets).to_have_text("now")
    await used_page.evaluate("delete performance.now")


async def test_turns_are_drawn_in_time_newest_first_and_unfold_to_their_stages(
    used_page: Page, used: Played
) -> None:
    await used.change(usage=12)
    rows = used_page.get_by_role("list", name="Turns, newest first").get_by_role("listitem")
    await expect(rows).to_have_count(12)
    await expect(rows.first).to_contain_text("1,330 ms")
    await expect(used_page.locator(".rc-turns__words")).to_have_text(
        "p50 930 ms · p95 2,900 ms · 12 turns"
    )

    slowest, quickest = rows.nth(7).locator(".rc-bar__part"), rows.nth(2).locator(".rc-bar__part")
    ends = [await each.last.evaluate(RIGHT_END) for each in (slowest, quickest)]
    assert ends[0] > 3 * ends[1] > 0

    await rows.first.get_by_role("button").click()
    detail = rows.first.locator("dl")
    await expect(detail).to_contain_text("first sample heard1.3 s")
    await used.change(usage=12)
    await expect(detail).to_be_visible()


async def test_a_price_that_is_not_known_is_called_so(used_page: Page, used: Played) -> None:
    await used.change(usage=3)

    rows = used_page.get_by_role("list", name="Turns, newest first").get_by_role("listitem")
    await expect(rows.nth(0)).to_contain_text("$0.0031")
    await expect(rows.nth(1).get_by_text("unknown")).to_have_attribute(
        "title", "counts as $0.0100, rather too much"
    )


async def test_the_plot_says_in_words_what_it_shows(used_page: Page, used: Played) -> None:
    await used.change(usage=12)

    plot = used_page.get_by_role("img", name="Latency of 12 turns")
    await expect(plot).to_have_attribute(
        "aria-label",
        "Latency of 12 turns: half within 930 ms, 95 of 100 within 2,900 ms",
    )
    await expect(plot.locator("circle")).to_have_count(12)


async def test_a_budget_that_cannot_be_is_refused_and_one_that_can_holds(
    used_page: Page, used: Played
) -> None:
    field = used_page.get_by_role("textbox", name="Budget in dollars")
    await field.fill("much")
    await used_page.get_by_role("button", name="Set", exact=True).click()
    await expect(used_page.get_by_text("'much' is no number of dollars above zero")).to_be_visible()

    await field.fill("0.5")
    await used_page.get_by_role("button", name="Set", exact=True).click()
    await expect(used_page.get_by_text("It holds.")).to_be_visible()


RIGHT_END = "(part) => part.offsetLeft + part.offsetWidth"


async def test_an_end_that_is_near_is_counted_down_to(demo_page: Page, played: Played) -> None:
    ends_at_s = time.time() + 2
    near = {"notice_id": "near", "kind": "warning", "sentence": "Close.", "ends_at_s": ends_at_s}
    await played.change(notices=[near])

    notice = demo_page.get_by_role("status").filter(has_text="The session ends in")
    left = notice.get_by_role("timer")
    await expect(left).to_have_text(re.compile("00:0[12]"))
    await expect(left).to_have_text("00:00")
